// Ensembles: networks that differ only in where their weights started, alone and together.
#include "examples/lectures/page.h"

namespace hebb::lectures {

void ensembles(Page& page) {
  page.text(
      "Networks from different initial weights make different mistakes. Their mean, or a vote, is wrong only where "
      "most of them are (Hansen and Salamon, 1990). The price is that all of them must be trained and asked. An "
      "ensemble is a model of models here: `ensemble({first, second, third})` is evaluated and saved like any other.");
  const Images& images = page.images();
  std::vector<int64_t> tenth(static_cast<size_t>(std::max<int64_t>(1, images.train.size() / 10)));
  for (size_t i = 0; i < tenth.size(); ++i) tenth[i] = static_cast<int64_t>(i) * 10;
  const data::Dataset train = images.train.select(tenth);

  page.text("Seven networks of 50 hidden neurons, every tenth training image, ten epochs with Adam.");
  std::vector<Model> members;
  Number single{.what = "test accuracy, one network"};
  std::vector<std::vector<std::string>> rows;
  viz::Series by_average{.label = "average"}, by_vote{.label = "vote"}, alone{.label = "mean of the members"};
  Number average{.what = "test accuracy, average of seven", .on_index = true},
      vote{.what = "test accuracy, vote of seven"};
  const auto accuracy = [&](Model model) { return model.evaluate(images.test, {.batch_size = 500})["accuracy"]; };
  for (int64_t seed = 1; seed <= 7; ++seed) {
    set_random_seed(seed);
    Sequential model({Input({28, 28, 1}), Rescaling(1.0 / 255), Flatten(), Dense(50, {.activation = "relu"}),
                      Dense(10, {.activation = "softmax"})});
    model.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
    model.fit(train, {.batch_size = 32, .epochs = page.epochs(10), .verbose = 0});
    members.push_back(model);
    single.here.push_back(accuracy(model));
    const auto count = static_cast<double>(members.size());
    alone.points.push_back({count, single.mean()});
    if (members.size() > 1) {
      average.here = {accuracy(ensemble(members))};
      vote.here = {accuracy(ensemble(members, {.how = "vote"}))};
    } else {
      average.here = vote.here = single.here;
    }
    by_average.points.push_back({count, average.mean()});
    by_vote.points.push_back({count, vote.mean()});
    rows.push_back({std::to_string(seed), Number{.here = {single.here.back()}}.here_text(), average.here_text(),
                    vote.here_text()});
  }
  single.on_index = true;
  page.number(single);
  page.number(average);
  page.number(vote);
  viz::PlotOptions look{{.title = "Test accuracy by the number of members",
                         .x_label = "networks",
                         .y_label = "accuracy",
                         .whole_x = true}};
  look.percent_y = true;
  page.plot(
      {by_average, by_vote, alone}, look, "accuracies",
      "Together they are better than they are alone on average. A vote of two decides nothing where they disagree.");
  page.table("One network more in each row", {"network", "alone", "average so far", "vote so far"}, rows);

  page.section("Where they disagree");
  const Tensor answers = ensemble(members, {.how = "vote"}).predict(images.test, {.batch_size = 500});
  const std::vector<double> shares = max(answers, {.axes = {1}}).to_vector<double>();
  const std::vector<double> classes = cast(argmax(answers, 1), DType::float32).to_vector<double>();
  const std::vector<double> truth = images.test.y().to_vector<double>();
  std::vector<int64_t> order(shares.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int64_t>(i);
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    return shares[static_cast<size_t>(a)] < shares[static_cast<size_t>(b)];
  });
  order.resize(std::min<size_t>(24, order.size()));
  std::vector<std::string> captions;
  std::vector<bool> wrong;
  for (const int64_t i : order) {
    const auto at = static_cast<size_t>(i);
    captions.push_back(message(classes[at], " (", static_cast<int>(shares[at] * 7 + 0.5), " of 7)"));
    wrong.push_back(classes[at] != truth[at]);
  }
  page.figure(
      viz::image_grid(images.test.select(order).x(), {.captions = captions, .wrong = wrong, .columns = 8, .cell = 92}),
      "disagreement", "The digits with the fewest votes for the winner; wrong answers are framed.");
}

}  // namespace hebb::lectures
