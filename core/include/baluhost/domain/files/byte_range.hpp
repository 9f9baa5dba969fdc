#pragma once

#include "baluhost/domain/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace baluhost {

/// Bytes `first` to `last`, both included, of something longer than `last`.
struct ByteRange {
  std::int64_t first{};
  std::int64_t last{};

  /// In bytes.
  [[nodiscard]] std::int64_t length() const noexcept { return last - first + 1; }
  bool operator==(const ByteRange&) const = default;

  /// The value of a Range header (RFC 9110 section 14.2) for a content of `size` bytes. None where
  /// the header is to be ignored: not `bytes`, malformed, or several ranges. range_not_satisfiable
  /// where no byte of it exists.
  static Result<std::optional<ByteRange>> parse(std::string_view header, std::int64_t size);
};

} // namespace baluhost
