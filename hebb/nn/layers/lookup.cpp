#include "hebb/nn/layers/lookup.h"

#include <algorithm>
#include <utility>

#include "hebb/nn/config_fields.h"
#include "hebb/nn/layers/categorical_encoding.h"
#include "hebb/nn/layers/lookup_layer.h"
#include "hebb/nn/layers/other_options.h"
#include "hebb/nn/layers/table.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/indexing.h"
#include "hebb/tensor/texts.h"

namespace hebb {

namespace {

std::optional<std::string> token_of(const Json& json) {
  if (json.is_null()) return std::nullopt;
  return json.is_int() ? std::to_string(json.as_int()) : json.as_string();
}

Tensor whole_number(int64_t value) { return Tensor::from(std::vector<int64_t>{value}, Shape{}); }

std::vector<int64_t> as_numbers(const std::vector<std::string>& tokens) {
  std::vector<int64_t> numbers;
  for (const std::string& token : tokens) numbers.push_back(std::stoll(token));
  return numbers;
}

Json salt_to_json(const std::vector<int64_t>& salt) {
  return salt.empty() ? Json() : salt.size() == 1 ? Json(salt.front()) : Json(salt);
}

/// The rest of a division as it is for floors: from 0 to divisor - 1.
Tensor floor_modulus(const Tensor& x, int64_t divisor) {
  const auto by = static_cast<double>(divisor);
  const Tensor rest = x - cast(floor(cast(x, DType::float64) / by), DType::int64) * by;
  // The quotient of a large number may have been rounded over the next whole one.
  const Tensor up = select(less(rest, 0.0), rest + by, rest);
  return select(greater_equal(up, by), up - by, up);
}

}  // namespace

Json tokens_to_json(const std::vector<std::string>& tokens) { return tokens.empty() ? Json() : Json(tokens); }
Json weights_to_json(const std::vector<double>& weights) { return weights.empty() ? Json() : Json(weights); }

template <class Visitor, class A>
void LookupLayer::fields(Visitor& visit, A& a, bool integers) {
  visit("invert", a.invert);
  visit("max_tokens", a.max_tokens);
  visit("num_oov_indices", a.num_oov_indices);
  visit("oov_token", a.oov_token);
  visit("mask_token", a.mask_token);
  visit("output_mode", a.output_mode);
  visit.fixed("sparse", false);
  visit("pad_to_max_tokens", a.pad_to_max_tokens);
  if (integers) visit.fixed("vocabulary_dtype", "int64");
  visit("idf_weights", a.idf_weights);
  visit("vocabulary", a.vocabulary);
  visit("vocabulary_size", a.vocabulary_size);
  visit("oov_method", a.oov_method);
  visit("salt", a.salt);
  if (!integers) visit("encoding", a.encoding);
}

template <class Body>
auto LookupLayer::named(Body&& body) const {
  try {
    return body();
  } catch (const InvalidArgument& error) {
    throw InvalidArgument(where() + error.what());
  }
}

LookupLayer::LookupLayer(LookupArguments arguments, bool integers)
    : arguments_(std::move(arguments)), integers_(integers), vocabulary_(VocabularyRules{}) {
  set_name(arguments_.name.empty() ? unique_layer_name(class_name()) : arguments_.name);
  if (!arguments_.trainable) set_trainable(false);
  autocast_ = false;
  arguments_.output_mode =
      output_mode_of(*this, arguments_.output_mode, {"int", "one_hot", "multi_hot", "count", "tf_idf"});
  named([&] {
    check_arguments();
    vocabulary_ = made_vocabulary();
  });
}

void LookupLayer::check_arguments() {
  const auto require = [](bool condition, const std::string& text) {
    if (!condition) throw InvalidArgument(text);
  };
  LookupArguments& a = arguments_;
  // What a file says must not take all memory.
  constexpr int64_t most_tokens = 100'000'000, most_oov_indices = 1'000'000;
  require(a.max_tokens.value_or(2) <= most_tokens && a.num_oov_indices <= most_oov_indices,
          message("expected at most ", most_tokens, " tokens and ", most_oov_indices, " num_oov_indices, got ",
                  a.max_tokens.value_or(0), " and ", a.num_oov_indices, ". Use Hashing() for more."));
  require(!a.max_tokens || *a.max_tokens > 1, message("expected max_tokens of at least 2, got ",
                                                      a.max_tokens.value_or(0), ". Leave it out for any number."));
  require(!a.pad_to_max_tokens || a.max_tokens,
          "expected max_tokens with pad_to_max_tokens, got none. Give the number of indices.");
  require(a.num_oov_indices >= 0,
          message("expected num_oov_indices of at least 0, got ", a.num_oov_indices, ". The default is 1."));
  require(a.oov_method == "floormod" || a.oov_method == "farmhash",
          unknown_name("oov_method", a.oov_method, std::vector<std::string>{"floormod", "farmhash"}));
  require(!a.invert || a.output_mode == "int",
          message("expected the output_mode \"int\" with invert, got \"", a.output_mode, "\". Leave it out."));
  require(a.output_mode == "tf_idf" || a.idf_weights.is_null(),
          message("expected idf_weights with the output_mode \"tf_idf\" alone, got them with \"", a.output_mode,
                  "\". Leave them out."));
  if (integers_ && !a.salt.is_null()) {
    require(a.oov_method == "farmhash",
            "expected a salt with the oov_method \"farmhash\" alone, got it with \"floormod\". Leave it out.");
  }
  if (a.salt.is_int()) a.salt = Json::array({a.salt, a.salt});
  if (!a.salt.is_null()) {
    require(a.salt.is_array() && a.salt.size() == 2,
            message("expected one number as salt, or two, got ", a.salt.dump(), ". Leave the rest out."));
    salt_ = HashSalt{a.salt.at(size_t{0}).as_int(), a.salt.at(size_t{1}).as_int()};
  }
  std::string encoding = a.encoding;
  std::transform(encoding.begin(), encoding.end(), encoding.begin(),
                 [](char c) { return c == 'U' || c == 'T' || c == 'F' ? static_cast<char>(c + 32) : c; });
  if (encoding != "utf-8" && encoding != "utf8") {
    throw NotSupported(message(where(), "encoding \"", a.encoding,
                               "\": texts are UTF-8 here. Convert the texts, and leave the encoding out."));
  }
}

Vocabulary LookupLayer::made_vocabulary() const {
  const LookupArguments& a = arguments_;
  Vocabulary vocabulary({.max_tokens = a.max_tokens,
                         .num_oov_indices = a.num_oov_indices,
                         .mask_token = token_of(a.mask_token),
                         .oov_token = token_of(a.oov_token),
                         .invert = a.invert,
                         .output_mode = a.output_mode,
                         .pad_to_max_tokens = a.pad_to_max_tokens,
                         .integers = integers_});
  vocabulary.set_frozen_size(a.vocabulary_size);
  if (a.vocabulary.is_null()) return vocabulary;
  if (a.vocabulary.is_string()) {
    throw NotSupported(message(where(), "vocabulary: '", a.vocabulary.as_string(),
                               "' names a file, which is not read. Give the tokens themselves."));
  }
  std::vector<std::string> tokens;
  for (const Json& token : a.vocabulary.items()) tokens.push_back(token_of(token).value_or(""));
  std::vector<double> weights;
  if (!a.idf_weights.is_null()) {
    for (const Json& weight : a.idf_weights.items()) weights.push_back(weight.as_double());
  }
  vocabulary.set(std::move(tokens), weights);
  return vocabulary;
}

Json LookupLayer::config() const {
  Json json = LayerBase::config();
  ConfigWriter writer(json);
  LookupArguments now = arguments_;
  now.vocabulary_size = vocabulary_.frozen_size();
  fields(writer, std::as_const(now), integers_);
  return json;
}

Layer LookupLayer::from_config(const Json& config, bool integers) {
  LookupArguments arguments;
  arguments.oov_token = integers ? Json(-1) : Json("[UNK]");
  arguments.name = config.get("name", "");
  const char* class_name = integers ? "IntegerLookup" : "StringLookup";
  ConfigReader reader(message("layer '", arguments.name, "' (", class_name, ")"), config, ConfigReader::Null::wrong);
  fields(reader, arguments, integers);
  refuse_unknown_options(reader, class_name);
  auto layer = std::make_shared<LookupLayer>(std::move(arguments), integers);
  layer->read_base_config(with_floats(config));
  return Layer(layer);
}

// ---------------------------------------------------------------------------------------------------------- calling

void LookupLayer::check_vocabulary() const {
  if (vocabulary_.empty())
    throw InvalidArgument("expected a vocabulary, got none. Give it one, or call adapt() with data first.");
}

std::optional<Spec> LookupLayer::text_output(const std::vector<Spec>& inputs) const {
  if (inputs.size() != 1) return std::nullopt;
  const std::string& mode = arguments_.output_mode;
  const bool wants_text = takes_texts_alone(), is_text = inputs[0].dtype == DType::string;
  if (wants_text != is_text) {
    throw InvalidArgument(message(where(), "expected ", wants_text ? "texts" : "numbers", ", got ", inputs[0], ". ",
                                  wants_text ? "Use IntegerLookup() for integers, and Input({...}, {.dtype = "
                                               "DType::string}) for texts."
                                             : "Use StringLookup() for texts."));
  }
  if (arguments_.invert) return Spec{inputs[0].shape, integers_ ? DType::int64 : DType::string};
  if (mode == "int") return Spec{inputs[0].shape, DType::int64};
  return named([&] { return Spec{encoded_shape(inputs[0].shape, mode, vocabulary_.depth()), dtype()}; });
}

Tensor LookupLayer::encode(const Tensor& indices) const {
  const std::string& mode = arguments_.output_mode;
  if (mode == "int") return indices;
  const Tensor encoded = encode_categories(indices, mode == "tf_idf" ? "count" : mode, vocabulary_.depth(), dtype());
  return mode == "tf_idf" ? encoded * cast(vocabulary_.idf_weights(), dtype()) : encoded;
}

int64_t LookupLayer::index_of(const std::string& token) const {
  if (vocabulary_.rules().mask_token == token) return arguments_.output_mode == "int" ? 0 : -1;
  if (const std::optional<int64_t> known = vocabulary_.index_of(token)) return *known;
  const int64_t spread = arguments_.num_oov_indices, start = vocabulary_.oov_start();
  if (spread == 0) {
    throw InvalidArgument(message("expected tokens of the vocabulary, since num_oov_indices is 0, got '", token,
                                  "'. Give it num_oov_indices of 1 for unknown ones."));
  }
  if (spread == 1) return start;
  const uint64_t hash =
      salt_ ? siphash64(token, static_cast<uint64_t>(salt_->first), static_cast<uint64_t>(salt_->second))
            : fingerprint64(token);
  return start + static_cast<int64_t>(hash % static_cast<uint64_t>(spread));
}

Tensor LookupLayer::indices_of_integers(const Tensor& x) const {
  std::vector<int64_t> tokens = as_numbers(vocabulary_.tokens()), places;
  std::vector<size_t> order(tokens.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return tokens[a] < tokens[b]; });
  for (const size_t i : order) places.push_back(vocabulary_.token_start() + static_cast<int64_t>(i));
  std::sort(tokens.begin(), tokens.end());
  const Tensor sorted = Tensor::from(tokens);
  const Tensor at = maximum(digitize(x, sorted) - 1.0, 0.0);
  const Tensor found = equal(gather(sorted, at), x);
  const int64_t spread = arguments_.num_oov_indices;
  Tensor unknown = whole_number(spread == 0 ? -1 : vocabulary_.oov_start());
  if (spread > 1) {
    unknown = arguments_.oov_method == "farmhash" ? hash_bucket(x, spread, salt_) : floor_modulus(x, spread);
    unknown = unknown + static_cast<double>(vocabulary_.oov_start());
  }
  Tensor indices = select(found, gather(Tensor::from(places), at), unknown);
  if (spread == 0 && x.is_concrete()) {
    const std::vector<int64_t> all = indices.to_vector<int64_t>();
    const auto wrong = std::find(all.begin(), all.end(), -1);
    if (wrong != all.end()) index_of(std::to_string(x.to_vector<int64_t>()[static_cast<size_t>(wrong - all.begin())]));
  }
  if (arguments_.mask_token.is_null()) return indices;
  return select(equal(x, whole_number(arguments_.mask_token.as_int())),
                whole_number(arguments_.output_mode == "int" ? 0 : -1), indices);
}

