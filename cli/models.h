/// MODEL: a file, an architecture in JSON, or the name of a built-in one.
#pragma once

#include <string>

#include "cli/common.h"
#include "cli/data.h"
#include "hebb/zoo/zoo.h"

namespace hebb::cli {

/// Whether it is a path rather than a name.
bool is_file_name(const std::string& what);

/// Whether it has no weights of its own: a built-in architecture, or one in JSON.
bool is_architecture(const std::string& what);

/// What a built-in architecture is made for when it is to learn this data. IoError, with the data's name, when none
/// can.
zoo::MakeOptions made_for(const LoadedData& data, const Loss& loss);

/// The model; a built-in one as `made` says, or for images where it is null. `options` are for files.
Model load_any_model(const std::string& what, const zoo::MakeOptions* made, const LoadOptions& options = {});

/// For those who need no training to go on: where a file's cannot be understood, the model comes without it, with a
/// warning.
LoadOptions forgiving(const std::string& what);
/// For those who train on, or write the model again: what is passed over, as a warning (`LoadOptions::on_warning`).
void warn_while_loading(const std::string& text);

/// Gives a model without an input layer the data's shapes; InvalidArgument, as `fit` has it but before anything is
/// shown, when model and data do not go together.
void connect(Model& model, const data::Dataset& data);

/// UsageError unless layers and shapes are the same in both; `where` and `other_where` name them.
void check_same_layers(const Model& model, const std::string& where, const Model& other,
                       const std::string& other_where);

}  // namespace hebb::cli
