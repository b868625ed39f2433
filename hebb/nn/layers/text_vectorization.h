/// TextVectorization: texts to the indices of their words.
///
///     Layer words = TextVectorization({.max_tokens = 1000, .output_sequence_length = 20});
///     adapt(words, texts({"A good film.", "not good"}));
///     Sequential model({Input({1}, {.dtype = DType::string}), words, Embedding(1000, 16), GlobalAveragePooling1D(),
///                       Dense(1, {.activation = "sigmoid"})});
///     model.fit(texts(reviews), labels, {.epochs = 5});
///
/// As in Keras, which leaves it to TensorFlow: only ASCII letters become small ones, only ASCII punctuation is left
/// out, only ASCII white space separates words.
#pragma once

#include "hebb/nn/layers/options.h"

namespace hebb {

struct TextVectorizationOptions {
  std::optional<int64_t> max_tokens = {};  ///< words at most, the empty and the unknown one counted; unset: any
  /// Or "lower", "strip_punctuation"; unset: texts stay as they are.
  std::optional<std::string> standardize = "lower_and_strip_punctuation";
  std::optional<std::string> split = "whitespace";  ///< or "character" (of UTF-8); unset: a text is one word
  /// Up to so many words in a row count as one word too; a list: just these numbers of words. Unset: single words.
  std::optional<Axes> ngrams = {};
  /// "int": (batch, length) indices, 0 where a text has ended; "multi_hot", "count", "tf_idf": (batch, vocabulary),
  /// which words occur, how often, and how much that tells; "one_hot" only without `split`.
  std::string output_mode = "int";
  /// Words of a text with "int", more being left out; unset: as many as the longest of a batch has, so that each length
  /// makes a plan of its own.
  std::optional<int64_t> output_sequence_length = {};
  bool pad_to_max_tokens = false;            ///< results have room for max_tokens words
  std::vector<std::string> vocabulary = {};  ///< empty: `adapt` finds it
  std::vector<double> idf_weights = {};      ///< one for each of the vocabulary, with "tf_idf"
  std::string encoding = "utf-8";            ///< no other one
  bool trainable = true;
  DType dtype = DType::float32;
  std::string name = {};
};
/// (batch,) or (batch, 1) texts. The vocabulary is as that of StringLookup (layers/lookup.h), with "" as mask. Keras's
/// ragged and sparse tensors and functions of one's own are refused with NotSupported.
Layer TextVectorization(const TextVectorizationOptions& options = {});

}  // namespace hebb
