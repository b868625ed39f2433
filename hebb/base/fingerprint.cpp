#include "hebb/base/fingerprint.h"

#include <bit>
#include <cstring>
#include <utility>

namespace hebb {

namespace {

static_assert(std::endian::native == std::endian::little, "fetch reads numbers as they stand in memory");

template <class T>
uint64_t fetch(const char* from) {
  T value;
  std::memcpy(&value, from, sizeof(T));
  return value;
}

uint64_t shift_mix(uint64_t value) { return value ^ value >> 47; }

// FarmHash's numbers and functions, under its names.
constexpr uint64_t k0 = 0xc3a5c85c97cb3127, k1 = 0xb492b66fbe98f273, k2 = 0x9ae16a3b2f90404f;

uint64_t hash_len_16(uint64_t u, uint64_t v, uint64_t mul) {
  const uint64_t a = shift_mix((u ^ v) * mul);
  return shift_mix((v ^ a) * mul) * mul;
}

uint64_t hash_len_0_to_16(const char* s, uint64_t length) {
  const uint64_t mul = k2 + length * 2;
  if (length >= 8) {
    const uint64_t a = fetch<uint64_t>(s) + k2, b = fetch<uint64_t>(s + length - 8);
    return hash_len_16(std::rotr(b, 37) * mul + a, (std::rotr(a, 25) + b) * mul, mul);
  }
  if (length >= 4) return hash_len_16(length + (fetch<uint32_t>(s) << 3), fetch<uint32_t>(s + length - 4), mul);
  if (length == 0) return k2;
  const uint64_t y = fetch<uint8_t>(s) + (fetch<uint8_t>(s + length / 2) << 8);
  const uint64_t z = length + (fetch<uint8_t>(s + length - 1) << 2);
  return shift_mix(y * k2 ^ z * k0) * k2;
}

uint64_t hash_len_17_to_32(const char* s, uint64_t length) {
  const uint64_t mul = k2 + length * 2;
  const uint64_t a = fetch<uint64_t>(s) * k1, b = fetch<uint64_t>(s + 8);
  const uint64_t c = fetch<uint64_t>(s + length - 8) * mul, d = fetch<uint64_t>(s + length - 16) * k2;
  return hash_len_16(std::rotr(a + b, 43) + std::rotr(c, 30) + d, a + std::rotr(b + k2, 18) + c, mul);
}

uint64_t hash_len_33_to_64(const char* s, uint64_t length) {
  const uint64_t mul = k2 + length * 2;
  const uint64_t a = fetch<uint64_t>(s) * k2, b = fetch<uint64_t>(s + 8);
  const uint64_t c = fetch<uint64_t>(s + length - 8) * mul, d = fetch<uint64_t>(s + length - 16) * k2;
  const uint64_t y = std::rotr(a + b, 43) + std::rotr(c, 30) + d;
  const uint64_t z = hash_len_16(y, a + std::rotr(b + k2, 18) + c, mul);
  const uint64_t e = fetch<uint64_t>(s + 16) * mul, f = fetch<uint64_t>(s + 24);
  const uint64_t g = (y + fetch<uint64_t>(s + length - 32)) * mul, h = (z + fetch<uint64_t>(s + length - 24)) * mul;
  return hash_len_16(std::rotr(e + f, 43) + std::rotr(g, 30) + h, e + std::rotr(f + a, 18) + g, mul);
}

using Two = std::pair<uint64_t, uint64_t>;

/// Of 32 bytes and two seeds.
Two weak_hash_len_32(const char* s, uint64_t a, uint64_t b) {
  const uint64_t last = fetch<uint64_t>(s + 24);
  a += fetch<uint64_t>(s);
  b = std::rotr(b + a + last, 21);
  const uint64_t c = a;
  a += fetch<uint64_t>(s + 8) + fetch<uint64_t>(s + 16);
  return {a + last, b + std::rotr(a, 44) + c};
}

/// What more than 64 bytes are hashed in, 64 at a time.
struct LongHash {
  uint64_t x, y, z;
  Two v = {0, 0}, w = {0, 0};

