// Texts in, classes out: what a review thinks of a film, told from its words. The model takes the texts as they are, so
// that whoever has its file needs nothing else.
#include <hebb/hebb.h>

#include <cstdio>
#include <string>
#include <vector>

using namespace hebb;

namespace {

/// Reviews that are put together of parts, and whether they like the film.
data::Dataset reviews(int64_t count, int64_t seed) {
  const std::vector<std::string> beginnings = {"The plot is", "I found the cast", "This film was",
                                               "The music:", "It's"};
  const std::vector<std::string> kinds[2] = {{"dull", "a bore", "awful", "weak", "far too long"},
                                             {"superb", "a joy", "moving", "great fun", "well made"}};
  const std::vector<std::string> ends = {".", "!", ", really.", ", my friends said.", "... what else is there to say?"};
  const auto numbers = random::uniform({count, 4}, {.low = 0, .high = 5, .seed = seed}).to_vector<int64_t>();
  std::vector<std::string> all;
  std::vector<float> likes;
  for (size_t i = 0; i < static_cast<size_t>(count); ++i) {
    const auto part = [&](size_t k) { return static_cast<size_t>(numbers[i * 4 + k]); };
    const size_t liked = part(3) % 2;
    all.push_back(beginnings[part(0)] + " " + kinds[liked][part(1)] + ends[part(2)]);
    likes.push_back(static_cast<float>(liked));
  }
  return {texts(all), Tensor::from(likes, {count, 1})};
}

}  // namespace

int main() {
  set_random_seed(1);
  const data::Dataset train = reviews(600, 1), test = reviews(200, 2);
  std::printf("a review: %s\n", to_texts(train.x()).front().c_str());

  Layer words = TextVectorization({.max_tokens = 100, .output_sequence_length = 12});
  adapt(words, train);
  std::printf("words known: %zu, the most frequent of them '%s'\n", get_vocabulary(words).size(),
              get_vocabulary(words)[2].c_str());

  Sequential model({Input({1}, {.dtype = DType::string}), words, Embedding(100, 8), GlobalAveragePooling1D(),
                    Dense(1, {.activation = "sigmoid"})});
  model.compile({.optimizer = Adam({.learning_rate = 0.02}), .loss = "binary_crossentropy", .metrics = {"accuracy"}});
  model.fit(train, {.batch_size = 32, .epochs = 8, .verbose = 0});
  const double accuracy = model.evaluate(test, {.verbose = 0})["accuracy"];
  std::printf("told right of new reviews: %.1f %%\n", 100 * accuracy);

  model.save("reviews.keras");  // with the words: opens in Keras
  Model again = load_model("reviews.keras");
  const Tensor answers = again.predict(texts({"Great fun, and a moving end!", "Weak, awful... dull."}));
  std::printf("%.2f likes it, %.2f does not\n", answers.to_vector<double>()[0], answers.to_vector<double>()[1]);
  return accuracy > 0.95 && answers.to_vector<double>()[0] > 0.5 && answers.to_vector<double>()[1] < 0.5 ? 0 : 1;
}
