#include "rows.hpp"

#include "baluhost/domain/concat.hpp"
#include "baluhost/sql_common/value_list.hpp"

#include <utility>

namespace baluhost::sql {

Action read_action(Row& row) {
  const auto action = find_built_in_action(row.text());
  if (!action) throw BrokenRow{};
  return *action;
}

NewAuditEvent read_success(Row& row) {
  return NewAuditEvent{.timestamp = Timestamp{row.number()},
                       .action = read_action(row),
                       .user = row.maybe_text(),
                       .resource = row.maybe_text(),
                       .details = row.text(),
                       .ip_address = row.maybe_text(),
                       .user_agent = row.maybe_text(),
                       .account = row.maybe<UserId>()};
}

std::optional<IpAddress> read_address(Row& row) {
  const auto text = row.maybe_text();
  return text ? IpAddress::parse(std::string_view{*text}.substr(0, text->find('%'))) : std::nullopt;
}

std::int64_t delete_before(Connection& db, std::string_view table, std::string_view column,
                           Timestamp before, std::size_t limit) {
  return db.execute(concat("delete from ", table, " where id in (select id from ", table, " where ",
                           column, " < ? order by ", column, ", id limit ?)"),
                    {before, sql_limit(limit)});
}

FileKind read_kind(Row& row) {
  return row.text() == to_string(FileKind::file) ? FileKind::file : FileKind::directory;
}

User read_user(Row& row) {
  const auto read_email = [&]() -> std::optional<Email> {
    const auto found = row.maybe_text();
    return found ? std::optional{accepted(Email::parse(*found))} : std::nullopt;
  };
  User user{.id = UserId{row.number()},
            .username = accepted(Username::parse(row.text())),
            .email = read_email(),
            .role = accepted(parse_role(row.text())),
            .enabled = row.flag(),
            .quota_bytes = row.maybe_number(),
            .used_bytes = row.number(),
            .file_count = row.number(),
            .entry_count = row.number(),
            .tree_version = row.number(),
            .created_at = Timestamp{row.number()},
            .updated_at = Timestamp{row.number()},
            .events_after = EventId{row.number()}};
  user.trash_bytes = row.number();
  user.version_bytes = row.number();
  return user;
}

std::optional<std::uint32_t> read_crc32(Row& row) {
  const auto number = row.maybe_number();
  if (!number) return std::nullopt;
  if (!std::in_range<std::uint32_t>(*number)) throw BrokenRow{};
  return static_cast<std::uint32_t>(*number);
}

Content read_content(Row& row) {
  Content content{
      BlobId{row.text()}, row.number(), accepted(Sha256Digest::parse_hex(row.text())), {}};
  if (const auto sha1 = row.maybe_text()) content.sha1 = accepted(Sha1Digest::parse_hex(*sha1));
  content.crc32 = read_crc32(row);
  return content;
}

FileEntry read_file(Row& row) {
  const FileId id{row.number()};
  const auto parent = row.maybe<FileId>();
  auto name = accepted(FileName::parse(row.text()));
  const FileKind kind = read_kind(row);
  std::optional<Content> content;
  if (kind == FileKind::file)
    content = read_content(row);
  else
    row.skip(kContentColumns.size());
  return FileEntry{.id = id,
                   .parent = parent,
                   .name = std::move(name),
                   .kind = kind,
                   .content = std::move(content),
                   .owner = UserId{row.number()},
                   .created_at = Timestamp{row.number()},
                   .modified_at = Timestamp{row.number()},
                   .version_bytes = row.number(),
                   .pending_records = row.number()};
}

} // namespace baluhost::sql
