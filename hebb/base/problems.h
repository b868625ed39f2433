/// Several errors as one: what is wrong in all parts of a thing, not only in the first.
///
///     Problems problems;
///     for (const Json& layer : layers) problems.run([&] { made.push_back(make(layer)); });
///     problems.throw_all();              // 2 problems:
///                                        // - layer 'a' (Foo): ...
///                                        // - layer 'b' (Bar): ...
#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "hebb/base/error.h"

namespace hebb {

class Problems {
 public:
  /// Keeps what `body` throws because of bad input; false when it did.
  template <class Body>
  bool run(Body&& body) {
    try {
      body();
      return true;
    } catch (const NotSupported& error) {
      keep(error, true);
    } catch (const InvalidArgument& error) {
      keep(error, false);
    } catch (const IoError& error) {
      keep(error, false);
    }
    return false;
  }

  /// Keeps the text of an error in what the caller gave.
  template <class ErrorType = InvalidArgument>
  void add(const std::string& text) {
    run([&] { throw ErrorType(text); });
  }

  const std::vector<std::string>& texts() const { return texts_; }
  /// The same, with those that `throw_all` made one taken apart.
  std::vector<std::string> parts() const {
    std::vector<std::string> out;
    for (const std::string& text : texts_) {
      const size_t begin = text.find(heading);
      if (begin == std::string::npos) {
        out.push_back(text);
        continue;
      }
      for (size_t at = begin + heading.size() - bullet.size(); at != std::string::npos;) {
        const size_t from = at + bullet.size(), next = text.find(bullet, from);
        out.push_back(text.substr(from, next == std::string::npos ? next : next - from));
        at = next;
      }
    }
    return out;
  }

  bool has_not_supported() const { return not_supported_; }

  /// Nothing where nothing was kept; a single error as it was thrown; several as one text, NotSupported if one of them
  /// is, else of the first one's kind.
  void throw_all() const {
    if (texts_.empty()) return;
    if (texts_.size() == 1) std::rethrow_exception(first_);
    std::string text = std::to_string(texts_.size()) + " problems:";
    for (const std::string& one : texts_) text.append(bullet).append(one);
    if (not_supported_) throw NotSupported(text);
    if (of_file_) throw IoError(text);
    throw InvalidArgument(text);
  }

 private:
  static constexpr std::string_view bullet = "\n- ", heading = " problems:\n- ";

  void keep(const Error& error, bool not_supported) {
    if (texts_.empty()) {
      first_ = std::current_exception();
      of_file_ = dynamic_cast<const IoError*>(&error) != nullptr;
    }
    not_supported_ = not_supported_ || not_supported;
    texts_.emplace_back(error.what());
  }

  std::vector<std::string> texts_;
  std::exception_ptr first_;
  bool not_supported_ = false, of_file_ = false;
};

}  // namespace hebb
