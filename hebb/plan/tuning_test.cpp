#include "hebb/plan/tuning.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>
#include <mutex>

#include "hebb/base/atomic_file.h"
#include "hebb/base/file_mutex.h"
#include "hebb/base/json.h"
#include "hebb/base/machine.h"
#include "hebb/ops/conv.h"

namespace hebb {
namespace {

class TuningTest : public testing::Test {
 protected:
  TuningTest() { std::filesystem::remove_all(folder_); }
  ~TuningTest() override { std::filesystem::remove_all(folder_); }

  std::string path() const { return folder_ + "/kernels.json"; }
  Json written() const {
    std::ifstream file(path());
    return Json::parse(std::string(std::istreambuf_iterator<char>(file), {}), path());
  }
  /// Makes a file in which every choice is this implementation.
  void let_all_be(const std::string& implementation, const std::string& processor = processor_name()) {
    Json all = written(), choices = Json::object();
    ASSERT_GT(all.at("choices").size(), 0u);
    for (const auto& [key, choice] : all.at("choices").members())
      choices.set(key, Json::object({{"implementation", implementation}}));
    all.set("choices", choices).set("processor", processor);
    write_atomically(path(), all.dump());
  }

  /// A convolution for which there are several implementations on any machine with vector instructions.
  std::optional<std::string> choice(KernelChoices& choices, bool may_measure) const {
    return choices.choice({conv_, in_, out_}, may_measure);
  }

  void use_batch(int64_t examples) {
    in_[0].shape[0] = examples;
    out_ = conv_.infer(in_);
  }

