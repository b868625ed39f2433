/// Why hebb has not a class of Keras's, or no golden an argument: what keras_coverage_test.cpp tells, and wants.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "hebb/nn/absent_layers.h"

namespace hebb::keras_reasons {

/// Why hebb has not a class of Keras's.
inline std::string why_not(const std::string& name) {
  static const std::map<std::string, const char*> reasons = {
      {"Lambda", "it is Python code in a file, which hebb does not run"},
      {"FlaxLayer", "it is Python code in a file, which hebb does not run"},
      {"JaxLayer", "it is Python code in a file, which hebb does not run"},
      {"TFSMLayer", "it is a TensorFlow program"},
      {"TorchModuleWrapper", "it is Python code in a file, which hebb does not run"},
      {"Layer", "a base to derive from: `LayerBase`"},
      {"Wrapper", "a base to derive from: `LayerBase`"},
      {"InputSpec", "a check of inputs, which layers here say in their source"},
      {"Loss", "a base to derive from: `LossBase`"},
      {"Metric", "a base to derive from: `MetricBase`"},
      {"MeanMetricWrapper", "a function as a metric; files that have one are read"},
      {"Optimizer", "a base to derive from: `OptimizerRule`"},
      {"OptimizerMap", "a part of `MultiOptimizer`, which is read and written with it"},
      {"LearningRateSchedule", "a base to derive from"},
      {"Callback", "a base to derive from: `CallbackBase`"},
      {"CallbackList", "`fit` keeps the list itself"},
      {"History", "`fit` returns it"},
      {"OrbaxCheckpoint", "a format of JAX's; `ModelCheckpoint` and `BackupAndRestore` write Keras's"},
      {"ProgbarLogger", "`fit` prints its bar by `verbose`"},
      {"Initializer", "a base to derive from"},
      {"Regularizer", "a base to derive from"},
      {"Constraint", "a base to derive from"}};
  if (const auto found = reasons.find(name); found != reasons.end()) return found->second;
  for (const AbsentLayer& layer : absent_layers()) {
    if (name == layer.class_name) return layer.reason;
  }
  return "";
}

/// Why an argument has no goldens.
struct Unshown {
  const char* argument;
  const char* classes;  ///< names with spaces around each; empty: all
  const char* reason;
};

inline const std::vector<Unshown>& unshown() {
  static const std::vector<Unshown> all = {
      // what is computed otherwise, or elsewhere
      {"sparse", "", "it asks for sparse tensors; hebb's are dense, and files that ask for it are refused"},
      {"ragged", "", "it asks for ragged tensors; hebb's have one shape, and files that ask for it are refused"},
      {"use_cudnn", "", "it chooses how, not what is computed"},
      {"flash_attention", "", "it chooses how, not what is computed"},
      {"synchronized", "", "it is about training on several devices"},
      {"quantization_config", "", "it is about Keras's own quantization; hebb has `hebb convert --quantize`"},
      {"gptq_unpacked_column_size", "", "it is about Keras's own quantization"},
      // what stands elsewhere
      {"weights", "", "values to begin with, which stand in no configuration: `set_weights`"},
      {"shape", " InputLayer ", "files hold `batch_shape`, which says both"},
      {"batch_size", " InputLayer ", "files hold `batch_shape`, which says both"},
      {"input_tensor", " InputLayer ", "a tensor, which no file holds"},
      {"seed", " RandomGrayscale SimpleRNN ", "Keras writes it to no configuration"},
      {"activity_regularizer", " SimpleRNN ", "Keras writes it to no configuration"},
      // what Keras itself does not take
      {"optional", " InputLayer ", "inputs are always given here; files keep it"},
      {"vocabulary_dtype", "", "Keras takes int64 alone"},
      {"fill_mode", " Resizing ", "Keras takes \"constant\" alone"},
      {"encoding", "", "texts are UTF-8; files that say another are refused"},
      {"data_format", " RandomColorJitter ", "Keras refuses \"channels_first\""},
      {"axis", " SparseCategoricalCrossentropy ", "Keras on TensorFlow takes the last one alone"},
      // callbacks
      {"verbose", "", "what is printed with 1 is held against Keras's in all cases; 0 prints nothing"},
      {"save_freq", " BackupAndRestore ", "what differs says why; that nothing is lost is tested without Keras"},
      {"backup_dir", "", "a place"},
      {"filename", "", "a place"},
      {"log_dir", "", "a place"},
      {"root", "", "a place"},
      {"profile_batch", "", "hebb has it not: a trace of TensorFlow's or JAX's; `--profile` shows where a step goes"},
      {"schedule", "", "a function: cases have three"},
      {"on_epoch_begin", "", "a function"},
      {"on_epoch_end", "", "a function"},
      {"on_train_begin", "", "a function"},
      {"on_train_end", "", "a function"},
      {"on_train_batch_begin", "", "a function"},
      {"on_train_batch_end", "", "a function"},
  };
  return all;
}

inline const Unshown* why_not_shown(const std::string& name, const std::string& argument) {
  for (const Unshown& each : unshown()) {
    const bool meant = !*each.classes || std::string(each.classes).find(" " + name + " ") != std::string::npos;
    if (meant && argument == each.argument) return &each;
  }
  return nullptr;
}

}  // namespace hebb::keras_reasons
