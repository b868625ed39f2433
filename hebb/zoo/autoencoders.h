/// Autoencoders: models that learn to restore their input through a narrow or disturbed middle, and so find features
/// without targets.
///
///     zoo::Autoencoder digits = zoo::autoencoder({.units = {128, 32}});
///     digits.model.fit(images, images, {.batch_size = 64, .epochs = 5});       // targets are the inputs
///     Tensor codes = digits.encoder.predict(images);                           // (n, 32)
///     Tensor restored = digits.decoder.predict(codes);                         // (n, 784)
///
///     zoo::autoencoder({.noise = 0.3});              // denoising: restores what noise was added to
///     zoo::autoencoder({.sparsity = 1e-4});          // sparse: few units of the code are on
///
/// The three models share their layers; they come compiled with Adam and the loss that goes with the last activation.
/// Inputs are numbers from 0 to 1 (of bytes: divide by 255), or any with `output_activation` "linear". The models are
/// made of Keras's layers, so that Keras opens their files, except for the variational one's.
#pragma once

#include <string>
#include <vector>

#include "hebb/nn/model.h"

namespace hebb::zoo {

struct Autoencoder {
  Model model;    ///< from inputs to restored inputs: this is trained
  Model encoder;  ///< from inputs to codes
  Model decoder;  ///< from codes to restored inputs
};

struct AutoencoderOptions {
  Shape input_shape = {784};                  ///< of one example; of more than one axis it is flattened and restored
  std::vector<int64_t> units = {128, 32};     ///< of the hidden layers; the last is the code
  std::string activation = "relu";            ///< of the hidden layers
  std::string output_activation = "sigmoid";  ///< with the loss binary_crossentropy; any other: mse
  /// Denoising (Vincent et al., Extracting and composing robust features with denoising autoencoders, 2008): in
  /// training noise of this deviation (0 to 1) is added to the inputs, and this share of them is set to zero.
  double noise = 0, dropped = 0;
  /// Sparse (Ng, Sparse autoencoder, 2011): this times the sum of the code's magnitudes is added to the loss.
  double sparsity = 0;
  std::string name = "autoencoder";
};
/// Dense layers down to the code and up again. InvalidArgument for no units and what the layers refuse.
Autoencoder autoencoder(const AutoencoderOptions& options = {});

struct ConvolutionalAutoencoderOptions {
  Shape input_shape = {28, 28, 1};         ///< height and width divisible by 2 for each of the filters
  std::vector<int64_t> filters = {16, 8};  ///< of the encoder's layers, each of which halves height and width
  int64_t kernel_size = 3;
  /// How the decoder doubles: "transposed": Conv2DTranspose; "nearest", "bilinear": UpSampling2D and a Conv2D, which
  /// makes no checkerboards (Odena et al., Deconvolution and checkerboard artifacts, 2016).
  std::string up = "transposed";
  std::string activation = "relu";
  std::string output_activation = "sigmoid";
  double noise = 0, dropped = 0, sparsity = 0;  ///< as for `autoencoder`
  std::string name = "convolutional_autoencoder";
};
/// Convolutions with strides down to a small image of many channels, and up again (Masci et al., Stacked convolutional
/// auto-encoders for hierarchical feature extraction, 2011). InvalidArgument for other shapes.
Autoencoder convolutional_autoencoder(const ConvolutionalAutoencoderOptions& options = {});

struct VariationalAutoencoderOptions {
  Shape input_shape = {784};
  std::vector<int64_t> units = {256};  ///< of the hidden layers between input and code, and back
  int64_t latent = 2;                  ///< size of the code
  std::string activation = "relu";
  std::string output_activation = "sigmoid";
  double kl_weight = 1;  ///< 1: the evidence lower bound, divided by the number of inputs as the loss is
  std::string name = "variational_autoencoder";
};
/// Kingma and Welling, Auto-encoding variational Bayes, 2014: the code is drawn from a normal distribution that the
/// encoder gives, which is pulled to the standard one, so that `decoder.predict(random::normal({n, latent}))` makes new
/// examples. The encoder has two outputs, mean and log variance; `predict` of the model takes the mean. Its files hold
/// hebb's layer GaussianSampling: hebb reads them back, Keras only after a class of that name was registered.
Autoencoder variational_autoencoder(const VariationalAutoencoderOptions& options = {});

}  // namespace hebb::zoo
