/// Regularizers: penalties on weights or activations that are added to the loss. L2: Hoerl and Kennard 1970 (ridge
/// regression), Krogh and Hertz 1992 (weight decay). L1: Tibshirani 1996. Both: Zou and Hastie 2005.
///
///     Dense(20, {.kernel_regularizer = L2(0.01)})
#pragma once

#include <memory>
#include <string>

#include "hebb/base/json.h"
#include "hebb/tensor/tensor.h"

namespace hebb {

class RegularizerBase {
 public:
  virtual ~RegularizerBase() = default;
  virtual std::string class_name() const = 0;
  virtual Json config() const = 0;
  /// The penalty, a scalar.
  virtual Tensor penalty(const Tensor& x) const = 0;
};

/// A handle: a name (`"l1"`, `"l2"`, `"l1_l2"`, `"orthogonal_regularizer"`, with Keras's default factors) or an object.
/// Empty: none.
class Regularizer {
 public:
  Regularizer() = default;
  Regularizer(const char* name) : Regularizer(std::string(name)) {}
  Regularizer(const std::string& name);  ///< InvalidArgument for an unknown name
  Regularizer(std::shared_ptr<const RegularizerBase> object) : object_(std::move(object)) {}

  explicit operator bool() const { return object_ != nullptr; }
  const RegularizerBase* operator->() const { return object_.get(); }
  /// Keras's serialized form (null when empty), and back; also from a name.
  Json to_json() const;
  static Regularizer from_json(const Json& json);

 private:
  std::shared_ptr<const RegularizerBase> object_;
};

/// l1 * sum(|x|)
Regularizer L1(double l1 = 0.01);
/// l2 * sum(x^2)
Regularizer L2(double l2 = 0.01);
/// l1 * sum(|x|) + l2 * sum(x^2)
Regularizer L1L2(double l1 = 0, double l2 = 0);

struct OrthogonalRegularizerOptions {
  double factor = 0.01;
  std::string mode = "rows";  ///< or "columns": which vectors of the matrix are to be orthogonal
};
/// factor times the mean of |cosine| over all pairs of a matrix's rows or columns. InvalidArgument for what is no
/// matrix.
Regularizer OrthogonalRegularizer(const OrthogonalRegularizerOptions& options = {});

/// One row of the table of regularizers.
struct RegularizerRecord {
  std::string class_name;            ///< "L1L2"
  std::vector<std::string> aliases;  ///< "l1_l2"
  Regularizer (*from_config)(const Json& config);
  std::string doc;
};

const std::vector<RegularizerRecord>& regularizer_records();

}  // namespace hebb
