#include "hebb/nn/layers/other_options.h"

#include <algorithm>

#include "hebb/base/text.h"

namespace hebb {

namespace {

/// What the base reads, or models do with a first layer's shape.
constexpr const char* of_every_layer[] = {"name", "trainable", "dtype", "activity_regularizer"};

/// What Keras's versions write for every layer, and what has no meaning here.
constexpr const char* of_any_version[] = {
    "autocast",     "batch_input_shape", "batch_shape", "batch_size",          "dynamic", "input_dim", "input_dtype",
    "input_length", "input_shape",       "ragged",      "quantization_config", "sparse",
};

struct OtherOption {
  const char* name;
  std::vector<std::string_view> classes;  ///< whose names contain one of these
};

/// Options of some versions: how it was computed there, or what it inherited from a more general class.
const std::vector<OtherOption>& of_some_layers() {
  static const std::vector<OtherOption> options = {
      {"implementation", {"RNN", "LSTM", "GRU"}},
      {"time_major", {"RNN", "LSTM", "GRU"}},
      {"num_constants", {"RNN", "LSTM", "GRU", "Bidirectional"}},
      {"return_state", {"RNN", "LSTM", "GRU"}},
      {"unroll", {"RNN", "LSTM", "GRU"}},
      {"use_cudnn", {"RNN", "LSTM", "GRU"}},
      {"zero_output_for_mask", {"RNN", "LSTM", "GRU"}},
      {"reset_after", {"GRU"}},
      {"rng_type", {"RNN", "LSTM", "GRU", "Dropout", "Noise", "Random", "Attention"}},
      {"force_generator", {"RNN", "LSTM", "GRU", "Dropout", "Noise", "Random", "Attention"}},
      {"seed", {"RNN", "LSTM", "GRU", "Dropout", "Noise", "Attention"}},
      {"noise_shape", {"Dropout"}},
      {"conv_op", {"Conv"}},
      {"groups", {"Conv"}},
      {"filters", {"Conv"}},
      {"kernel_initializer", {"Conv"}},
      {"kernel_regularizer", {"Conv"}},
      {"kernel_constraint", {"Conv"}},
      {"pool_function", {"Pool"}},
      {"keepdims", {"Pool"}},
      {"adjustment", {"BatchNormalization"}},
      {"fused", {"BatchNormalization"}},
      {"renorm", {"BatchNormalization"}},
      {"renorm_clipping", {"BatchNormalization"}},
      {"renorm_momentum", {"BatchNormalization"}},
      {"virtual_batch_size", {"BatchNormalization"}},
      {"mode", {"BatchNormalization"}},
      {"flash_attention", {"Attention"}},
      {"query_shape", {"Attention"}},
      {"key_shape", {"Attention"}},
      {"value_shape", {"Attention"}},
      {"softmax_robust_masking", {"Attention"}},
      {"robust_masking", {"Softmax"}},
      {"vocabulary_dtype", {"Lookup"}},
      {"weights", {"Bidirectional", "Embedding"}},
      {"lora_rank", {"Embedding"}},
      {"lora_alpha", {"Embedding"}},
      {"gptq_unpacked_column_size", {"Dense"}},
      {"vocabulary_size", {"Lookup", "TextVectorization"}},
      {"data_format", {"Random", "Dense", "Flatten", "Resizing", "CenterCrop"}},
      {"value_range", {"Random"}},
      {"bounding_box_format",  // ImageLayer keeps it
       {"Random", "Resizing", "CenterCrop", "Mix", "RandAugment", "AutoContrast", "Solarization", "Equalization"}},
  };
  return options;
}

bool is_of(const OtherOption& option, std::string_view class_name) {
  return std::any_of(option.classes.begin(), option.classes.end(),
                     [&](std::string_view part) { return class_name.find(part) != std::string_view::npos; });
}

}  // namespace

void refuse_unknown_options(ConfigReader& reader, std::string_view class_name) {
  for (const char* name : of_every_layer) reader.take(name, [](const Json&) {});
  std::vector<std::string> ignored(std::begin(of_any_version), std::end(of_any_version));
  for (const OtherOption& option : of_some_layers()) {
    if (is_of(option, class_name)) ignored.emplace_back(option.name);
  }
  reader.finish(ignored);
}

void refuse_unknown_options(const Json& config, std::string_view class_name, const char* required,
                            std::initializer_list<const char*> others) {
  ConfigReader reader(message("layer '", config.get("name", ""), "' (", class_name, ")"), config);
  reader.take(required, [](const Json&) {});
  reader.require(required);
  for (const char* name : others) reader.take(name, [](const Json&) {});
  refuse_unknown_options(reader, class_name);
}

Json with_floats(const Json& config) {
  const Json* dtype = config.find("dtype");
  const std::string name = dtype && dtype->is_string() ? dtype->as_string() : "";
  Json out = config;
  if (name == "int64" || name == "int32" || name == "string") out.set("dtype", "float32");
  return out;
}

}  // namespace hebb
