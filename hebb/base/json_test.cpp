#include "hebb/base/json.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "hebb/base/error.h"

namespace hebb {
namespace {

/// The message of the error that reading this text throws.
std::string parse_failure(std::string_view text, int max_depth = 512) {
  try {
    Json::parse(text, "config.json", max_depth);
  } catch (const IoError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Json, ReadsEveryKind) {
  const Json json = Json::parse(R"({"a": [1, 2.5, true, null], "b": {"c": "text"}, "d": -7})", "test");
  EXPECT_EQ(json.size(), 3u);
  EXPECT_TRUE(json.at("a").at(0).is_int());
  EXPECT_EQ(json.at("a").at(1).as_double(), 2.5);
  EXPECT_FALSE(json.at("a").at(1).is_int());
  EXPECT_TRUE(json.at("a").at(2).as_bool());
  EXPECT_TRUE(json.at("a").at(3).is_null());
  EXPECT_EQ(json.at("b").at("c").as_string(), "text");
  EXPECT_EQ(json.at("d").as_int(), -7);
}

TEST(Json, DumpsAsPythonDoesOnOneLine) {
  // json.dumps({"units": 10, "rate": 0.001, "name": "a\"b", "list": [1, [], {}], "on": True, "none": None})
  const std::string text =
      R"({"units": 10, "rate": 0.001, "name": "a\"b", "list": [1, [], {}], "on": true, "none": null})";
  EXPECT_EQ(Json::parse(text).dump(), text);
}

TEST(Json, DumpsFloatsAsPythonsRepr) {
  const std::pair<double, const char*> cases[] = {{1.0, "1.0"},
                                                  {1e-7, "1e-07"},
                                                  {0.0001, "0.0001"},
                                                  {0.00001, "1e-05"},
                                                  {0.001, "0.001"},
                                                  {100000.0, "100000.0"},
                                                  {1e15, "1000000000000000.0"},
                                                  {1e16, "1e+16"},
                                                  {1.5e300, "1.5e+300"},
                                                  {-0.0, "-0.0"},
                                                  {0.1f, "0.10000000149011612"},
                                                  {0.009999999776482582, "0.009999999776482582"},
                                                  {5e-324, "5e-324"},
                                                  {1.7976931348623157e308, "1.7976931348623157e+308"},
                                                  {123456789012345680.0, "1.2345678901234568e+17"}};
  for (const auto& [value, expected] : cases) {
    EXPECT_EQ(Json(value).dump(), expected);
    EXPECT_EQ(Json::parse(expected).as_double(), value);
  }
}

TEST(Json, KeepsIntegersThatFitInt64) {
  EXPECT_EQ(Json::parse("9223372036854775807").as_int(), std::numeric_limits<int64_t>::max());
  EXPECT_EQ(Json::parse("-9223372036854775808").as_int(), std::numeric_limits<int64_t>::min());
  const Json larger = Json::parse("9223372036854775808");
  EXPECT_FALSE(larger.is_int());
  EXPECT_EQ(larger.as_double(), 9223372036854775808.0);
  EXPECT_THROW(larger.as_int(), InvalidArgument);
  EXPECT_EQ(Json::parse("3.0").as_int(), 3);
  EXPECT_FALSE(Json::parse("3.0").is_int());
  EXPECT_THROW(Json::parse("3.5").as_int(), InvalidArgument);
}

TEST(Json, ReadsAndWritesNanAndInfinity) {
  const Json json = Json::parse(R"([NaN,Infinity, -Infinity, "NaN -Infinity \" NaN", 0.0, 0.000000, {"k":-Infinity}])");
  EXPECT_TRUE(std::isnan(json.at(0).as_double()));
  EXPECT_EQ(json.at(1).as_double(), HUGE_VAL);
  EXPECT_EQ(json.at(2).as_double(), -HUGE_VAL);
  EXPECT_EQ(json.at(3).as_string(), "NaN -Infinity \" NaN");
  EXPECT_EQ(json.at(4).as_double(), 0.0);
  EXPECT_EQ(json.at(5).as_double(), 0.0);
  EXPECT_EQ(json.at(6).at("k").as_double(), -HUGE_VAL);
  EXPECT_EQ(json.dump(), R"([NaN, Infinity, -Infinity, "NaN -Infinity \" NaN", 0.0, 0.0, {"k": -Infinity}])");
  EXPECT_TRUE(std::isnan(Json::parse("NaN").as_double()));
  EXPECT_EQ(Json::parse(" Infinity\n").as_double(), HUGE_VAL);
  for (const char* wrong : {"1NaN", "NaN1", "-NaN", "--Infinity", "Infinity.5", "nan", "inf", "[NaN NaN]", "NaNNaN"}) {
    EXPECT_THROW(Json::parse(wrong), IoError) << wrong;
  }
}

