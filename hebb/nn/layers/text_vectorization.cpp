#include "hebb/nn/layers/text_vectorization.h"

#include <algorithm>
#include <iterator>

#include "hebb/base/threads.h"
#include "hebb/nn/layers/categorical_encoding.h"
#include "hebb/nn/layers/configured_layer.h"
#include "hebb/nn/layers/lookup_layer.h"
#include "hebb/nn/layers/table.h"
#include "hebb/nn/layers/tokens.h"
#include "hebb/tensor/texts.h"

namespace hebb {

namespace {

struct TextVectorizationArguments : TextVectorizationOptions {
  // In Keras's form: what is null or code, too.
  Json standardize_name = "lower_and_strip_punctuation", split_name = "whitespace", tokens = {}, token_weights = {};
  std::optional<int64_t> vocabulary_size = {};
};

class TextVectorizationLayer final : public ConfiguredLayer<TextVectorizationLayer, TextVectorizationArguments>,
                                     public Adaptable,
                                     public KeepsVocabulary,
                                     public TextLayer {
 public:
  static constexpr const char* keras_name = "TextVectorization";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("max_tokens", a.max_tokens);
    visit("standardize", a.standardize_name);
    visit("split", a.split_name);
    visit("ngrams", a.ngrams);
    visit("output_mode", a.output_mode);
    visit("output_sequence_length", a.output_sequence_length);
    visit("pad_to_max_tokens", a.pad_to_max_tokens);
    visit.fixed("sparse", false);
    visit.fixed("ragged", false);
    visit("vocabulary", a.tokens);
    visit("idf_weights", a.token_weights);
    visit("encoding", a.encoding);
    visit("vocabulary_size", a.vocabulary_size);
  }

  explicit TextVectorizationLayer(TextVectorizationArguments given) : ConfiguredLayer(std::move(given)) {
    autocast_ = false;
    const auto& a = arguments();
    const std::string mode = output_mode_of(*this, a.output_mode, {"int", "one_hot", "multi_hot", "count", "tf_idf"});
    rules_.standardize =
        choice("standardize", a.standardize_name, {"lower_and_strip_punctuation", "lower", "strip_punctuation"});
    rules_.split = choice("split", a.split_name, {"whitespace", "character"});
    if (a.ngrams) {
      rules_.ngrams = a.ngrams->values;
      constexpr int64_t most = 1000;
      require(std::all_of(rules_.ngrams.begin(), rules_.ngrams.end(),
                          [](int64_t width) { return width > 0 && width <= most; }),
              message("expected ngrams of 1 to ", most, " words, got others. Leave it out for single words."));
      if (!a.ngrams->is_list) {
        const int64_t longest = rules_.ngrams.front();
        rules_.ngrams.clear();
        for (int64_t width = 1; width <= longest; ++width) rules_.ngrams.push_back(width);
      }
    }
    require(mode == "int" || !a.output_sequence_length,
            message("expected output_sequence_length with the output_mode \"int\" alone, got it with \"", mode,
                    "\". Leave it out."));
    require(a.output_sequence_length.value_or(1) > 0,
            message("expected an output_sequence_length of at least 1, got ", a.output_sequence_length.value_or(0),
                    ". Leave it out for the longest text of a batch."));
    if (mode == "one_hot" && rules_.split) {
      throw NotSupported(where() +
                         "the output_mode \"one_hot\" with split, whose results have no common length. Use \"int\" and "
                         "CategoryEncoding(), or \"multi_hot\".");
    }
    in_own_name([&] { lookup_ = make_lookup(mode); });
    add_layer("_lookup_layer", Layer(lookup_));
  }

  Json config() const override {
    Json json = ConfiguredLayer::config();
    json.set("output_mode", lookup_->arguments().output_mode);
    json.set("vocabulary_size", lookup_->vocabulary().size());
    return json;
  }

  Vocabulary& vocabulary() override { return lookup_->vocabulary(); }
  bool is_in_config() const override { return lookup_->is_in_config(); }

  std::optional<Spec> text_output(const std::vector<Spec>& inputs) const override {
    const Shape& shape = inputs.front().shape;
    require(inputs.size() == 1 && inputs.front().dtype == DType::string,
            message("expected one input of texts, got ", inputs.front(),
                    ". Use Input({1}, {.dtype = DType::string}) before it."));
    require(!rules_.split || shape.rank() == 1 || (shape.rank() == 2 && shape[1] == 1),
            message("expected texts of shape (batch,) or (batch, 1), got ", shape,
                    ". Join the texts of an example, or set split to none where each is one word."));
    require(rules_.split || shape.rank() == 2, message("expected texts of shape (batch, words) without split, got ",
                                                       shape, ". Use Input({1}, {.dtype = DType::string}) for one."));
    if (lookup_->arguments().output_mode != "int") return Spec{{shape[0], lookup_->vocabulary().depth()}, dtype()};
    const std::optional<int64_t>& length = arguments().output_sequence_length;
    return Spec{{shape[0], length.value_or(Shape::unknown)}, DType::int64};
  }
  bool takes_texts_alone() const override { return true; }

