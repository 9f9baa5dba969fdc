#pragma once

#include <cstdint>

namespace baluhost {

/// What opening a database did to its schema.
struct SchemaChange {
  std::int64_t from{}; ///< 0: it was empty
  std::int64_t to{};

  /// Whether it did anything.
  [[nodiscard]] bool changed() const noexcept { return from != to; }
};

} // namespace baluhost
