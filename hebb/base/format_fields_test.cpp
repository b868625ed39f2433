#include "hebb/base/format_fields.h"

#include <gtest/gtest.h>

#include <cmath>

#include "hebb/base/error.h"
#include "hebb/base/text.h"

namespace hebb {
namespace {

std::string filled(const std::string& text, double value = 0, bool is_whole = false) {
  return FormatFields(text, {is_whole ? "x" : "epoch"}).filled([&](const std::string& name) {
    if (name != "x") throw InvalidArgument("another name: " + name);
    return value;
  });
}

struct Case {
  const char* spec;
  double value;
  bool is_whole;
  const char* text;
};

/// What Python's format() says.
constexpr Case cases[] = {
    {"", 7.0, true, "7"},
    {"d", 7.0, true, "7"},
    {"02d", 7.0, true, "07"},
    {"4", 7.0, true, "   7"},
    {"04", 7.0, true, "0007"},
    {"<4", 7.0, true, "7   "},
    {"*^7d", 7.0, true, "***7***"},
    {"+d", 7.0, true, "+7"},
    {" d", 7.0, true, " 7"},
    {"X", 7.0, true, "7"},
    {"é>5", 7.0, true, "éééé7"},
    {"d", -3.0, true, "-3"},
    {"02d", -3.0, true, "-3"},
    {"4", -3.0, true, "  -3"},
    {"04", -3.0, true, "-003"},
    {">4", -3.0, true, "  -3"},
    {"^5", -3.0, true, " -3  "},
    {"*^7d", -3.0, true, "**-3***"},
    {"+d", -3.0, true, "-3"},
    {" d", -3.0, true, "-3"},
    {"x", -3.0, true, "-3"},
    {"b", -3.0, true, "-11"},
    {"n", -3.0, true, "-3"},
    {"", 0.0, true, "0"},
    {"d", 0.0, true, "0"},
    {"02d", 0.0, true, "00"},
    {">4", 0.0, true, "   0"},
    {"*^7d", 0.0, true, "***0***"},
    {"+d", 0.0, true, "+0"},
    {" d", 0.0, true, " 0"},
    {"b", 0.0, true, "0"},
    {"d", 255.0, true, "255"},
    {"02d", 255.0, true, "255"},
    {"<4", 255.0, true, "255 "},
    {"*^7d", 255.0, true, "**255**"},
    {"+d", 255.0, true, "+255"},
    {" d", 255.0, true, " 255"},
    {"x", 255.0, true, "ff"},
    {"g", 7.0, true, "7"},
    {"g", 1234567.0, true, "1.23457e+06"},
    {"+.1f", 0.25, false, "+0.2"},
    {".3g", 0.25, false, "0.25"},
    {".5", 0.25, false, "0.25"},
    {"=+9.1f", 0.25, false, "+     0.2"},
    {"", -1234.5678, false, "-1234.5678"},
    {".3e", -1234.5678, false, "-1.235e+03"},
    {".0%", -1234.5678, false, "-123457%"},
    {"<10", -1234.5678, false, "-1234.5678"},
    {"F", -1234.5678, false, "-1234.567800"},
    {"08.3f", 1e-07, false, "0000.000"},
    {"G", 1e-07, false, "1E-07"},
    {".1", 1e-07, false, "1e-07"},
    {".2f", 123.0, false, "123.00"},
    {"g", 123.0, false, "123"},
    {".3", 123.0, false, "1.23e+02"},
    {"*^12.2f", 123.0, false, "***123.00***"},
    {"+08.3f", 123.0, false, "+123.000"},
    {"e", 1e+16, false, "1.000000e+16"},
    {"%", 1e+16, false, "1000000000000000000.000000%"},
    {"10", 1e+16, false, "     1e+16"},
    {".0e", 1e+16, false, "1e+16"},
    {"+.1f", 0.6931471824645996, false, "+0.7"},
    {".3g", 0.6931471824645996, false, "0.693"},
    {".5", 0.6931471824645996, false, "0.69315"},
    {"=+9.1f", 0.6931471824645996, false, "+     0.7"},
    {"", 99999.5, false, "99999.5"},
    {".3e", 99999.5, false, "1.000e+05"},
    {".0%", 99999.5, false, "9999950%"},
    {"<10", 99999.5, false, "99999.5   "},
    {"F", 99999.5, false, "99999.500000"},
    {"08.3f", INFINITY, false, "00000inf"},
    {"G", INFINITY, false, "INF"},
    {".1", INFINITY, false, "inf"},
    {".2f", -INFINITY, false, "-inf"},
    {"g", -INFINITY, false, "-inf"},
    {".3", -INFINITY, false, "-inf"},
    {"*^12.2f", -INFINITY, false, "****-inf****"},
    {"+08.3f", -INFINITY, false, "-0000inf"},
    {"e", NAN, false, "nan"},
    {"%", NAN, false, "nan%"},
    {"10", NAN, false, "       nan"},
    {".0e", NAN, false, "nan"},
    {"+.1f", -0.0, false, "-0.0"},
    {".3g", -0.0, false, "-0"},
    {".5", -0.0, false, "-0.0"},
    {"=+9.1f", -0.0, false, "-     0.0"},
    {"n", 0.25, false, "0.25"},
    {"d", 1e30, true, "1000000000000000019884624838656"},
    {"E", 2500.0, false, "2.500000E+03"},
    {"!r:", 0.6931471824645996, false, "0.6931471824645996"},
    {"!r:.5", 0.6931471824645996, false, "0.693"},
    {"!r:<12", 0.6931471824645996, false, "0.6931471824645996"},
    {"!r:*^12.3", 0.6931471824645996, false, "****0.6*****"},
    {"!r:>8s", 0.6931471824645996, false, "0.6931471824645996"},
    {"!r:012", 0.6931471824645996, false, "0.6931471824645996"},
    {"!r:", -2.5, false, "-2.5"},
    {"!r:.5", -2.5, false, "-2.5"},
    {"!r:<12", -2.5, false, "-2.5        "},
    {"!r:*^12.3", -2.5, false, "****-2.*****"},
    {"!r:>8s", -2.5, false, "    -2.5"},
    {"!r:012", -2.5, false, "-2.500000000"},
};

TEST(FormatFields, WritesNumbersAsPython) {
  for (const Case& one : cases) {
    const std::string field = message("{x", one.spec[0] == '!' ? "" : ":", one.spec, "}");
    EXPECT_EQ(filled(field, one.value, one.is_whole), one.text) << field << " of " << one.value;
  }
}

TEST(FormatFields, LeavesTheRestAsItIs) {
  EXPECT_EQ(filled("a{{b}}-{x:.1f}{x!s}.keras", 0.5), "a{b}-0.50.5.keras");
  EXPECT_EQ(filled("plain"), "plain");
  EXPECT_EQ(filled(""), "");
}

TEST(FormatFields, RefusesWhatIsNoTemplate) {
  for (const char* text :
       {"{",       "}",     "a}b",   "{x",       "{}",    "{0",      "{x.real}", "{x[0]}",     "{x:y}",   "{x:.}",
        "{x:.2d}", "{x:d}", "{x:X}", "{x:#.1f}", "{x!q}", "{x!r:d}", "{x!r:=5}", "{x:99999d}", "{x:{y}}", "{x:5 d}"}) {
    EXPECT_THROW(FormatFields{text}, InvalidArgument) << text;
  }
}

}  // namespace
}  // namespace hebb
