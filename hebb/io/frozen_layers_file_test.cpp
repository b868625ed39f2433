// What is trained and what is not, in files.
#include "hebb/io/model_file_testing.h"
#include "hebb/nn/model_base.h"
#include "hebb/nn/symbolic.h"
#include "hebb/nn/trainer.h"

namespace hebb {
namespace {

class FrozenLayersFileTest : public ModelFileTest {};

TEST_F(FrozenLayersFileTest, KeepsWhatIsFrozen) {
  Model model = small_model();
  model.get_layer(0).set_trainable(false);
  model.save(file("m.keras"));
  Model loaded = load_model(file("m.keras"));
  EXPECT_EQ(loaded.trainable_weights().size(), 2u);
  EXPECT_TRUE(loaded.base().trainable());
}

/// The last layers of a frozen model are trained: fine-tuning. (Keras: 4 trainable variables, 2 of the whole model
/// alone.)
TEST_F(FrozenLayersFileTest, KeepsWhatIsTrainedOfAFrozenModel) {
  const Sequential in_a_row({Input({4}), Dense(3, {.name = "first"}), Dense(2, {.name = "last"})});
  const InputTensor from = Input({4});
  const Model graph(from, Dense(2, {.name = "last"})(Dense(3, {.name = "first"})(from)));
  for (const Model& inner : {Model(in_a_row), graph}) {
    inner.set_trainable(false);
    inner.get_layer("last").set_trainable(true);
    const InputTensor x = Input({4});
    Model model(x, Dense(1)(inner(x)));
    model.compile({.optimizer = "adam", .loss = "mse"});
    EXPECT_EQ(model.trainable_weights().size(), 4u);
    model.train_on_batch(numbers({2, 4}), numbers({2, 1}));
    for (const char* name : {"m.keras", "m.h5", "again.keras"}) {
      (std::string(name) == "again.keras" ? load_model(file("m.keras")) : model).save(file(name));
      const Model loaded = load_model(file(name));
      EXPECT_EQ(loaded.trainable_weights().size(), 4u) << name << " " << inner.base().class_name();
      EXPECT_TRUE(same(loaded.weights(), model.weights())) << name << " " << inner.base().class_name();
      EXPECT_TRUE(same(loaded.optimizer()->variables(), model.optimizer()->variables())) << name;
    }
  }
}

/// As Keras reloads it: the wrapper's flag is its own.
TEST_F(FrozenLayersFileTest, KeepsWhatIsTrainedInAFrozenWrapper) {
  const InputTensor x = Input({3, 4});
  const Layer inner = Dense(2), wrapper = TimeDistributed(inner), both = Bidirectional(LSTM(2));
  const Layer cell = LSTMCell(3), cells = StackedRNNCells({cell, GRUCell(2)}), goes_over = RNN(cells);
  Model model(x, Concatenate()({Dense(1)(both(wrapper(x))), goes_over(x)}));
  wrapper.set_trainable(false);
  goes_over.set_trainable(false);
  cell.set_trainable(true);
  both.set_trainable(false);
  inner.set_trainable(true);
  model.save(file("m.keras"));
  EXPECT_EQ(model.trainable_weights().size(), 7u);
  EXPECT_EQ(load_model(file("m.keras")).trainable_weights().size(), 7u);
}

/// Keras makes the layers inside of a frozen attention anew, and trains them; so does who reads its state of them.
TEST_F(FrozenLayersFileTest, TrainsInsideOfAFrozenAttentionWhereKerasDid) {
  const InputTensor x = Input({3, 4});
  const Layer attention = MultiHeadAttention(2, 2);
  Model model(x, Dense(4)(attention({x, x})));
  attention.set_trainable(false);  // the layer alone, as its configuration says it
  for (const auto& [attribute, inner] : attention->sublayers()) inner->set_trainable(true);
  for (const char* name : {"m.keras", "m.h5"}) {
    model.compile({.optimizer = "adam", .loss = "mse"});
    model.train_on_batch(numbers({2, 3, 4}), numbers({2, 3, 4}));
    model.save(file(name));
    const Model loaded = load_model(file(name));
    EXPECT_TRUE(same(loaded.optimizer()->variables(), model.optimizer()->variables())) << name;
    EXPECT_EQ(loaded.optimizer()->variables().size(), 2 + 2 * model.trainable_weights().size()) << name;
  }
}

/// The same where nothing else trains.
TEST_F(FrozenLayersFileTest, TrainsInsideOfAModelOfAFrozenAttentionAlone) {
  const InputTensor x = Input({3, 4});
  const Layer attention = MultiHeadAttention(2, 2);
  Model model(x, attention({x, x}));
  attention.set_trainable(false);
  for (const auto& [attribute, inner] : attention->sublayers()) inner->set_trainable(true);
  for (const char* name : {"m.keras", "m.h5"}) {
    model.compile({.optimizer = "adam", .loss = "mse"});
    model.train_on_batch(numbers({2, 3, 4}), numbers({2, 3, 4}));
    model.save(file(name));
    const Model loaded = load_model(file(name));
    EXPECT_EQ(loaded.trainable_weights().size(), 8u) << name;
    EXPECT_TRUE(same(loaded.optimizer()->variables(), model.optimizer()->variables())) << name;
  }
}

/// The state of an optimizer that trained other weights: as in Keras, it starts anew.
TEST_F(FrozenLayersFileTest, OpensWhatWasFrozenAfterItsTraining) {
  for (const char* name : {"m.keras", "m.h5"}) {
    const InputTensor x = Input({3, 4});
    const Layer attention = MultiHeadAttention(2, 2), first = Dense(4);
    Model model(x, Dense(4)(attention({x, first(x)})));
    model.compile({.optimizer = "adam", .loss = "mse"});
    model.train_on_batch(numbers({2, 3, 4}), numbers({2, 3, 4}));
    attention.set_trainable(false);
    first.set_trainable(false);
    for (const size_t trained : {2u, 0u}) {
      if (trained == 0) model.set_trainable(false);
      model.save(file(name));
      const Model loaded = load_model(file(name));
      EXPECT_TRUE(same(loaded.weights(), model.weights())) << name;
      EXPECT_EQ(loaded.trainable_weights().size(), trained) << name;
      EXPECT_EQ(loaded.optimizer()->variables().size(), 2 + 2 * trained) << name;
      EXPECT_EQ(loaded.optimizer()->iterations().item(), 0) << name;
    }
  }
}

}  // namespace
}  // namespace hebb
