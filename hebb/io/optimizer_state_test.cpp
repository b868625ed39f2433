/// What model files hold of optimizers.
#include "hebb/io/model_file.h"
#include "hebb/io/model_file_testing.h"
#include "hebb/io/verify.h"
#include "hebb/ops/elementwise.h"

namespace hebb {
namespace {

TEST(OptimizerState, FitsFilesOfAllKinds) {
  const auto named = [](const Shape& shape, const std::string& name) { return variable(zeros(shape), name, false); };
  const Tensors adam = {named({}, "iteration"), named({}, "learning_rate"), named({2, 3}, "m"), named({2, 3}, "v")};
  using io::detail::match_optimizer_state;
  EXPECT_EQ(match_optimizer_state(adam, {}), (std::vector<int>{-1, -1, -1, -1}));
  EXPECT_EQ(match_optimizer_state(adam, {{}, {}}), (std::vector<int>{0, 1, -1, -1})) << "compiled, never trained";
  EXPECT_EQ(match_optimizer_state(adam, {{}, {}, {2, 3}, {2, 3}}), (std::vector<int>{0, 1, 2, 3}));
  EXPECT_EQ(match_optimizer_state(adam, {{}, {2, 3}, {2, 3}}), (std::vector<int>{0, -1, 1, 2})) << "tf_keras";
  EXPECT_EQ(match_optimizer_state(adam, {{}, {2, 3}, {2, 3}, {4}, {4}}, 1), std::nullopt)
      << "tf_keras, one frozen since";
  EXPECT_THROW(match_optimizer_state(adam, {{}, {}, {2, 3}, {3, 2}}), InvalidArgument);
  EXPECT_THROW(match_optimizer_state(adam, {{}, {}, {2, 3}, {2, 3}, {2, 3}}), InvalidArgument);
  const Tensors scheduled = {named({}, "iteration"), named({3}, "momentum")};
  EXPECT_EQ(match_optimizer_state(scheduled, {{}}), (std::vector<int>{0, -1}));
  EXPECT_EQ(match_optimizer_state(scheduled, {{}, {3}}), (std::vector<int>{0, 1}));
  EXPECT_EQ(match_optimizer_state(adam, {{}, {}, {2, 3}, {2, 3}, {3}, {3}}), std::nullopt) << "of two weights";
  const Tensors nothing = {named({}, "iteration"), named({}, "learning_rate")};
  EXPECT_EQ(match_optimizer_state(nothing, {{}, {}, {3}}), (std::vector<int>{0, -1})) << "in vain";
  EXPECT_EQ(match_optimizer_state(nothing, {{}, {}, {3}, {3}}, 0), std::nullopt) << "nothing trains";
  const Tensors nadam = {named({}, "iteration"), named({}, "learning_rate"), named({3}, "m"), named({3}, "v"),
                         named({}, "u_product")};
  EXPECT_EQ(match_optimizer_state(nadam, {{}, {}, {3}, {3}, {}}), (std::vector<int>{0, 1, 2, 3, 4}));
  EXPECT_EQ(match_optimizer_state(nadam, {{}, {}, {}, {3}, {3}}), (std::vector<int>{0, 1, 3, 4, 2})) << "to Keras 3.9";
}

/// Averages beside accumulators up to Keras 3.9, also where shapes do not tell.
TEST(OptimizerState, HasAveragesBesideAccumulatorsOrBeforeAll) {
  const auto named = [](const Shape& shape, const std::string& name) { return variable(zeros(shape), name, false); };
  using io::detail::match_optimizer_state;
  for (const Shape& bias : {Shape{2}, Shape{3}}) {
    const Tensors momentum = {named({}, "iteration"),
                              named({}, "learning_rate"),
                              named({3}, "kernel_average"),
                              named(bias, "bias_average"),
                              named({3}, "kernel_gradient_accumulator"),
                              named(bias, "bias_gradient_accumulator"),
                              named({3}, "kernel_momentum"),
                              named(bias, "bias_momentum")};
    const std::vector<Shape> early = {{}, {}, {3}, {3}, bias, bias, {3}, bias};
    EXPECT_EQ(match_optimizer_state(momentum, early, 2, "3.9.2"), (std::vector<int>{0, 1, 2, 4, 3, 5, 6, 7}));
    EXPECT_EQ(match_optimizer_state(momentum, early, 2), bias == Shape{3} ? (std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7})
                                                                          : (std::vector<int>{0, 1, 2, 4, 3, 5, 6, 7}))
        << "a file of weights tells no version";
    EXPECT_EQ(match_optimizer_state(momentum, {{}, {}, {3}, bias, {3}, bias, {3}, bias}, 2, "3.10.0"),
              (std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7}));
  }
}

