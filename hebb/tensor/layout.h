/// Layouts: how a tensor's elements lie in memory where it is not the plain row-major order.
///
/// A kernel may want a parameter in an order of its own (blocked, padded). The parameter is then stored in that order
/// and converted only when somebody reads or writes its elements. Null stands for the plain order everywhere.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace hebb {

class Layout {
 public:
  virtual ~Layout() = default;

  /// A text that says all that matters: two layouts with the same name are the same.
  virtual const std::string& name() const = 0;
  /// Bytes that the packed form takes, padding included.
  virtual int64_t bytes() const = 0;
  virtual void pack(const void* plain, void* packed) const = 0;
  virtual void unpack(const void* packed, void* plain) const = 0;
};

using LayoutPtr = std::shared_ptr<const Layout>;

inline bool same_layout(const LayoutPtr& a, const LayoutPtr& b) { return a == b || (a && b && a->name() == b->name()); }

}  // namespace hebb
