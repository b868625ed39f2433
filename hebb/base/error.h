/// Errors: everything that hebb reports is one of these exceptions.
///
/// A message says where, what was expected, what came and what to do:
///
///     throw InvalidArgument(message("layer '", name, "' (Dense): expected the last axis of its input to be ", units,
///                                   ", got ", shape, ". Add Flatten() before it."));
///
/// Nothing in the library prints, aborts or exits.
#pragma once

#include <stdexcept>

namespace hebb {

/// The root of all errors that hebb throws.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The caller gave something that cannot be used: a shape, a number, a name.
class InvalidArgument : public Error {
 public:
  using Error::Error;
};

/// A file or stream could not be read or written, or does not hold what it should.
class IoError : public Error {
 public:
  using Error::Error;
};

/// The request makes sense, but hebb cannot do it.
class NotSupported : public Error {
 public:
  using Error::Error;
};

/// A bug in hebb itself.
class InternalError : public Error {
 public:
  using Error::Error;
};

}  // namespace hebb
