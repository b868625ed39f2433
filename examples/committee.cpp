// A search for the best setting, and a committee of the best nets that were found.
#include <hebb/hebb.h>

#include <iostream>
#include <string>
using namespace hebb;

int main() {
  auto [x, y] = data::moons({.samples = 600, .noise = 0.25, .seed = 1});
  const auto split = data::train_test_split(x, y, {.test_size = 0.5, .seed = 1});
  const auto make = [&](int64_t units, const std::string& activation, double rate) {
    Sequential model({Input({2}), Dense(units, {.activation = activation}), Dense(2, {.activation = "softmax"})});
    model.compile({.optimizer = Adam({.learning_rate = rate}),
                   .loss = "sparse_categorical_crossentropy",
                   .metrics = {"accuracy"}});
    return model;
  };
  const auto found =
      search::run({{"units", "4..64"}, {"activation", "tanh,relu"}, {"rate", "1e-3..1e-1"}},
                  [&](const search::Trial& trial) {
                    Model model = make(trial.integer("units"), trial.text("activation"), trial.real("rate"));
                    const History history = model.fit(split.x_train, split.y_train,
                                                      {.epochs = trial.epochs, .verbose = 0, .validation_split = 0.25});
                    return search::Outcome{history["val_loss"].back(), model};
                  },
                  {.strategy = "halving", .trials = 12, .epochs = 18, .seed = 1});
  std::cout << found.table_text();

  std::vector<Model> members;
  for (size_t i = 0; i < 3; ++i) {
    const search::Trial best{.setting = found.rows[i].setting};
    set_random_seed(static_cast<int64_t>(i));
    members.push_back(make(best.integer("units"), best.text("activation"), best.real("rate")));
    members.back().fit(split.x_train, split.y_train, {.epochs = 30, .verbose = 0});
    std::cout << "member: " << members.back().evaluate(split.x_test, split.y_test)["accuracy"] << '\n';
  }
  for (const char* how : {"average", "vote"})
    std::cout << how << ": " << ensemble(members, {.how = how}).evaluate(split.x_test, split.y_test)["accuracy"]
              << '\n';
}