  std::string folder_ = testing::TempDir() + "hebb_tuning/deep";
  const Conv conv_{{.strides = {1, 1}, .low = {1, 1}, .high = {1, 1}, .dilations = {1, 1}}};
  std::vector<Spec> in_ = {{{2, 16, 16, 32}, DType::float32}, {{3, 3, 32, 32}, DType::float32}};
  std::vector<Spec> out_ = conv_.infer(in_);
};

TEST_F(TuningTest, MeasuresWhenAllowedAndRemembersInTheFile) {
  KernelChoices choices(path());
  EXPECT_FALSE(choice(choices, false));
  EXPECT_FALSE(std::filesystem::exists(path()));
  const std::optional<std::string> chosen = choice(choices, true);
  ASSERT_TRUE(chosen);
  EXPECT_NE(*chosen, "reference");
  EXPECT_EQ(choice(choices, false), chosen);
  EXPECT_EQ(written().at("choices").size(), 1u);
  KernelChoices later(path());
  EXPECT_EQ(choice(later, false), chosen);
}

TEST_F(TuningTest, TimesOfAllImplementationsAreWritten) {
  KernelChoices choices(path());
  ASSERT_TRUE(choice(choices, true));
  const Json all = written();
  const Json& times = all.at("choices").members()[0].second.at("microseconds");
  size_t takers = 0;
  for (const KernelMaker& maker : kernel_makers("conv")) {
    Refusal why;
    Call call{conv_, in_, out_};
    call.by_measurement = true;
    if (maker.implementation == "reference" || !maker.make(call, why)) continue;
    ++takers;
    EXPECT_GT(times.at(maker.implementation).as_double(), 0) << maker.implementation;
  }
  EXPECT_EQ(times.size(), takers);
}

TEST_F(TuningTest, TheFileDecides) {
  {
    KernelChoices choices(path());
    ASSERT_TRUE(choice(choices, true));
  }
  for (const KernelMaker& maker : kernel_makers("conv")) {
    Refusal why;
    Call call{conv_, in_, out_};
    call.by_measurement = true;
    if (!maker.make(call, why)) continue;
    let_all_be(std::string(maker.implementation));
    KernelChoices choices(path());
    call.by_measurement = false;
    const auto kernel = choices.make(call, false);
    ASSERT_TRUE(kernel) << maker.implementation;
    EXPECT_TRUE(kernel->implementation().starts_with(maker.implementation)) << kernel->implementation();
  }
}

TEST_F(TuningTest, AFileOfAnotherProcessorOrADamagedOneOrAnUnknownNameIsNoChoice) {
  {
    KernelChoices choices(path());
    ASSERT_TRUE(choice(choices, true));
  }
  let_all_be("simd", "another processor");
  KernelChoices foreign(path());
  EXPECT_FALSE(choice(foreign, false));
  ASSERT_TRUE(choice(foreign, true));
  EXPECT_EQ(written().at("processor").as_string(), processor_name());

  let_all_be("carrier pigeon");
  KernelChoices unknown(path());
  EXPECT_FALSE(unknown.make({conv_, in_, out_}, false));

  write_atomically(path(), "{\"choices\": {\"conv");
  KernelChoices damaged(path());
  EXPECT_FALSE(choice(damaged, false));
  EXPECT_TRUE(choice(damaged, true));
  EXPECT_EQ(written().at("choices").size(), 1u);
}

TEST_F(TuningTest, NothingIsMeasuredWhereItCannotBeRemembered) {
  KernelChoices nowhere("");
  EXPECT_FALSE(choice(nowhere, true));
  std::filesystem::create_directories(std::filesystem::path(folder_).parent_path());
  std::ofstream(folder_) << "a file where the folder should be";
  KernelChoices impossible(path());
  EXPECT_FALSE(choice(impossible, true));
}

TEST_F(TuningTest, WhatTheFileHoldsCountsWhereNothingCanBeWritten) {
  {
    KernelChoices choices(path());
    ASSERT_TRUE(choice(choices, true));
  }
  let_all_be("simd");
  const Json before = written();
  // A lock that cannot be opened stands for a folder that is read only, which root could write to.
  std::filesystem::remove(path() + ".lock");
  std::filesystem::create_directory(path() + ".lock");
  KernelChoices choices(path());
  const auto first_batch = in_[0].shape[0];
  for (int round = 0; round < 2; ++round) {
    use_batch(first_batch);
    EXPECT_EQ(choice(choices, true), "simd") << round;
    use_batch(first_batch + 1);
    EXPECT_FALSE(choice(choices, true)) << round << ": it could not be remembered";
  }
  EXPECT_EQ(written().dump(), before.dump());
}

TEST_F(TuningTest, WhereOneImplementationIsLeftThereIsNoChoice) {
  KernelChoices choices(path());
  const Conv volume{{.strides = {1, 1, 1}, .low = {1, 1, 1}, .high = {1, 1, 1}, .dilations = {1, 1, 1}}};
  const std::vector<Spec> in = {{{2, 8, 8, 8, 32}, DType::float32}, {{3, 3, 3, 32, 32}, DType::float32}};
  const std::vector<Spec> out = volume.infer(in);
  Call call{volume, in, out};
  call.by_measurement = true;
  int takers = 0;
  for (const KernelMaker& maker : kernel_makers("conv")) {
    Refusal why;
    if (maker.implementation != "reference" && maker.make(call, why)) ++takers;
  }
  ASSERT_EQ(takers, 1);
  EXPECT_FALSE(choices.choice({volume, in, out}, true));
  EXPECT_FALSE(std::filesystem::exists(path()));
}

TEST_F(TuningTest, SmallCallsAndOperationsWithoutAChoiceAreLeftAlone) {
  KernelChoices choices(path());
  const std::vector<Spec> small = {{{1, 4, 4, 1}, DType::float32}, {{3, 3, 1, 1}, DType::float32}};
  EXPECT_FALSE(choices.choice({conv_, small, conv_.infer(small)}, true));
  EXPECT_FALSE(std::filesystem::exists(path()));
}

TEST_F(TuningTest, WhatTwoProcessesFindIsKeptTogether) {
  KernelChoices one(path()), two(path());
  EXPECT_FALSE(choice(two, false)) << "both have read the file before";
  ASSERT_TRUE(choice(one, true));
  use_batch(3);
  ASSERT_TRUE(choice(two, true));
  EXPECT_EQ(written().at("choices").size(), 2u);
}

TEST_F(TuningTest, AChoiceThatAnotherProcessWroteMeanwhileIsTaken) {
  KernelChoices one(path()), two(path());
  EXPECT_FALSE(choice(two, false));
  ASSERT_TRUE(choice(one, true));
  let_all_be("not measured");
  EXPECT_EQ(choice(two, true), "not measured");
}

TEST_F(TuningTest, WritesWhenNobodyElseDoesAndKeepsWhatCameFirst) {
  {
    KernelChoices choices(path());
    ASSERT_TRUE(choice(choices, true));
  }
  let_all_be("the other's");
  const std::string theirs = written().dump();
  std::filesystem::remove(path());
  FileMutex guard(path() + ".lock");
  std::unique_lock writing(guard);
  KernelChoices mine(path());
  auto chosen = std::async(std::launch::async, [&] { return choice(mine, true); });
  EXPECT_EQ(chosen.wait_for(std::chrono::milliseconds(300)), std::future_status::timeout);
  EXPECT_FALSE(std::filesystem::exists(path()));
  write_atomically(path(), theirs);
  writing.unlock();
  EXPECT_EQ(chosen.get(), "the other's");
  EXPECT_EQ(choice(mine, false), "the other's");
  EXPECT_EQ(written().dump(), theirs);
}

}  // namespace
}  // namespace hebb
