#include "hebb/nn/layers/recurrent_cells.h"

#include "hebb/nn/layers/other_options.h"
#include "hebb/nn/layers/table.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/matmul.h"
#include "hebb/ops/random.h"
#include "hebb/ops/shaping.h"

namespace hebb {

namespace {

/// The bias of an LSTM: ones for the forget gate.
class ForgetBias : public InitializerBase {
 public:
  explicit ForgetBias(Initializer others) : others_(std::move(others)) {}
  std::string class_name() const override { return others_->class_name(); }
  Json config() const override { return others_->config(); }
  Tensor make(const Shape& shape, int64_t seed) const override {
    const int64_t units = shape.front() / 4;
    return concatenate({others_->make({units}, seed), ones({units}), others_->make({2 * units}, seed)}, 0);
  }

 private:
  Initializer others_;
};

}  // namespace

void add_activation_layers(LayerBase& cell, const ActivationFunction& activation, const ActivationFunction& recurrent) {
  if (const Layer layer = activation.taken_layer()) cell.add_layer("activation", layer);
  if (const Layer layer = recurrent.taken_layer()) cell.add_layer("recurrent_activation", layer);
}

namespace {

constexpr const char* keras_names[] = {"SimpleRNNCell", "LSTMCell", "GRUCell"};

template <CellKind kind>
class CellLayer final : public ConfiguredLayer<CellLayer<kind>, CellArguments>, public RnnCell {
  using Base = ConfiguredLayer<CellLayer<kind>, CellArguments>;
  static constexpr int64_t gates = kind == CellKind::simple ? 1 : kind == CellKind::lstm ? 4 : 3;

 public:
  static constexpr const char* keras_name = keras_names[static_cast<int>(kind)];

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    cell_fields<kind>(visit, a);
    visit("seed", a.seed);
  }

  explicit CellLayer(CellArguments given) : Base(std::move(given)) {
    const auto& a = this->arguments();
    this->require(a.units > 0, message("expected units of at least 1, got ", a.units, "."));
    for (const auto& [option, rate] :
         {std::pair("dropout", a.dropout), std::pair("recurrent_dropout", a.recurrent_dropout)}) {
      this->require(rate >= 0 && rate <= 1,
                    message("expected ", option, " from 0 to 1, got ", rate, ". Give the share that is dropped."));
    }
    this->random_seed_ = a.seed;
    add_activation_layers(*this, a.activation, a.recurrent_activation);
  }

  using LayerBase::build;
  void build(const Shape& input) override {
    const auto& a = this->arguments();
    const int64_t width = gates * a.units;
    kernel_ = this->add_weight("kernel", {input.back(), width}, a.kernel_initializer,
                               {.regularizer = a.kernel_regularizer, .constraint = a.kernel_constraint});
    recurrent_kernel_ =
        this->add_weight("recurrent_kernel", {a.units, width}, a.recurrent_initializer,
                         {.regularizer = a.recurrent_regularizer, .constraint = a.recurrent_constraint});
    if (!a.use_bias) return;
    Initializer bias = a.bias_initializer ? a.bias_initializer : Initializer("zeros");
    if (kind == CellKind::lstm && a.unit_forget_bias) bias = with_forget_bias(bias);
    const Shape shape = has_two_biases() ? Shape{2, width} : Shape{width};
    bias_ = this->add_weight("bias", shape, bias, {.regularizer = a.bias_regularizer, .constraint = a.bias_constraint});
  }

  using LayerBase::call_many;
  Tensors call_many(const Tensors& xs, const CallOptions& options) override {
    this->require(xs.size() == 1 + state_sizes().size(),
                  message("expected an input and ", state_sizes().size(), " states, got ", xs.size(),
                          " tensors. Call it with call_many({x, states...}), or put it into RNN()."));
    begin(xs.front().spec(), options.training);
    return step(xs.front(), {xs.begin() + 1, xs.end()});
  }

  std::vector<int64_t> state_sizes() const override {
    const int64_t units = this->arguments().units;
    return kind == CellKind::lstm ? std::vector<int64_t>{units, units} : std::vector<int64_t>{units};
  }