  using LayerBase::call;
  Tensor call(const Tensor& x) override {
    lookup_->check_vocabulary();
    text_output({x.spec()});  // whether the input fits
    const std::vector<std::vector<std::string>> documents = documents_of(x);
    const bool is_int = lookup_->arguments().output_mode == "int";
    size_t longest = is_int ? 0 : 1;  // what is counted needs a place
    for (const auto& tokens : documents) longest = std::max(longest, tokens.size());
    const auto length = is_int && arguments().output_sequence_length
                            ? static_cast<size_t>(*arguments().output_sequence_length)
                            : longest;
    // Behind the end of a text: the mask's index, or what counts nowhere.
    std::vector<int64_t> indices(documents.size() * length, is_int ? 0 : -1);
    parallel_for(static_cast<int64_t>(documents.size()), [&](int64_t row) {
      const auto i = static_cast<size_t>(row);
      for (size_t k = 0; k < std::min(length, documents[i].size()); ++k)
        indices[i * length + k] = lookup_->index_of(documents[i][k]);
    });
    return lookup_->encode(
        Tensor::from(indices, Shape{static_cast<int64_t>(documents.size()), static_cast<int64_t>(length)}));
  }

  void reset_state() override {
    require(!is_in_config(),
            "adapt: expected a layer that learns its vocabulary, got one that was given it. Leave vocabulary out.");
    vocabulary().forget();
  }
  void update_state(const Tensor& batch) override {
    require(batch.dtype() == DType::string && batch.rank() > 0,
            message("adapt: expected a batch of texts, got ", batch.spec(), ". Make it with texts({\"...\"})."));
    const bool is_flat = batch.rank() == 1 && !rules_.split;
    for (const auto& tokens : documents_of(is_flat ? reshaped_texts(batch, {batch.shape()[0], 1}) : batch))
      vocabulary().see(tokens);
  }
  void finalize_state() override {
    in_own_name([&] { lookup_->finalize_state(); });
  }

 private:
  /// Runs `body`; what it says of the layer inside it says of this one.
  template <class Body>
  void in_own_name(Body&& body) const {
    try {
      body();
    } catch (const InvalidArgument& error) {
      const std::string text = error.what();
      const size_t end = text.find("(StringLookup): ");
      throw InvalidArgument(where() + (end == std::string::npos ? text : text.substr(end + 16)));
    }
  }

  std::shared_ptr<LookupLayer> make_lookup(const std::string& mode) const {
    const auto& a = arguments();
    return std::make_shared<LookupLayer>(LookupArguments{.max_tokens = a.max_tokens,
                                                         .oov_token = "[UNK]",
                                                         .mask_token = "",
                                                         .output_mode = mode,
                                                         .pad_to_max_tokens = a.pad_to_max_tokens,
                                                         .idf_weights = a.token_weights,
                                                         .vocabulary = a.tokens,
                                                         .vocabulary_size = a.vocabulary_size,
                                                         .encoding = a.encoding},
                                         false);
  }

  /// One of the names that there are, or nothing.
  std::optional<std::string> choice(const char* option, const Json& given,
                                    const std::vector<std::string>& names) const {
    if (given.is_null()) return std::nullopt;
    if (!given.is_string()) {
      throw NotSupported(message(where(), option,
                                 ": a function of one's own, which is code. Change the texts before "
                                 "they are given to the model, and use one of ",
                                 join(names), " here, or none."));
    }
    const std::string& name = given.as_string();
    require(std::find(names.begin(), names.end(), name) != names.end(), unknown_name(option, name, names));
    return name;
  }

  /// The tokens of each example.
  std::vector<std::vector<std::string>> documents_of(const Tensor& x) const {
    const std::string* const* elements = text_elements(x);
    const int64_t rows = x.shape().front(), width = rows == 0 ? 0 : x.size() / rows;
    std::vector<std::vector<std::string>> documents(static_cast<size_t>(rows));
    parallel_for(rows, [&](int64_t row) {
      std::vector<std::string> tokens;
      for (int64_t i = row * width; i < (row + 1) * width; ++i) {
        std::vector<std::string> parts = split_text(standardized(text_of(elements[i]), rules_), rules_);
        std::move(parts.begin(), parts.end(), std::back_inserter(tokens));
      }
      documents[static_cast<size_t>(row)] = ngrams_of(std::move(tokens), rules_);
    });
    return documents;
  }

  TokenRules rules_;
  std::shared_ptr<LookupLayer> lookup_;
};

}  // namespace

Layer TextVectorization(const TextVectorizationOptions& options) {
  const auto choice = [](const std::optional<std::string>& name) { return name ? Json(*name) : Json(); };
  return make_layer<TextVectorizationLayer>(
      TextVectorizationArguments{options, choice(options.standardize), choice(options.split),
                                 tokens_to_json(options.vocabulary), weights_to_json(options.idf_weights)});
}

Layer detail::text_vectorization_from_config(const Json& config) {
  return TextVectorizationLayer::from_config(with_floats(config));
}

}  // namespace hebb
