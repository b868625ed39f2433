#include "hebb/nn/layers/conv_lstm.h"

#include "hebb/nn/layers/recurrent_cells.h"
#include "hebb/nn/layers/recurrent_layer.h"
#include "hebb/nn/layers/spatial_axes.h"
#include "hebb/nn/layers/table.h"
#include "hebb/ops/conv.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/shaping.h"

namespace hebb {

namespace {

template <class Sizes>
struct ConvLSTMArguments : ConvLSTMLayerOptions<Sizes> {
  int64_t filters = 1;
  Sizes kernel_size = 1;
};

/// One step. Inputs and states are in the data format, what is between them has the channels last.
template <class Sizes>
class ConvLSTMCell final : public LayerBase, public RnnCell {
  static constexpr int64_t gates = 4;

 public:
  /// `layer`: whose cell it is, for errors.
  ConvLSTMCell(const LayerBase& layer, const ConvLSTMArguments<Sizes>& arguments)
      : a_(arguments),
        axes_(layer, arguments.data_format, Sizes::axes),
        inputs_(a_.kernel_size, a_.strides, a_.dilation_rate, checked_padding(layer, a_.padding)),
        states_(a_.kernel_size, Sizes(1), Sizes(1), "same") {
    set_name("conv_lstm_cell");
    set_dtype(a_.dtype);
    random_seed_ = a_.seed;
    add_activation_layers(*this, a_.activation, a_.recurrent_activation);
  }
  std::string class_name() const override { return "ConvLSTMCell"; }

  const SpatialAxes& axes() const { return axes_; }
  const SpatialWindows& windows() const { return inputs_; }

  using LayerBase::build;
  void build(const Shape& input) override {
    const auto shape = [&](int64_t channels) {
      std::vector<int64_t> sizes = inputs_.window;
      sizes.push_back(channels);
      sizes.push_back(gates * a_.filters);
      return Shape(sizes);
    };
    kernel_ = add_weight("kernel", shape(input[axes_.channels]), a_.kernel_initializer,
                         {.regularizer = a_.kernel_regularizer, .constraint = a_.kernel_constraint});
    recurrent_kernel_ = add_weight("recurrent_kernel", shape(a_.filters), a_.recurrent_initializer,
                                   {.regularizer = a_.recurrent_regularizer, .constraint = a_.recurrent_constraint});
    if (!a_.use_bias) return;
    const Initializer bias = a_.bias_initializer ? a_.bias_initializer : Initializer("zeros");
    bias_ = add_weight("bias", {gates * a_.filters}, a_.unit_forget_bias ? with_forget_bias(bias) : bias,
                       {.regularizer = a_.bias_regularizer, .constraint = a_.bias_constraint});
  }

  std::vector<int64_t> state_sizes() const override { return {a_.filters, a_.filters}; }

  std::vector<Shape> state_shapes(const Shape& features) const override {
    Shape state = features;
    const int before = axes_.first - 1;  // features have no batch
    for (int i = 0; i < Sizes::axes; ++i) {
      const auto at = static_cast<size_t>(i);
      int64_t& size = state[before + i];
      if (size == Shape::unknown) continue;
      const auto [low, high] = inputs_.added(at, size);
      size = window_positions(size, inputs_.window[at], inputs_.strides[at], inputs_.dilations[at], low, high);
    }
    state[axes_.channels - 1] = a_.filters;
    return {state, state};
  }

  void begin(const Spec& x, bool training) override {
    kept_inputs_.clear();
    kept_states_.clear();
    if (!training) return;
    const Shape state = state_shapes(x.shape.without(0)).front().with(0, x.shape.front());
    for (int64_t i = 0; i < gates && a_.dropout > 0; ++i) kept_inputs_.push_back(draw_kept(*this, x.shape, a_.dropout));
    for (int64_t i = 0; i < gates && a_.recurrent_dropout > 0; ++i)
      kept_states_.push_back(draw_kept(*this, state, a_.recurrent_dropout));
  }

  Tensors step(const Tensor& x, const Tensors& states) override {
    const int64_t n = a_.filters;
    Tensor z = convolved(x, kernel_, kept_inputs_, a_.dropout, inputs_);
    if (bias_.defined()) z = z + bias_;
    z = z + convolved(states[0], recurrent_kernel_, kept_states_, a_.recurrent_dropout, states_);
    const auto gate = [&](int64_t i) { return axes_.from_last(columns_of(z, i * n, (i + 1) * n)); };
    const auto& s = a_.recurrent_activation;
    const Tensor c = s(gate(1)) * states[1] + s(gate(0)) * a_.activation(gate(2));
    const Tensor h = s(gate(3)) * a_.activation(c);
    return {h, h, c};
  }

 private:
  /// For all gates one convolution, or, where each drops others, one for each.
  Tensor convolved(const Tensor& x, const Tensor& kernel, const Tensors& kept, double rate,
                   const SpatialWindows& windows) const {
    const auto one = [&](const Tensor& given, const Tensor& weights) {
      const Tensor last = axes_.to_last(given);
      return conv(last, weights, windows.conv_options(last.shape()));
    };
    if (kept.empty()) return one(x, kernel);
    Tensors parts;
    for (int64_t i = 0; i < gates; ++i)
      parts.push_back(one(dropped(x, kept[static_cast<size_t>(i)], rate),
                          columns_of(kernel, i * a_.filters, (i + 1) * a_.filters)));
    return concatenate(parts);
  }

