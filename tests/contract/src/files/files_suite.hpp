#pragma once

#include "support.hpp"

#include <algorithm>
#include <limits>
#include <set>

namespace baluhost::contract::files_suite {

struct Tree {
  Database& database;
  User anna;
  User bert;
  FileEntry home; ///< of anna
  FileEntry docs; ///< /anna/docs
  FileEntry deep; ///< /anna/docs/deep
  FileEntry note; ///< /anna/docs/deep/note, 10 bytes
  FileEntry page; ///< /anna/docs/page, 20 bytes
};

inline Tree plant(Database& database) {
  const auto anna = add_user(database, "anna");
  const auto bert = add_user(database, "bert");
  const auto home = add_home(database, anna);
  const auto docs = add_directory(database, home, "docs");
  const auto deep = add_directory(database, docs, "deep");
  const auto note = add_file(database, deep, "note", content(1, 10));
  const auto page = add_file(database, docs, "page", content(2, 20));
  return {database, anna, bert, home, docs, deep, note, page};
}

inline std::optional<FileEntry> find(Database& database, FileId id) {
  return see(database, [&](ReadTransaction& tx) { return tx.files().find(id); });
}

inline std::string path_of(Database& database, FileId id) {
  return see(database, [&](ReadTransaction& tx) { return tx.files().path_of(id); }).str();
}

inline std::vector<std::string> names_of(const std::vector<FileEntry>& entries) {
  std::vector<std::string> names;
  for (const auto& entry : entries) names.push_back(entry.name.str());
  return names;
}

inline std::vector<std::string> children(Database& database, FileId directory,
                                         const std::optional<FileName>& after = std::nullopt,
                                         std::size_t limit = 1000) {
  return names_of(see(
      database, [&](ReadTransaction& tx) { return tx.files().children(directory, after, limit); }));
}

inline Result<FileEntry> insert(Database& database, const NewFileEntry& entry) {
  return attempt(database, [&](WriteTransaction& tx) { return tx.files().insert(entry); });
}

inline Result<FileEntry> relocate(Database& database, FileId node, FileId parent,
                                  std::string_view name, UserId owner) {
  const auto called = file_name(name);
  return attempt(database, [&](WriteTransaction& tx) {
    return tx.files().relocate(node, parent, called, owner, kNow);
  });
}

void inserting(const Tree& t);
void looking_up(const Tree& t);
void descending(const Tree& t);
void listing(const Tree& t);
void sorting(const Tree& t);
void moving(const Tree& t);
void copying(const Tree& t);
void removing(const Tree& t);

} // namespace baluhost::contract::files_suite
