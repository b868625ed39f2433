#include "hebb/nn/layers/categories.h"

#include <algorithm>

#include "hebb/base/fingerprint.h"
#include "hebb/nn/keras_json.h"
#include "hebb/nn/layers/categorical_encoding.h"
#include "hebb/nn/layers/table.h"
#include "hebb/nn/layers/whole_numbers.h"
#include "hebb/nn/text_layer.h"
#include "hebb/ops/categories.h"
#include "hebb/ops/elementwise.h"
#include "hebb/tensor/texts.h"

namespace hebb {

namespace {

// --------------------------------------------------------------------------------------------------------- encoding

struct CategoryEncodingArguments : CategoryEncodingOptions {
  int64_t num_tokens = 0;
};

class CategoryEncodingLayer final : public ConfiguredLayer<CategoryEncodingLayer, CategoryEncodingArguments>,
                                    public TakesWholeNumbers {
 public:
  static constexpr const char* keras_name = "CategoryEncoding";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("num_tokens", a.num_tokens);
    visit("output_mode", a.output_mode);
  }

  explicit CategoryEncodingLayer(CategoryEncodingArguments given)
      : ConfiguredLayer(std::move(given)),
        mode_(output_mode_of(*this, arguments().output_mode, {"multi_hot", "one_hot", "count"})) {
    require(arguments().num_tokens > 0, message("expected num_tokens of at least 1, got ", arguments().num_tokens,
                                                ". Give the number of different categories."));
    autocast_ = false;
  }

  Json config() const override {
    Json json = ConfiguredLayer::config();
    json.set("output_mode", mode_);
    return json;
  }

  std::vector<std::string> input_argument_names() const override { return {"inputs", "count_weights"}; }
  /// Keras takes the weights by their name alone.
  std::vector<std::string> argument_names(size_t inputs) const override {
    return inputs == 2 ? std::vector<std::string>{"", "count_weights"} : std::vector<std::string>{""};
  }

  using LayerBase::call;
  Tensor call(const Tensors& xs, const CallOptions&) override {
    const Tensor& x = xs.front();
    const Tensor weights = xs.size() > 1 ? xs[1] : Tensor();
    if (!weights.defined()) return encode_categories(x, mode_, arguments().num_tokens, dtype(), weights);
    require(mode_ == "count",
            message("expected one input, since count_weights belong to the output_mode \"count\", got two and \"",
                    mode_, "\". Leave the weights out."));
    require(x.rank() == weights.rank(), message("expected a weight for each category, got ", x.shape(), " and ",
                                                weights.shape(), ". Give weights of the categories' shape."));
    return encode_categories(x, mode_, arguments().num_tokens, dtype(), weights);
  }

 private:
  std::string mode_;
};

// ---------------------------------------------------------------------------------------------------------- hashing

/// The base of layers whose numbers of bins are int64 unless another type is wanted.
template <class Derived, class Arguments>
class HashLayer : public ConfiguredLayer<Derived, Arguments>, public TextLayer {
 public:
  explicit HashLayer(Arguments given) : ConfiguredLayer<Derived, Arguments>(std::move(given)) {
    const auto& a = this->arguments();
    result_type_ = a.wanted_type().value_or(a.output_mode == "int" ? DType::int64 : DType::float32);
    this->require(a.num_bins > 0, message("expected num_bins of at least 1, got ", a.num_bins,
                                          ". Give the number of different results."));
    this->autocast_ = false;
  }

  static Layer from_config(const Json& config) {
    Json rest = config;
    rest.set("dtype", nullptr);  // of the results alone: nothing here is computed in it
    Layer layer = ConfiguredLayer<Derived, Arguments>::from_config(rest);
    if (const Json* dtype = config.find("dtype"); dtype != nullptr && !dtype->is_null())
      static_cast<Derived&>(*layer.shared()).result_type_ = dtype_policy_from_json(*dtype).variable_dtype();
    return layer;
  }

