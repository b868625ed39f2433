#include "hebb/zoo/targets.h"

#include <algorithm>
#include <cmath>

#include "hebb/base/error.h"
#include "hebb/base/text.h"

namespace hebb::zoo {

namespace {

/// What one look at all targets tells.
struct Look {
  int64_t rows = 0, columns = 0;
  double least = 0, most = 0;
  bool whole = true;          // all are whole numbers
  bool bits = true;           // all are 0 or 1
  bool distributions = true;  // the rows are not negative, and sum to 1

  explicit Look(const Spec& targets) {
    if (targets.shape.rank() < 1 || targets.shape.rank() > 2) {
      throw InvalidArgument(
          message("targets: expected one number for each example, (n,), or a row of numbers, (n, k), got ", targets,
                  ". Built-in architectures learn nothing else."));
    }
    columns = targets.shape.rank() == 1 ? 1 : targets.shape.back();
    if (columns == 0)
      throw InvalidArgument(message("targets: expected at least one number for each example, got ", targets, "."));
  }

  /// The next rows.
  void add(const Tensor& targets) {
    with_type(targets.dtype(), [&](auto zero) {
      const auto* values = targets.data<decltype(zero)>();
      for (const int64_t end = rows + targets.shape().front(); rows < end; ++rows) {
        double sum = 0;
        for (int64_t column = 0; column < columns; ++column) {
          const auto value = static_cast<double>(*values++);
          if (!std::isfinite(value)) {
            throw InvalidArgument(message("targets: expected numbers, got ", value, " for example ", rows,
                                          " (counted from 0). Leave out examples whose target is not known."));
          }
          least = rows + column == 0 ? value : std::min(least, value);
          most = rows + column == 0 ? value : std::max(most, value);
          whole &= value == std::floor(value);
          bits &= value == 0 || value == 1;
          distributions &= value >= 0;
          sum += value;
        }
        constexpr double rounding = 1e-3;  // of float32 rows
        distributions &= std::abs(sum - 1) < rounding;
      }
    });
  }
};

Look look_at(const Tensor& targets) {
  Look look(targets.spec());
  look.add(targets);
  return look;
}

/// The i-th target as an array, without its numbers.
Spec target_spec(const data::Dataset& data, int64_t i) {
  const Spec& spec = data.source().components()[static_cast<size_t>(data.source().inputs() + i)];
  return {spec.shape.with(0, data.size()), spec.dtype};
}

/// Data that is not in memory is read once, in pieces.
Look look_at(const data::Dataset& data, int64_t i) {
  if (!data.source().arrays().empty()) return look_at(data.y(static_cast<size_t>(i)));
  Look look(target_spec(data, i));
  constexpr int64_t most_numbers = 1 << 20;
  const int64_t step = std::max<int64_t>(1, most_numbers / look.columns);
  for (int64_t at = 0; at < data.size(); at += step)
    look.add(data.rows(data.source().inputs() + i, at, std::min(at + step, data.size())));
  return look;
}

/// The number of classes that class numbers tell; InvalidArgument where they cannot be class numbers.
int64_t classes_of(const Look& look) {
  constexpr const char* remedy = " If they are quantities, learn them with the loss mse.";
  if (!look.whole) {
    throw InvalidArgument(message("targets: expected class numbers, got numbers that are not whole, from ", look.least,
                                  " to ", look.most, ".", remedy));
  }
  if (look.least < 0) {
    throw InvalidArgument(message("targets: expected class numbers from 0 on, got ", look.least,
                                  ". Number the classes 0, 1, 2, ...", remedy));
  }
  // A few examples may come from many classes, but classes without any example cannot be learnt.
  constexpr double always_allowed = 1000;
  if (look.most + 1 > std::max(always_allowed, static_cast<double>(look.rows))) {
    throw InvalidArgument(message("targets: expected class numbers, got numbers up to ", look.most,
                                  ": more classes than the ", look.rows, " examples. Number the classes 0, 1, 2, ...",
                                  remedy));
  }
  return std::max<int64_t>(static_cast<int64_t>(look.most) + 1, 2);
}

bool starts_with(const std::string& text, const char* start) { return text.rfind(start, 0) == 0; }

TargetKind kind_of(const Look& look, const Loss& loss) {
  if (loss) {
    const std::string name = loss->class_name();
    if (starts_with(name, "SparseCategorical")) return {Head::labels, classes_of(look)};
    if (starts_with(name, "Categorical")) return {Head::one_hot, look.columns > 1 ? look.columns : classes_of(look)};
    if (starts_with(name, "Binary")) return {Head::flags, look.columns};
    return {Head::numbers, look.columns};
  }
  if (look.columns > 1) {
    if (look.distributions) return {Head::one_hot, look.columns};
    return {look.bits ? Head::flags : Head::numbers, look.columns};
  }
  if (!look.whole) return {Head::numbers, 1};
  return {Head::labels, classes_of(look)};
}

/// `look_at_them` is called where the numbers decide.
template <class LookAtThem>
std::string suggested(const Shape& output, const Spec& targets, LookAtThem look_at_them) {
  const bool real = is_floating(targets.dtype);
  if (targets.shape.rank() < 1 || targets.shape.rank() > 2) {
    // Sequences and images: their rank tells whether there is a class number or a row for each position.
    if (targets.shape.rank() == output.rank() && targets.shape.back() == output.back())
      return output.back() > 1 ? "categorical_crossentropy" : real ? "mse" : "binary_crossentropy";
    return real ? "mse" : "sparse_categorical_crossentropy";
  }
  const Look look = look_at_them();
  if (output.back() == 1) return look.bits ? "binary_crossentropy" : "mse";
  if (look.columns > 1) {
    if (look.distributions) return "categorical_crossentropy";
    return look.bits ? "binary_crossentropy" : "mse";
  }
  return look.whole ? "sparse_categorical_crossentropy" : "mse";
}

}  // namespace

TargetKind kind_of_targets(const Tensor& targets, const Loss& loss) { return kind_of(look_at(targets), loss); }

MakeOptions options_for(const data::Dataset& data, const Loss& loss) {
  if (data.empty()) throw InvalidArgument("expected data with at least one example, got none.");
  const Spec& input = data.source().components().front();
  if (data.source().targets() < 1) throw InvalidArgument("expected data with targets, got inputs alone.");
  const TargetKind kind = kind_of(look_at(data, 0), loss);
  return {.input_shape = input.shape, .classes = kind.units, .bytes = input.dtype == DType::uint8, .head = kind.head};
}

std::string suggested_loss(const Shape& output, const Tensor& targets) {
  return suggested(output, targets.spec(), [&] { return look_at(targets); });
}

std::string suggested_loss(const Shape& output, const data::Dataset& data, int64_t target) {
  return suggested(output, target_spec(data, target), [&] { return look_at(data, target); });
}

}  // namespace hebb::zoo
