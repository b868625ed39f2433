#include "hebb/zoo/zoo.h"

#include <gtest/gtest.h>

#include <cmath>

#include "hebb/base/error.h"
#include "hebb/nn/random_seed.h"
#include "hebb/ops/indexing.h"

namespace hebb::zoo {
namespace {

/// Targets that a head learns from, for six examples.
Tensor targets_for(Head head, int64_t units) {
  const Tensor labels = Tensor::from(std::vector<int32_t>{0, 1, 2, 0, 1, 2});
  if (head == Head::labels) return labels;
  if (head == Head::one_hot) return one_hot(labels, units);
  if (head == Head::flags) return ones({6, units});
  return full({6, units}, 0.7);
}

TEST(Zoo, EveryArchitectureLearnsImages) {
  for (const ArchitectureRecord& record : architecture_records()) {
    EXPECT_FALSE(record.doc.empty()) << record.name;
    for (const Head head : {Head::labels, Head::one_hot, Head::flags, Head::numbers}) {
      set_random_seed(1);
      Model model = make(record.name, {.input_shape = {20, 20, 1}, .classes = 3, .bytes = true, .head = head});
      EXPECT_EQ(model.output_shape(), (Shape{Shape::unknown, 3})) << record.name;
      const std::string before = model.trainable_variables().back().to_string();
      const Logs logs = model.train_on_batch(full({6, 20, 20, 1}, 128, DType::uint8), targets_for(head, 3));
      EXPECT_TRUE(std::isfinite(logs["loss"])) << record.name;
      EXPECT_EQ(logs.find("accuracy") != nullptr, head == Head::labels || head == Head::one_hot) << record.name;
      EXPECT_NE(model.trainable_variables().back().to_string(), before) << record.name << " learnt nothing";
    }
  }
}

TEST(Zoo, SaysWhichArchitectureAShapeDoesNotSuit) {
  for (const ArchitectureRecord& record : architecture_records()) {
    const bool plain = record.name == "logistic" || record.name == "mlp";
    for (const Shape& shape : {Shape{2}, Shape{5, 5, 1}, Shape{28, 28}, Shape{0}, Shape{}, Shape{20, 0, 1}}) {
      const bool empty = shape.elements() == 0 || shape.rank() == 0;
      if (plain && !empty) {
        EXPECT_NO_THROW(make(record.name, {.input_shape = shape, .bytes = false}))
            << record.name << ' ' << shape.to_string();
        continue;
      }
      try {
        make(record.name, {.input_shape = shape});
        ADD_FAILURE() << record.name << " takes " << shape.to_string();
      } catch (const InvalidArgument& error) {
        EXPECT_EQ(std::string(error.what()).rfind(record.name + ": ", 0), 0u) << error.what();
      }
    }
  }
}

void expect_error(const std::string& name, const MakeOptions& options, const std::string& says) {
  try {
    make(name, options);
    ADD_FAILURE() << name;
  } catch (const InvalidArgument& error) {
    EXPECT_NE(std::string(error.what()).find(says), std::string::npos) << error.what();
  }
}

TEST(Zoo, CorrectsNamesAndOptions) {
  expect_error("mpl", {}, "Did you mean 'mlp'?");
  expect_error("mlp", {.options = Json::object({{"unit", 5}})}, "Did you mean 'units'?");
  expect_error("logistic", {.options = Json::object({{"units", 5}})}, "takes no options");
  for (const Json& wrong : {Json("0"), Json("5-"), Json("-5"), Json("5x"), Json(0), Json(-3), Json("")})
    expect_error("mlp", {.options = Json::object({{"units", wrong}})}, "numbers of neurons such as 500-500");
}

TEST(Zoo, AnMlpHasTheUnitsAskedFor) {
  const Model model = make("mlp", {.input_shape = {4}, .bytes = false, .options = Json::object({{"units", "7-5"}})});
  EXPECT_EQ(model.layers().size(), 3u);
  EXPECT_EQ(model.layers()[1]->weights()[0].shape(), (Shape{7, 5}));
}

}  // namespace
}  // namespace hebb::zoo