  std::optional<Spec> text_output(const std::vector<Spec>& inputs) const override {
    const auto is_text = [](const Spec& input) { return input.dtype == DType::string; };
    if (std::none_of(inputs.begin(), inputs.end(), is_text)) return std::nullopt;
    return Spec{encoded_shape(inputs.front().shape, this->arguments().output_mode, this->arguments().num_bins),
                result_type_};
  }

 protected:
  /// What `hash` makes of each text.
  template <class Hash>
  static Tensor hashed(const Tensor& x, const Hash& hash) {
    const std::string* const* elements = text_elements(x);
    std::vector<int64_t> hashes(static_cast<size_t>(x.size()));
    for (size_t i = 0; i < hashes.size(); ++i) hashes[i] = static_cast<int64_t>(hash(text_of(elements[i])));
    return Tensor::from(hashes, x.shape());
  }

  DType result_type_ = DType::int64;
};

/// The two numbers of a salt.
struct Salt : Axes {
  Salt() : Axes(std::vector<int64_t>()) {}
  using Axes::Axes;
};

struct HashingArguments : HashingOptions {
  int64_t num_bins = 0;
  DType dtype = DType::float32;  // the base's, in which nothing is computed
  std::optional<Salt> both_salts = {};
  Json mask = {};  // an integer or a text
  std::optional<DType> wanted_type() const { return HashingOptions::dtype; }
};

class HashingLayer final : public HashLayer<HashingLayer, HashingArguments> {
 public:
  static constexpr const char* keras_name = "Hashing";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit.required("num_bins", a.num_bins);
    visit("salt", a.both_salts);
    visit("mask_value", a.mask);
    visit("output_mode", a.output_mode);
    visit.fixed("sparse", false);
  }

  explicit HashingLayer(HashingArguments given) : HashLayer(with_both_salts(std::move(given))) {
    const auto& a = arguments();
    output_mode_of(*this, a.output_mode, {"int", "one_hot", "multi_hot", "count"});
    require(a.output_mode != "int" || !is_floating(result_type_),
            message("expected int32 or int64 as the dtype of the output_mode \"int\", got ", result_type_,
                    ". Leave it out."));
    if (!a.both_salts) return;
    require(a.both_salts->values.size() == 2,
            message("expected one number as salt, or two, got ", a.both_salts->values.size(), ". Leave the rest out."));
    salt_ = HashSalt{a.both_salts->values[0], a.both_salts->values[1]};
  }

  Json config() const override {
    Json json = HashLayer::config();
    json.set("dtype", dtype_policy_to_json(result_type_));
    return json;
  }

  using LayerBase::call;
  Tensor call(const Tensor& x) override {
    const auto& a = arguments();
    if (x.dtype() == DType::string) return encode_categories(bins_of_texts(x), a.output_mode, a.num_bins, result_type_);
    const Tensor whole = is_floating(x.dtype()) || x.dtype() == DType::boolean ? cast(x, DType::int64) : x;
    if (a.mask.is_null() || a.num_bins == 1)
      return encode_categories(hash_bucket(whole, a.num_bins, salt_), a.output_mode, a.num_bins, result_type_);
    require(a.mask.is_number(), "expected texts, as its mask_value is one, got numbers. Give it an integer instead.");
    const Tensor bins = hash_bucket(whole, a.num_bins - 1, salt_) + 1.0;
    const Tensor masked = select(equal(x, a.mask.as_double()), 0.0, bins);
    return encode_categories(masked, a.output_mode, a.num_bins, result_type_);
  }

 private:
  Tensor bins_of_texts(const Tensor& x) const {
    const auto& a = arguments();
    const bool is_masked = !a.mask.is_null() && a.num_bins > 1;
    require(!is_masked || a.mask.is_string(),
            "expected numbers, as its mask_value is one, got texts. Give it a text instead (mask_text).");
    const auto bins = static_cast<uint64_t>(a.num_bins - (is_masked ? 1 : 0));
    return hashed(x, [&](const std::string& text) -> uint64_t {
      if (is_masked && text == a.mask.as_string()) return 0;
      const uint64_t hash =
          salt_ ? siphash64(text, static_cast<uint64_t>(salt_->first), static_cast<uint64_t>(salt_->second))
                : fingerprint64(text);
      return hash % bins + (is_masked ? 1 : 0);
    });
  }

