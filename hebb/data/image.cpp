#include "hebb/data/image.h"

#include <png.h>

#include <csetjmp>
#include <cstdio>
// jpeglib.h needs size_t and FILE declared before it.
#include <jpeglib.h>

#include <memory>
#include <vector>

#include "hebb/base/byte_source.h"
#include "hebb/base/error.h"
#include "hebb/base/text.h"

namespace hebb::data {

namespace {

constexpr int64_t most_pixels = 100'000'000;
constexpr int64_t most_bytes = int64_t{256} << 20;

void check_size(const std::string& path, int64_t width, int64_t height) {
  if (width < 1 || height < 1 || width > most_pixels / height) {
    throw IoError(message(path, ": an image of ", width, "x", height, " pixels; at most ", most_pixels,
                          " are read. Make it smaller first."));
  }
}

Tensor read_png(const std::string& path, const std::string& bytes, bool grayscale) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  struct Free {
    png_image* image;
    ~Free() { png_image_free(image); }
  } const free_it{&image};
  if (!png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()))
    throw IoError(message(path, ": not a readable PNG image: ", image.message, "."));
  check_size(path, image.width, image.height);
  image.format = grayscale ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
  Tensor out = Tensor::empty({1, image.height, image.width, grayscale ? 1 : 3}, DType::uint8);
  const png_color background{0, 0, 0};
  if (!png_image_finish_read(&image, &background, out.mutable_raw(), 0, nullptr)) {
    throw IoError(message(path, ": damaged PNG image: ", image.message, "."));
  }
  return out;
}

struct JpegError {
  jpeg_error_mgr base;
  std::jmp_buf jump;
  char text[JMSG_LENGTH_MAX];
};

/// The part between setjmp and longjmp: nothing in it needs a destructor. Returns whether it succeeded.
bool decode_jpeg(jpeg_decompress_struct& decoder, JpegError& error, const std::string& bytes, bool grayscale,
                 Tensor (*make)(const std::string&, int64_t, int64_t, int64_t), const std::string& path, Tensor& out) {
  uint8_t* volatile row = nullptr;
  if (setjmp(error.jump)) return false;
  jpeg_create_decompress(&decoder);
  jpeg_mem_src(&decoder, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  jpeg_read_header(&decoder, TRUE);
  decoder.out_color_space = grayscale ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_start_decompress(&decoder);
  out = make(path, decoder.output_height, decoder.output_width, decoder.output_components);
  row = static_cast<uint8_t*>(out.mutable_raw());
  while (decoder.output_scanline < decoder.output_height) {
    JSAMPROW line = row + static_cast<size_t>(decoder.output_scanline) * decoder.output_width *
                              static_cast<size_t>(decoder.output_components);
    jpeg_read_scanlines(&decoder, &line, 1);
  }
  jpeg_finish_decompress(&decoder);
  return true;
}

Tensor read_jpeg(const std::string& path, const std::string& bytes, bool grayscale) {
  jpeg_decompress_struct decoder{};
  JpegError error{};
  decoder.err = jpeg_std_error(&error.base);
  error.base.error_exit = [](j_common_ptr info) {
    auto* mine = reinterpret_cast<JpegError*>(info->err);
    info->err->format_message(info, mine->text);
    std::longjmp(mine->jump, 1);
  };
  error.base.output_message = [](j_common_ptr) {};  // warnings about small damage: the library does not print
  struct Free {
    jpeg_decompress_struct* decoder;
    ~Free() { jpeg_destroy_decompress(decoder); }
  } const free_it{&decoder};
  Tensor out;
  auto make = [](const std::string& where, int64_t height, int64_t width, int64_t channels) {
    check_size(where, width, height);
    return Tensor::empty({1, height, width, channels}, DType::uint8);
  };
  if (!decode_jpeg(decoder, error, bytes, grayscale, make, path, out))
    throw IoError(message(path, ": damaged JPEG image: ", error.text, "."));
  return out;
}

}  // namespace

Tensor read_image(const std::string& path, const ImageOptions& options) {
  const std::string bytes = read_file(path, most_bytes);
  if (bytes.starts_with("\x89PNG")) return read_png(path, bytes, options.grayscale);
  if (bytes.starts_with("\xff\xd8")) return read_jpeg(path, bytes, options.grayscale);
  throw IoError(message(path, ": expected a PNG or JPEG image, found something else."));
}

std::string png_bytes(const Tensor& image) {
  const Shape shape = image.shape();
  const bool fits = image.dtype() == DType::uint8 && shape.rank() == 4 && shape[0] == 1 && shape[1] > 0 &&
                    shape[2] > 0 && (shape[3] == 1 || shape[3] == 3 || shape[3] == 4);
  if (!fits) {
    throw InvalidArgument(message("png_bytes: expected an image, uint8 (1, height, width, 1, 3 or 4 channels), got ",
                                  image.spec(), ". Cast and reshape it."));
  }
  png_image out{};
  out.version = PNG_IMAGE_VERSION;
  out.height = static_cast<png_uint_32>(shape[1]);
  out.width = static_cast<png_uint_32>(shape[2]);
  out.format = shape[3] == 1 ? PNG_FORMAT_GRAY : shape[3] == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_RGBA;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(out);
  std::string bytes(size, '\0');
  if (!png_image_write_to_memory(&out, bytes.data(), &size, 0, image.raw(), 0, nullptr))
    throw IoError(message("png_bytes: cannot write the image: ", out.message, "."));
  bytes.resize(size);
  return bytes;
}

}  // namespace hebb::data
