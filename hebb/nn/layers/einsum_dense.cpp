#include "hebb/nn/layers/einsum_dense.h"

#include <algorithm>
#include <cctype>

#include "hebb/nn/layers/low_rank.h"
#include "hebb/nn/layers/table.h"
#include "hebb/ops/einsum.h"
#include "hebb/ops/elementwise.h"

namespace hebb {

namespace {

struct EinsumDenseArguments : EinsumDenseOptions {
  std::vector<int64_t> output_shape;
  std::string equation;
};

/// "[x],[kernel]->[output]" in its parts, and where "..." stands.
struct Equation {
  std::string input, kernel, output;
  bool left = false, right = false;  ///< axes that stay as they are, before or behind the letters
};

bool all_letters(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isalpha(c) != 0; });
}

/// Takes "..." from the front or the end; whether it was there.
bool take_dots(std::string& text, bool front) {
  if (front ? !text.starts_with("...") : !text.ends_with("...")) return false;
  text.erase(front ? 0 : text.size() - 3, 3);
  return true;
}

/// Nothing where the equation has another form.
std::optional<Equation> parsed(const std::string& text) {
  const size_t comma = text.find(','), arrow = text.find("->");
  if (comma == std::string::npos || arrow == std::string::npos || arrow < comma) return {};
  Equation e{text.substr(0, comma), text.substr(comma + 1, arrow - comma - 1), text.substr(arrow + 2)};
  e.left = take_dots(e.input, true);
  e.right = !e.left && take_dots(e.input, false);
  const bool same = (!e.left || take_dots(e.output, true)) && (!e.right || take_dots(e.output, false));
  if (!same || !all_letters(e.input) || !all_letters(e.kernel) || !all_letters(e.output)) return {};
  if (e.right && e.input.size() < 2) return {};  // the batch, and something to sum over
  return e;
}

/// What Keras makes of an equation for an input: the shapes of the weights, and which of the kernel's axes are whose.
struct Analysis {
  std::vector<int64_t> kernel, bias;
  std::vector<int64_t> input_axes, output_axes;
};