  static HashingArguments with_both_salts(HashingArguments given) {
    if (given.mask_text) given.mask = *given.mask_text;
    if (given.mask_value) given.mask = *given.mask_value;
    if (given.salt.size() == 1) given.salt.push_back(given.salt.front());
    if (!given.salt.empty()) given.both_salts = Salt(given.salt);
    if (given.both_salts && !given.both_salts->is_list)
      given.both_salts = Salt{given.both_salts->values.front(), given.both_salts->values.front()};
    return given;
  }

  std::optional<HashSalt> salt_;
};

struct HashedCrossingArguments : HashedCrossingOptions {
  int64_t num_bins = 0;
  DType dtype = DType::float32;
  bool trainable = true;
  std::optional<DType> wanted_type() const { return HashedCrossingOptions::dtype; }
};

class HashedCrossingLayer final : public HashLayer<HashedCrossingLayer, HashedCrossingArguments> {
 public:
  static constexpr const char* keras_name = "HashedCrossing";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit.required("num_bins", a.num_bins);
    visit("output_mode", a.output_mode);
    visit.fixed("sparse", false);
  }

  explicit HashedCrossingLayer(HashedCrossingArguments given) : HashLayer(std::move(given)) {
    output_mode_of(*this, arguments().output_mode, {"int", "one_hot"});
  }

  /// Keras leaves out what other layers have.
  Json config() const override {
    Json json = Json::object();
    ConfigWriter writer(json);
    fields(writer, arguments());
    json.set("name", name());
    json.set("dtype", std::string(name_of(result_type_)));
    return json;
  }

  void check_shapes(const std::vector<Shape>& inputs) const override {
    require(inputs.size() > 1, message("expected two inputs or more, got ", inputs.size(), ". Use Hashing() for one."));
    for (const Shape& shape : inputs) {
      const bool fits = shape.rank() < 2 || (shape.rank() == 2 && shape[1] == 1);
      require(fits && shape.rank() == inputs.front().rank(),
              message("expected inputs of one shape, (batch,) or (batch, 1), got ", shape,
                      ". Use Reshape({1}) before it."));
    }
  }

  using LayerBase::call;
  Tensor call(const Tensors& xs, const CallOptions&) override {
    Tensors whole;
    for (const Tensor& x : xs) {
      require(!is_floating(x.dtype()) && x.dtype() != DType::boolean,
              message("expected whole numbers or texts, got ", x.spec(),
                      ". Give Input() the dtype int64 or string, or put Discretization() before it."));
    }
    for (const Tensor& x : xs)
      whole.push_back(x.dtype() == DType::string ? hashed(x, fingerprint64) : cast(x, DType::int64));
    const auto& a = arguments();
    return encode_categories(hash_cross(whole, a.num_bins), a.output_mode, a.num_bins, result_type_);
  }
};

}  // namespace

Layer CategoryEncoding(int64_t num_tokens, const CategoryEncodingOptions& options) {
  return make_layer<CategoryEncodingLayer>(CategoryEncodingArguments{options, num_tokens});
}
Layer Hashing(int64_t num_bins, const HashingOptions& options) {
  return make_layer<HashingLayer>(HashingArguments{options, num_bins});
}
Layer HashedCrossing(int64_t num_bins, const HashedCrossingOptions& options) {
  return make_layer<HashedCrossingLayer>(HashedCrossingArguments{options, num_bins});
}

Layer detail::category_encoding_from_config(const Json& config) { return CategoryEncodingLayer::from_config(config); }
Layer detail::hashed_crossing_from_config(const Json& config) { return HashedCrossingLayer::from_config(config); }
Layer detail::hashing_from_config(const Json& config) { return HashingLayer::from_config(config); }

}  // namespace hebb
