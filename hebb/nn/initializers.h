/// Initializers: the first values of a layer's weights, with Keras's distributions.
///
///     Dense(20, {.kernel_initializer = "he_normal"})
///     Dense(20, {.kernel_initializer = RandomNormal({.stddev = 0.1, .seed = 3})})
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "hebb/base/json.h"
#include "hebb/tensor/tensor.h"

namespace hebb {

/// What an initializer does. Derive from it for one of your own.
class InitializerBase {
 public:
  virtual ~InitializerBase() = default;
  virtual std::string class_name() const = 0;
  virtual Json config() const = 0;
  /// float32 values. `seed` is the layer's; an initializer with a seed of its own uses that instead.
  virtual Tensor make(const Shape& shape, int64_t seed) const = 0;
};

/// A handle: a name as Keras has it (`"glorot_uniform"`, `"GlorotUniform"`) or an object. Empty: none.
class Initializer {
 public:
  Initializer() = default;
  Initializer(const char* name) : Initializer(std::string(name)) {}
  Initializer(const std::string& name);  ///< InvalidArgument for an unknown name
  Initializer(std::shared_ptr<const InitializerBase> object) : object_(std::move(object)) {}

  explicit operator bool() const { return object_ != nullptr; }
  const InitializerBase* operator->() const { return object_.get(); }

  /// Keras's serialized form, and back.
  Json to_json() const;
  static Initializer from_json(const Json& json);

 private:
  std::shared_ptr<const InitializerBase> object_;
};

}  // namespace hebb
