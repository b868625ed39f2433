/// Functions of float32 vectors for each instruction set, with their largest errors in units in the last place
/// (measured over all floats of the stated range by math_test.cpp) and the values at infinities and outside the domain
/// as C's functions of the same name have them. NaN stays NaN.
///
/// exp, expm1 and tanh rest on Cody and Waite's reduction with the polynomial of Highway's Exp; log on the polynomial
/// of Moshier's Cephes library; sine, cosine and the inverse circular functions on Highway's. The polynomials of erf
/// are of our own fitting (Remez's exchange).

// The guard of Highway's -inl.h headers: included once for each instruction set.
#if defined(HEBB_BACKEND_CPU_SIMD_MATH_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef HEBB_BACKEND_CPU_SIMD_MATH_INL_H_
#undef HEBB_BACKEND_CPU_SIMD_MATH_INL_H_
#else
#define HEBB_BACKEND_CPU_SIMD_MATH_INL_H_
#endif

#include <cmath>
#include <limits>

#include "hebb/ops/gelu.h"
#include "hwy/contrib/math/math-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace hebb::simd::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

template <class D>
using IntVector = hn::Vec<hn::RebindToSigned<D>>;

template <class D>
HWY_INLINE hn::Vec<D> infinity(D d) {
  return hn::Set(d, std::numeric_limits<float>::infinity());
}

template <class D>
HWY_INLINE hn::Vec<D> not_a_number(D d) {
  return hn::Set(d, std::numeric_limits<float>::quiet_NaN());
}

/// 2^q for q from -126 to 127.
template <class D>
HWY_INLINE hn::Vec<D> power_of_two(D d, IntVector<D> q) {
  const hn::RebindToSigned<D> di;
  return hn::BitCast(d, hn::ShiftLeft<23>(hn::Add(q, hn::Set(di, 127))));
}

/// x = q ln 2 + r with |r| <= ln 2 / 2; returns e^r - 1. |x| at most about 1000.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V reduced_exp(D d, V x, IntVector<D>& q) {
  const hn::RebindToSigned<D> di;
  // Adding 1.5 * 2^23 rounds to an integer, which then stands in the lowest bits.
  const V magic = hn::Set(d, 12582912.0f);
  const V shifted = hn::MulAdd(x, hn::Set(d, 1.442695041f), magic);
  q = hn::Sub(hn::BitCast(di, shifted), hn::BitCast(di, magic));
  const V qf = hn::Sub(shifted, magic);
  V r = hn::NegMulAdd(qf, hn::Set(d, 0.693145751953125f), x);
  r = hn::NegMulAdd(qf, hn::Set(d, 1.428606765330187045e-6f), r);
  const V r2 = hn::Mul(r, r);
  const V high = hn::MulAdd(hn::Set(d, 0.000198527617612853646278381f), r, hn::Set(d, 0.00139304355252534151077271f));
  const V middle = hn::MulAdd(hn::Set(d, 0.00833336077630519866943359f), r, hn::Set(d, 0.0416664853692054748535156f));
  const V low = hn::MulAdd(hn::Set(d, 0.166666671633720397949219f), r, hn::Set(d, 0.5f));
  return hn::MulAdd(hn::MulAdd(hn::MulAdd(high, r2, middle), r2, low), r2, r);
}

