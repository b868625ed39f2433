// An explanation in words: each line a formula, the same with numbers, and the result.

#include <cmath>
#include <cstdio>

#include "hebb/base/text.h"
#include "hebb/nn/explanation.h"

namespace hebb {

namespace {

using Vector = ExplainedLayer::Vector;
using Matrix = ExplainedLayer::Matrix;

/// "w^2_13", "w^2_1,13", "a^1_2".
std::string variable_name(const char* letter, size_t layer, size_t i) {
  return message(letter, "^", layer, "_", i + 1);
}
std::string weight_name(size_t layer, size_t i, size_t j) {
  const bool long_index = i > 8 || j > 8;
  return message("w^", layer, "_", i + 1, long_index ? "," : "", j + 1);
}

/// A factor: negative ones in brackets.
std::string factor(double value) {
  const std::string text = explained_number(value);
  return value < 0 ? "(" + text + ")" : text;
}

std::string heading(const Explanation& all, size_t l) {
  return message("layer ", l + 2, " ('", all.layers[l].name, "', ", all.layers[l].activation, ")\n");
}

const Vector& inputs_of(const Explanation& all, size_t l) { return l == 0 ? all.x : all.layers[l - 1].a; }

std::string list_text(const Vector& values) {
  std::string text;
  for (const double value : values) text += (text.empty() ? "" : ", ") + explained_number(value);
  return "(" + text + ")";
}

}  // namespace

std::string explained_number(double value, int digits) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, "%.*g", digits, value == 0 ? 0 : value);  // no minus zero
  return buffer;
}

std::string Explanation::forward_text() const {
  std::string text;
  for (size_t j = 0; j < x.size(); ++j)
    text += message(variable_name("a", 1, j), " = x_", j + 1, " = ", explained_number(x[j]), "\n");
  for (size_t l = 0; l < layers.size(); ++l) {
    const ExplainedLayer& layer = layers[l];
    text += heading(*this, l);
    const Vector& before = inputs_of(*this, l);
    for (size_t i = 0; i < layer.z.size(); ++i) {
      std::string formula, numbers;
      for (size_t j = 0; j < before.size(); ++j) {
        formula += message(j > 0 ? " + " : "", weight_name(l + 2, i, j), " ", variable_name("a", l + 1, j));
        numbers += message(j > 0 ? " + " : "", factor(layer.w[i][j]), "*", factor(before[j]));
      }
      if (!layer.b.empty()) {
        formula += " + " + variable_name("b", l + 2, i);
        numbers += " + " + factor(layer.b[i]);
      }
      text += message("  ", variable_name("z", l + 2, i), " = ", formula, " = ", numbers, " = ",
                      explained_number(layer.z[i]), "\n");
    }
    for (size_t i = 0; i < layer.a.size(); ++i) {
      const std::string argument = layer.slope.empty() ? message("z^", l + 2) : variable_name("z", l + 2, i);
      text += message("  ", variable_name("a", l + 2, i), " = ", layer.activation, "(", argument, ")",
                      layer.slope.empty() ? message("_", i + 1) : "", " = ", explained_number(layer.a[i]), "\n");
    }
  }
  return text + message("error E = ", loss, " of a^", layers.size() + 1, " and t = ", list_text(target), " = ",
                        explained_number(error), "\n");
}

std::string Explanation::error_signal_text() const {
  std::string text;
  for (size_t l = layers.size(); l-- > 0;) {
    const ExplainedLayer& layer = layers[l];
    text += heading(*this, l);
    for (size_t i = 0; i < layer.delta.size(); ++i) {
      std::string formula, numbers;
      if (l + 1 < layers.size()) {
        const ExplainedLayer& next = layers[l + 1];
        for (size_t k = 0; k < next.delta.size(); ++k) {
          formula += message(k > 0 ? " + " : "", weight_name(l + 3, k, i), " ", variable_name("delta", l + 3, k));
          numbers += message(k > 0 ? " + " : "", factor(next.w[k][i]), "*", factor(next.delta[k]));
        }
      } else {
        formula = message("dE/da_", i + 1);
        numbers = explained_number(layer.back[i]);
      }
      const std::string name = variable_name("delta", l + 2, i), result = explained_number(layer.delta[i]);
      if (!layer.slope.empty()) {
        text += message("  ", name, " = (", formula, ") f'(", variable_name("z", l + 2, i), ") = (", numbers, ")*",
                        factor(layer.slope[i]), " = ", result, "\n");
      } else if (l + 1 == layers.size() && std::abs(layer.delta[i] - (layer.a[i] - target[i])) < 1e-6) {
        text += message("  ", name, " = dE/dz_", i + 1, " = ", variable_name("a", l + 2, i), " - t_", i + 1, " = ",
                        explained_number(layer.a[i]), " - ", factor(target[i]), " = ", result, "\n");
      } else {
        text += message("  ", name, " = sum over k of dE/da_k da_k/dz_", i + 1, " = ", result, "\n");
      }
    }
  }
  return text;
}

