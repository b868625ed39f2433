#include "hebb/nn/compile_config.h"

#include <algorithm>
#include <map>

#include "hebb/base/error.h"
#include "hebb/base/problems.h"
#include "hebb/base/text.h"
#include "hebb/nn/call_structures.h"
#include "hebb/nn/config_problems.h"

namespace hebb {

namespace {

bool is_known(const Optimizer& optimizer) {
  const auto& records = optimizer_records();
  return std::any_of(records.begin(), records.end(),
                     [&](const OptimizerRecord& record) { return record.class_name == optimizer->class_name(); });
}

Json to_json(const Loss& loss) { return loss.to_json(); }
Json to_json(double weight) { return weight; }

template <class T>
Json per_output_to_json(const PerOutput<T>& given) {
  if (given.empty()) return {};
  if (given.is_single()) return to_json(given.list().front());
  if (given.by_name().empty()) {
    Json list = Json::array();
    for (const T& one : given.list()) list.push_back(to_json(one));
    return list;
  }
  Json named = Json::object();
  for (const auto& [name, one] : given.by_name()) named.set(name, to_json(one));
  return named;
}

Json metrics_to_json(const std::vector<Metric>& metrics) {
  Json list = Json::array();
  for (const Metric& metric : metrics) {
    if (Json json = metric.to_json(); !json.is_null()) list.push_back(std::move(json));
  }
  return list;
}

Json metric_lists_to_json(const MetricLists& given) {
  if (given.empty()) return {};
  if (!given.by_position().empty()) {
    Json lists = Json::array();
    for (const std::vector<Metric>& metrics : given.by_position()) lists.push_back(metrics_to_json(metrics));
    return lists;
  }
  if (given.by_name().empty()) return metrics_to_json(given.all());
  Json named = Json::object();
  for (const auto& [name, metrics] : given.by_name()) named.set(name, metrics_to_json(metrics));
  return named;
}

/// The same with a list for each output, nested as these are.
Json metric_lists_to_json(const MetricLists& given, const std::vector<std::string>& outputs, const Json& structure) {
  if (given.empty() || structure.is_null()) return metric_lists_to_json(given);
  Json lists = Json::array();
  for (size_t i = 0; i < outputs.size(); ++i) {
    const auto named = given.by_name().find(outputs[i]);
    lists.push_back(named != given.by_name().end()         ? metrics_to_json(named->second)
                    : i < given.by_position().size()       ? metrics_to_json(given.by_position()[i])
                    : outputs.size() == 1                  ? metrics_to_json(given.all())
                    : given.all().size() == outputs.size() ? metrics_to_json({given.all()[i]})
                                                           : Json::array());
  }
  return detail::arranged(lists, {}, structure);
}

/// A Keras object or function, in contrast to a dict with one entry for each output.
bool is_one(const Json& json) {
  return json.is_string() || json.is_number() ||
         (json.is_object() && json.contains("class_name") && json.at("class_name") != Json("__tuple__"));
}

/// An array or a dict with one entry for each of several.
bool is_several(const Json& json) { return !json.is_null() && !is_one(json); }

/// The items of a list or tuple of outputs; null for a single output and for a dict.
const Json* items_of(const Json& structure) {
  if (structure.is_object() && structure.get("class_name", "") == "__tuple__") return &structure.at("items");
  const bool is_output = structure.is_array() && structure.size() > 0 && structure.at(size_t{0}).is_string();
  return structure.is_array() && !is_output ? &structure : nullptr;
}

/// What is nested as the outputs are, as a list with one for each of them, null for those that have none.
void flatten(const Json& given, const Json& structure, const char* what, Json& out) {
  const Json* tuple = given.is_object() ? items_of(given) : nullptr;
  if (tuple) return flatten(*tuple, structure, what, out);
  const auto refuse = [&] {
    throw NotSupported(message("compile: ", what, ": expected one for each output, or what is nested as the outputs ",
                               "are, got ", given.dump().substr(0, 80), ". Give a flat list, with one for each."));
  };
  const auto flatten_one = [&](const Json* one, const Json& inside) {
    flatten(one ? *one : Json(), inside, what, out);
  };
  if (const Json* items = items_of(structure)) {
    const bool fits = given.is_null() || (given.is_array() && given.size() == items->size());
    if (!fits) refuse();
    for (size_t i = 0; i < items->size(); ++i) flatten_one(given.is_null() ? nullptr : &given.at(i), items->at(i));
  } else if (structure.is_object()) {
    const bool fits = given.is_null() || (given.is_object() && !is_one(given));
    if (!fits) refuse();
    std::map<std::string, const Json*> by_the_alphabet;
    for (const auto& [key, inside] : structure.members()) by_the_alphabet[key] = &inside;
    for (const auto& [key, inside] : by_the_alphabet) flatten_one(given.is_null() ? nullptr : given.find(key), *inside);
    if (given.is_null()) return;
    for (const auto& [key, one] : given.members()) {
      if (!by_the_alphabet.contains(key)) refuse();
    }
  } else if (given.is_array() && given.size() == 1) {
    flatten_one(&given.at(size_t{0}), structure);
  } else {
    if (is_several(given)) refuse();
    out.push_back(given);
  }
}

/// As it is, or as a list where it is nested.
Json flat(const Json& given, const Json& structure, size_t outputs, const char* what) {
  const Json* tuple = given.is_object() ? items_of(given) : nullptr;
  if (tuple) return flat(*tuple, structure, outputs, what);
  if (!is_several(given)) return given;
  bool nested = false;
  if (given.is_array()) {
    nested = std::any_of(given.items().begin(), given.items().end(), is_several);
    // A null stands for all outputs in its place.
    const Json* items = items_of(structure);
    const auto holds_several = [](const Json& item) { return item.is_object() || items_of(item); };
    if (items && given.size() != outputs)
      nested = nested || std::any_of(items->items().begin(), items->items().end(), holds_several);
  } else {
    for (const auto& [key, one] : given.members()) nested = nested || is_several(one);
  }
  if (!nested) return given;
  Json out = Json::array();
  flatten(given, structure.is_null() ? Json(Json::Array(outputs)) : structure, what, out);
  return out;
}

class Reader {
 public:
  /// What cannot be read goes to `problems`; something empty stands for it.
  Reader(const std::vector<std::string>& outputs, const std::vector<std::string>& others, Problems& problems)
      : outputs_(outputs), others_(others), problems_(problems) {}

