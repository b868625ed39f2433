#include "hebb/nn/layers/recurrent.h"

#include "hebb/nn/layers/other_options.h"
#include "hebb/nn/layers/recurrent_cells.h"
#include "hebb/nn/layers/recurrent_layer.h"
#include "hebb/nn/layers/table.h"

namespace hebb {

namespace {

struct RecurrentArguments : CellArguments, SequenceFlags {
  static constexpr bool is_layer = true;
  Regularizer activity_regularizer = {};
};

constexpr const char* keras_names[] = {"SimpleRNN", "LSTM", "GRU"};
constexpr const char* cell_names[] = {"simple_rnn_cell", "lstm_cell", "gru_cell"};

template <CellKind kind>
class CellSequence final : public WithRunner<ConfiguredLayer<CellSequence<kind>, RecurrentArguments>> {
  using Base = WithRunner<ConfiguredLayer<CellSequence<kind>, RecurrentArguments>>;

 public:
  static constexpr const char* keras_name = keras_names[static_cast<int>(kind)];

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    sequence_fields(visit, a);
    cell_fields<kind>(visit, a);
    if constexpr (kind == CellKind::simple) {
      visit.only_read("seed", a.seed);
    } else {
      visit("seed", a.seed);
    }
  }

  explicit CellSequence(RecurrentArguments given) : Base(std::move(given)) {
    CellArguments cell = this->arguments();
    cell.name = cell_names[static_cast<int>(kind)];
    this->make_runner(make_cell(kind, cell), this->arguments());
  }

  void check_shapes(const std::vector<Shape>& inputs) const override {
    this->require(inputs.front().rank() == 3,
                  message("expected an input (batch, steps, features), got ", inputs.front(),
                          inputs.front().rank() < 3 ? ". Add Reshape() before it, to give it the axes that are "
                                                      "missing."
                                                    : ". Put it into TimeDistributed(), or add Reshape()."));
    Base::check_shapes(inputs);
  }
};

/// Goes over sequences with any cell.
class CustomSequence final : public WithRunner<LayerBase> {
 public:
  CustomSequence(const Layer& cell, const RNNOptions& options) : options_(options) {
    set_name(options.name.empty() ? unique_layer_name("RNN") : options.name);
    set_dtype(options.dtype);
    make_runner(cell, flags_of(options));
    if (!options.trainable) set_trainable(false);
    activity_regularizer_ = options.activity_regularizer;
  }
  std::string class_name() const override { return "RNN"; }
  Json config() const override {
    Json json = LayerBase::config();
    ConfigWriter writer(json);
    sequence_fields(writer, options_);
    json.set("cell", layer_to_json(const_cast<CustomSequence*>(this)->runner().cell()));
    return json;
  }
  static Layer from_config(const Json& config) {
    RNNOptions options;
    ConfigReader reader(message("layer '", config.get("name", ""), "' (RNN)"), config, ConfigReader::Null::wrong);
    sequence_fields(reader, options);
    reader.take("cell", [](const Json&) {});
    reader.require("cell");
    refuse_unknown_options(reader, "RNN");
    options.name = config.get("name", "");
    auto layer = std::make_shared<CustomSequence>(layer_from_json(config.at("cell")), options);
    layer->read_base_config(config);
    return Layer(layer);
  }

 private:
  RNNOptions options_;
};

template <CellKind kind, class Options>
Layer sequence_of(int64_t units, const Options& options) {
  RecurrentArguments arguments;
  take_cell_options(options, arguments);
  arguments.units = units;
  static_cast<SequenceFlags&>(arguments) = flags_of(options);
  arguments.activity_regularizer = options.activity_regularizer;
  return make_layer<CellSequence<kind>>(arguments);
}

}  // namespace

Layer SimpleRNN(int64_t units, const SimpleRNNOptions& options) {
  return sequence_of<CellKind::simple>(units, options);
}
Layer LSTM(int64_t units, const LSTMOptions& options) { return sequence_of<CellKind::lstm>(units, options); }
Layer GRU(int64_t units, const GRUOptions& options) { return sequence_of<CellKind::gru>(units, options); }
Layer RNN(const Layer& cell, const RNNOptions& options) { return make_layer<CustomSequence>(cell, options); }
Layer RNN(const std::vector<Layer>& cells, const RNNOptions& options) { return RNN(StackedRNNCells(cells), options); }

Layer detail::simple_rnn_from_config(const Json& config) { return CellSequence<CellKind::simple>::from_config(config); }
Layer detail::lstm_from_config(const Json& config) { return CellSequence<CellKind::lstm>::from_config(config); }
Layer detail::gru_from_config(const Json& config) { return CellSequence<CellKind::gru>::from_config(config); }
Layer detail::rnn_from_config(const Json& config) { return CustomSequence::from_config(config); }

}  // namespace hebb