  ConvLSTMArguments<Sizes> a_;
  SpatialAxes axes_;
  SpatialWindows inputs_, states_;
  Tensor kernel_, recurrent_kernel_, bias_;
  Tensors kept_inputs_, kept_states_;  // of the call that runs: what dropout keeps
};

constexpr const char* keras_names[] = {"ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"};

template <class Sizes>
class ConvLSTMLayer final : public WithRunner<ConfiguredLayer<ConvLSTMLayer<Sizes>, ConvLSTMArguments<Sizes>>> {
  using Base = WithRunner<ConfiguredLayer<ConvLSTMLayer<Sizes>, ConvLSTMArguments<Sizes>>>;

 public:
  static constexpr const char* keras_name = keras_names[Sizes::axes - 1];

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    sequence_fields(visit, a);
    visit.required("filters", a.filters);
    visit.required("kernel_size", a.kernel_size);
    visit("strides", a.strides);
    visit("padding", a.padding);
    visit("data_format", a.data_format);
    visit("dilation_rate", a.dilation_rate);
    visit("activation", a.activation);
    visit("recurrent_activation", a.recurrent_activation);
    visit("use_bias", a.use_bias);
    visit("kernel_initializer", a.kernel_initializer);
    visit("recurrent_initializer", a.recurrent_initializer);
    visit("bias_initializer", a.bias_initializer);
    visit("unit_forget_bias", a.unit_forget_bias);
    visit("kernel_regularizer", a.kernel_regularizer);
    visit("recurrent_regularizer", a.recurrent_regularizer);
    visit("bias_regularizer", a.bias_regularizer);
    visit("activity_regularizer", a.activity_regularizer);
    visit("kernel_constraint", a.kernel_constraint);
    visit("recurrent_constraint", a.recurrent_constraint);
    visit("bias_constraint", a.bias_constraint);
    visit("dropout", a.dropout);
    visit("recurrent_dropout", a.recurrent_dropout);
    visit("seed", a.seed);
  }

  explicit ConvLSTMLayer(ConvLSTMArguments<Sizes> given) : Base(std::move(given)) {
    const auto& a = this->arguments();
    this->require(a.filters > 0, message("expected filters of at least 1, got ", a.filters,
                                         ". Give the number of its output channels."));
    check_sizes(*this, "a kernel_size", a.kernel_size);
    check_sizes(*this, "strides", a.strides);
    check_sizes(*this, "a dilation_rate", a.dilation_rate);
    check_strides_or_dilation(*this, a.strides, a.dilation_rate);
    for (const auto& [option, rate] :
         {std::pair("dropout", a.dropout), std::pair("recurrent_dropout", a.recurrent_dropout)}) {
      this->require(rate >= 0 && rate <= 1,
                    message("expected ", option, " from 0 to 1, got ", rate, ". Give the share that is dropped."));
    }
    const auto cell = std::make_shared<ConvLSTMCell<Sizes>>(*this, a);
    cell_ = cell.get();
    this->make_runner(Layer(cell), flags_of(a));
  }

  void check_shapes(const std::vector<Shape>& inputs) const override {
    const Shape& x = inputs.front();
    const SpatialAxes& axes = cell_->axes();
    this->require(x.rank() == Sizes::axes + 3,
                  message("expected an input (batch, steps", std::string(axes.text).substr(6), ", got ", x,
                          ". Add Reshape() before it, to give it the axes that are missing."));
    const Shape step = x.without(1);
    for (int i = 0; i < Sizes::axes; ++i) {
      this->require(axes.size(step, i) != Shape::unknown,
                    message("expected ", axes.kind(), " of a known size in each step, got ", x,
                            ". Give Input() all sizes but the batch's and the number of steps."));
    }
    cell_->windows().check_fits(*this, axes, step, "kernel");
    Base::check_shapes(inputs);
  }

 private:
  ConvLSTMCell<Sizes>* cell_;  // the runner's
};

template <class Sizes>
Layer make_conv_lstm(int64_t filters, Sizes kernel_size, const ConvLSTMLayerOptions<Sizes>& options) {
  return make_layer<ConvLSTMLayer<Sizes>>(ConvLSTMArguments<Sizes>{options, filters, kernel_size});
}

}  // namespace

Layer ConvLSTM1D(int64_t filters, Single kernel_size, const ConvLSTM1DOptions& options) {
  return make_conv_lstm(filters, kernel_size, options);
}
Layer ConvLSTM2D(int64_t filters, Pair kernel_size, const ConvLSTM2DOptions& options) {
  return make_conv_lstm(filters, kernel_size, options);
}
Layer ConvLSTM3D(int64_t filters, Triple kernel_size, const ConvLSTM3DOptions& options) {
  return make_conv_lstm(filters, kernel_size, options);
}

Layer detail::conv_lstm_1d_from_config(const Json& config) { return ConvLSTMLayer<Single>::from_config(config); }
Layer detail::conv_lstm_2d_from_config(const Json& config) { return ConvLSTMLayer<Pair>::from_config(config); }
Layer detail::conv_lstm_3d_from_config(const Json& config) { return ConvLSTMLayer<Triple>::from_config(config); }

}  // namespace hebb
