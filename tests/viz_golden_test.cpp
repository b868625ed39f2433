// What pictures show in numbers, against TensorFlow's gradients and scikit-learn (tests/goldens/make_viz.py).
#include <gtest/gtest.h>

#include "goldens.h"
#include "hebb/nn/model_config.h"
#include "hebb/ops/shaping.h"
#include "hebb/viz/attribution.h"
#include "hebb/viz/pca.h"
#include "hebb/viz/t_sne.h"
#include "hebb/viz/threshold_curves.h"

namespace hebb::viz {
namespace {

std::vector<const Json*> cases_of(const std::string& kind) {
  std::vector<const Json*> out;
  for (const Json& one : goldens::cases("viz")) {
    if (one.at("kind").as_string() == kind) out.push_back(&one);
  }
  EXPECT_FALSE(out.empty()) << kind;
  return out;
}

std::vector<double> numbers(const Json& json) {
  std::vector<double> out;
  for (const Json& one : json.items()) out.push_back(one.as_double());
  return out;
}

TEST(VizGolden, SaliencyAndGradCamAreTheTapes) {
  for (const Json* golden : cases_of("attribution")) {
    SCOPED_TRACE(golden->at("name").as_string());
    const Model model = model_from_json(golden->at("model"));
    model.set_weights(goldens::tensors(golden->at("weights")));
    const Tensor image = goldens::tensor(golden->at("image"));
    for (const Json& asked : golden->at("asked").items()) {
      const int64_t c = asked.at("class_index").as_int();
      EXPECT_TRUE(goldens::near(saliency_map(model, image, c), goldens::tensor(asked.at("saliency")), 2e-6, 1e-6));
      for (const char* layer : {"early", "late"}) {
        const Tensor expected = goldens::tensor(asked.at("grad_cam").at(layer));
        EXPECT_TRUE(goldens::near(grad_cam_map(model, image, c, layer), expected, 2e-6, 1e-6)) << layer;
      }
    }
  }
}

TEST(VizGolden, AreasAreScikitLearns) {
  for (const Json* golden : cases_of("areas")) {
    SCOPED_TRACE(golden->at("name").as_string());
    std::vector<bool> truth;
    for (const Json& one : golden->at("truth").items()) truth.push_back(one.as_bool());
    const std::vector<double> scores = numbers(golden->at("scores"));
    EXPECT_NEAR(roc_curve(scores, truth).area, golden->at("roc_area").as_double(), 1e-12);
    EXPECT_NEAR(precision_recall_curve(scores, truth).area, golden->at("average_precision").as_double(), 1e-12);
  }
}

TEST(VizGolden, ComponentsAreScikitLearns) {
  for (const Json* golden : cases_of("pca")) {
    SCOPED_TRACE(golden->at("name").as_string());
    const Pca pca = principal_components(goldens::tensor(golden->at("points")), 3);
    for (size_t c = 0; c < 3; ++c) {
      EXPECT_NEAR(pca.variances[c] / golden->at("variances").at(c).as_double(), 1, 1e-11);
      EXPECT_NEAR(pca.explained[c], golden->at("explained").at(c).as_double(), 1e-12);
      // The direction of an axis is free.
      const std::vector<double> expected = numbers(golden->at("axes").at(c));
      const double* axis = pca.axes.data<double>() + c * expected.size();
      double along = 0;
      for (size_t k = 0; k < expected.size(); ++k) along += axis[k] * expected[k];
      EXPECT_NEAR(std::abs(along), 1, 1e-11);
    }
  }
}

TEST(VizGolden, NeighboursStayNeighbours) {
  for (const Json* golden : cases_of("neighbours")) {
    const Tensor points = goldens::tensor(golden->at("points"));
    // Equal distances of whole numbers stand in another order there, which moves single ranks.
    EXPECT_NEAR(trustworthiness(points, goldens::tensor(golden->at("places")), 5),
                golden->at("trustworthiness_places").as_double(), 1e-4);
    const double expected = golden->at("trustworthiness_t_sne").as_double();
    TSneOptions options{.perplexity = golden->at("perplexity").as_double()};
    const double from_components = trustworthiness(points, t_sne(points, options), 5);
    EXPECT_GT(from_components, expected - 0.005) << "scikit-learn: " << expected;
    options.seed = 3;
    const Tensor plane = t_sne(points, options);
    EXPECT_GT(trustworthiness(points, plane, 5), expected - 0.01);
    EXPECT_EQ(plane.to_vector<double>(), t_sne(points, options).to_vector<double>());
    RecordProperty("trustworthiness", std::to_string(from_components));
  }
}

}  // namespace
}  // namespace hebb::viz
