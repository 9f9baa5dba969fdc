#include "rows.hpp"

namespace baluhost::sql {

Action action_named(std::string_view text) {
  for (int i = 0; i <= static_cast<int>(Action::blob_damaged); ++i) {
    if (to_string(static_cast<Action>(i)) == text) return static_cast<Action>(i);
  }
  throw BrokenRow{};
}

User read_user(const Row& row, std::size_t first) {
  std::optional<Email> email;
  if (const auto text = row.maybe_text(first + 2)) email = accepted(Email::parse(*text));
  return User{.id = UserId{row.number(first)},
              .username = accepted(Username::parse(row.text(first + 1))),
              .email = std::move(email),
              .role = accepted(parse_role(row.text(first + 3))),
              .enabled = row.number(first + 4) != 0,
              .quota_bytes = row.maybe_number(first + 5),
              .used_bytes = row.number(first + 6),
              .file_count = row.number(first + 7),
              .entry_count = row.number(first + 11),
              .tree_version = row.number(first + 12),
              .created_at = Timestamp{row.number(first + 8)},
              .updated_at = Timestamp{row.number(first + 9)},
              .events_after = EventId{row.number(first + 10)}};
}

Content read_content(const Row& row, std::size_t first) {
  Content content{BlobId{row.text(first)},
                  row.number(first + 1),
                  accepted(Sha256Digest::parse_hex(row.text(first + 2))),
                  {}};
  if (!row.is_null(first + 3)) content.sha1 = accepted(Sha1Digest::parse_hex(row.text(first + 3)));
  return content;
}

FileEntry read_file(const Row& row, std::size_t first) {
  const bool is_file = row.text(first + 3) == to_string(FileKind::file);
  std::optional<FileId> parent;
  if (const auto id = row.maybe_number(first + 1)) parent = FileId{*id};
  return FileEntry{.id = FileId{row.number(first)},
                   .parent = parent,
                   .name = accepted(FileName::parse(row.text(first + 2))),
                   .kind = is_file ? FileKind::file : FileKind::directory,
                   .content = is_file ? std::optional{read_content(row, first + 4)} : std::nullopt,
                   .owner = UserId{row.number(first + 8)},
                   .created_at = Timestamp{row.number(first + 9)},
                   .modified_at = Timestamp{row.number(first + 10)}};
}

} // namespace baluhost::sql