  template <class T, class Read>
  PerOutput<T> per_output(const Json& json, Read read_one) const {
    const auto read = [&](const Json& one) { return thoroughly<T>(one, read_one); };
    if (is_one(json)) return PerOutput<T>(read(json));
    if (json.is_array()) {
      std::vector<T> list;
      for (const Json& one : json.items()) list.push_back(read(one));
      return PerOutput<T>(std::move(list));
    }
    std::map<std::string, T> named;
    for (const auto& [key, one] : json.members()) named.emplace(output_name(key), read(one));
    return PerOutput<T>(std::move(named));
  }

  MetricLists metrics(const Json* json, const Json& structure) const {
    if (!json || json->is_null()) return {};
    const bool as_outputs = json->is_array() ? json->size() != outputs_.size()
                                             : structure.is_object() && detail::keys_of(structure).empty();
    if (!structure.is_null() && outputs_.size() > 1 && as_outputs) {
      std::vector<std::vector<Metric>> lists;
      add_lists(*json, structure, lists);
      return MetricLists::by_position(std::move(lists));
    }
    if (json->is_object() && !is_one(*json)) {
      std::map<std::string, std::vector<Metric>> named;
      for (const auto& [key, list] : json->members()) named.emplace(output_name(key), metric_list(list));
      return MetricLists(std::move(named));
    }
    const bool nested =
        json->is_array() && std::any_of(json->items().begin(), json->items().end(),
                                        [](const Json& item) { return item.is_array() || item.is_null(); });
    if (!nested || (outputs_.size() == 1 && json->size() != 1)) return MetricLists(metric_list(*json));
    if (json->size() != outputs_.size()) {
      throw InvalidArgument(
          message("metrics: expected a list for each of ", outputs_.size(), " outputs, got ", json->size(), "."));
    }
    std::vector<std::vector<Metric>> lists;
    for (const Json& list : json->items()) lists.push_back(metric_list(list));
    return MetricLists::by_position(std::move(lists));
  }

 private:
  /// For each output, by the alphabet of dicts, what stands in its place of what is nested as the outputs are.
  void add_lists(const Json& given, const Json& structure, std::vector<std::vector<Metric>>& out) const {
    const Json* tuple = given.is_object() ? items_of(given) : nullptr;
    const Json& json = tuple ? *tuple : given;
    const auto refuse = [&] {
      throw NotSupported(message("metrics: expected them to be nested as the outputs are, got ",
                                 given.dump().substr(0, 80), ". Give a list of metrics for each output."));
    };
    if (const Json* items = items_of(structure)) {
      if (!json.is_null() && (!json.is_array() || json.size() != items->size())) refuse();
      for (size_t i = 0; i < items->size(); ++i) add_lists(json.is_null() ? Json() : json.at(i), items->at(i), out);
    } else if (structure.is_object()) {
      if (!json.is_null() && !detail::is_dictionary(json)) refuse();
      std::map<std::string, const Json*> by_the_alphabet;
      for (const auto& [key, inside] : structure.members()) by_the_alphabet[key] = &inside;
      for (const auto& [key, inside] : by_the_alphabet) {
        const Json* found = json.find(key);
        add_lists(found ? *found : Json(), *inside, out);
      }
    } else {
      out.push_back(metric_list(json));
    }
  }

