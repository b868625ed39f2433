/// Layers that look tokens up in a vocabulary: IntegerLookup and StringLookup.
///
///     Layer ids = IntegerLookup({.vocabulary = {12, 36, 1138}});          // 36 -> 2, what is not known -> 0
///     Layer words = StringLookup({.output_mode = "multi_hot"});
///     adapt(words, texts({"red", "blue", "red"}));                        // nn/adapt.h
///     get_vocabulary(words);                                              // nn/vocabulary.h: [UNK], red, blue
///     Sequential model({Input({3}, {.dtype = DType::string}), words, Dense(1)});
///
/// `output_mode`: "int", the token's index; "one_hot", a last axis with a 1 at the index; "multi_hot", axis 1 gives way
/// to a last axis with a 1 at each index that occurs along it; "count", the same with how often it does; "tf_idf", the
/// same times the token's `idf_weights`. Options and defaults are those of Keras 3; its sparse tensors are refused with
/// NotSupported.
///
/// A vocabulary is given, or learned by `adapt`: the tokens seen most often, and of equally frequent ones those that
/// come last by their order. Files keep it where Keras does. IntegerLookup is computed in a model's plan: adapt it
/// before the model is used. StringLookup takes texts (tensor/texts.h), which are looked up before the plan is run.
#pragma once

#include "hebb/nn/layers/options.h"

namespace hebb {

struct IntegerLookupOptions {
  std::optional<int64_t> max_tokens = {};  ///< indices at most, those of mask and unknown tokens counted; unset: any
  /// How many indices unknown tokens are spread over, by the rest of a division. 0: there must be none; a call at once
  /// refuses them with InvalidArgument, in a plan they get -1, which counts nowhere.
  int64_t num_oov_indices = 1;
  std::optional<int64_t> mask_token = {};  ///< gets index 0 of "int", and counts nowhere in other modes
  std::optional<int64_t> oov_token = -1;   ///< stands for unknown tokens; what `invert` gives for them
  std::vector<int64_t> vocabulary = {};    ///< empty: `adapt` finds it
  std::vector<double> idf_weights = {};    ///< one for each of the vocabulary, with "tf_idf"
  bool invert = false;                     ///< indices become tokens
  std::string output_mode = "int";         ///< or "one_hot", "multi_hot", "count", "tf_idf"
  bool pad_to_max_tokens = false;          ///< results have room for max_tokens indices
  std::string oov_method = "floormod";     ///< or "farmhash": how unknown tokens are spread
  std::vector<int64_t> salt = {};          ///< with "farmhash": one number or two, for another hash (SipHash)
  std::string name = {};
};
/// Integers to indices. Floats are truncated to integers first.
Layer IntegerLookup(const IntegerLookupOptions& options = {});

struct StringLookupOptions {
  std::optional<int64_t> max_tokens = {};  ///< indices at most, those of mask and unknown tokens counted; unset: any
  int64_t num_oov_indices = 1;  ///< how many indices unknown tokens are spread over, by a hash; 0: none may be
  std::optional<std::string> mask_token = {};      ///< gets index 0 of "int", and counts nowhere in other modes
  std::optional<std::string> oov_token = "[UNK]";  ///< stands for unknown tokens; what `invert` gives for them
  std::vector<std::string> vocabulary = {};        ///< empty: `adapt` finds it
  std::vector<double> idf_weights = {};            ///< one for each of the vocabulary, with "tf_idf"
  bool invert = false;                             ///< indices become texts; only at the end of a model
  std::string output_mode = "int";                 ///< or "one_hot", "multi_hot", "count", "tf_idf"
  bool pad_to_max_tokens = false;                  ///< results have room for max_tokens indices
  std::string encoding = "utf-8";                  ///< no other one
  std::string name = {};
  std::vector<int64_t> salt = {};  ///< one number or two, for another hash (SipHash) of unknown tokens
};
/// Texts to indices, each text being one token.
Layer StringLookup(const StringLookupOptions& options = {});

}  // namespace hebb