  void begin(const Spec& x, bool training) override {
    const auto& a = this->arguments();
    kept_inputs_.clear();
    kept_states_.clear();
    // With recurrent dropout each gate drops others, of the inputs too, as in Keras.
    const int64_t masks = a.recurrent_dropout > 0 ? gates : 1;
    for (int64_t i = 0; training && a.dropout > 0 && i < masks; ++i)
      kept_inputs_.push_back(draw_kept(*this, x.shape, a.dropout));
    for (int64_t i = 0; training && a.recurrent_dropout > 0 && i < gates; ++i)
      kept_states_.push_back(draw_kept(*this, {x.shape.front(), a.units}, a.recurrent_dropout));
  }

  Tensors step(const Tensor& x, const Tensors& states) override {
    const auto& a = this->arguments();
    const int64_t n = a.units;
    const Tensor p = project(x), &h = states.front();
    const auto s = [&](const Tensor& z) { return a.recurrent_activation(z); };
    if constexpr (kind == CellKind::simple) {
      const Tensor next = a.activation(p + recur(h, 0, 1));
      return {next, next};
    } else if constexpr (kind == CellKind::lstm) {
      const Tensor z = p + recur(h, 0, 4);
      const Tensor c =
          s(columns_of(z, n, 2 * n)) * states[1] + s(columns_of(z, 0, n)) * a.activation(columns_of(z, 2 * n, 3 * n));
      const Tensor next = s(columns_of(z, 3 * n, 4 * n)) * a.activation(c);
      return {next, next, c};
    } else {
      const Tensor u = recur(h, 0, a.reset_after ? 3 : 2);
      const Tensor z = s(columns_of(p, 0, n) + columns_of(u, 0, n)),
                   r = s(columns_of(p, n, 2 * n) + columns_of(u, n, 2 * n));
      const Tensor inner = a.reset_after ? r * columns_of(u, 2 * n, 3 * n) : recur(r * h, 2, 3);
      const Tensor candidate = a.activation(columns_of(p, 2 * n, 3 * n) + inner);
      const Tensor next = z * h + (1.0 - z) * candidate;
      return {next, next};
    }
  }

  std::optional<Recurrence> all_steps(const Tensor& x, const Tensors& states, const Tensor& mask) override {
    const auto& a = this->arguments();
    const bool usual =
        a.activation.name() == "tanh" && (kind == CellKind::simple || a.recurrent_activation.name() == "sigmoid");
    if (!usual || !kept_states_.empty() || x.rank() != 3) return {};
    const RecurrentCell cell = kind == CellKind::simple ? RecurrentCell::simple
                               : kind == CellKind::lstm ? RecurrentCell::lstm
                               : a.reset_after          ? RecurrentCell::gru
                                                        : RecurrentCell::gru_reset_before;
    const int64_t width = gates * a.units;
    Tensor given = x;
    if (!kept_inputs_.empty()) given = dropped(x, expand_dims(kept_inputs_.front(), 1), a.dropout);
    // One product for all steps. The bias goes into the recurrence, but for the one that a GRU adds to the inputs.
    Tensor p = matmul(reshape(given, {x.shape()[0] * x.shape()[1], x.shape()[2]}), kernel_);
    if (has_two_biases() && bias_.defined()) p = p + bias_row(0);
    const Tensor bias = !bias_.defined()   ? zeros({width}, this->dtype())
                        : has_two_biases() ? bias_row(1)
                                           : Tensor(bias_);
    return recurrence(cell, reshape(p, {x.shape()[0], x.shape()[1], width}), recurrent_kernel_, bias, states, mask);
  }

 private:
  bool has_two_biases() const { return kind == CellKind::gru && this->arguments().reset_after; }
  Tensor bias_row(int64_t row) const { return reshape(slice(bias_, {row, 0}, {row + 1, bias_.shape()[1]}), {-1}); }