  /// One metric or a list of them, nested as tf_keras does it.
  std::vector<Metric> metric_list(const Json& json) const {
    if (json.is_null()) return {};
    if (!json.is_array()) return {thoroughly<Metric>(json, Metric::from_json)};
    std::vector<Metric> out;
    for (const Json& item : json.items()) {
      for (Metric& metric : metric_list(item)) out.push_back(std::move(metric));
    }
    return out;
  }

  std::string output_name(const std::string& key) const {
    if (std::find(outputs_.begin(), outputs_.end(), key) != outputs_.end()) return key;
    const auto at = static_cast<size_t>(std::find(others_.begin(), others_.end(), key) - others_.begin());
    return others_.size() == outputs_.size() && at < others_.size() ? outputs_[at] : key;
  }

  template <class T, class Read>
  T thoroughly(const Json& json, Read read) const {
    T out{};
    run_thoroughly(
        json, [&](const Json& one) { out = read(one); }, problems_);
    return out;
  }

  const std::vector<std::string>& outputs_;
  const std::vector<std::string>& others_;
  Problems& problems_;
};

}  // namespace

Json compile_config(const CompileOptions& options, const std::vector<std::string>& outputs, const Json& structure) {
  if (!is_known(options.optimizer)) return {};
  Json weights = per_output_to_json(options.loss_weights);
  if (weights.is_number() && outputs.size() > 1) weights = Json(Json::Array(outputs.size(), weights));
  return Json::object({{"optimizer", options.optimizer.to_json()},
                       {"loss", per_output_to_json(options.loss)},
                       {"loss_weights", std::move(weights)},
                       {"metrics", metric_lists_to_json(options.metrics, outputs, structure)},
                       {"weighted_metrics", metric_lists_to_json(options.weighted_metrics, outputs, structure)},
                       {"run_eagerly", false},
                       {"steps_per_execution", 1},
                       {"jit_compile", false}});
}

std::vector<std::string> missing_parts(const CompileOptions& options) {
  std::vector<std::string> out;
  const auto add = [&](const char* what, const auto& one) {
    if (const std::string name = one.missing(); !name.empty()) out.push_back(message("the ", what, " '", name, "'"));
  };
  for (const Loss& loss : options.loss.list()) add("loss", loss);
  for (const auto& [output, loss] : options.loss.by_name()) add("loss", loss);
  for (const MetricLists* lists : {&options.metrics, &options.weighted_metrics}) {
    for (const Metric& metric : lists->all()) add("metric", metric);
    for (const auto& [output, metrics] : lists->by_name()) {
      for (const Metric& metric : metrics) add("metric", metric);
    }
    for (const std::vector<Metric>& metrics : lists->by_position()) {
      for (const Metric& metric : metrics) add("metric", metric);
    }
  }
  return out;
}

CompileOptions compile_options_from_json(const Json& json, const std::vector<std::string>& outputs,
                                         const std::vector<std::string>& others, const Json& structure) {
  Problems problems;
  const Reader reader(outputs, others, problems);
  CompileOptions options;
  const Json* optimizer = json.find("optimizer");
  if (optimizer && !optimizer->is_null()) {
    run_thoroughly(
        *optimizer, [&](const Json& one) { options.optimizer = Optimizer::from_json(one); }, problems);
  }
  const Json* loss = json.find("loss");
  if (!loss || loss->is_null()) {
    options.loss = Loss();  // one that fit refuses, until another one is given
  } else {
    problems.run([&] {
      options.loss = reader.per_output<Loss>(flat(*loss, structure, outputs.size(), "loss"), Loss::from_json);
    });
  }
  const Json* weights = json.find("loss_weights");
  if (weights && !weights->is_null()) {
    problems.run([&] {
      options.loss_weights =
          reader.per_output<double>(flat(*weights, structure, outputs.size(), "loss_weights"),
                                    [](const Json& one) { return one.is_null() ? 1.0 : one.as_double(); });
    });
  }
  problems.run([&] { options.metrics = reader.metrics(json.find("metrics"), structure); });
  problems.run([&] { options.weighted_metrics = reader.metrics(json.find("weighted_metrics"), structure); });
  problems.throw_all();
  return options;
}

}  // namespace hebb