Tensor LookupLayer::tokens_of_indices(const Tensor& x) const {
  if (arguments_.oov_token.is_null())
    throw InvalidArgument("invert: expected an oov_token for indices that no token has, got none. Give it one.");
  const std::vector<std::string> tokens = vocabulary_.all_tokens();
  if (integers_) {
    const auto size = static_cast<double>(tokens.size());
    const Tensor outside = logical_or(less(x, 0.0), greater_equal(x, size));
    const Tensor known = gather(Tensor::from(as_numbers(tokens)), select(outside, whole_number(0), x));
    return select(outside, whole_number(arguments_.oov_token.as_int()), known);
  }
  std::vector<std::string> out;
  for (const int64_t index : x.to_vector<int64_t>()) {
    const bool is_known = index >= 0 && index < static_cast<int64_t>(tokens.size());
    out.push_back(is_known ? tokens[static_cast<size_t>(index)] : arguments_.oov_token.as_string());
  }
  return texts(std::move(out), x.shape());
}

Tensor LookupLayer::call(const Tensor& x) {
  check_vocabulary();
  text_output({x.spec()});  // whether the input fits
  if (arguments_.invert) return tokens_of_indices(cast(x, DType::int64));
  if (integers_) return encode(indices_of_integers(cast(x, DType::int64)));
  const std::string* const* tokens = text_elements(x);
  std::vector<int64_t> indices(static_cast<size_t>(x.size()));
  for (size_t i = 0; i < indices.size(); ++i) indices[i] = index_of(text_of(tokens[i]));
  return encode(Tensor::from(indices, x.shape()));
}

