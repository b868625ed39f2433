#include "hebb/tensor/texts.h"

#include "hebb/base/error.h"
#include "hebb/base/text.h"

namespace hebb {

Tensor texts(std::vector<std::string> values, const Shape& shape) {
  const auto count = static_cast<int64_t>(values.size());
  if (shape.elements() != count) {
    throw InvalidArgument(
        message("texts: expected ", shape.elements(), " values for the shape ", shape, ", got ", count, "."));
  }
  const auto owner = std::make_shared<const std::vector<std::string>>(std::move(values));
  Tensor out = Tensor::empty(shape, DType::string);
  auto* elements = static_cast<const std::string**>(out.mutable_raw());
  for (size_t i = 0; i < owner->size(); ++i) elements[i] = &(*owner)[i];
  keep_texts(out, owner);
  return out;
}

Tensor texts(std::vector<std::string> values) {
  const auto count = static_cast<int64_t>(values.size());
  return texts(std::move(values), Shape{count});
}

const std::string* const* text_elements(const Tensor& tensor) {
  if (tensor.dtype() != DType::string) {
    throw InvalidArgument(message("expected texts, got ", tensor.spec(), ". Make them with texts({\"...\"})."));
  }
  return static_cast<const std::string* const*>(tensor.raw());
}

const std::string& text_of(const std::string* element) {
  static const std::string empty;
  return element ? *element : empty;
}

std::vector<std::string> to_texts(const Tensor& tensor) {
  const std::string* const* elements = text_elements(tensor);
  std::vector<std::string> out;
  out.reserve(static_cast<size_t>(tensor.size()));
  for (int64_t i = 0; i < tensor.size(); ++i) out.push_back(text_of(elements[i]));
  return out;
}

void keep_texts(Tensor& copied, std::shared_ptr<const void> owner) {
  if (copied.dtype() == DType::string) copied.body()->buffer->keep(std::move(owner));
}

Tensor reshaped_texts(const Tensor& tensor, const Shape& shape) {
  text_elements(tensor);
  if (shape.elements() != tensor.size()) {
    throw InvalidArgument(message("reshape: expected a shape of ", tensor.size(), " elements, got ", shape, "."));
  }
  auto body = std::make_shared<TensorBody>();
  body->spec = {shape, DType::string};
  body->buffer = tensor.body()->buffer;
  return Tensor(std::move(body));
}

}  // namespace hebb