class EinsumDenseLayer final : public LowRankLayer<EinsumDenseLayer, EinsumDenseArguments> {
 public:
  static constexpr const char* keras_name = "EinsumDense";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit.required("output_shape", a.output_shape);
    visit.required("equation", a.equation);
    visit("activation", a.activation);
    visit("bias_axes", a.bias_axes);
    visit("kernel_initializer", a.kernel_initializer);
    visit("bias_initializer", a.bias_initializer);
    visit("kernel_regularizer", a.kernel_regularizer);
    visit("bias_regularizer", a.bias_regularizer);
    visit("activity_regularizer", a.activity_regularizer);
    visit("kernel_constraint", a.kernel_constraint);
    visit("bias_constraint", a.bias_constraint);
    visit.fixed("quantization_config", nullptr);
    read_lora(visit, a);
  }

  explicit EinsumDenseLayer(EinsumDenseArguments given) : LowRankLayer(std::move(given), true) {
    const std::optional<Equation> equation = parsed(arguments().equation);
    require(equation.has_value(),
            message("expected an equation \"[X],[Y]->[Z]\", \"...[X],[Y]->...[Z]\" or \"[X]...,[Y]->[Z]...\", got \"",
                    arguments().equation, "\". Give the input's axes, the kernel's and the output's a letter each."));
    equation_ = *equation;
    input_rule_ = {.min_rank = static_cast<int>(equation_.input.size())};
    if (!equation_.left && !equation_.right) input_rule_.rank = static_cast<int>(equation_.input.size());
    input_rule_.axes = "(" + arguments().equation.substr(0, arguments().equation.find(',')) + ")";
  }

  void check_shapes(const std::vector<Shape>& inputs) const override {
    if (inputs.size() == 1) check_kernel(analysed(inputs.front()), inputs.front());
  }

  using LayerBase::build;
  void build(const Shape& input) override {
    const auto& a = arguments();
    const Analysis found = analysed(input);
    kernel_ =
        add_weight("kernel", Shape(found.kernel), with_axes(a.kernel_initializer, found.input_axes, found.output_axes),
                   {.regularizer = a.kernel_regularizer, .constraint = a.kernel_constraint});
    if (a.bias_axes)
      bias_ = add_weight("bias", Shape(found.bias), a.bias_initializer,
                         {.regularizer = a.bias_regularizer, .constraint = a.bias_constraint});
    make_product(kernel_, "lora_kernel", a.kernel_regularizer, a.kernel_constraint);
    input_rule_.rank = input.rank();
  }

  using LayerBase::call;
  Tensor call(const Tensor& x) override {
    Tensor y = einsum(arguments().equation, x, with_product(kernel_));
    if (bias_.defined()) y = y + bias_;
    return arguments().activation(y);
  }

 private:
  /// The output's shape: what is given, with the batch in front and the axes that stay where they stand.
  std::vector<int64_t> output_of(const Shape& input) const {
    const int elided = input.rank() - static_cast<int>(equation_.input.size());
    std::vector<int64_t> out = arguments().output_shape;
    out.insert(out.begin(), input.front());
    for (int i = 1; equation_.left && i < elided; ++i) out.insert(out.begin() + 1, input[i]);
    for (int i = input.rank() - elided; equation_.right && i < input.rank(); ++i) out.push_back(input[i]);
    return out;
  }

  Analysis analysed(const Shape& input) const {
    const Equation& e = equation_;
    const int elided = input.rank() - static_cast<int>(e.input.size());
    const int in_front = e.left ? elided : 0;
    const std::vector<int64_t> out = output_of(input);
    require(out.size() == e.output.size() + static_cast<size_t>(elided),
            message("expected an output_shape of ", e.output.size() - (in_front > 0 ? 0 : 1), " sizes for \"",
                    arguments().equation, "\", got ", arguments().output_shape.size(),
                    ". Give one for each letter of the output but the batch."));
    const auto in_size = [&](char axis) { return input[static_cast<int>(e.input.find(axis)) + in_front]; };
    const auto out_size = [&](char axis) { return out[e.output.find(axis) + static_cast<size_t>(in_front)]; };
    for (const char axis : e.input) {
      if (e.output.find(axis) == std::string::npos) continue;
      const int64_t in = in_size(axis), wanted = out_size(axis);
      require(wanted == Shape::unknown || in == Shape::unknown || wanted == in,
              message("expected an input of size ", wanted, " along '", axis, "', which the output shares, got ", input,
                      ". Give output_shape ", in, " there, or -1 for whatever comes."));
    }
    for (const char axis : e.output) {
      require((e.input + e.kernel).find(axis) != std::string::npos,
              message("expected '", axis, "' of the output in the input or the kernel, got \"", arguments().equation,
                      "\". Leave it out, or name it there."));
    }
    Analysis found;
    for (size_t i = 0; i < e.kernel.size(); ++i) {
      const char axis = e.kernel[i];
      const bool in_output = e.output.find(axis) != std::string::npos;
      require(in_output || e.input.find(axis) != std::string::npos,
              message("expected '", axis, "' of the kernel in the input or the output, got \"", arguments().equation,
                      "\". Its size would be unknown."));
      found.kernel.push_back(in_output ? out_size(axis) : in_size(axis));
      (in_output ? found.output_axes : found.input_axes).push_back(static_cast<int64_t>(i));
    }
    if (arguments().bias_axes) add_bias(found, out_size);
    for (int i = 0; arguments().bias_axes && !e.left && i < elided; ++i) found.bias.push_back(1);
    return found;
  }

  /// The bias stands along the output's axes from its first one on, with size 1 where it has none.
  template <class SizeOf>
  void add_bias(Analysis& found, SizeOf out_size) const {
    const std::string &axes = *arguments().bias_axes, &output = equation_.output;
    size_t first = output.size();
    for (const char axis : axes) {
      require(output.find(axis) != std::string::npos, message("expected bias_axes from the output '", output,
                                                              "', got '", axes, "'. Leave out what is not in it."));
      first = std::min(first, output.find(axis));
    }
    for (size_t i = first; i < output.size(); ++i)
      found.bias.push_back(axes.find(output[i]) == std::string::npos ? 1 : out_size(output[i]));
  }

  void check_kernel(const Analysis& found, const Shape& input) const {
    if (!kernel_.defined() || Shape(found.kernel) == kernel_.shape()) return;
    require(std::count(found.kernel.begin(), found.kernel.end(), Shape::unknown) > 0,
            message("expected an input that fits its kernel ", kernel_.shape(), ", got ", input,
                    ". Make a new layer for inputs of this shape."));
  }

  /// A variance that depends on the numbers of inputs and outputs counts those of the equation.
  static Initializer with_axes(const Initializer& initializer, const std::vector<int64_t>& input_axes,
                               const std::vector<int64_t>& output_axes) {
    Json json = initializer.to_json();
    const Json* config = json.find("config");
    const Json* axes = config && config->is_object() ? config->find("input_axes") : nullptr;
    if (!axes || !axes->is_null()) return initializer;
    Json counted = *config;
    counted.set("input_axes", Json(input_axes));
    counted.set("output_axes", Json(output_axes));
    json.set("config", counted);
    return Initializer::from_json(json);
  }

  Equation equation_;
  Tensor kernel_, bias_;
};

}  // namespace

Layer EinsumDense(const std::string& equation, const std::vector<int64_t>& output_shape,
                  const EinsumDenseOptions& options) {
  return make_layer<EinsumDenseLayer>(EinsumDenseArguments{options, output_shape, equation});
}

Layer detail::einsum_dense_from_config(const Json& config) { return EinsumDenseLayer::from_config(config); }

}  // namespace hebb
