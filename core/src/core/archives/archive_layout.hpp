#pragma once

#include "archives/archive_names.hpp"

#include "baluhost/domain/files/archive.hpp"
#include "baluhost/domain/files/file_entry.hpp"
#include "baluhost/domain/result.hpp"

#include <string>
#include <string_view>

namespace baluhost {

/// The local header of an entry, whose checksum may be missing as long as only its length matters.
std::string local_header_of(const ArchiveEntry& entry);

/// Its header in the central directory.
std::string central_header_of(const ArchiveEntry& entry);

/// What stands after the central directory.
std::string end_records_of(const Archive& archive);

/// Where a node comes to lie in an archive.
struct ArchivePlace {
  /// On the server.
  std::string path;

  /// In the archive, of the directory that it lies in: "" or "photos/".
  std::string_view directory;
};

/// Lays an archive out, entry after entry. One thread at a time.
class ArchiveLayout {
 public:
  explicit ArchiveLayout(Archive archive) : archive_(std::move(archive)) {}

  /// The entry of `node`, after all others. `names` are those of its directory. payload_too_large:
  /// no ZIP has so many bytes.
  [[nodiscard]] Result<ArchiveEntry> add(const FileEntry& node, ArchivePlace place,
                                         DirectoryNames& names);

  /// Nothing follows.
  void finish();

  [[nodiscard]] const Archive& archive() const noexcept { return archive_; }

 private:
  Archive archive_;
  RenameList renames_;
};

} // namespace baluhost
