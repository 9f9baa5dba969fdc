#include "archives/archive_layout.hpp"

#include "archives/zip_layout.hpp"

#include <utility>

namespace baluhost {
namespace {

/// Far beyond any disk, and far from where numbers end.
constexpr std::int64_t kMostBytes = std::int64_t{1} << 60;

zip::Item item_of(const ArchiveEntry& entry) {
  return {.name = entry.name,
          .size = entry.content ? entry.content->size : 0,
          .crc32 = entry.content ? entry.content->crc32.value_or(0) : 0,
          .modified_at = entry.modified_at,
          .is_directory = entry.is_directory(),
          .offset = entry.offset};
}

} // namespace

std::string local_header_of(const ArchiveEntry& entry) { return zip::local_header(item_of(entry)); }

std::string central_header_of(const ArchiveEntry& entry) {
  return zip::central_header(item_of(entry));
}

std::string end_records_of(const Archive& archive) {
  return zip::end_records({.entries = archive.entries,
                           .directory_offset = archive.directory_offset,
                           .directory_size = archive.directory_size},
                          archive.comment);
}

Result<ArchiveEntry> ArchiveLayout::add(const FileEntry& node, ArchivePlace place,
                                        DirectoryNames& names) {
  const std::string_view slash = node.kind == FileKind::directory ? "/" : "";
  const std::string own = names.take(node.name.str());
  ArchiveEntry entry{.offset = archive_.directory_offset,
                     .directory_offset = archive_.directory_size,
                     .file = node.id,
                     .owner = node.owner,
                     .path = std::move(place.path),
                     .name = std::string{place.directory} + own + std::string{slash},
                     .modified_at = node.modified_at,
                     .content = node.content};
  if (own != node.name.str())
    renames_.add(std::string{place.directory} + node.name.str() + std::string{slash}, entry.name);
  const std::int64_t size = entry.content ? entry.content->size : 0;
  if (size > kMostBytes - archive_.directory_offset)
    return Error{Errc::payload_too_large, "an archive of so many bytes"};
  archive_.directory_offset += static_cast<std::int64_t>(local_header_of(entry).size()) + size;
  archive_.directory_size += static_cast<std::int64_t>(central_header_of(entry).size());
  ++archive_.entries;
  if (entry.content) ++archive_.files;
  return entry;
}

void ArchiveLayout::finish() {
  archive_.comment = renames_.text();
  archive_.size = archive_.directory_offset + archive_.directory_size +
                  static_cast<std::int64_t>(end_records_of(archive_).size());
}

} // namespace baluhost
