#include "hebb/nn/vocabulary.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>
#include <utility>

#include "hebb/base/error.h"
#include "hebb/base/text.h"

namespace hebb {

namespace {

int64_t number_of(const std::string& token) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), value);
  if (error != std::errc() || end != token.data() + token.size())
    throw InvalidArgument(message("vocabulary: expected whole numbers, got '", token, "'. Give integers."));
  return value;
}

/// Numbers as the tokens are written, so that "07" is 7.
void write_plainly(std::vector<std::string>& tokens) {
  for (std::string& token : tokens) token = std::to_string(number_of(token));
}

}  // namespace

std::vector<std::string> Vocabulary::all_tokens() const {
  std::vector<std::string> all;
  if (oov_start() > 0) all.push_back(*rules_.mask_token);
  all.insert(all.end(), static_cast<size_t>(rules_.num_oov_indices), rules_.oov_token.value_or(""));
  all.insert(all.end(), tokens_.begin(), tokens_.end());
  return all;
}

int64_t Vocabulary::depth() const {
  if (rules_.pad_to_max_tokens && rules_.max_tokens) return *rules_.max_tokens;
  if (frozen_size_) return *frozen_size_;
  throw InvalidArgument(message(
      "expected a vocabulary, on whose size the output_mode \"", rules_.output_mode,
      "\" depends, got none. Give it one, call adapt() with data first, or give it max_tokens and pad_to_max_tokens."));
}

std::optional<int64_t> Vocabulary::index_of(const std::string& token) const {
  const auto found = index_.find(token);
  if (found == index_.end()) return std::nullopt;
  return found->second;
}

void Vocabulary::freeze_size() {
  const bool may_change = rules_.output_mode == "int" || rules_.pad_to_max_tokens;
  if (!may_change && frozen_size_ && *frozen_size_ != size()) {
    throw InvalidArgument(message("expected a vocabulary of ", *frozen_size_,
                                  " tokens, mask and unknown ones counted, ",
                                  "for which layers behind it were built, got ", size(),
                                  ". Give it max_tokens and pad_to_max_tokens, or make another layer."));
  }
  frozen_size_ = size();
}

void Vocabulary::index_tokens() {
  index_.clear();
  for (const std::string& token : tokens_) index_.emplace(token, token_start() + static_cast<int64_t>(index_.size()));
}

void Vocabulary::set(std::vector<std::string> tokens, const std::vector<double>& idf_weights) {
  if (tokens.empty())
    throw InvalidArgument("vocabulary: expected at least one token, got none. Leave it out and call adapt().");
  if (rules_.integers) write_plainly(tokens);
  const bool weighted = rules_.output_mode == "tf_idf";
  if (weighted != !idf_weights.empty()) {
    throw InvalidArgument(message("expected idf_weights for the output_mode \"tf_idf\" and for no other one, got ",
                                  idf_weights.size(), " for \"", rules_.output_mode,
                                  weighted ? "\". Give one for each token." : "\". Leave them out."));
  }
  if (weighted && idf_weights.size() != tokens.size()) {
    throw InvalidArgument(message("expected a number of idf_weights for each of ", tokens.size(), " tokens, got ",
                                  idf_weights.size(), ". Give as many."));
  }
  Vocabulary after(rules_);
  const std::vector<std::string> special = after.all_tokens();
  const bool has_special =
      tokens.size() >= special.size() && std::equal(special.begin(), special.end(), tokens.begin());
  after.tokens_.assign(tokens.begin() + (has_special ? static_cast<std::ptrdiff_t>(special.size()) : 0), tokens.end());
  after.index_tokens();
  if (after.index_.size() != after.tokens_.size()) {
    std::vector<std::string> sorted = after.tokens_;
    std::sort(sorted.begin(), sorted.end());
    throw InvalidArgument(message("vocabulary: expected each token once, got '",
                                  *std::adjacent_find(sorted.begin(), sorted.end()),
                                  "' more often. Leave the others out."));
  }
  const auto check_reserved = [&](const std::optional<std::string>& token, const char* what) {
    if (!token || !after.index_.contains(*token)) return;
    throw InvalidArgument(message("vocabulary: expected the ", what, " '", *token,
                                  "' in front or not at all, got it among the tokens. Leave out mask and unknown "
                                  "tokens, or put them first, in this order: ",
                                  join(special), "."));
  };
  check_reserved(rules_.mask_token, "mask_token");
  if (rules_.invert) check_reserved(rules_.oov_token, "oov_token");
  if (rules_.max_tokens && after.size() > *rules_.max_tokens) {
    throw InvalidArgument(message("vocabulary: expected at most max_tokens = ", *rules_.max_tokens,
                                  " tokens, mask and unknown ones counted, got ", after.size(),
                                  ". Leave some out, or raise max_tokens."));
  }
  after.frozen_size_ = frozen_size_;
  after.freeze_size();
  if (weighted) {
    std::vector<float> all;
    const double mean =
        std::accumulate(idf_weights.begin(), idf_weights.end(), 0.0) / static_cast<double>(idf_weights.size());
    if (!has_special) all.assign(special.size(), static_cast<float>(mean));
    all.insert(all.end(), idf_weights.begin(), idf_weights.end());
    all.resize(static_cast<size_t>(after.depth()), 0.F);
    after.idf_weights_ = Tensor::from(all);
  }
  *this = std::move(after);
}

