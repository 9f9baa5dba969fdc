#include "baluhost/domain/files/file_entry.hpp"

namespace baluhost {

std::string_view to_string(FileKind kind) noexcept {
  return kind == FileKind::file ? "file" : "directory";
}

FileEntry as_entry(const NewFileEntry& fresh, FileId id) {
  return FileEntry{.id = id,
                   .parent = fresh.parent,
                   .name = fresh.name,
                   .kind = fresh.kind,
                   .content = fresh.content,
                   .owner = fresh.owner,
                   .created_at = fresh.created_at,
                   .modified_at = fresh.modified_at};
}

} // namespace baluhost
