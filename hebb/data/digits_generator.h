/// The generator of handwritten-looking digits behind `data::digits()`: 28x28 grey images, white ink on black as
/// MNIST's.
///
/// Image `index` of a seed is a function of these two numbers alone, so images can be made in any order, on any number
/// of threads, and a longer data set begins with the images of a shorter one.
///
///     std::array<uint8_t, 784> pixels;
///     int digit = data::draw_digit(/*seed=*/1, /*index=*/0, pixels);
///
/// Each image takes one of several ways of writing a digit (`digits_glyphs.h`), lets the knots of its strokes wobble,
/// bends the whole, slants, turns, stretches and shifts it, and draws it with a pen of random width, pressure and ink.
#pragma once

#include <cstdint>
#include <span>

namespace hebb::data {

inline constexpr int64_t digit_size = 28;  ///< pixels of a side
inline constexpr int64_t digit_pixels = digit_size * digit_size;

/// Draws one digit into `pixels` (28 rows of 28) and returns which one it is, 0 to 9; all are equally likely.
int draw_digit(uint64_t seed, uint64_t index, std::span<uint8_t, 784> pixels);

/// Draws digits `first`, `first + 1`, ... on all threads: `images` takes 784 bytes and `labels` one byte for each of
/// `count`.
void draw_digits(uint64_t seed, uint64_t first, int64_t count, uint8_t* images, uint8_t* labels);

}  // namespace hebb::data