// --------------------------------------------------------------------------------------------------------- learning

void LookupLayer::reset_state() {
  if (is_in_config()) {
    throw InvalidArgument(where() +
                          "adapt: expected a layer that learns its vocabulary, got one that was given it. Leave "
                          "vocabulary out.");
  }
  vocabulary_.forget();
}

void LookupLayer::update_state(const Tensor& batch) {
  if (batch.rank() < 1)
    throw InvalidArgument(message(where(), "adapt: expected a batch of examples, got ", batch.spec(), "."));
  std::vector<std::string> tokens;
  if (integers_) {
    for (const int64_t number : batch.to_vector<int64_t>()) tokens.push_back(std::to_string(number));
  } else {
    tokens = named([&] { return to_texts(batch); });
  }
  const auto width = static_cast<size_t>(batch.shape().without(0).elements());
  for (size_t at = 0; at < tokens.size(); at += width) vocabulary_.see(std::span(tokens).subspan(at, width));
}

void LookupLayer::finalize_state() {
  named([&] { vocabulary_.learn(); });
}

// ---------------------------------------------------------------------------------------------------------- factories

Layer IntegerLookup(const IntegerLookupOptions& options) {
  const auto number = [](const std::optional<int64_t>& value) { return value ? Json(*value) : Json(); };
  return make_layer<LookupLayer>(
      LookupArguments{.invert = options.invert,
                      .max_tokens = options.max_tokens,
                      .num_oov_indices = options.num_oov_indices,
                      .oov_token = number(options.oov_token),
                      .mask_token = number(options.mask_token),
                      .output_mode = options.output_mode,
                      .pad_to_max_tokens = options.pad_to_max_tokens,
                      .idf_weights = weights_to_json(options.idf_weights),
                      .vocabulary = options.vocabulary.empty() ? Json() : Json(options.vocabulary),
                      .oov_method = options.oov_method,
                      .salt = salt_to_json(options.salt),
                      .name = options.name},
      true);
}

Layer StringLookup(const StringLookupOptions& options) {
  const auto text = [](const std::optional<std::string>& value) { return value ? Json(*value) : Json(); };
  return make_layer<LookupLayer>(LookupArguments{.invert = options.invert,
                                                 .max_tokens = options.max_tokens,
                                                 .num_oov_indices = options.num_oov_indices,
                                                 .oov_token = text(options.oov_token),
                                                 .mask_token = text(options.mask_token),
                                                 .output_mode = options.output_mode,
                                                 .pad_to_max_tokens = options.pad_to_max_tokens,
                                                 .idf_weights = weights_to_json(options.idf_weights),
                                                 .vocabulary = tokens_to_json(options.vocabulary),
                                                 .salt = salt_to_json(options.salt),
                                                 .encoding = options.encoding,
                                                 .name = options.name},
                                 false);
}

Layer detail::integer_lookup_from_config(const Json& config) { return LookupLayer::from_config(config, true); }
Layer detail::string_lookup_from_config(const Json& config) { return LookupLayer::from_config(config, false); }

}  // namespace hebb