/// exp(x) * 2^shift; 0 where exp(x) would be denormal, which takes a hundred times as long as a normal number.
template <int shift, class D, class V = hn::Vec<D>>
HWY_INLINE V shifted_exp(D d, V x) {
  const hn::RebindToSigned<D> di;
  const V lowest = hn::Set(d, -87.33654f);  // the logarithm of the smallest normal number
  const V bounded = hn::Min(hn::Max(x, lowest), hn::Set(d, 90.0f));
  IntVector<D> q;
  const V y = hn::Add(reduced_exp(d, bounded, q), hn::Set(d, 1.0f));
  if (shift != 0) q = hn::Add(q, hn::Set(di, shift));
  const IntVector<D> half = hn::ShiftRight<1>(q);
  const V scaled = hn::Mul(hn::Mul(y, power_of_two(d, half)), power_of_two(d, hn::Sub(q, half)));
  return hn::IfThenElse(hn::IsNaN(x), x, hn::IfThenZeroElse(hn::Lt(x, lowest), scaled));
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE V exp(D d, V x) {
  return shifted_exp<0>(d, x);
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE V expm1(D d, V x) {
  const hn::RebindToSigned<D> di;
  const V bounded = hn::Min(hn::Max(x, hn::Set(d, -20.0f)), hn::Set(d, 89.0f));
  IntVector<D> q;
  const V y = reduced_exp(d, bounded, q);
  // Half of the result, whose scale is representable up to the largest result: 2^(q-1) (1 + y) - 1/2.
  const V scale = power_of_two(d, hn::Sub(q, hn::Set(di, 1)));
  const V half = hn::MulAdd(y, scale, hn::Sub(scale, hn::Set(d, 0.5f)));
  const V result = hn::Add(half, half);
  // Near 0 the sum with 0 loses the sign of -0, and NaN comes from nothing that the bounds let through.
  return hn::IfThenElse(hn::Or(hn::IsNaN(x), hn::Eq(x, hn::Zero(d))), x, result);
}

/// log of a positive finite x.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V log_inside(D d, V x) {
  const hn::RebindToSigned<D> di;
  const auto small = hn::Lt(x, hn::Set(d, std::numeric_limits<float>::min()));
  const V normal = hn::IfThenElse(small, hn::Mul(x, hn::Set(d, 33554432.0f)), x);  // 2^25
  const IntVector<D> bits = hn::BitCast(di, normal);
  // x = 2^e m with m in [sqrt(1/2), sqrt(2)).
  const IntVector<D> e = hn::ShiftRight<23>(hn::Sub(bits, hn::Set(di, 0x3F3504F3)));
  const V m = hn::BitCast(d, hn::Sub(bits, hn::ShiftLeft<23>(e)));
  const V ef = hn::Sub(hn::ConvertTo(d, e), hn::IfThenElseZero(small, hn::Set(d, 25.0f)));
  const V f = hn::Sub(m, hn::Set(d, 1.0f));
  const V f2 = hn::Mul(f, f);
  const V f3 = hn::Mul(f2, f);
  V high = hn::MulAdd(hn::Set(d, 7.0376836292e-2f), f, hn::Set(d, -1.1514610310e-1f));
  V middle = hn::MulAdd(hn::Set(d, -1.2420140846e-1f), f, hn::Set(d, 1.4249322787e-1f));
  V low = hn::MulAdd(hn::Set(d, 2.0000714765e-1f), f, hn::Set(d, -2.4999993993e-1f));
  high = hn::MulAdd(high, f, hn::Set(d, 1.1676998740e-1f));
  middle = hn::MulAdd(middle, f, hn::Set(d, -1.6668057665e-1f));
  low = hn::MulAdd(low, f, hn::Set(d, 3.3333331174e-1f));
  const V poly = hn::MulAdd(hn::MulAdd(high, f3, middle), f3, low);
  V y = hn::MulAdd(ef, hn::Set(d, -2.12194440e-4f), hn::Mul(poly, f3));
  y = hn::NegMulAdd(f2, hn::Set(d, 0.5f), y);
  return hn::MulAdd(ef, hn::Set(d, 0.693359375f), hn::Add(f, y));
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE V log(D d, V x) {
  V y = log_inside(d, x);
  y = hn::IfThenElse(hn::Lt(x, infinity(d)), y, x);  // infinity and NaN
  y = hn::IfThenElse(hn::Gt(x, hn::Zero(d)), y,
                     hn::IfThenElse(hn::Eq(x, hn::Zero(d)), hn::Neg(infinity(d)), hn::Mul(y, not_a_number(d))));
  return y;
}

/// log1p of a finite x > -1.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V log1p_inside(D d, V x) {
  const V one = hn::Set(d, 1.0f);
  // The rounding error of 1 + x cancels in log(u) * x / (u - 1) (Kahan).
  const V u = hn::Add(x, one);
  const V less = hn::Sub(u, one);
  const auto tiny = hn::Eq(less, hn::Zero(d));
  const V ratio = hn::Div(x, hn::IfThenElse(tiny, one, less));
  return hn::IfThenElse(tiny, x, hn::Mul(log_inside(d, u), ratio));
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE V log1p(D d, V x) {
  V y = log1p_inside(d, x);
  y = hn::IfThenElse(hn::Lt(x, infinity(d)), y, x);
  const V minus_one = hn::Set(d, -1.0f);
  return hn::IfThenElse(hn::Gt(x, minus_one), y,
                        hn::IfThenElse(hn::Eq(x, minus_one), hn::Neg(infinity(d)), hn::Mul(y, not_a_number(d))));
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE V sigmoid(D d, V x) {
  const V one = hn::Set(d, 1.0f);
  return hn::Div(one, hn::Add(one, exp(d, hn::Neg(x))));
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE V softplus(D d, V x) {
  const V tail = log1p_inside(d, exp(d, hn::Neg(hn::Abs(x))));
  const V y = hn::Add(hn::Max(x, hn::Zero(d)), tail);
  return hn::IfThenElse(hn::IsNaN(x), x, y);
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE V tanh(D d, V x) {
  const V size = hn::Min(hn::Abs(x), hn::Set(d, 10.0f));  // tanh(10) rounds to 1
  const V y = expm1(d, hn::Add(size, size));
  const V z = hn::CopySign(hn::Div(y, hn::Add(y, hn::Set(d, 2.0f))), x);
  return hn::IfThenElse(hn::IsNaN(x), x, z);
}

/// e^|x| / 2, which both hyperbolic functions are made of.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V half_exp_of_size(D d, V x) {
  return shifted_exp<-1>(d, hn::Abs(x));
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE V sinh(D d, V x) {
  const V half = half_exp_of_size(d, x);
  const V large = hn::CopySign(hn::Sub(half, hn::Div(hn::Set(d, 0.25f), half)), x);
  // The series up to x^11: exact enough below 1, where the difference cancels.
  const V x2 = hn::Mul(x, x);
  V s = hn::MulAdd(hn::Set(d, 2.50521084e-8f), x2, hn::Set(d, 2.75573192e-6f));
  s = hn::MulAdd(s, x2, hn::Set(d, 1.98412698e-4f));
  s = hn::MulAdd(s, x2, hn::Set(d, 8.33333333e-3f));
  s = hn::MulAdd(s, x2, hn::Set(d, 1.66666667e-1f));
  const V small = hn::MulAdd(hn::Mul(s, x2), x, x);
  return hn::IfThenElse(hn::Lt(hn::Abs(x), hn::Set(d, 1.0f)), small, large);
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE V cosh(D d, V x) {
  const V half = half_exp_of_size(d, x);
  return hn::Add(half, hn::Div(hn::Set(d, 0.25f), half));
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE V asinh(D d, V x) {
  const V one = hn::Set(d, 1.0f), size = hn::Abs(x), limit = hn::Set(d, 1e9f);
  const auto huge = hn::Gt(size, limit);
  const V inside = hn::Min(size, limit);
  const V x2 = hn::Mul(inside, inside);
  const V near_one = hn::Add(inside, hn::Div(x2, hn::Add(one, hn::Sqrt(hn::Add(x2, one)))));
  const V y = log1p_inside(d, near_one);
  const V large = hn::Add(log(d, size), hn::Set(d, 0.693147181f));
  return hn::IfThenElse(hn::IsNaN(x), x, hn::CopySign(hn::IfThenElse(huge, large, y), x));
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE V acosh(D d, V x) {
  const V limit = hn::Set(d, 1e9f);
  const auto huge = hn::Gt(x, limit);
  const V t = hn::Sub(hn::Min(x, limit), hn::Set(d, 1.0f));
  const V y = log1p_inside(d, hn::Add(t, hn::Sqrt(hn::MulAdd(t, t, hn::Add(t, t)))));
  const V large = hn::Add(log(d, x), hn::Set(d, 0.693147181f));
  const V result = hn::IfThenElse(huge, large, y);
  return hn::IfThenElse(hn::Lt(x, hn::Set(d, 1.0f)), not_a_number(d), hn::IfThenElse(hn::IsNaN(x), x, result));
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE V atanh(D d, V x) {
  const V one = hn::Set(d, 1.0f), size = hn::Abs(x);
  const V y = log1p(d, hn::Div(hn::Add(size, size), hn::Sub(one, size)));
  const V result = hn::Mul(hn::CopySign(hn::Set(d, 0.5f), x), y);
  // Outside of [-1, 1] the quotient is below -1, whose log1p is NaN already, but for infinity.
  return hn::IfThenElse(hn::Gt(size, one), not_a_number(d), hn::IfThenElse(hn::IsNaN(x), x, result));
}

/// The lanes where `outside` holds are computed by `function`, one at a time; they are rare.
template <class D, class V, class M, class F>
HWY_INLINE V with_lanes(D d, V x, V result, M outside, F function) {
  if (HWY_LIKELY(hn::AllFalse(d, outside))) return result;
  HWY_ALIGN float in[hn::MaxLanes(d)];
  HWY_ALIGN float out[hn::MaxLanes(d)];
  hn::Store(x, d, in);
  for (size_t i = 0; i < hn::MaxLanes(d); ++i) out[i] = function(in[i]);
  return hn::IfThenElse(outside, hn::Load(d, out), result);
}

/// Beyond this size (and for infinities and NaN) the reduction by multiples of pi needs more digits than it has.
inline constexpr float circle_limit = 30000.0f;

template <class D, class V = hn::Vec<D>>
HWY_INLINE auto outside_circle(D d, V x) {
  return hn::Not(hn::Le(hn::Abs(x), hn::Set(d, circle_limit)));
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE V sin(D d, V x) {
  const auto outside = outside_circle(d, x);
  const V inside = hn::IfThenZeroElse(outside, x);
  const V y = hn::IfThenElse(hn::Eq(x, hn::Zero(d)), x, hn::Sin(d, inside));  // -0
  return with_lanes(d, x, y, outside, [](float lane) { return std::sin(lane); });
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE V cos(D d, V x) {
  const auto outside = outside_circle(d, x);
  const V inside = hn::IfThenZeroElse(outside, x);
  return with_lanes(d, x, hn::Cos(d, inside), outside, [](float lane) { return std::cos(lane); });
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE V tan(D d, V x) {
  const auto outside = outside_circle(d, x);
  const V inside = hn::IfThenZeroElse(outside, x);
  const V y = hn::IfThenElse(hn::Eq(x, hn::Zero(d)), x, hn::Div(hn::Sin(d, inside), hn::Cos(d, inside)));
  return with_lanes(d, x, y, outside, [](float lane) { return std::tan(lane); });
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE V erf(D d, V x) {
  const V size = hn::Abs(x);
  const V s = hn::Mul(x, x);
  // Below 0.92: x + x p(x^2), |error| < 4e-10 erf(x).
  V p = hn::MulAdd(hn::Set(d, 8.37009424387e-5f), s, hn::Set(d, -0.000814271010236f));
  p = hn::MulAdd(p, s, hn::Set(d, 0.00520103372986f));
  p = hn::MulAdd(p, s, hn::Set(d, -0.0268593993966f));
  p = hn::MulAdd(p, s, hn::Set(d, 0.112836955299f));
  p = hn::MulAdd(p, s, hn::Set(d, -0.376126337391f));
  p = hn::MulAdd(p, s, hn::Set(d, 0.128379166638f));
  const V small = hn::MulAdd(p, x, x);
  // From there to 4, where erf rounds to 1: 1 - e^q(|x|), |error| < 2e-9.
  const V t = hn::Min(size, hn::Set(d, 4.0f));
  V q = hn::MulAdd(hn::Set(d, 0.000195717405879f), t, hn::Set(d, -0.00304106166978f));
  q = hn::MulAdd(q, t, hn::Set(d, 0.0222183293202f));
  q = hn::MulAdd(q, t, hn::Set(d, -0.103913778104f));
  q = hn::MulAdd(q, t, hn::Set(d, -0.6372025476f));
  q = hn::MulAdd(q, t, hn::Set(d, -1.12766357214f));
  q = hn::MulAdd(q, t, hn::Set(d, -0.000198592865452f));
  const V large = hn::CopySign(hn::Sub(hn::Set(d, 1.0f), exp(d, q)), x);
  const V y = hn::IfThenElse(hn::Lt(size, hn::Set(d, 0.921875f)), small, large);
  return hn::IfThenElse(hn::IsNaN(x), x, y);
}

/// e^q for q from -80 to 80, which is not looked at.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V moderate_exp(D d, V q) {
  IntVector<D> power;
  const V y = hn::Add(reduced_exp(d, q, power), hn::Set(d, 1.0f));
  return hn::Mul(y, power_of_two(d, power));
}

/// Where P(X <= -u), X normal, is so small that it counts as 0 beside 1.
constexpr float normal_limit = 5.66f;

/// P(X <= -u), X normal, for u from 0 to normal_limit, as the exponential of a polynomial of our own fitting: relative
/// error < 3e-6 at the upper end, 7e-7 below 3.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V normal_tail(D d, V u) {
  constexpr float coefficients[] = {3.5407078e-07f, -4.8893853e-06f, 3.6326925e-05f, -0.00013287703f, -0.00013564104f,
                                    0.004995379f,   -0.036484182f,   -0.3182575f,    -0.79789174f,    -0.693147f};
  V q = hn::Set(d, -1.097026e-08f);
#pragma GCC unroll 10
  for (const float coefficient : coefficients) q = hn::MulAdd(q, u, hn::Set(d, coefficient));
  return moderate_exp(d, q);
}

/// x P(X <= x) = max(x, 0) - |x| P(X <= -|x|).
template <class D, class V = hn::Vec<D>>
HWY_INLINE V gelu(D d, V x) {
  const V u = hn::Abs(x), limit = hn::Set(d, normal_limit);
  const V missing = hn::IfThenElseZero(hn::Lt(u, limit), hn::Mul(u, normal_tail(d, hn::Min(u, limit))));
  return hn::IfThenElse(hn::IsNaN(x), x, hn::Sub(hn::Max(x, hn::Zero(d)), missing));
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE V gelu_derivative(D d, V x) {
  const V u = hn::Abs(x);
  const V tail = normal_tail(d, hn::Min(u, hn::Set(d, normal_limit)));
  const V probability = hn::IfThenElse(hn::Lt(x, hn::Zero(d)), tail, hn::Sub(hn::Set(d, 1.0f), tail));
  // Beyond 12 the density is nothing.
  const V near = hn::Min(hn::Max(x, hn::Set(d, -12.0f)), hn::Set(d, 12.0f));
  const V density = moderate_exp(d, hn::Mul(hn::Mul(near, near), hn::Set(d, -0.5f)));
  const V slope =
      hn::MulAdd(hn::Mul(near, density), hn::Set(d, static_cast<float>(normal_density_factor)), probability);
  return hn::IfThenElse(hn::IsNaN(x), x, slope);
}

HWY_INLINE float scalar_power(float a, float b) {
  return static_cast<float>(std::pow(static_cast<double>(a), static_cast<double>(b)));
}

#if HWY_TARGET != HWY_SCALAR
/// a^b for positive normal a and finite b, through logarithm and exponential in double: 0.51 units in the last place.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V power_inside(D d, V a, V b) {
  const hn::Half<D> dh;
  const hn::Rebind<double, decltype(dh)> dd;
  const auto part = [&](auto a_part, auto b_part) HWY_ATTR {
    const auto exponent = hn::Mul(hn::Log(dd, hn::PromoteTo(dd, a_part)), hn::PromoteTo(dd, b_part));
    // Beyond these bounds a float overflows or is 0.
    const auto bounded = hn::Min(hn::Max(exponent, hn::Set(dd, -150.0)), hn::Set(dd, 100.0));
    return hn::DemoteTo(dh, hn::Exp(dd, bounded));
  };
  return hn::Combine(d, part(hn::UpperHalf(dh, a), hn::UpperHalf(dh, b)),
                     part(hn::LowerHalf(dh, a), hn::LowerHalf(dh, b)));
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE V power(D d, V a, V b) {
  const V low = hn::Set(d, std::numeric_limits<float>::min());
  const V limit = infinity(d);
  const auto inside = hn::And(hn::And(hn::Ge(a, low), hn::Lt(a, limit)), hn::Lt(hn::Abs(b), limit));
  const V one = hn::Set(d, 1.0f);
  const V result = power_inside(d, hn::IfThenElse(inside, a, one), hn::IfThenElse(inside, b, one));
  if (HWY_LIKELY(hn::AllTrue(d, inside))) return result;
  // Zeros, negative bases, infinities and NaN, as C has them.
  HWY_ALIGN float as[hn::MaxLanes(d)];
  HWY_ALIGN float bs[hn::MaxLanes(d)];
  hn::Store(a, d, as);
  hn::Store(b, d, bs);
  for (size_t i = 0; i < hn::MaxLanes(d); ++i) as[i] = scalar_power(as[i], bs[i]);
  return hn::IfThenElse(inside, result, hn::Load(d, as));
}
#else
template <class D, class V = hn::Vec<D>>
HWY_INLINE V power(D d, V a, V b) {
  return hn::Set(d, scalar_power(hn::GetLane(a), hn::GetLane(b)));
}
#endif

}  // namespace hebb::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // HEBB_BACKEND_CPU_SIMD_MATH_INL_H_
