#pragma once

#include "baluhost/domain/hex.hpp"
#include "baluhost/domain/result.hpp"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace baluhost {

/// A database key that cannot be mistaken for another kind of key. Ordered by its number.
template <class Tag>
struct NumericId {
  std::int64_t value{};
  auto operator<=>(const NumericId&) const = default;
};

/// True if `text` holds nothing but lower-case hex digits.
[[nodiscard]] inline bool is_lower_hex(std::string_view text) noexcept {
  return text.find_first_not_of(kHexDigits) == std::string_view::npos;
}

/// A random name of `Bytes` bytes in lower-case hex, that cannot be guessed or mistaken for another
/// kind of name. What comes from outside becomes one by `parse` only.
template <class Tag, std::size_t Bytes>
struct RandomId {
  static constexpr std::size_t kBytes = Bytes;

  std::string value;

  auto operator<=>(const RandomId&) const = default;

  /// True if `text` is one: 2 * `kBytes` lower-case hex digits.
  [[nodiscard]] static bool is_valid(std::string_view text) noexcept {
    return text.size() == 2 * Bytes && is_lower_hex(text);
  }

  /// invalid_request if `text` is none.
  [[nodiscard]] static Result<RandomId> parse(std::string_view text) {
    if (!is_valid(text)) return invalid("is not an id");
    return RandomId{std::string{text}};
  }
};

/// Of an account.
using UserId = NumericId<struct UserIdTag>;

/// Of a file or directory, whatever its path is.
using FileId = NumericId<struct FileIdTag>;

/// Of an event in the trail, in the order of writing.
using EventId = NumericId<struct EventIdTag>;

/// Of a download that has not ended.
using TransferId = NumericId<struct TransferIdTag>;

/// Of a tree in the trash.
using TrashId = NumericId<struct TrashIdTag>;

/// Of a record of a tree that is still to be written.
using TreeRecordId = NumericId<struct TreeRecordIdTag>;
/// 1 for the first seal, no gaps.
using SealNumber = NumericId<struct SealNumberTag>;

/// Names a login; knowing it opens nothing.
using SessionId = RandomId<struct SessionIdTag, 16>;
/// Names a key; knowing it opens nothing.
using KeyId = RandomId<struct KeyIdTag, 16>;
/// The only name that content has in a blob store.
using BlobId = RandomId<struct BlobIdTag, 16>;
/// Knowing it is half of the right to use it.
using UploadId = RandomId<struct UploadIdTag, 32>;
using ShareId = RandomId<struct ShareIdTag, 16>;
/// One run of one program.
using InstanceId = RandomId<struct InstanceIdTag, 16>;

} // namespace baluhost

/// For unordered containers.
template <class Tag>
struct std::hash<baluhost::NumericId<Tag>> {
  /// That of its number.
  std::size_t operator()(const baluhost::NumericId<Tag>& id) const noexcept {
    return std::hash<std::int64_t>{}(id.value);
  }
};

/// For unordered containers.
template <class Tag, std::size_t Bytes>
struct std::hash<baluhost::RandomId<Tag, Bytes>> {
  /// That of its text.
  std::size_t operator()(const baluhost::RandomId<Tag, Bytes>& id) const noexcept {
    return std::hash<std::string>{}(id.value);
  }
};
