// Too many weights for too few examples, some of them wrong: dropout, L1, L2 and early stopping on a small set.
#include "examples/lectures/page.h"

namespace hebb::lectures {

namespace {

struct Trial {
  std::string name;
  double dropout = 0;
  Regularizer regularizer = {};
  bool early_stopping = false;
};

Sequential network(const Trial& trial) {
  Sequential model({Input({28, 28, 1}), Rescaling(1.0 / 255), Flatten()});
  for (int i = 0; i < 2; ++i) {
    model.add(Dense(200, {.activation = "relu", .kernel_regularizer = trial.regularizer}));
    if (trial.dropout > 0) model.add(Dropout(trial.dropout));
  }
  model.add(Dense(10, {.activation = "softmax", .kernel_regularizer = trial.regularizer}));
  model.compile({.optimizer = Adam({.learning_rate = 0.001}),
                 .loss = "sparse_categorical_crossentropy",
                 .metrics = {"accuracy", "sparse_categorical_crossentropy"}});  // the loss without penalties
  return model;
}

/// The same images, a share of them with the label of another digit, any of the nine.
data::Dataset mislabelled(const data::Dataset& data, double share) {
  std::vector<int64_t> labels = data.y().to_vector<int64_t>();
  const std::vector<double> chance = random::uniform({data.size(), 2}, {.seed = 9}).to_vector<double>();
  for (size_t i = 0; i < labels.size(); ++i)
    if (chance[2 * i] < share) labels[i] = (labels[i] + 1 + static_cast<int64_t>(9 * chance[2 * i + 1])) % 10;
  return {data.x(), Tensor::from(labels)};
}

/// The weights of the first dense layer.
std::vector<double> first_weights(const Sequential& model) { return model.weights()[0].to_vector<double>(); }

}  // namespace

void regularization(Page& page) {
  page.text(
      "A network of 200 and 200 hidden neurons has 199,210 weights. Of 1,000 images it can learn each by heart, right "
      "or wrong: a fifth of the labels here are wrong on purpose, as labels are where people wrote them in a hurry. To "
      "learn those by heart costs what was understood of the others. What can be done against it: dropout silences "
      "half of the neurons at random in each step, so that none can rely on another (Srivastava et al., 2014); L2 "
      "takes a "
      "part of each weight away (Krogh and Hertz, 1992), L1 the same amount of each, so that most come near zero "
      "(Tibshirani, 1996); early stopping ends the training when held-out images get worse (Prechelt, 1998).");
  const Images& images = page.images();
  // Of the first 1,500 images two thirds to learn from; the others are held out.
  std::vector<int64_t> learned, others;
  const int64_t count = std::min<int64_t>(1500, images.train.size());
  for (int64_t i = 0; i < count; ++i) (i < count * 2 / 3 ? learned : others).push_back(i);
  const data::Dataset few = mislabelled(images.train.select(learned), 0.2), held_out = images.train.select(others);
  const std::vector<Trial> trials = {{.name = "none"},
                                     {.name = "dropout 0.5", .dropout = 0.5},
                                     {.name = "L2, 0.01", .regularizer = L2(0.01)},
                                     {.name = "L1, 0.002", .regularizer = L1(0.002)},
                                     {.name = "early stopping", .early_stopping = true}};
  std::vector<viz::Series> losses;
  std::vector<viz::NamedValues> weights;
  std::vector<Number> numbers;
  std::vector<std::string> names;
  std::vector<std::vector<std::string>> rows;
  for (const Trial& trial : trials) {
    page.progress(trial.name);
    Number test{.what = "test accuracy, " + trial.name, .on_index = trial.name == "none" || trial.dropout > 0};
    Number train{.what = "training accuracy, " + trial.name}, test_loss{.what = "test loss", .decimals = 3};
    for (const int64_t seed : page.seeds()) {
      set_random_seed(seed);
      Sequential model = network(trial);
      std::vector<Callback> callbacks;
      if (trial.early_stopping)
        callbacks = {EarlyStopping({.monitor = "val_loss", .patience = 5, .restore_best_weights = true})};
      const History history = model.fit(few, {.batch_size = 32,
                                              .epochs = page.epochs(40),
                                              .verbose = 0,
                                              .callbacks = callbacks,
                                              .validation_data = held_out});
      const Logs at_test = model.evaluate(images.test, {.batch_size = 500});
      test.here.push_back(at_test["accuracy"]);
      test_loss.here.push_back(at_test["sparse_categorical_crossentropy"]);
      train.here.push_back(model.evaluate(few, {.batch_size = 500})["accuracy"]);
      if (seed > 1) continue;
      losses.push_back(line_of(trial.name, history["val_accuracy"]));
      if (!trial.early_stopping) weights.push_back({trial.name, first_weights(model)});
    }
    page.number(test);
    rows.push_back({trial.name, train.here_text(), test.here_text(), test_loss.here_text()});
    numbers.push_back(test);
    names.push_back(trial.name);
  }
  viz::PlotOptions look{
      {.title = "Accuracy on held-out images", .x_label = "epoch", .whole_x = true, .percent_y = true}};
  look.y_label = "accuracy";
  page.plot(losses, look, "curves",
            "The first training with each, measured on 500 images that it does not learn from.");
  page.bars(numbers, names,
            {.title = "Test accuracy, 1,000 training images, a fifth of them mislabelled",
             .y_label = "accuracy",
             .percent = true,
             .low = 0.75,
             .high = 0.9,
             .width = 760},
            "accuracies", "The labels of the test images are right.");
  page.table("What is learned of the labels, a fifth of them wrong, and what of the digits",
             {"against overfitting", "training accuracy", "test accuracy", "test loss, without penalties"}, rows);
  page.text(
      "Who is right for all training images has learned the wrong labels too; about 0.8 is what is left to a network "
      "that has understood the digits and nothing else. How the penalties do it is seen in the weights.");
  page.figure(
      viz::histograms(weights, {.x_label = "weight", .same_x = true, .columns = 2, .width = 380, .height = 205}),
      "weights",
      "The first layer's weights, all on one axis: L2 pulls them together, L1 sets most to nearly zero and leaves a "
      "few large ones.");
}

}  // namespace hebb::lectures