TEST(OptimizerState, OfOneInsideOfAnother) {
  const auto named = [](const Shape& shape, const std::string& name) { return variable(zeros(shape), name, false); };
  const Tensors wrapped = {named({}, "iteration"),     named({}, "learning_rate"), named({}, "step_counter"),
                           named({}, "dynamic_scale"), named({}, "iteration"),     named({}, "learning_rate"),
                           named({2}, "momentum")};
  using io::detail::match_optimizer_state;
  EXPECT_EQ(match_optimizer_state(wrapped, {{}, {}, {}, {}}), (std::vector<int>{0, 1, -1, -1, 2, 3, -1})) << "unused";
  EXPECT_EQ(match_optimizer_state(wrapped, {{}, {}, {}, {}, {}, {}, {2}}), (std::vector<int>{0, 1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(match_optimizer_state(wrapped, {{}, {2}}), (std::vector<int>{-1, -1, -1, -1, 0, -1, 1})) << "tf_keras";
  EXPECT_THROW(match_optimizer_state(wrapped, {{}, {}, {}, {2}}), InvalidArgument);
}

/// Keras has the inner optimizer's variables a second time, and warns where they are missing.
TEST_F(ModelFileTest, HasTheStateOfAnInnerOptimizerTwice) {
  Sequential model({Input({4}), Dense(3)});
  model.compile({.optimizer = LossScaleOptimizer(Adam({.name = "inner"})), .loss = "mse"});
  model.train_on_batch(numbers({2, 4}), numbers({2, 3}));
  model.save(file("m.keras"));
  const io::Hdf5Reader weights(ZipReader(file("m.keras")).read("model.weights.h5", 1 << 20), "weights");
  const std::string inner = "/optimizer/inner_optimizer/vars";
  ASSERT_TRUE(weights.has_group(inner));
  EXPECT_EQ(weights.string_attribute(inner, "name"), "inner");
  EXPECT_EQ(weights.children(inner).size(), 6u);  // iteration, learning rate, two slots of two weights
  EXPECT_EQ(weights.spec(inner + "/2").shape, Shape({4, 3}));
  EXPECT_TRUE(same(load_model(file("m.keras")).optimizer()->variables(), model.optimizer()->variables()));
}

/// Keras warns where a file's state is of other weights than are trained; it may be that layers were frozen.
TEST_F(ModelFileTest, SaysThatAStateIsPassedOver) {
  Sequential model({Input({4}), Dense(3, {.name = "body"}), Dense(3)});
  model.compile({.optimizer = "adam", .loss = "mse"});
  model.train_on_batch(numbers({2, 4}), numbers({2, 3}));
  model.get_layer("body")->set_trainable(false);
  for (const char* name : {"m.keras", "m.h5"}) {
    model.save(file(name));
    std::vector<std::string> warnings;
    const Model loaded =
        load_model(file(name), {.on_warning = [&](const std::string& text) { warnings.push_back(text); }});
    ASSERT_EQ(warnings.size(), 1u) << name;
    EXPECT_NE(warnings[0].find(name), std::string::npos) << warnings[0];
    EXPECT_NE(warnings[0].find(": the state of the optimizer 'adam' is passed over"), std::string::npos) << warnings[0];
    EXPECT_EQ(loaded.optimizer()->iterations().item(), 0) << name;
    EXPECT_EQ(io::verify(file(name)).warnings, warnings);
    EXPECT_TRUE(io::verify(file(name)).problems.empty());
  }
  model.get_layer("body")->set_trainable(true);
  model.save(file("m.keras"));
  EXPECT_TRUE(io::verify(file("m.keras")).warnings.empty());
}

/// Keras searches in a variable's path, "head/kernel": what is left to AdamW has two slots in files.
TEST_F(ModelFileTest, HasTheSlotsOfLayersThatMuonLeavesOut) {
  const auto shapes_of = [&](const Optimizer& optimizer) {
    const Sequential tokens({Input({5}, {.dtype = DType::int32}), Embedding(9, 3, {.name = "words"})});
    Sequential model({tokens, Flatten(), Dense(4, {.use_bias = false, .name = "body"}),
                      Dense(3, {.use_bias = false, .name = "embedding_of_classes"})});
    model.compile({.optimizer = optimizer, .loss = "mse"});
    model.train_on_batch(cast(ones({2, 5}), DType::int32), numbers({2, 3}));
    model.save(file("m.keras"));
    EXPECT_TRUE(same(load_model(file("m.keras")).optimizer()->variables(), model.optimizer()->variables()));
    std::vector<Shape> shapes;
    for (const Tensor& one : model.optimizer()->variables()) shapes.push_back(one.shape());
    return shapes;
  };
  const Shape words = {9, 3}, body = {15, 4}, classes = {4, 3};
  EXPECT_EQ(shapes_of(Muon()), (std::vector<Shape>{{}, {}, words, words, body, classes, classes}));
  EXPECT_EQ(shapes_of(Muon({.exclude_layers = {"words"}, .exclude_embeddings = false})),
            (std::vector<Shape>{{}, {}, words, words, body, classes}));
  EXPECT_EQ(shapes_of(MultiOptimizer({.default_optimizer = Muon({.exclude_layers = {"nothing", "bod./k"}})})),
            (std::vector<Shape>{{}, {}, {}, {}, words, words, body, body, classes, classes}));
}

/// Keras finds a variable's optimizer by its path, and has each optimizer's variables a second time.
TEST_F(ModelFileTest, HasAnOptimizerForEachLayer) {
  const InputTensor x = Input({4});
  Model model(x, Dense(2, {.name = "b"})(Dense(3, {.name = "a"})(x)));
  const OptimizerMap map{.default_optimizer = SGD({.momentum = 0.9}),
                         .optimizer_map = {{"a/kernel", Adam()}, {"b/.*", Adam({.learning_rate = 0.02})}}};
  model.compile({.optimizer = MultiOptimizer(map), .loss = "mse"});
  model.train_on_batch(numbers({2, 4}), numbers({2, 2}));
  // Two of its own, two of each, two slots for a's kernel, four for b's weights, one for a's bias.
  EXPECT_EQ(model.optimizer()->variables().size(), 15u);
  model.save(file("m.keras"));
  const io::Hdf5Reader weights(ZipReader(file("m.keras")).read("model.weights.h5", 1 << 20), "weights");
  const std::string group = "/optimizer/optimizers/";
  EXPECT_EQ(weights.children(group + "adam/vars").size(), 4u);
  EXPECT_EQ(weights.children(group + "adam_1/vars").size(), 6u);
  EXPECT_EQ(weights.children(group + "sgd/vars").size(), 3u);
  EXPECT_EQ(weights.spec(group + "adam/vars/2").shape, Shape({4, 3}));
  EXPECT_TRUE(same(load_model(file("m.keras")).optimizer()->variables(), model.optimizer()->variables()));
}

/// tf_keras keeps neither the learning rate nor the product of momenta, which follows from the number of steps.
TEST_F(ModelFileTest, FindsNadamsProductInTheSteps) {
  Sequential model({Input({4}), Dense(3)});
  model.compile({.optimizer = Nadam({.learning_rate = 0.01}), .loss = "mse"});
  model.fit(numbers({8, 4}), numbers({8, 3}), {.batch_size = 2, .epochs = 2, .verbose = 0});
  const Tensors& state = model.optimizer()->variables();
  ASSERT_EQ(state.back().name(), "u_product");
  io::ModelFile parts = io::take_apart(model, io::Purpose::writing);
  ASSERT_EQ(parts.optimizer_state[1].name(), "learning_rate");
  for (const auto at : {parts.optimizer_state.size() - 1, size_t{1}}) {
    parts.optimizer_state.erase(parts.optimizer_state.begin() + static_cast<std::ptrdiff_t>(at));
    parts.optimizer_names.erase(parts.optimizer_names.begin() + static_cast<std::ptrdiff_t>(at));
  }
  for (const char* name : {"m.keras", "m.h5"}) {
    io::format_of(name).write(parts, file(name));
    const Model loaded = load_model(file(name));
    const double product = state.back().item();
    EXPECT_NEAR(loaded.optimizer()->variables().back().item(), product, 1e-5 * product) << name;
  }
}

}  // namespace
}  // namespace hebb
