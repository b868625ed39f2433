/// Tensors of texts: what layers that take texts (TextVectorization, StringLookup) are given.
///
///     Tensor x = texts({"a good film", "a bad one"});        // string(2)
///     to_texts(x)[1];                                        // "a bad one"
///
/// An element points to a text that the tensor keeps alive: copies of a tensor, its rows and its batches share the
/// texts. No operation computes with them, and no plan holds them; layers that take texts do their work before a plan
/// is run. Texts are bytes: UTF-8 where a layer looks at characters.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "hebb/tensor/tensor.h"

namespace hebb {

/// A tensor of these texts; InvalidArgument unless there are as many as the shape has. Without a shape: a vector.
Tensor texts(std::vector<std::string> values, const Shape& shape);
Tensor texts(std::vector<std::string> values);

/// All elements; InvalidArgument unless the tensor is of texts.
std::vector<std::string> to_texts(const Tensor& tensor);

/// The elements where they are: `size()` pointers, null for an empty text. Valid while the tensor lives.
const std::string* const* text_elements(const Tensor& tensor);
/// The text behind an element.
const std::string& text_of(const std::string* element);

/// Makes a tensor whose elements were copied from others' keep alive what those point to. Nothing for numbers.
void keep_texts(Tensor& copied, std::shared_ptr<const void> owner);

/// The same texts in another shape of as many elements.
Tensor reshaped_texts(const Tensor& tensor, const Shape& shape);

}  // namespace hebb