void Vocabulary::forget() {
  seen_.clear();
  documents_ = 0;
}

void Vocabulary::see(std::span<const std::string> document) {
  ++documents_;
  for (const std::string& token : document) {
    Count& count = seen_[token];
    ++count.tokens;
    if (std::exchange(count.last_document, documents_) != documents_) ++count.documents;
  }
}

void Vocabulary::learn() {
  if (rules_.mask_token) seen_.erase(*rules_.mask_token);
  if (rules_.oov_token) seen_.erase(*rules_.oov_token);
  if (seen_.empty()) return freeze_size();
  using Seen = std::pair<std::string, Count>;
  std::vector<Seen> seen(seen_.begin(), seen_.end());
  // The most frequent first; of equally frequent ones those that come last.
  std::sort(seen.begin(), seen.end(), [&](const Seen& a, const Seen& b) {
    if (a.second.tokens != b.second.tokens) return a.second.tokens > b.second.tokens;
    return rules_.integers ? number_of(a.first) > number_of(b.first) : a.first > b.first;
  });
  if (rules_.max_tokens) {
    const auto most = static_cast<size_t>(std::max<int64_t>(*rules_.max_tokens - token_start(), 0));
    if (seen.size() > most) seen.resize(most);
  }
  Vocabulary after(rules_);
  for (const Seen& each : seen) after.tokens_.push_back(each.first);
  after.index_tokens();
  after.frozen_size_ = frozen_size_;
  after.freeze_size();
  if (rules_.output_mode == "tf_idf") {
    std::vector<float> weights(static_cast<size_t>(after.token_start()));
    double sum = 0;
    for (const Seen& each : seen) {
      const double share = static_cast<double>(documents_) / static_cast<double>(1 + each.second.documents);
      weights.push_back(static_cast<float>(std::log(1 + share)));
      sum += weights.back();
    }
    // Tokens that are not known count as much as others do on average.
    std::fill_n(weights.begin(), after.token_start(), static_cast<float>(sum / static_cast<double>(seen.size())));
    weights.resize(static_cast<size_t>(after.depth()), 0.F);
    after.idf_weights_ = Tensor::from(weights);
  }
  *this = std::move(after);
}

std::string Vocabulary::to_text() const { return join(all_tokens(), "\n"); }

void Vocabulary::set_from_text(const std::string& text, const Tensor& idf_weights) {
  std::vector<std::string> lines = split(text, '\n');
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  if (lines.empty()) return;
  std::vector<double> weights;
  if (rules_.output_mode == "tf_idf") {
    if (!idf_weights.defined())
      throw InvalidArgument("expected idf_weights for the output_mode \"tf_idf\", got none. Save it again.");
    weights = idf_weights.to_vector<double>();
    // A file also has those of indices that no token has.
    if (rules_.pad_to_max_tokens && weights.size() > lines.size()) weights.resize(lines.size());
  }
  // Where nothing was learned there are special tokens alone.
  if (const Vocabulary none(rules_); lines == none.all_tokens()) return;
  set(std::move(lines), weights);
}

namespace {

Vocabulary& vocabulary_of(const Layer& layer) {
  if (auto* keeper = layer.as<KeepsVocabulary>()) return keeper->vocabulary();
  throw InvalidArgument(message(layer->where(), "expected a layer with a vocabulary, got ", layer.class_name(),
                                ". IntegerLookup, StringLookup and TextVectorization have one."));
}

}  // namespace

std::vector<std::string> get_vocabulary(const Layer& layer, bool include_special_tokens) {
  const Vocabulary& vocabulary = vocabulary_of(layer);
  return include_special_tokens ? vocabulary.all_tokens() : vocabulary.tokens();
}

void set_vocabulary(const Layer& layer, const std::vector<std::string>& tokens,
                    const std::vector<double>& idf_weights) {
  Vocabulary& vocabulary = vocabulary_of(layer);
  try {
    vocabulary.set(tokens, idf_weights);
  } catch (const InvalidArgument& error) {
    throw InvalidArgument(layer->where() + error.what());
  }
}

}  // namespace hebb
