// The loops that tile_vnni.cpp and tile_avx2.cpp share, on the vectors of `Isa`: included behind its definition, inside
// of a namespace of that file's own and under its instruction set.

/// Four bytes of a row; fewer at its end.
inline int32_t four_terms(const uint8_t* x, int64_t count) {
  int32_t word = 0;
  std::memcpy(&word, x, static_cast<size_t>(count < terms_in_vector ? count : terms_in_vector));
  return word;
}

/// A part of a row of vectors, the last of which may be cut off.
inline Isa::Floats load(const float* from, int64_t left) {
  if (left >= Isa::lanes) return Isa::load(from);
  alignas(64) float some[Isa::lanes] = {};
  std::memcpy(some, from, static_cast<size_t>(left) * sizeof(float));
  return Isa::load(some);
}

template <int rows, int vectors>
[[gnu::noinline]] void multiply_tile(const Tile& t, int64_t row, int64_t column) {
  constexpr int in_block = block_columns / Isa::lanes;  // vectors
  const int64_t whole = t.terms / terms_in_vector, all = fours(t.terms), block = all * block_bytes;
  Isa::Integers sum[rows][vectors];
#pragma GCC unroll 8
  for (int i = 0; i < rows; ++i) {
#pragma GCC unroll 8
    for (int v = 0; v < vectors; ++v) sum[i][v] = Isa::zero();
  }
  const int8_t* weights = t.weights + column / block_columns * block;
  const uint8_t* x = t.x + row * t.x_step;
  const int64_t x_step = t.x_step;
  const auto add = [&](const int32_t* words) __attribute__((always_inline)) {
    Isa::Integers w[vectors];
#pragma GCC unroll 8
    for (int v = 0; v < vectors; ++v)
      w[v] = Isa::load_weights(weights + v / in_block * block + v % in_block * (block_bytes / in_block));
#pragma GCC unroll 8
    for (int i = 0; i < rows; ++i) {
      const Isa::Terms terms = Isa::spread(words[i]);
#pragma GCC unroll 8
      for (int v = 0; v < vectors; ++v) sum[i][v] = Isa::dot(sum[i][v], terms, w[v]);
    }
    weights += block_bytes;
  };
  int32_t words[rows];
  for (int64_t k = 0; k < whole; ++k) {
#pragma GCC unroll 8
    for (int i = 0; i < rows; ++i) std::memcpy(&words[i], x + i * x_step + k * terms_in_vector, sizeof(int32_t));
    add(words);
  }
  if (whole < all) {
    for (int i = 0; i < rows; ++i)
      words[i] = four_terms(x + i * x_step + whole * terms_in_vector, t.terms - whole * terms_in_vector);
    add(words);
  }

#pragma GCC unroll 8
  for (int v = 0; v < vectors; ++v) {
    const int64_t j = column + v * Isa::lanes, left = t.columns - j;
    if (left <= 0) break;
    const Isa::Floats scale = load(t.scale + j, left);
    const Isa::Integers offsets = Isa::load_integers(t.offsets + j);
    const Isa::Floats bias = t.bias ? load(t.bias + j, left) : Isa::no_floats();
#pragma GCC unroll 8
    for (int i = 0; i < rows; ++i) {
      Isa::Floats y = Isa::to_float(Isa::subtract(sum[i][v], offsets));
      if (t.row_scale) y = Isa::multiply(y, Isa::set(t.row_scale[row + i]));
      y = Isa::multiply(y, scale);
      if (t.bias) y = Isa::add(y, bias);
      if (t.relu) y = Isa::relu(y);
      const int64_t at = (row + i) * t.out_step + j;
      if (t.to_bytes) {
        auto* out = static_cast<uint8_t*>(t.out) + at;
        alignas(64) uint8_t bytes[Isa::lanes];
        Isa::store_bytes(y, *t.to_bytes, left >= Isa::lanes ? out : bytes);
        if (left < Isa::lanes) std::memcpy(out, bytes, static_cast<size_t>(left));
      } else {
        float* out = static_cast<float*>(t.out) + at;
        alignas(64) float some[Isa::lanes];
        Isa::store(y, left >= Isa::lanes ? out : some);
        if (left < Isa::lanes) std::memcpy(out, some, static_cast<size_t>(left) * sizeof(float));
      }
    }
  }
}

template <int rows>
void multiply_rows(const Tile& t, int64_t row) {
  constexpr int most = rows <= 2 ? 2 * Isa::tile_vectors : Isa::tile_vectors;
  const int64_t vectors = (t.columns + Isa::lanes - 1) / Isa::lanes;
  // Blocks begin at multiples of 16 columns.
  constexpr int64_t unit = block_columns / Isa::lanes;
  for (int64_t v = 0; v < vectors;) {
    const int64_t left = (vectors - v + unit - 1) / unit * unit, column = v * Isa::lanes;
    if (left >= most) {
      multiply_tile<rows, most>(t, row, column);
      v += most;
    } else if (left >= most / 2 && most / 2 >= unit) {
      multiply_tile<rows, most / 2>(t, row, column);
      v += most / 2;
    } else {
      multiply_tile<rows, unit>(t, row, column);
      v += unit;
    }
  }
}

inline void multiply(const Tile& t) {
  int64_t row = 0;
  for (; row + Isa::tile_rows <= t.rows; row += Isa::tile_rows) multiply_rows<Isa::tile_rows>(t, row);
  for (; row + 2 <= t.rows; row += 2) multiply_rows<2>(t, row);
  if (row < t.rows) multiply_rows<1>(t, row);
}

inline void quantize(const float* x, int64_t count, const ToBytes& how, uint8_t* out) {
  int64_t i = 0;
  for (; i + Isa::lanes <= count; i += Isa::lanes) Isa::store_bytes(Isa::load(x + i), how, out + i);
  if (i == count) return;
  alignas(64) uint8_t bytes[Isa::lanes];
  Isa::store_bytes(load(x + i, count - i), how, bytes);
  std::memcpy(out + i, bytes, static_cast<size_t>(count - i));
}

inline float largest(const float* x, int64_t count) {
  Isa::Floats most = Isa::no_floats();
  for (int64_t i = 0; i < count; i += Isa::lanes) most = Isa::larger_size(load(x + i, count - i), most);
  alignas(64) float all[Isa::lanes];
  Isa::store(most, all);
  float result = 0;
  for (const float each : all) result = each > result ? each : result;
  return result;
}

inline const Functions* functions() {
  static const Functions table = {multiply, quantize, largest};
  return &table;
}
