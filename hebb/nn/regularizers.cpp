#include "hebb/nn/regularizers.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/keras_json.h"
#include "hebb/nn/known_options.h"
#include "hebb/nn/losses/comparison.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/indexing.h"
#include "hebb/ops/matmul.h"
#include "hebb/ops/reduce.h"

namespace hebb {

namespace {

class NormRegularizer : public RegularizerBase {
 public:
  NormRegularizer(std::string class_name, double l1, double l2) : class_name_(std::move(class_name)), l1_(l1), l2_(l2) {
    for (const double factor : {l1, l2}) {
      if (factor - factor == 0) continue;  // finite
      throw InvalidArgument(message(class_name_, ": expected a finite factor, got ", factor, "."));
    }
  }
  std::string class_name() const override { return class_name_; }
  Json config() const override {
    Json json = Json::object();
    if (class_name_ != "L2") json.set("l1", l1_);
    if (class_name_ != "L1") json.set("l2", l2_);
    return json;
  }
  Tensor penalty(const Tensor& x) const override {
    Tensor total;
    if (l1_ != 0) total = sum(abs(x)) * l1_;
    if (l2_ != 0) total = total.defined() ? total + sum(square(x)) * l2_ : sum(square(x)) * l2_;
    return total.defined() ? total : zeros({}, x.dtype());
  }

 private:
  std::string class_name_;
  double l1_, l2_;
};

Regularizer norm_regularizer(std::string class_name, double l1, double l2) {
  return Regularizer(std::make_shared<NormRegularizer>(std::move(class_name), l1, l2));
}

class OrthogonalPenalty : public RegularizerBase {
 public:
  explicit OrthogonalPenalty(const OrthogonalRegularizerOptions& options) : options_(options) {
    if (!(options.factor >= 0) || std::isinf(options.factor)) {
      throw InvalidArgument(
          message("OrthogonalRegularizer: expected a finite factor of at least 0, got ", options.factor, "."));
    }
    const std::vector<std::string> modes = {"rows", "columns"};
    if (std::find(modes.begin(), modes.end(), options.mode) == modes.end())
      throw InvalidArgument(unknown_name("mode of OrthogonalRegularizer", options.mode, modes));
  }
  std::string class_name() const override { return "OrthogonalRegularizer"; }
  Json config() const override { return Json::object({{"factor", options_.factor}, {"mode", options_.mode}}); }
  Tensor penalty(const Tensor& x) const override {
    if (x.rank() != 2) {
      throw InvalidArgument(message("OrthogonalRegularizer: expected a matrix, got ", x.shape(),
                                    ". Take another regularizer for this weight."));
    }
    const bool rows = options_.mode == "rows";
    const int64_t vectors = x.shape()[rows ? 0 : 1];
    if (vectors < 2) return zeros({}, x.dtype());
    const Tensor unit = normalized(x, rows ? 1 : 0);
    const Tensor cosines = matmul(unit, unit, {.transpose_a = !rows, .transpose_b = rows});
    std::vector<int64_t> numbers(static_cast<size_t>(vectors));
    std::iota(numbers.begin(), numbers.end(), 0);
    const Tensor of_pairs = select(one_hot(Tensor::from(numbers), vectors, DType::boolean), 0.0, abs(cosines));
    const auto count = static_cast<double>(vectors);
    return sum(of_pairs) * (options_.factor / (count * (count - 1)));
  }

 private:
  const OrthogonalRegularizerOptions options_;
};

const RegularizerRecord& record_of(const std::string& name) {
  std::vector<std::string> known;
  for (const RegularizerRecord& record : regularizer_records()) {
    if (record.class_name == name) return record;
    if (std::find(record.aliases.begin(), record.aliases.end(), name) != record.aliases.end()) return record;
    known.push_back(record.class_name);
    known.insert(known.end(), record.aliases.begin(), record.aliases.end());
  }
  throw InvalidArgument(unknown_name("regularizer", name, known));
}

}  // namespace

Regularizer::Regularizer(const std::string& name) {
  // Keras documents factors of 0.01 for the name; those of the class are 0.
  *this = name == "l1_l2" ? L1L2(0.01, 0.01) : record_of(name).from_config(Json::object());
}

Json Regularizer::to_json() const {
  return object_ ? object_to_json("keras.regularizers", object_->class_name(), object_->config()) : Json();
}

Regularizer Regularizer::from_json(const Json& json) {
  if (json.is_null()) return {};
  if (json.is_string()) return Regularizer(json.as_string());
  const Json* config = json.find("config");
  const auto& record = record_of(json.at("class_name").as_string());
  if (!config || !config->is_object()) return record.from_config(Json::object());
  Regularizer made = record.from_config(*config);
  refuse_other_options(record.class_name, *config, made->config());
  return made;
}

Regularizer L1(double l1) { return norm_regularizer("L1", l1, 0); }

Regularizer L2(double l2) { return norm_regularizer("L2", 0, l2); }

Regularizer L1L2(double l1, double l2) { return norm_regularizer("L1L2", l1, l2); }

Regularizer OrthogonalRegularizer(const OrthogonalRegularizerOptions& options) {
  return Regularizer(std::make_shared<OrthogonalPenalty>(options));
}

const std::vector<RegularizerRecord>& regularizer_records() {
  static const std::vector<RegularizerRecord> records = {
      {"L1", {"l1"}, [](const Json& config) { return L1(config.get("l1", 0.01)); }, "l1 * sum(|x|)"},
      {"L2", {"l2"}, [](const Json& config) { return L2(config.get("l2", 0.01)); }, "l2 * sum(x^2)"},
      {"L1L2",
       {"l1_l2", "l1l2"},
       [](const Json& config) { return L1L2(config.get("l1", 0.0), config.get("l2", 0.0)); },
       "l1 * sum(|x|) + l2 * sum(x^2)"},
      {"OrthogonalRegularizer",
       {"orthogonal_regularizer"},
       [](const Json& config) {
         return OrthogonalRegularizer({config.get("factor", 0.01), config.get("mode", "rows")});
       },
       "rows or columns of a matrix orthogonal to each other"},
  };
  return records;
}

}  // namespace hebb
