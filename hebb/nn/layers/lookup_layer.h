/// The layer behind IntegerLookup and StringLookup, which TextVectorization has as a part.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hebb/base/fingerprint.h"
#include "hebb/nn/adapt.h"
#include "hebb/nn/layer.h"
#include "hebb/nn/text_layer.h"
#include "hebb/nn/vocabulary.h"
#include "hebb/ops/categories.h"

namespace hebb {

/// The arguments in Keras's form: tokens are strings, or whole numbers.
struct LookupArguments {
  bool invert = false;
  std::optional<int64_t> max_tokens = {};
  int64_t num_oov_indices = 1;
  Json oov_token = {}, mask_token = {};
  std::string output_mode = "int";
  bool pad_to_max_tokens = false;
  Json idf_weights = {}, vocabulary = {};
  std::optional<int64_t> vocabulary_size = {};
  std::string oov_method = "floormod";
  Json salt = {};
  std::string encoding = "utf-8";
  bool trainable = true;
  std::string name = {};
};

/// Tokens and weights as the lists of a configuration; null for none.
Json tokens_to_json(const std::vector<std::string>& tokens);
Json weights_to_json(const std::vector<double>& weights);

class LookupLayer final : public LayerBase, public Adaptable, public KeepsVocabulary, public TextLayer {
 public:
  LookupLayer(LookupArguments arguments, bool integers);

  std::string class_name() const override { return integers_ ? "IntegerLookup" : "StringLookup"; }
  Json config() const override;
  static Layer from_config(const Json& config, bool integers);

  Vocabulary& vocabulary() override { return vocabulary_; }
  bool is_in_config() const override { return !arguments_.vocabulary.is_null(); }
  const LookupArguments& arguments() const { return arguments_; }

  std::optional<Spec> text_output(const std::vector<Spec>& inputs) const override;
  bool takes_texts_alone() const override { return !integers_ && !arguments_.invert; }
  using LayerBase::call;
  Tensor call(const Tensor& x) override;

  /// The index of a text; -1 for one that counts nowhere. InvalidArgument for one that there must not be.
  int64_t index_of(const std::string& token) const;
  /// What the layer gives for indices (integers).
  Tensor encode(const Tensor& indices) const;
  /// InvalidArgument when there is no vocabulary.
  void check_vocabulary() const;

  void reset_state() override;
  void update_state(const Tensor& batch) override;
  void finalize_state() override;

 private:
  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a, bool integers);
  Vocabulary made_vocabulary() const;
  void check_arguments();
  Tensor indices_of_integers(const Tensor& x) const;
  Tensor tokens_of_indices(const Tensor& x) const;
  /// Runs `body`; its errors name the layer.
  template <class Body>
  auto named(Body&& body) const;

  LookupArguments arguments_;
  bool integers_;
  std::optional<HashSalt> salt_;
  Vocabulary vocabulary_;
};

}  // namespace hebb