  /// x W and the bias that is added to it, of a step.
  Tensor project(const Tensor& x) const {
    const auto& a = this->arguments();
    Tensor p;
    if (kept_inputs_.size() <= 1) {
      p = matmul(kept_inputs_.empty() ? x : dropped(x, kept_inputs_.front(), a.dropout), kernel_);
    } else {
      Tensors parts;
      for (int64_t g = 0; g < gates; ++g)
        parts.push_back(matmul(dropped(x, kept_inputs_[static_cast<size_t>(g)], a.dropout),
                               columns_of(kernel_, g * a.units, (g + 1) * a.units)));
      p = concatenate(parts);
    }
    if (!bias_.defined()) return p;
    return p + (has_two_biases() ? bias_row(0) : Tensor(bias_));
  }

  /// h R for the gates [first, end), and a GRU's second bias.
  Tensor recur(const Tensor& h, int64_t first, int64_t end) const {
    const auto& a = this->arguments();
    const int64_t n = a.units;
    Tensor u;
    if (kept_states_.empty()) {
      u = matmul(h, first == 0 && end == gates ? Tensor(recurrent_kernel_)
                                               : columns_of(recurrent_kernel_, first * n, end * n));
    } else {
      Tensors parts;
      for (int64_t g = first; g < end; ++g)
        parts.push_back(matmul(dropped(h, kept_states_[static_cast<size_t>(g)], a.recurrent_dropout),
                               columns_of(recurrent_kernel_, g * n, (g + 1) * n)));
      u = parts.size() == 1 ? parts.front() : concatenate(parts);
    }
    return has_two_biases() && bias_.defined() ? u + bias_row(1) : u;
  }

  Tensor kernel_, recurrent_kernel_, bias_;
  Tensors kept_inputs_, kept_states_;  // of the call that runs: what dropout keeps
};

/// Cells one behind the other.
class StackedCells final : public LayerBase, public RnnCell {
 public:
  explicit StackedCells(const std::vector<Layer>& cells, const LayerOptions& options) {
    set_name(options.name.empty() ? unique_layer_name("StackedRNNCells") : options.name);
    set_dtype(options.dtype);
    if (cells.empty())
      throw InvalidArgument(message(where(), "expected at least one cell, got none. Give it LSTMCell(units), ",
                                    "GRUCell(units) or SimpleRNNCell(units)."));
    for (const Layer& cell : cells) {
      if (!cell || !dynamic_cast<RnnCell*>(cell.shared().get()))
        throw InvalidArgument(message(where(), "expected cells, got ", cell ? cell.class_name() : "nothing",
                                      ". Give it LSTMCell(units), GRUCell(units) or SimpleRNNCell(units)."));
      // Files name them by their classes, as Keras does what stands in a list.
      const std::string kind = snake_case(cell.class_name());
      int64_t same = 0;
      for (const Layer& known : cells_) same += known.class_name() == cell.class_name();
      cells_.push_back(add_layer(same == 0 ? message("cells/", kind) : message("cells/", kind, "_", same), cell));
    }
    if (!options.trainable) set_trainable(false);
  }

  std::string class_name() const override { return "StackedRNNCells"; }
  Json config() const override {
    Json json = LayerBase::config(), cells = Json::array();
    for (const Layer& cell : cells_) cells.push_back(layer_to_json(cell));
    json.set("cells", std::move(cells));
    return json;
  }
  static Layer from_config(const Json& config) {
    refuse_unknown_options(config, "StackedRNNCells", "cells");
    std::vector<Layer> cells;
    for (const Json& cell : config.at("cells").items()) cells.push_back(layer_from_json(cell));
    auto layer = std::make_shared<StackedCells>(cells, LayerOptions{.name = config.get("name", "")});
    layer->read_base_config(config);
    return Layer(layer);
  }

  using LayerBase::build;
  void build(const Shape& input) override {
    Shape shape = input;
    for (const Layer& cell : cells_) {
      cell->build_for({shape});
      shape = {Shape::unknown, part(cell).output_size()};
    }
  }
  using LayerBase::call_many;
  Tensors call_many(const Tensors& xs, const CallOptions& options) override {
    if (const size_t states = state_sizes().size(); xs.size() != 1 + states)
      throw InvalidArgument(message(where(), "expected an input and ", states, " states, got ", xs.size(),
                                    " tensors. Call it with call_many({x, states...}), or put it into RNN()."));
    begin(xs.front().spec(), options.training);
    return step(xs.front(), {xs.begin() + 1, xs.end()});
  }

