#pragma once

#include "baluhost/domain/timestamp.hpp"

#include <cstdint>
#include <string>
#include <string_view>

/// The records of a ZIP whose entries are stored and not compressed (APPNOTE.TXT 6.3.10), with the
/// ZIP64 forms where a number needs them. Which form a record has, and so how long it is, follows
/// from everything but the checksum: a layout can be fixed before a content is read.
namespace baluhost::zip {

/// The most that the comment of an archive may have.
inline constexpr std::size_t kMostComment = 65'535;

struct Item {
  /// UTF-8; that of a directory ends with a slash.
  std::string_view name;
  std::int64_t size{};
  std::uint32_t crc32{};
  Timestamp modified_at;
  bool is_directory{false};

  /// Of its local header.
  std::int64_t offset{};
};

/// What stands before the content.
std::string local_header(const Item& item);

/// What stands in the central directory.
std::string central_header(const Item& item);

struct Totals {
  std::int64_t entries{};

  /// Where the central directory begins, and how many bytes it has.
  std::int64_t directory_offset{};
  std::int64_t directory_size{};
};

/// What stands after the central directory.
std::string end_records(const Totals& totals, std::string_view comment);

} // namespace baluhost::zip
