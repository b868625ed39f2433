#include "hebb/data/csv.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>

#include "hebb/base/byte_source.h"
#include "hebb/base/error.h"
#include "hebb/tensor/texts.h"

namespace hebb::data {
namespace {

using Names = std::vector<std::string>;

CsvTable parse(std::string_view text, const CsvOptions& options = {}) { return parse_csv(text, "'x.csv'", options); }
std::vector<float> values(const CsvTable& table) { return table.values.to_vector<float>(); }
std::vector<float> values(std::string_view text, const CsvOptions& options = {}) {
  return values(parse(text, options));
}

std::string failure(std::string_view text, const CsvOptions& options = {}) {
  try {
    parse(text, options);
  } catch (const IoError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Csv, ReadsNumbers) {
  const CsvTable table = parse("1,2.5,-3\n4e2,+5, 6 \n");
  EXPECT_EQ(table.values.spec(), (Spec{{2, 3}, DType::float32}));
  EXPECT_EQ(values(table), (std::vector<float>{1, 2.5, -3, 400, 5, 6}));
  EXPECT_EQ(table.columns, (Names{"0", "1", "2"}));
  EXPECT_EQ(table.categories, std::vector<Names>(3));
  EXPECT_EQ(parse("16777217,0.1\n", {.dtype = DType::float64}).values.to_vector<double>(),
            (std::vector<double>{16777217, 0.1}));
  EXPECT_EQ(values("1e999,-1e999,1e-999\n"), (std::vector<float>{HUGE_VALF, -HUGE_VALF, 0}));
  EXPECT_EQ(values("inf,-inf\n"), (std::vector<float>{HUGE_VALF, -HUGE_VALF}));
}

TEST(Csv, EndsOfLines) {
  const std::vector<float> expected = {1, 2, 3, 4};
  for (const char* text : {"1,2\n3,4\n", "1,2\n3,4", "1,2\r\n3,4\r\n", "1,2\r\n3,4\r", "\n\n1,2\n\r\n\n3,4\n\n",
                           "\xef\xbb\xbf"
                           "1,2\n3,4",
                           "\"1\",\"2\"\n\"3\",\"4\"", "\"1\",\"2\"\r\n\"3\",\"4\"\r\n"}) {
    const CsvTable table = parse(text);
    EXPECT_EQ(table.values.shape(), (Shape{2, 2})) << text;
    EXPECT_EQ(values(table), expected) << text;
  }
}

TEST(Csv, FindsTheDelimiter) {
  for (const char* text : {"1,2\n3,4\n", "1;2\n3;4\n", "1\t2\n3\t4\n"})
    EXPECT_EQ(parse(text).values.shape(), (Shape{2, 2})) << text;
  EXPECT_EQ(parse("1\n2\n3\n").values.shape(), (Shape{3, 1}));
  EXPECT_EQ(values("1,5;2,5\n3,5;4\n", {.decimal = ','}), (std::vector<float>{1.5, 2.5, 3.5, 4}));
  EXPECT_EQ(parse("a;b, c\n1;2\n").columns, (Names{"a", "b, c"}));
  EXPECT_EQ(parse("1|2\n3|4\n", {.delimiter = '|'}).values.shape(), (Shape{2, 2}));
}

TEST(Csv, FindsTheHeader) {
  EXPECT_EQ(parse("a,b\n1,2\n").columns, (Names{"a", "b"}));
  EXPECT_EQ(parse("a,b\n1,2\n").values.shape(), (Shape{1, 2}));
  EXPECT_EQ(parse("label,0,1\n5,10,20\n").columns, (Names{"label", "0", "1"}));
  EXPECT_EQ(parse("5.1,3.5,setosa\n4.9,3.0,setosa\n").columns, (Names{"0", "1", "2"}));
  EXPECT_EQ(parse("a,b\n").values.shape(), (Shape{0, 2}));
  EXPECT_EQ(parse("1,2\n3,4\n", {.header = true}).columns, (Names{"1", "2"}));
  EXPECT_EQ(parse("a,b\nc,2\n", {.header = false, .texts = {"1"}}).values.shape(), (Shape{2, 2}));
  EXPECT_EQ(parse("\"a \"\"b\"\"\",c\n1,2").columns, (Names{"a \"b\"", "c"}));
}

TEST(Csv, ReadsQuotedFields) {
  const CsvTable table = parse("name,value\n\"a, b\",1\n\"say \"\"hi\"\"\",2\n\"two\nlines\",3\n\"\",4\n");
  EXPECT_EQ(table.categories[0], (Names{"a, b", "say \"hi\"", "two\nlines"}));
  const std::vector<float> read = values(table);
  EXPECT_EQ(read[0], 0);
  EXPECT_EQ(read[2], 1);
  EXPECT_EQ(read[4], 2);
  EXPECT_TRUE(std::isnan(read[6]));
  EXPECT_EQ(table.values.shape(), (Shape{4, 2}));
}

TEST(Csv, VerbatimColumnsAreTakenAsTheyStand) {
  const CsvTable table = parse("text,n\n one ,1\n\"a, \"\"b\"\"\",2\nNA,3\n,4\n7,5\n", {.verbatim = {"text"}});
  EXPECT_EQ(table.categories[0], (Names{"", " one ", "7", "NA", "a, \"b\""}));
  EXPECT_EQ(table.values.to_vector<float>(), (std::vector<float>{1, 1, 4, 2, 3, 3, 0, 4, 2, 5}));
  EXPECT_THROW(parse("a,b\n2,1\n", {.verbatim = {"c"}}), InvalidArgument);
  EXPECT_EQ(csv_columns("text,n\nx,1\n", "x.csv"), (Names{"text", "n"}));
  EXPECT_EQ(csv_columns("x,1\ny,2\n", "x.csv"), (Names{"0", "1"}));
  EXPECT_EQ(csv_text({}, texts({"a", "b,c", "\"", ""}, {2, 2})), "a,\"b,c\"\n\"\"\"\",\n");
}

TEST(Csv, TextsBecomePlacesInAlphabeticalOrder) {
  const CsvTable table = parse("x,species\n1,virginica\n2,setosa\n3,virginica\n4,versicolor\n");
  EXPECT_EQ(table.categories, (std::vector<Names>{{}, {"setosa", "versicolor", "virginica"}}));
  EXPECT_EQ(values(table), (std::vector<float>{1, 2, 2, 0, 3, 2, 4, 1}));
  EXPECT_EQ(table.column("species"), 1);
  try {
    (void)table.column("specie");
    FAIL();
  } catch (const InvalidArgument& error) {
    EXPECT_STREQ(error.what(), "unknown column 'specie'. Did you mean 'species'?");
  }
  // A text column may have texts that look like numbers, if that is said.
  EXPECT_EQ(parse("a,1\n2,1\n", {.header = false, .texts = {"0"}}).categories[0], (Names{"2", "a"}));
  EXPECT_THROW(parse("a,b\n2,1\n", {.texts = {"c"}}), InvalidArgument);
}

TEST(Csv, AColumnOfNumbersAndWordsIsAnError) {
  EXPECT_EQ(failure("a,b\n1,x\n2,\n2,3\n"),
            "'x.csv': line 2: column 2 ('b'): expected numbers alone or words alone, got 'x' here and '3' in line 4. "
            "Correct it, leave the field empty if it is missing, or declare the column to be of words.");
  EXPECT_EQ(failure("a,b\n1,x\n", {.find_texts = false}).find("'x.csv': line 2: column 2 ('b'): expected a number"),
            0u);
}

TEST(Csv, NumbersTextsAsInAnotherFile) {
  const CsvTable train = parse("colour,kind\nred,cat\nblue,dog\ngreen,cat\n");
  const CsvTable test = parse("colour,kind\ngreen,dog\nred,dog\n", {.categories = train.known_categories()});
  EXPECT_EQ(values(test), (std::vector<float>{1, 1, 2, 1}));
  EXPECT_EQ(test.categories, train.categories);
  EXPECT_EQ(failure("colour,kind\nred,cat\npink,dog\n", {.categories = train.known_categories()}),
            "'x.csv': line 3: column 1 ('colour'): expected one of 'blue', 'green', 'red', got 'pink'. Correct it, or "
            "leave out the row.");
  // Without a header columns have numbers; texts may look like numbers; missing ones stay missing.
  const CsvTable codes = parse("7\n\"\"\n8a\n", {.header = false, .categories = {{"0", {"8a", "7"}}, {"9", {}}}});
  EXPECT_EQ(codes.values.to_vector<float>()[0], 1);
  EXPECT_TRUE(std::isnan(codes.values.to_vector<float>()[1]));
  EXPECT_THROW(parse("a\nx\n", {.categories = {{"a", {"x", "x"}}}}), InvalidArgument);
  EXPECT_THROW((void)parse("a,a\nx,y\n").known_categories(), InvalidArgument);
}

TEST(Csv, FindsDecimalCommasBetweenSemicolons) {
  EXPECT_EQ(values("1,5;0\n2,5;1\n"), (std::vector<float>{1.5, 0, 2.5, 1}));
  EXPECT_EQ(values("a;b\n1,5;2\n3;-4,25\n"), (std::vector<float>{1.5, 2, 3, -4.25}));
  EXPECT_EQ(parse("a;b\n1,5;2\n").decimal, ',');
  EXPECT_EQ(values("1;2.5\n3;4\n"), (std::vector<float>{1, 2.5, 3, 4}));
  EXPECT_EQ(parse("1,2\n").decimal, '.');
  EXPECT_NE(failure("1.5;2\n1,5;2\n").find("decimal"), std::string::npos);
  EXPECT_EQ(parse("name;note\nann;a, b\nbob;c, d\n").categories[1], (Names{"a, b", "c, d"}));
}

TEST(Csv, MissingValuesAreNanOrErrors) {
  const std::vector<float> read = values("a,b\n1,\n,2\nNA,nan\n?,NULL\n");
  ASSERT_EQ(read.size(), 8u);
  EXPECT_EQ(read[0], 1);
  EXPECT_EQ(read[3], 2);
  for (const size_t i : {1, 2, 4, 5, 6, 7}) EXPECT_TRUE(std::isnan(read[i])) << i;
  EXPECT_EQ(
      failure("a,b\n1,2\n3,\n", {.allow_missing = false}).find("'x.csv': line 3: column 2 ('b'): a value is missing"),
      0u)
      << failure("a,b\n1,2\n3,\n", {.allow_missing = false});
  EXPECT_EQ(values("1,2,\n").size(), 3u);
}

TEST(Csv, ErrorsTellLineAndColumn) {
  EXPECT_EQ(failure("a,b\n1,2\n\n3,x\n"),
            "'x.csv': line 4: column 2 ('b'): expected a number, got 'x'. Correct it, or leave the field empty if it "
            "is missing.");
  EXPECT_EQ(failure("1,2\n3,4,5\n").find("'x.csv': line 2: expected 2 fields as in the first line, got 3"), 0u);
  EXPECT_EQ(failure("1,2\n3\n").find("'x.csv': line 2: expected 2 fields as in the first line, got 1"), 0u);
  EXPECT_EQ(failure("t,n\n\"a\nb\nc\",1\nd,2,3\n", {.delimiter = ','}).find("'x.csv': line 5: expected 2 fields"), 0u);
  EXPECT_EQ(failure("1,2\n\"3,4\n5,6\n", {.delimiter = ','}).find("'x.csv': line 2: a quote is opened"), 0u);
  EXPECT_EQ(failure("1,2\n\"3\"x,4\n", {.delimiter = ','}).find("'x.csv': line 2: expected ',' or the end"), 0u);
  EXPECT_NE(failure("1\t2\n1,5\t2\n", {.delimiter = '\t'}).find("decimal"), std::string::npos);
  EXPECT_LT(failure("1\n" + std::string(100'000, 'x') + "\n").size(), 200u);
}

TEST(Csv, RefusesWhatIsNoTable) {
  EXPECT_NE(failure("").find("is empty"), std::string::npos);
  EXPECT_NE(failure("\n\r\n").find("is empty"), std::string::npos);
  EXPECT_NE(failure(std::string_view("PK\3\4\0\0", 6)).find("byte 4 is zero"), std::string::npos);
  EXPECT_NE(failure("\xff\xfe"
                    "1")
                .find("UTF-16"),
            std::string::npos);
  EXPECT_NE(failure("1,2\r3,4").find("CR alone"), std::string::npos);
  EXPECT_THROW(read_csv("/no/such/file.csv"), IoError);
  EXPECT_THROW(parse("1", {.dtype = DType::int32}), InvalidArgument);
  EXPECT_THROW(parse("1", {.delimiter = '"'}), InvalidArgument);
  EXPECT_THROW(parse("1", {.decimal = ';'}), InvalidArgument);
}

TEST(Csv, AllocatesNoMoreThanTheTextImplies) {
  // One wide line and many short ones: lines times fields would be 10^11.
  std::string text(300'000, ',');
  text += '\n';
  for (int i = 0; i < 300'000; ++i) text += "1\n";
  EXPECT_NE(failure(text, {.delimiter = ','}).find("line 2"), std::string::npos);
}

TEST(Csv, AnyTextIsReadOrRefused) {
  // All short texts of the characters that matter.
  const std::string alphabet = "1a,\"\n\r";
  for (size_t length = 1; length <= 5; ++length) {
    std::vector<size_t> digits(length, 0);
    for (;;) {
      std::string text;
      for (const size_t digit : digits) text += alphabet[digit];
      try {
        const CsvTable table = parse(text);
        EXPECT_EQ(table.values.shape()[1], static_cast<int64_t>(table.columns.size())) << text;
        EXPECT_EQ(table.categories.size(), table.columns.size()) << text;
        EXPECT_LE(table.values.size(), static_cast<int64_t>(length) + 1) << text;
      } catch (const IoError&) {
      }
      size_t at = 0;
      while (at < length && ++digits[at] == alphabet.size()) digits[at++] = 0;
      if (at == length) break;
    }
  }
}

TEST(Csv, WritesWhatReadsBack) {
  const Tensor table = Tensor::from({0.1f, 1e-7f, -3.f, 100000.f}, {2, 2});
  const Names names = {"a", "b, \"c\""};
  EXPECT_EQ(csv_text(names, table), "a,\"b, \"\"c\"\"\"\n0.1,1e-07\n-3,1e+05\n");
  const std::string path = testing::TempDir() + "hebb_csv_" + std::to_string(::getpid()) + ".csv";
  write_csv(path, names, table);
  const CsvTable back = read_csv(path);
  EXPECT_EQ(back.columns, names);
  EXPECT_EQ(values(back), table.to_vector<float>());
  std::filesystem::remove(path);

  EXPECT_EQ(csv_text({}, Tensor::from(std::vector<int64_t>{9007199254740993, -1})), "9007199254740993\n-1\n");
  EXPECT_EQ(csv_text({}, Tensor::from(std::vector<uint8_t>{1, 255}, {1, 2})), "1,255\n");
  EXPECT_EQ(csv_text({}, Tensor::from(std::vector<double>{0.1, std::nan("")}, {1, 2})), "0.1,nan\n");
  EXPECT_EQ(csv_text({}, Tensor::empty({2, 0})), "\n\n");
  EXPECT_EQ(csv_text({}, Tensor::from({1.f, 2.f, 3.f, 4.f}, {1, 2, 2})), "1,2,3,4\n");
  EXPECT_THROW(csv_text(Names{"a"}, table), InvalidArgument);
  EXPECT_THROW(csv_text({}, Tensor::scalar(1)), InvalidArgument);
}

}  // namespace
}  // namespace hebb::data
