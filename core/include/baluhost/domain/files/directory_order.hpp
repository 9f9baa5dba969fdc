#pragma once

#include "baluhost/domain/files/file_entry.hpp"
#include "baluhost/domain/files/file_path.hpp"
#include "baluhost/domain/result.hpp"

#include <cstdint>
#include <string_view>

namespace baluhost {

/// What a directory is listed by.
enum class SortKey { name, size, modified_at };

/// An order of the entries of a directory: directories first; what is equal by `key` comes by name,
/// bytewise. Directories have no size: they come by name where files come by size.
struct DirectoryOrder {
  SortKey key{SortKey::name};

  /// The greatest first, of each kind; what is equal comes by name all the same.
  bool descending{false};

  /// From "name", "-name", "size", "-size", "modified_at", "-modified_at" or "kind", which is the
  /// same as "name". invalid_request.
  static Result<DirectoryOrder> parse(std::string_view text);
};

/// Where an entry stands in an order: after it a page goes on.
struct SortedPlace {
  FileKind kind{FileKind::directory};
  std::int64_t value{}; ///< of the key that is no name: bytes or microseconds, else 0
  FileName name;
};

/// The place of `entry` in `order`.
SortedPlace place_in(DirectoryOrder order, const FileEntry& entry);

/// Whether `a` comes before `b`.
bool comes_before(DirectoryOrder order, const SortedPlace& a, const SortedPlace& b) noexcept;

} // namespace baluhost