  /// `twist`: 1, and 9 for the bytes at the end.
  void take(const char* s, uint64_t mul, uint64_t twist) {
    x = std::rotr(x + y + v.first + fetch<uint64_t>(s + 8), 37) * mul;
    y = std::rotr(y + v.second + fetch<uint64_t>(s + 48), 42) * mul;
    x ^= w.second * twist;
    y += v.first * twist + fetch<uint64_t>(s + 40);
    z = std::rotr(z + w.first, 33) * mul;
    v = weak_hash_len_32(s, v.second * mul, x + w.first);
    w = weak_hash_len_32(s + 32, z + w.second, y + fetch<uint64_t>(s + 16));
    std::swap(z, x);
  }
};

uint64_t hash_len_65_on(const char* s, uint64_t length) {
  constexpr uint64_t seed = 81, block = 64;
  const uint64_t start = seed * k1 + 113;
  LongHash hash{seed * k2 + fetch<uint64_t>(s), start, shift_mix(start * k2 + 113) * k2};
  const uint64_t whole = (length - 1) / block * block, rest = (length - 1) % block;
  for (uint64_t at = 0; at < whole; at += block) hash.take(s + at, k1, 1);
  const uint64_t mul = k1 + ((hash.z & 0xff) << 1);
  hash.w.first += rest;
  hash.v.first += hash.w.first;
  hash.w.first += hash.v.first;
  hash.take(s + length - block, mul, 9);
  const auto& [x, y, z, v, w] = hash;
  return hash_len_16(hash_len_16(v.first, w.first, mul) + shift_mix(y) * k0 + z,
                     hash_len_16(v.second, w.second, mul) + x, mul);
}

struct SipState {
  uint64_t v0, v1, v2, v3;

  void round() {
    v0 += v1, v2 += v3;
    v1 = std::rotl(v1, 13) ^ v0, v3 = std::rotl(v3, 16) ^ v2;
    v0 = std::rotl(v0, 32);
    v2 += v1, v0 += v3;
    v1 = std::rotl(v1, 17) ^ v2, v3 = std::rotl(v3, 21) ^ v0;
    v2 = std::rotl(v2, 32);
  }
  void take(uint64_t word) {
    v3 ^= word;
    round();
    round();
    v0 ^= word;
  }
};

}  // namespace

uint64_t fingerprint64(std::string_view text) {
  const uint64_t length = text.size();
  if (length <= 16) return hash_len_0_to_16(text.data(), length);
  if (length <= 32) return hash_len_17_to_32(text.data(), length);
  return length <= 64 ? hash_len_33_to_64(text.data(), length) : hash_len_65_on(text.data(), length);
}

uint64_t siphash64(std::string_view text, uint64_t key_0, uint64_t key_1) {
  SipState state{key_0 ^ 0x736f6d6570736575, key_1 ^ 0x646f72616e646f6d, key_0 ^ 0x6c7967656e657261,
                 key_1 ^ 0x7465646279746573};
  const size_t whole = text.size() / 8 * 8;
  for (size_t at = 0; at < whole; at += 8) state.take(fetch<uint64_t>(text.data() + at));
  uint64_t last = static_cast<uint64_t>(text.size()) << 56;
  std::memcpy(&last, text.data() + whole, text.size() - whole);
  state.take(last);
  state.v2 ^= 0xff;
  for (int i = 0; i < 4; ++i) state.round();
  return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

uint64_t fingerprint_cat64(uint64_t first, uint64_t second) {
  constexpr uint64_t mul = 0xc6a4a7935bd1e995;
  uint64_t result = first ^ mul;
  result ^= shift_mix(second * mul) * mul;
  result *= mul;
  return shift_mix(shift_mix(result) * mul);
}

}  // namespace hebb
