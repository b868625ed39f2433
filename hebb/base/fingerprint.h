/// Hashes of texts that are the same everywhere and always: FarmHash's Fingerprint64 and SipHash-2-4.
///
///     uint64_t a = fingerprint64("12345");
///     uint64_t b = siphash64("12345", key_0, key_1);
///     uint64_t c = fingerprint_cat64(a, b);     // of two fingerprints, in order
#pragma once

#include <cstdint>
#include <string_view>

namespace hebb {

/// FarmHash's Fingerprint64 (farmhashna, Geoff Pike 2014) of a text of any length.
uint64_t fingerprint64(std::string_view text);

/// SipHash-2-4 (Aumasson and Bernstein 2012) of a text of any length, under a key of two numbers.
uint64_t siphash64(std::string_view text, uint64_t key_0, uint64_t key_1);

/// TensorFlow's FingerprintCat64: one fingerprint of two.
uint64_t fingerprint_cat64(uint64_t first, uint64_t second);

}  // namespace hebb
