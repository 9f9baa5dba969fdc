#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>

namespace baluhost {

/// A database key that cannot be mistaken for another kind of key. Ordered by its number.
template <class Tag>
struct NumericId {
  std::int64_t value{};
  auto operator<=>(const NumericId&) const = default;
};

/// A random name, lower-case hex, that cannot be guessed or mistaken for another kind of name.
template <class Tag>
struct RandomId {
  std::string value;
  auto operator<=>(const RandomId&) const = default;
};

using UserId = NumericId<struct UserIdTag>;
using FileId = NumericId<struct FileIdTag>;
using EventId = NumericId<struct EventIdTag>;
using TransferId = NumericId<struct TransferIdTag>;
using SealNumber = NumericId<struct SealNumberTag>; ///< 1 for the first seal, no gaps

using SessionId = RandomId<struct SessionIdTag>; ///< 128 bits
using BlobId = RandomId<struct BlobIdTag>; ///< 128 bits; the only name content has in a blob store
using UploadId =
    RandomId<struct UploadIdTag>; ///< 256 bits: knowing it is half of the right to use it
using InstanceId = RandomId<struct InstanceIdTag>; ///< 128 bits; one run of one program

} // namespace baluhost

template <class Tag>
struct std::hash<baluhost::NumericId<Tag>> {
  std::size_t operator()(const baluhost::NumericId<Tag>& id) const noexcept {
    return std::hash<std::int64_t>{}(id.value);
  }
};
template <class Tag>
struct std::hash<baluhost::RandomId<Tag>> {
  std::size_t operator()(const baluhost::RandomId<Tag>& id) const noexcept {
    return std::hash<std::string>{}(id.value);
  }
};
