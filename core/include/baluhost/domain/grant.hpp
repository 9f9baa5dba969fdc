#pragma once

#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/domain/timestamp.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace baluhost {

enum class Right : std::uint8_t { read = 1, write = 2, remove = 4, share = 8 };

std::string_view to_string(Right right) noexcept;  ///< "read", "write", "delete", "share"
Result<Right> parse_right(std::string_view text);  ///< else invalid_request

/// A set of rights.
class Rights {
 public:
  constexpr Rights() = default;
  constexpr Rights(Right right) : bits_(static_cast<std::uint8_t>(right)) {}
  static constexpr Rights all() { return from_bits(15); }
  static constexpr Rights from_bits(std::uint8_t bits) {
    Rights rights;
    rights.bits_ = bits & 15;
    return rights;
  }

  [[nodiscard]] constexpr std::uint8_t bits() const { return bits_; }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
  [[nodiscard]] constexpr bool includes(Rights other) const { return (bits_ & other.bits_) == other.bits_; }
  constexpr Rights& operator|=(Rights other) {
    bits_ |= other.bits_;
    return *this;
  }
  friend constexpr Rights operator|(Rights a, Rights b) { return a |= b; }
  constexpr bool operator==(const Rights&) const = default;

  [[nodiscard]] std::vector<Right> list() const; ///< in the order read, write, delete, share
  [[nodiscard]] std::string to_text() const;     ///< "read,write"

 private:
  std::uint8_t bits_{};
};

/// Rights of one user on a file or directory and all below it. It belongs to the node, not to its name.
struct Grant {
  FileId file;
  UserId grantee;
  Rights rights;
  std::string granted_by; ///< username at the time
  Timestamp created_at;
};

} // namespace baluhost
