/// Vocabularies: which tokens a layer knows, and which index each has.
///
///     Layer words = StringLookup();
///     adapt(words, texts({"the", "cat", "the"}));            // or set_vocabulary(words, {"the", "cat"});
///     get_vocabulary(words);                                 // {"[UNK]", "the", "cat"}: a token's place is its index
///
/// Indices begin with that of the mask token, where there is one and indices are what the layer gives, and those of
/// tokens that are not known; then come the tokens. `IntegerLookup`'s tokens are decimal numbers.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "hebb/nn/layer.h"

namespace hebb {

/// The arguments of a layer that rule its vocabulary, under Keras's names.
struct VocabularyRules {
  std::optional<int64_t> max_tokens = {};
  int64_t num_oov_indices = 1;
  std::optional<std::string> mask_token = {}, oov_token = {};
  bool invert = false;
  std::string output_mode = "int";
  bool pad_to_max_tokens = false;
  bool integers = false;  ///< tokens are whole numbers, and ordered as such
};

/// The tokens, and what is learned of them. Its errors do not name the layer.
class Vocabulary {
 public:
  explicit Vocabulary(VocabularyRules rules) : rules_(std::move(rules)) {}
  const VocabularyRules& rules() const { return rules_; }

  /// Takes these tokens in this order; mask and unknown tokens may stand in front. `idf_weights`: one for each, for the
  /// output mode "tf_idf" and for no other one. InvalidArgument for none, for one that is there twice, for too many,
  /// and where the number of indices was another one that results depend on.
  void set(std::vector<std::string> tokens, const std::vector<double>& idf_weights);
  bool empty() const { return tokens_.empty(); }
  /// The tokens without mask and unknown ones.
  const std::vector<std::string>& tokens() const { return tokens_; }
  /// All tokens: their places are their indices.
  std::vector<std::string> all_tokens() const;

  /// The index of the first that stands for tokens that are not known, and of the first token.
  int64_t oov_start() const { return rules_.mask_token && rules_.output_mode == "int" ? 1 : 0; }
  int64_t token_start() const { return oov_start() + rules_.num_oov_indices; }
  int64_t size() const { return token_start() + static_cast<int64_t>(tokens_.size()); }
  /// How many indices results have room for, which a configuration may tell before the tokens are known.
  /// InvalidArgument when it is not known.
  int64_t depth() const;
  std::optional<int64_t> frozen_size() const { return frozen_size_; }
  /// As a configuration has it, where that of no tokens at all says nothing.
  void set_frozen_size(std::optional<int64_t> size) {
    if (size && *size > token_start()) frozen_size_ = size;
  }
  /// (depth,), what each index counts in the output mode "tf_idf"; undefined in others, and before it is known.
  const Tensor& idf_weights() const { return idf_weights_; }
  /// Takes others, (depth,), for the same tokens.
  void set_idf_weights(Tensor weights) { idf_weights_ = std::move(weights); }

  /// The index of a token; nothing where it is not known.
  std::optional<int64_t> index_of(const std::string& token) const;

  void forget();
  /// Sees the tokens of one example.
  void see(std::span<const std::string> document);
  /// Takes the tokens that were seen most often, as many as there may be.
  void learn();

  /// As Keras keeps it in files: a token a line, all of them.
  std::string to_text() const;
  /// `idf_weights`: as a file holds them, or undefined.
  void set_from_text(const std::string& text, const Tensor& idf_weights);

 private:
  void freeze_size();
  void index_tokens();

  VocabularyRules rules_;
  std::vector<std::string> tokens_;
  std::unordered_map<std::string, int64_t> index_;
  std::optional<int64_t> frozen_size_;
  Tensor idf_weights_;
  struct Count {
    int64_t tokens = 0, documents = 0;
    int64_t last_document = 0;  // counted from 1
  };
  std::unordered_map<std::string, Count> seen_;
  int64_t documents_ = 0;
};

/// A layer with a vocabulary.
class KeepsVocabulary {
 public:
  virtual ~KeepsVocabulary() = default;
  virtual Vocabulary& vocabulary() = 0;
  /// Whether it was given at the start, so that the layer's configuration holds it.
  virtual bool is_in_config() const = 0;
};

/// The tokens of a layer (IntegerLookup, StringLookup, TextVectorization), each at the place that is its index, or
/// those without the mask and unknown tokens. InvalidArgument for another layer.
std::vector<std::string> get_vocabulary(const Layer& layer, bool include_special_tokens = true);
/// Gives a layer its tokens instead of `adapt`, with weights for the output mode "tf_idf". InvalidArgument as
/// `Vocabulary::set`.
void set_vocabulary(const Layer& layer, const std::vector<std::string>& tokens,
                    const std::vector<double>& idf_weights = {});

}  // namespace hebb
