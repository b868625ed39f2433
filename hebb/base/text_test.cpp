#include "hebb/base/text.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>

namespace hebb {
namespace {

struct Named {
  std::string to_string() const { return "(2, 3)"; }
};

TEST(Text, MessageJoinsWhatItIsGiven) {
  EXPECT_EQ(message("rank ", 2, ' ', true, " ", 0.5, " ", Named(), std::string("!"), uint8_t{7}),
            "rank 2 true 0.5 (2, 3)!7");
  EXPECT_EQ(message(), "");
}

TEST(Text, NumberTextIsTheShortestThatReadsBack) {
  EXPECT_EQ(number_text(0.1), "0.1");
  EXPECT_EQ(number_text(3), "3");
  EXPECT_EQ(number_text(-0.0), "-0");
  EXPECT_EQ(number_text(0.0001), "0.0001");
  EXPECT_EQ(number_text(0.00001), "1e-05");
  EXPECT_EQ(number_text(1e-7), "1e-07");
  EXPECT_EQ(number_text(100000), "100000");
  EXPECT_EQ(number_text(1e16), "1e+16");
  EXPECT_EQ(number_text(1.0 / 3), "0.3333333333333333");
  EXPECT_EQ(number_text(std::nan("")), "nan");
  EXPECT_EQ(number_text(HUGE_VAL), "inf");
  EXPECT_EQ(number_text(-HUGE_VAL), "-inf");
  for (const double value :
       {std::numeric_limits<double>::max(), std::numeric_limits<double>::denorm_min(), 1e22, 123456.789}) {
    EXPECT_EQ(std::strtod(number_text(value).c_str(), nullptr), value);
  }
}

TEST(Text, JoinAndSplit) {
  const std::vector<std::string> parts = {"a", "", "b"};
  EXPECT_EQ(join(parts), "a, , b");
  EXPECT_EQ(join(parts, "/"), "a//b");
  EXPECT_EQ(join(std::vector<std::string>{}), "");
  EXPECT_EQ(split("a//b", '/'), parts);
  EXPECT_EQ(split("", ','), std::vector<std::string>{""});
  EXPECT_EQ(split("a,", ','), (std::vector<std::string>{"a", ""}));
}

TEST(Text, NearestNameFindsWhatWasMeant) {
  const std::vector<std::string> names = {"relu", "sigmoid", "softmax", "softplus", "tanh", "MaxPooling2D"};
  EXPECT_EQ(nearest_name("rellu", names), "relu");
  EXPECT_EQ(nearest_name("RELU", names), "relu");
  EXPECT_EQ(nearest_name("sigmod", names), "sigmoid");
  EXPECT_EQ(nearest_name("sofmtax", names), "softmax");  // neighbours swapped
  EXPECT_EQ(nearest_name("maxpool2d", names), "MaxPooling2D");
  EXPECT_EQ(nearest_name("xyzzyxyzzy", names), "");
  EXPECT_EQ(nearest_name("", names), "");
  EXPECT_EQ(nearest_name("a", {}), "");
}

TEST(Text, UnknownNameSuggestsOrLists) {
  const std::vector<std::string> names = {"relu", "tanh"};
  EXPECT_EQ(unknown_name("activation", "rellu", names), "unknown activation 'rellu'. Did you mean 'relu'?");
  EXPECT_EQ(unknown_name("activation", "gaussian", names), "unknown activation 'gaussian'. Known are: relu, tanh.");
  std::vector<std::string> many = {"Gauss"};
  for (int i = 0; i < 60; ++i) many.push_back(message("layer_with_a_long_name_", i));
  const std::string text = unknown_name("layer", "xaussianxy", many);
  EXPECT_TRUE(text.starts_with("unknown layer 'xaussianxy'. Known are 61, the nearest: Gauss, ")) << text;
  EXPECT_LT(text.size(), 200u) << text;
}

TEST(Text, SnakeCaseIsKerass) {
  // Made by keras.src.utils.naming.to_snake_case.
  const std::pair<const char*, const char*> cases[] = {{"Dense", "dense"},
                                                       {"Conv2D", "conv2d"},
                                                       {"Conv2DTranspose", "conv2d_transpose"},
                                                       {"MaxPooling2D", "max_pooling2d"},
                                                       {"GlobalAveragePooling2D", "global_average_pooling2d"},
                                                       {"BatchNormalization", "batch_normalization"},
                                                       {"LSTM", "lstm"},
                                                       {"LSTMCell", "lstm_cell"},
                                                       {"ReLU", "re_lu"},
                                                       {"LeakyReLU", "leaky_re_lu"},
                                                       {"PReLU", "p_re_lu"},
                                                       {"ELU", "elu"},
                                                       {"GRU", "gru"},
                                                       {"RNN", "rnn"},
                                                       {"ConvLSTM2D", "conv_lstm2d"},
                                                       {"SeparableConv2D", "separable_conv2d"},
                                                       {"DepthwiseConv2D", "depthwise_conv2d"},
                                                       {"UpSampling2D", "up_sampling2d"},
                                                       {"ZeroPadding2D", "zero_padding2d"},
                                                       {"SpatialDropout1D", "spatial_dropout1d"},
                                                       {"TFSMLayer", "tfsm_layer"},
                                                       {"MyABCLayer", "my_abc_layer"},
                                                       {"aB", "a_b"},
                                                       {"AaBbCc", "aa_bb_cc"},
                                                       {"My Layer-2", "my_layer2"}};
  for (const auto& [name, expected] : cases) EXPECT_EQ(snake_case(name), expected) << name;
}

}  // namespace
}  // namespace hebb
