#include "hebb/tensor/tensor.h"

#include <cstring>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/tensor/texts.h"

namespace hebb {

namespace {

std::shared_ptr<TensorBody> make_body(const Spec& spec) {
  auto body = std::make_shared<TensorBody>();
  body->spec = spec;
  body->buffer = Buffer::allocate(spec.bytes());
  // Pointers: to nothing until they are set.
  if (spec.dtype == DType::string) std::memset(body->buffer->data(), 0, static_cast<size_t>(spec.bytes()));
  return body;
}

template <class T>
void fill(void* data, int64_t count, double value) {
  std::fill_n(static_cast<T*>(data), count, as_number<T>(value));
}

}  // namespace

Tensor::Tensor(std::initializer_list<float> values)
    : Tensor(from(values, Shape{static_cast<int64_t>(values.size())})) {}

Tensor Tensor::from(std::initializer_list<float> values, const Shape& shape) {
  return copy_of(DType::float32, values.begin(), static_cast<int64_t>(values.size()), shape);
}

Tensor Tensor::from(const std::vector<bool>& values, const Shape& shape) {
  const std::vector<uint8_t> bytes(values.begin(), values.end());
  return copy_of(DType::boolean, bytes.data(), static_cast<int64_t>(bytes.size()), shape);
}

Tensor Tensor::copy_of(DType dtype, const void* values, int64_t count, const Shape& shape) {
  if (shape.elements() != count) {
    throw InvalidArgument(
        message("Tensor::from: expected ", shape.elements(), " values for the shape ", shape, ", got ", count, "."));
  }
  Tensor out = empty(shape, dtype);
  if (count > 0) std::memcpy(out.mutable_raw(), values, static_cast<size_t>(out.spec().bytes()));
  return out;
}

Tensor Tensor::empty(const Spec& spec) { return Tensor(make_body(spec)); }

Tensor Tensor::scalar(double value, DType dtype) { return full({}, value, dtype); }

const Spec& Tensor::spec() const {
  if (!body_) throw InvalidArgument("a tensor is used that was never set. Give it a value first.");
  return body_->spec;
}

const std::string& Tensor::name() const {
  static const std::string none;
  return body_ ? body_->name : none;
}

const void* Tensor::raw() const {
  const Spec& known = spec();
  if (!body_->buffer) {
    throw InvalidArgument(message("the elements of ", known, " are not known yet: it is ",
                                  body_->symbol
                                      ? "a symbolic tensor, made by Input() or a layer call. Make a Model of it and "
                                        "call predict()."
                                      : "part of a graph that is being traced. Return it from the traced function."));
  }
  if (!body_->layout) return body_->buffer->data();
  // A variable in a kernel's own order: readers get the plain order, once for each version.
  struct Plain {
    std::weak_ptr<TensorBody> owner;
    uint64_t version = 0;
    std::shared_ptr<Buffer> buffer;
  };
  thread_local std::vector<Plain> cache;
  std::erase_if(cache, [](const Plain& plain) { return plain.owner.expired(); });
  for (Plain& plain : cache) {
    if (plain.owner.lock() != body_) continue;
    if (plain.version != body_->version) {
      body_->layout->unpack(body_->buffer->data(), plain.buffer->data());
      plain.version = body_->version;
    }
    return plain.buffer->data();
  }
  cache.push_back({body_, body_->version, Buffer::allocate(known.bytes())});
  body_->layout->unpack(body_->buffer->data(), cache.back().buffer->data());
  return cache.back().buffer->data();
}

void* Tensor::mutable_raw() {
  if (is_variable())
    throw InvalidArgument("a variable's elements are changed by assign(), not through mutable_data().");
  return const_cast<void*>(raw());
}

const void* Tensor::checked_data(DType wanted) const {
  if (dtype() != wanted) {
    throw InvalidArgument(message("data<T>: expected T to be ", dtype(), ", the tensor's type, got ", wanted,
                                  ". Use to_vector<T>() to convert."));
  }
  return raw();
}

void* Tensor::checked_mutable_data(DType wanted) {
  checked_data(wanted);
  return mutable_raw();
}

template <class T>
std::vector<T> Tensor::to_vector() const {
  const void* source = raw();
  const auto count = static_cast<size_t>(size());
  std::vector<T> out(count);
  with_any_type(dtype(), [&](auto zero) {
    const auto* values = static_cast<const decltype(zero)*>(source);
    for (size_t i = 0; i < count; ++i) out[i] = as_number<T>(values[i]);
  });
  return out;
}

template std::vector<float> Tensor::to_vector() const;
template std::vector<double> Tensor::to_vector() const;
template std::vector<int32_t> Tensor::to_vector() const;
template std::vector<int64_t> Tensor::to_vector() const;
template std::vector<uint8_t> Tensor::to_vector() const;
template std::vector<bool> Tensor::to_vector() const;

double Tensor::item() const {
  if (size() != 1) {
    throw InvalidArgument(
        message("item(): expected a tensor of one element, got ", spec(), ". Reduce it first, or use data()."));
  }
  const void* source = raw();
  return with_any_type(dtype(),
                       [&](auto zero) { return as_number<double>(*static_cast<const decltype(zero)*>(source)); });
}

std::string Tensor::to_string() const {
  if (!defined()) return "undefined";
  std::string out = spec().to_string();
  if (!is_concrete()) return out + (is_symbolic() ? " (symbolic)" : " (traced)");
  const bool is_text = dtype() == DType::string;
  const std::vector<std::string> words = is_text ? to_texts(*this) : std::vector<std::string>();
  const std::vector<double> values = is_text ? std::vector<double>() : to_vector<double>();
  constexpr int64_t most = 8;  // items shown of an axis
  size_t at = 0;
  auto show = [&](auto&& self, int axis) -> void {
    if (axis == rank()) {
      if (is_text) {
        out += '"' + words[at] + '"';
      } else {
        const double value = values[at];
        out += number_text(dtype() == DType::float32 ? static_cast<double>(static_cast<float>(value)) : value);
      }
      ++at;
      return;
    }
    const int64_t count = shape()[axis];
    const auto below = static_cast<size_t>(shape().sub(axis + 1, rank()).elements());
    out += '[';
    for (int64_t i = 0; i < count; ++i) {
      if (i > 0) out += ", ";
      if (count > most && i == most / 2) {
        out += "..., ";
        const int64_t skipped = count - most;
        i += skipped;
        at += static_cast<size_t>(skipped) * below;
      }
      self(self, axis + 1);
    }
    out += ']';
  };
  out += ' ';
  show(show, 0);
  return out;
}

Tensor variable(const Tensor& initial, const std::string& name, bool trainable) {
  if (initial.dtype() == DType::string)
    throw InvalidArgument(message("variable: expected numbers, got ", initial.spec(), ". Texts are inputs alone."));
  auto body = make_body(initial.spec());
  std::memcpy(body->buffer->data(), initial.raw(), static_cast<size_t>(initial.spec().bytes()));
  body->variable = true;
  body->trainable = trainable;
  body->name = name;
  return Tensor(std::move(body));
}

void write_variable(const Tensor& variable, const Tensor& value) {
  if (!variable.is_variable()) {
    throw InvalidArgument(
        message("only a variable can be assigned to, got ", variable.spec(), ". Make it with variable()."));
  }
  if (variable.spec() != value.spec()) {
    throw InvalidArgument(
        message("assign to variable '", variable.name(), "': expected ", variable.spec(), ", got ", value.spec(), "."));
  }
  TensorBody& body = *variable.body();
  const void* source = value.raw();
  if (body.layout) {
    body.layout->pack(source, body.buffer->data());
  } else {
    std::memmove(body.buffer->data(), source, static_cast<size_t>(body.spec.bytes()));
  }
  ++body.version;
}

void set_variable_layout(const Tensor& variable, const LayoutPtr& layout) {
  TensorBody& body = *variable.body();
  if (same_layout(body.layout, layout)) return;
  auto packed = Buffer::allocate(layout ? layout->bytes() : body.spec.bytes());
  const void* plain = variable.raw();
  if (layout) {
    layout->pack(plain, packed->data());
  } else {
    std::memcpy(packed->data(), plain, static_cast<size_t>(body.spec.bytes()));
  }
  body.buffer = std::move(packed);
  body.layout = layout;
  ++body.version;
}

void replace_variable(const Tensor& variable, const Tensor& value) {
  if (!variable.is_variable() || variable.shape() != value.shape()) {
    throw InvalidArgument(message("replace_variable: expected a variable and a value of its shape, got ",
                                  variable.spec(), " and ", value.spec(), "."));
  }
  const void* source = value.raw();
  TensorBody& body = *variable.body();
  auto buffer = Buffer::allocate(value.spec().bytes());
  std::memcpy(buffer->data(), source, static_cast<size_t>(value.spec().bytes()));
  body.spec = value.spec();
  body.buffer = std::move(buffer);
  body.layout = nullptr;
  body.trainable = body.trainable && !is_stored_type(value.dtype());
  ++body.version;
}

Tensor zeros(const Shape& shape, DType dtype) { return full(shape, 0, dtype); }

Tensor ones(const Shape& shape, DType dtype) { return full(shape, 1, dtype); }

Tensor full(const Shape& shape, double value, DType dtype) {
  Tensor out = Tensor::empty(shape, dtype);
  with_any_type(dtype, [&](auto zero) { fill<decltype(zero)>(out.mutable_raw(), out.size(), value); });
  return out;
}

Tensor arange(int64_t count, DType dtype) {
  Tensor out = Tensor::empty({count}, dtype);
  with_type(dtype, [&](auto zero) {
    auto* values = static_cast<decltype(zero)*>(out.mutable_raw());
    for (int64_t i = 0; i < count; ++i) values[i] = static_cast<decltype(zero)>(i);
  });
  return out;
}

}  // namespace hebb