std::string Explanation::gradient_text() const {
  std::string text;
  for (size_t l = layers.size(); l-- > 0;) {
    const ExplainedLayer& layer = layers[l];
    const Vector& before = inputs_of(*this, l);
    text += heading(*this, l);
    for (size_t i = 0; i < layer.delta.size(); ++i) {
      for (size_t j = 0; j < before.size(); ++j) {
        text += message("  dE/d", weight_name(l + 2, i, j), " = ", variable_name("delta", l + 2, i), " ",
                        variable_name("a", l + 1, j), " = ", factor(layer.delta[i]), "*", factor(before[j]), " = ",
                        explained_number(layer.w_gradient[i][j]), "\n");
      }
      if (layer.b.empty()) continue;
      text += message("  dE/d", variable_name("b", l + 2, i), " = ", variable_name("delta", l + 2, i), " = ",
                      explained_number(layer.b_gradient[i]), "\n");
    }
  }
  return text;
}

std::string Explanation::update_text() const {
  std::string text;
  auto line = [&](const std::string& name, double before, double gradient, double after) {
    text += message("  ", name, " = ", explained_number(before), " - ", explained_number(learning_rate), "*",
                    factor(gradient), " = ", explained_number(after), "\n");
  };
  for (size_t l = 0; l < layers.size(); ++l) {
    const ExplainedLayer& layer = layers[l];
    text += heading(*this, l);
    for (size_t i = 0; i < layer.w.size(); ++i) {
      for (size_t j = 0; j < layer.w[i].size(); ++j)
        line(weight_name(l + 2, i, j), layer.w[i][j], layer.w_gradient[i][j], layer.w_after[i][j]);
      if (!layer.b.empty()) line(variable_name("b", l + 2, i), layer.b[i], layer.b_gradient[i], layer.b_after[i]);
    }
  }
  return text + message("error E with the new weights = ", explained_number(error_after),
                        " (before: ", explained_number(error), ")\n");
}

std::string Explanation::text() const {
  return message(model, ": one step of gradient descent, loss ", loss, ", learning rate ",
                 explained_number(learning_rate), "\nx = ", list_text(x), ", target t = ", list_text(target),
                 "\n\n1. Forward pass: z_i = sum of w_ij a_j + b_i, a_i = f(z_i), the input is layer 1\n",
                 forward_text(), "\n2. Error signals: delta_i = dE/dz_i, from the output back\n", error_signal_text(),
                 "\n3. Gradients: dE/dw_ij = delta_i a_j, dE/db_i = delta_i\n", gradient_text(),
                 "\n4. Update: w minus learning rate times dE/dw\n", update_text());
}

Json Explanation::to_json() const {
  auto list = [](const Vector& values) {
    Json out = Json::array();
    for (const double value : values) out.push_back(std::isfinite(value) ? Json(value) : Json());
    return out;
  };
  auto table = [&](const Matrix& rows) {
    Json out = Json::array();
    for (const Vector& row : rows) out.push_back(list(row));
    return out;
  };
  Json all = Json::array();
  for (const ExplainedLayer& layer : layers) {
    all.push_back(Json::object({{"name", layer.name},
                                {"activation", layer.activation},
                                {"w", table(layer.w)},
                                {"b", list(layer.b)},
                                {"z", list(layer.z)},
                                {"a", list(layer.a)},
                                {"delta", list(layer.delta)},
                                {"dE_da", list(layer.back)},
                                {"dE_dw", table(layer.w_gradient)},
                                {"dE_db", list(layer.b_gradient)},
                                {"w_after", table(layer.w_after)},
                                {"b_after", list(layer.b_after)}}));
  }
  return Json::object({{"model", model},
                       {"loss", loss},
                       {"learning_rate", learning_rate},
                       {"x", list(x)},
                       {"target", list(target)},
                       {"error", list({error}).at(size_t{0})},
                       {"error_after", list({error_after}).at(size_t{0})},
                       {"layers", all}});
}

}  // namespace hebb
