#pragma once

#include "baluhost/domain/files/file_path.hpp"
#include "baluhost/domain/identity/username.hpp"
#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/domain/timestamp.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace baluhost {

enum class Right : std::uint8_t { read = 1, write = 2, remove = 4, share = 8 };

/// "read", "write", "delete", "share"
std::string_view to_string(Right right) noexcept;

/// Else invalid_request.
Result<Right> parse_right(std::string_view text);

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
  [[nodiscard]] constexpr bool includes(Rights other) const {
    return (bits_ & other.bits_) == other.bits_;
  }
  constexpr Rights& operator|=(Rights other) {
    bits_ |= other.bits_;
    return *this;
  }
  friend constexpr Rights operator|(Rights a, Rights b) { return a |= b; }
  friend constexpr Rights operator&(Rights a, Rights b) { return from_bits(a.bits_ & b.bits_); }
  friend constexpr Rights operator-(Rights a, Rights b) { return from_bits(a.bits_ & ~b.bits_); }
  constexpr bool operator==(const Rights&) const = default;

  /// In the order read, write, delete, share.
  [[nodiscard]] std::vector<Right> list() const;

  /// "read,write"
  [[nodiscard]] std::string to_text() const;

 private:
  std::uint8_t bits_{};
};

/// Rights of one user on a file or directory and all below it. It belongs to the node, not to its
/// name.
struct Grant {
  FileId file;
  Username grantee;

  /// The grantee's. None: the name had no account when it was given, so nobody has these rights,
  /// whoever gets that name.
  std::optional<UserId> account;
  Rights rights;
  std::optional<UserId> giver; ///< none: a local operator, or an account that is gone
  std::string granted_by;      ///< the giver's name; empty for an account that is gone

  /// By right of a grant that the giver has, and lasts no longer than that; else by the owner's or
  /// an administrator's.
  bool given_on{false};
  Timestamp created_at;
};

/// A grant and where its node is.
struct PlacedGrant {
  Grant grant;
  FilePath path;
};

/// Where a page of grants begins: after this one, in the order of nodes and then of grantees.
struct GrantPosition {
  FileId file;
  std::string grantee;
};

} // namespace baluhost