  std::vector<int64_t> state_sizes() const override {
    std::vector<int64_t> sizes;
    for (const Layer& cell : cells_) {
      for (const int64_t size : part(cell).state_sizes()) sizes.push_back(size);
    }
    return sizes;
  }
  int64_t output_size() const override { return part(cells_.back()).output_size(); }
  std::vector<size_t> states_of_parts() const override {
    std::vector<size_t> counts;
    for (const Layer& cell : cells_) counts.push_back(part(cell).state_sizes().size());
    return counts;
  }
  void begin(const Spec& x, bool training) override {
    Spec spec = x;
    for (const Layer& cell : cells_) {
      part(cell).begin(spec, training);
      spec.shape = {x.shape.front(), part(cell).output_size()};
    }
  }
  Tensors step(const Tensor& x, const Tensors& states) override {
    Tensors out = {x};
    auto state = states.begin();
    for (const Layer& cell : cells_) {
      const auto count = static_cast<std::ptrdiff_t>(part(cell).state_sizes().size());
      const Tensors results = part(cell).step(out.front(), {state, state + count});
      state += count;
      out.front() = results.front();
      out.insert(out.end(), results.begin() + 1, results.end());
    }
    return out;
  }

 private:
  static RnnCell& part(const Layer& cell) { return dynamic_cast<RnnCell&>(*cell.shared()); }
  std::vector<Layer> cells_;
};

template <CellKind kind, class Options>
Layer cell_of(int64_t units, const Options& options) {
  CellArguments arguments{.units = units};
  take_cell_options(options, arguments);
  return make_layer<CellLayer<kind>>(arguments);
}

}  // namespace

Initializer with_forget_bias(const Initializer& others) { return Initializer(std::make_shared<ForgetBias>(others)); }

Tensor draw_kept(LayerBase& cell, const Shape& shape, double rate) {
  return rate == 1 ? zeros(shape, DType::boolean) : random_bernoulli(cell.next_random_state(), shape, 1 - rate);
}

Tensor dropped(const Tensor& x, const Tensor& kept, double rate) {
  return select(kept, rate == 1 ? x : x * (1 / (1 - rate)), 0.0);
}

Tensor columns_of(const Tensor& x, int64_t first, int64_t end) {
  std::vector<int64_t> begin(static_cast<size_t>(x.rank()), 0), ends = x.shape().to_vector();
  begin.back() = first;
  ends.back() = end;
  return slice(x, begin, ends);
}

Layer make_cell(CellKind kind, const CellArguments& arguments) {
  switch (kind) {
    case CellKind::simple: return make_layer<CellLayer<CellKind::simple>>(arguments);
    case CellKind::lstm: return make_layer<CellLayer<CellKind::lstm>>(arguments);
    case CellKind::gru: return make_layer<CellLayer<CellKind::gru>>(arguments);
  }
  return {};
}

Layer SimpleRNNCell(int64_t units, const SimpleRNNCellOptions& options) {
  return cell_of<CellKind::simple>(units, options);
}
Layer LSTMCell(int64_t units, const LSTMCellOptions& options) { return cell_of<CellKind::lstm>(units, options); }
Layer GRUCell(int64_t units, const GRUCellOptions& options) { return cell_of<CellKind::gru>(units, options); }
Layer StackedRNNCells(const std::vector<Layer>& cells, const LayerOptions& options) {
  return make_layer<StackedCells>(cells, options);
}

Layer detail::simple_rnn_cell_from_config(const Json& config) {
  return CellLayer<CellKind::simple>::from_config(config);
}
Layer detail::lstm_cell_from_config(const Json& config) { return CellLayer<CellKind::lstm>::from_config(config); }
Layer detail::gru_cell_from_config(const Json& config) { return CellLayer<CellKind::gru>::from_config(config); }
Layer detail::stacked_rnn_cells_from_config(const Json& config) { return StackedCells::from_config(config); }

}  // namespace hebb