TEST(Json, EscapesAsPythonDoes) {
  // json.dumps("é€😀\x7f\x01/\b\f\n\r\t\\")
  const std::string text = "\u00e9\u20ac\U0001F600\x7f\x01/\b\f\n\r\t\\";
  const std::string expected = "\"\\u00e9\\u20ac\\ud83d\\ude00\\u007f\\u0001/\\b\\f\\n\\r\\t\\\\\"";
  EXPECT_EQ(Json(text).dump(), expected);
  EXPECT_EQ(Json::parse(expected).as_string(), text);
}

TEST(Json, WritesBytesThatAreNotUtf8AsReplacementCharacters) {
  EXPECT_EQ(Json(std::string("a\xff"
                             "b"))
                .dump(),
            R"("a\ufffdb")");
  EXPECT_EQ(Json(std::string("\xe2\x82")).dump(), R"("\ufffd\ufffd")");            // cut off
  EXPECT_EQ(Json(std::string("\xc0\x80")).dump(), R"("\ufffd\ufffd")");            // overlong
  EXPECT_EQ(Json(std::string("\xed\xa0\x80")).dump(), R"("\ufffd\ufffd\ufffd")");  // half of a surrogate pair
}

TEST(Json, IndentsAsPythonDoes) {
  // json.dumps({"a": [1, 2], "b": {}, "c": {"d": []}}, indent=2)
  const Json json = Json::parse(R"({"a": [1, 2], "b": {}, "c": {"d": []}})");
  EXPECT_EQ(json.dump(2), "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {},\n  \"c\": {\n    \"d\": []\n  }\n}");
  EXPECT_EQ(Json::array({1, 2}).dump(0), "[\n1,\n2\n]");
}

TEST(Json, KeepsTheOrderOfMembersAndTheLastOfSameName) {
  const Json json = Json::parse(R"({"z": 1, "a": 2, "z": 3, "b": 4, "a": 5})");
  EXPECT_EQ(json.dump(), R"({"z": 3, "a": 5, "b": 4})");
}

TEST(Json, ReadsManyMembersInLinearTime) {
  std::string text = "{";
  for (int i = 0; i < 200'000; ++i) text += "\"k" + std::to_string(i) + "\":0,";
  text += "\"k0\":1}";
  const Json json = Json::parse(text);
  EXPECT_EQ(json.size(), 200'000u);
  EXPECT_EQ(json.at("k0").as_int(), 1);
}

TEST(Json, ErrorsTellLineAndColumn) {
  EXPECT_NE(parse_failure("{\n  \"a\": 1,\n  \"b\" 2\n}").find("config.json: line 3, column 7"), std::string::npos)
      << parse_failure("{\n  \"a\": 1,\n  \"b\" 2\n}");
  EXPECT_NE(parse_failure("[1, 2").find("line 1"), std::string::npos);
  EXPECT_LT(parse_failure("\"" + std::string(100'000, 'a')).size(), 500u);
  EXPECT_NE(parse_failure("").find("config.json: line 1, column 1"), std::string::npos) << parse_failure("");
}

TEST(Json, RefusesWhatIsNotJson) {
  for (const char* wrong :
       {"",    " ",   "{",       "[",           "]",        "{]",    "[1,]",   "{\"a\":1,}", "{a:1}",
        "'a'", "\"a", "\"\\x\"", "\"\\ud800\"", "\"\xff\"", "01",    "1.",     ".5",         "+1",
        "1e",  "tru", "nul",     "[1] 2",       "{} {}",    "1e999", "\"\n\"", "// x\n1"}) {
    EXPECT_THROW(Json::parse(wrong), IoError) << wrong;
  }
  EXPECT_THROW(Json::parse(std::string_view("[1\0]", 4)), IoError);
}

TEST(Json, LimitsTheDepth) {
  const std::string deep = std::string(512, '[') + std::string(512, ']');
  EXPECT_EQ(Json::parse(deep).dump(), deep);
  EXPECT_NE(parse_failure(std::string(513, '[')).find("more than 512 nested"), std::string::npos);
  EXPECT_NE(parse_failure(std::string(10'000'000, '[')).find("column 513"), std::string::npos);
  EXPECT_NE(parse_failure("{\"a\": {\"b\": 1}}", 1).find("column 7"), std::string::npos)
      << parse_failure("{\"a\": {\"b\": 1}}", 1);
  EXPECT_EQ(Json::parse("5", "test", 0).as_int(), 5);
}

TEST(Json, SkipsAByteOrderMark) { EXPECT_EQ(Json::parse("\xef\xbb\xbf[1]").size(), 1u); }

TEST(Json, BuildsValues) {
  Json config = Json::object({{"units", 10}, {"activation", "relu"}});
  config.set("rate", 0.5).set("units", 20);
  Json shapes;
  shapes.push_back(Json::array({28, 28})).push_back(nullptr);
  config.set("shapes", shapes);
  config.set("names", std::vector<std::string>{"a", "b"});
  EXPECT_EQ(config.dump(),
            R"({"units": 20, "activation": "relu", "rate": 0.5, "shapes": [[28, 28], null], "names": ["a", "b"]})");
  EXPECT_EQ(Json::object().dump(), "{}");
  EXPECT_EQ(Json::array().dump(), "[]");
  EXPECT_EQ(Json::object({{"a", 1}, {"a", 2}}).dump(), R"({"a": 2})");
  EXPECT_EQ(config, Json::parse(config.dump()));
}

TEST(Json, GetFallsBack) {
  const Json json = Json::parse(R"({"n": 3, "x": 2, "s": "t", "b": true, "none": null})");
  EXPECT_EQ(json.get("n", 7), 3);
  EXPECT_EQ(json.get("x", 0.5), 2.0);
  EXPECT_EQ(json.get("s", "u"), "t");
  EXPECT_TRUE(json.get("b", false));
  EXPECT_EQ(json.get("none", 7), 7);
  EXPECT_EQ(json.get("missing", 7), 7);
  EXPECT_EQ(json.get("missing", "u"), "u");
  EXPECT_THROW(json.get("s", 1), InvalidArgument);
}

TEST(Json, WrongUseTellsBothTypes) {
  try {
    Json("relu").as_int();
    FAIL();
  } catch (const InvalidArgument& error) {
    EXPECT_STREQ(error.what(), "JSON: expected an integer, got a string: \"relu\"");
  }
  try {
    (void)Json::parse(R"({"units": 1, "name": 2})").at("unit");
    FAIL();
  } catch (const InvalidArgument& error) {
    EXPECT_STREQ(error.what(), "JSON: there is no 'unit'; the object has units, name.");
  }
  EXPECT_THROW((void)Json::array({1}).at(1), InvalidArgument);
  EXPECT_THROW((void)Json(1).at("a"), InvalidArgument);
  EXPECT_THROW((void)Json(1).at(size_t{0}), InvalidArgument);
  EXPECT_THROW(Json(1).set("a", 1), InvalidArgument);
  EXPECT_THROW(Json(1).push_back(1), InvalidArgument);
  EXPECT_THROW((void)Json(1).as_bool(), InvalidArgument);
  EXPECT_THROW((void)Json(1).items(), InvalidArgument);
  EXPECT_THROW((void)Json(1).members(), InvalidArgument);
  EXPECT_EQ(Json(1).find("a"), nullptr);
  EXPECT_EQ(Json(1).size(), 0u);
}

TEST(Json, WithoutAKeyHoweverDeep) {
  const Json json = Json::parse(R"({"a": 1, "b": [{"a": 2, "c": {"a": [3]}}, "a"], "d": null})");
  EXPECT_EQ(without_key(json, "a"), Json::parse(R"({"b": [{"c": {}}, "a"], "d": null})"));
  EXPECT_EQ(without_key(json, "e"), json);
  EXPECT_EQ(without_key(Json("a"), "a"), Json("a"));
}

}  // namespace
}  // namespace hebb
