#include "support.hpp"

#include <algorithm>

namespace baluhost::contract {
namespace {

ArchiveId archive_id(int number) { return ArchiveId{session_id(number).value}; }

Archive new_archive(int number, UserId owner, int session) {
  return Archive{.id = archive_id(number),
                 .owner = owner,
                 .ends_with = session_id(session),
                 .name = "photos \xF0\x9F\x98\x80.zip",
                 .comment = {},
                 .created_at = kNow,
                 .used_at = kNow};
}

ArchiveEntry new_entry(int number, UserId owner, std::optional<Content> content) {
  return ArchiveEntry{.offset = number * 100,
                      .directory_offset = number * 10,
                      .file = FileId{number},
                      .owner = owner,
                      .path = "/anna/a" + std::to_string(number),
                      .name = content ? "a" + std::to_string(number) : "d/",
                      .modified_at = kNow - kTick,
                      .content = std::move(content)};
}

std::string describe_archive(const Archive& a) {
  const auto* share = std::get_if<ShareId>(&a.ends_with);
  const auto end = share ? "share " + share->value : std::get<SessionId>(a.ends_with).value;
  return a.id.value + " " + std::to_string(a.owner.value) + " " + end + " " + a.name + " [" +
         a.comment + "] " + std::to_string(a.size) + " " + std::to_string(a.directory_offset) +
         " " + std::to_string(a.directory_size) + " " + std::to_string(a.entries) + " " +
         std::to_string(a.files) + " " + std::to_string(a.created_at.microseconds) + " " +
         std::to_string(a.used_at.microseconds);
}

std::string describe_entry(const ArchiveEntry& e) {
  return std::to_string(e.offset) + " " + std::to_string(e.directory_offset) + " " +
         std::to_string(e.file.value) + " " + std::to_string(e.owner.value) + " " + e.path + " " +
         e.name + " " + std::to_string(e.modified_at.microseconds) + " " +
         (e.content ? describe(*e.content) + " " + std::to_string(e.content->crc32.value_or(0))
                    : std::string{"directory"});
}

/// The offsets of entries, divided by 100.
std::vector<int> numbers(const std::vector<ArchiveEntry>& entries) {
  std::vector<int> found;
  for (const auto& entry : entries) found.push_back(static_cast<int>(entry.offset / 100));
  return found;
}

struct StoredArchives {
  Database& database;

  template <class Work>
  auto keep(const Work& work) const {
    return bookkept(database, [&](Bookkeeping& tx) { return work(tx.archives()); });
  }
  template <class Work>
  auto look(const Work& work) const {
    return see(database, [&](ReadTransaction& tx) { return work(tx.archives()); });
  }
  void insert(const Archive& archive) const {
    keep([&](ArchiveRepository& archives) { return archives.insert(archive); });
  }
  void append(int archive, const std::vector<ArchiveEntry>& entries) const {
    keep([&](ArchiveRepository& a) { return a.append(archive_id(archive), entries); });
  }
  [[nodiscard]] std::optional<Archive> find(int archive, Timestamp now = kNow) const {
    return look([&](const ArchiveRepository& a) { return a.find(archive_id(archive), now); });
  }
  [[nodiscard]] std::vector<int> at(int archive, std::int64_t offset, std::size_t limit) const {
    return numbers(look([&](const ArchiveRepository& a) {
      return a.entries_at(archive_id(archive), offset, limit);
    }));
  }
  [[nodiscard]] std::vector<int> directory_at(int archive, std::int64_t offset,
                                              std::size_t limit) const {
    return numbers(look([&](const ArchiveRepository& a) {
      return a.directory_at(archive_id(archive), offset, limit);
    }));
  }
  [[nodiscard]] std::vector<ArchiveId> ended(Timestamp unused_since, Timestamp now) const {
    return look([&](const ArchiveRepository& a) { return a.ended(unused_since, now, 100); });
  }
  [[nodiscard]] bool remove(int archive, std::size_t limit) const {
    return keep([&](ArchiveRepository& a) { return a.remove(archive_id(archive), limit, kNow); });
  }
};

bool references(Database& database, int blob) {
  return see(database, [&](ReadTransaction& tx) { return tx.files().references(blob_id(blob)); });
}

std::vector<std::string> doomed(Database& database) {
  std::vector<std::string> blobs;
  for (const auto& row : bookkept(database, [](Bookkeeping& tx) { return tx.blobs().doomed(100); }))
    blobs.push_back(row.blob.value);
  return blobs;
}

} // namespace

void archives_contract(const MakeDatabase& make) {
  const auto owned = make();
  auto& database = *owned;
  const auto anna = add_user(database, "anna");
  const auto home = add_home(database, anna);
  for (int session : {1, 2})
    change(database, [&](WriteTransaction& tx) {
      return tx.sessions().insert(new_session(session, anna.id), refresh_hash(session));
    });
  const StoredArchives stored{database};
  stored.insert(new_archive(1, anna.id, 1));

  SECTION("an archive comes back as it was put, and what is updated and touched of it") {
    Archive archive = new_archive(1, anna.id, 1);
    CHECK(describe_archive(stored.find(1).value()) == describe_archive(archive));
    archive.comment = "a\r\nb";
    archive.size = std::int64_t{1} << 59;
    archive.directory_offset = 7;
    archive.directory_size = 8;
    archive.entries = 9;
    archive.files = 10;
    stored.keep([&](ArchiveRepository& a) { return a.update(archive); });
    stored.keep([&](ArchiveRepository& a) { return a.touch(archive.id, kNow + kSecond); });
    archive.used_at = kNow + kSecond;
    CHECK(describe_archive(stored.find(1).value()) == describe_archive(archive));
    CHECK_FALSE(stored.find(2));
    CHECK(outcome(database.bookkeep([&](Bookkeeping& tx) {
            return tx.archives().touch(archive_id(2), kNow);
          })) == "not_found");
    CHECK(outcome(database.bookkeep([&](Bookkeeping& tx) {
            return tx.archives().update(new_archive(2, anna.id, 1));
          })) == "not_found");
  }

  SECTION("entries are found by the byte that lies in them, in both orders") {
    std::vector<ArchiveEntry> entries;
    for (int number = 0; number < 300; ++number)
      entries.push_back(new_entry(number, anna.id, content(number, number)));
    stored.append(1, entries);
    stored.insert(new_archive(2, anna.id, 1));
    stored.append(2, {new_entry(0, anna.id, std::nullopt)});
    CHECK(stored.at(1, 0, 2) == std::vector{0, 1});
    CHECK(stored.at(1, 99, 2) == std::vector{0, 1});
    CHECK(stored.at(1, 100, 2) == std::vector{1, 2});
    CHECK(stored.at(1, 29'950, 5) == std::vector{299});
    CHECK(stored.at(1, 1'000'000, 5) == std::vector{299});
    CHECK(stored.at(3, 0, 5).empty());
    CHECK(stored.directory_at(1, 9, 2) == std::vector{0, 1});
    CHECK(stored.directory_at(1, 10, 2) == std::vector{1, 2});
    CHECK(stored.directory_at(1, 2999, 2) == std::vector{299});
    const auto found = stored.look(
        [&](const ArchiveRepository& a) { return a.entries_at(archive_id(1), 0, 1000); });
    REQUIRE(found.size() == entries.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
      auto expected = entries[i];
      expected.content->sha1.reset();
      CHECK(describe_entry(found[i]) == describe_entry(expected));
    }
  }

  SECTION("directories come after a place, without the files between them") {
    std::vector<ArchiveEntry> entries;
    for (int number = 0; number < 10; ++number)
      entries.push_back(new_entry(
          number, anna.id, number % 3 == 0 ? std::nullopt : std::optional{content(number, 1)}));
    stored.append(1, entries);
    const auto after = [&](std::int64_t offset, std::size_t limit) {
      return numbers(stored.look([&](const ArchiveRepository& a) {
        return a.directories_after(archive_id(1), offset, limit);
      }));
    };
    CHECK(after(-1, 100) == std::vector{0, 3, 6, 9});
    CHECK(after(0, 2) == std::vector{3, 6});
    CHECK(after(900, 2).empty());
  }

  SECTION("an archive ends with its session, and when it was not used") {
    stored.insert(new_archive(2, anna.id, 2));
    CHECK(stored.ended(kNow, kNow).empty());
    CHECK(stored.ended(kNow + kTick, kNow).size() == 2);
    change(database,
           [&](WriteTransaction& tx) { return tx.sessions().revoke(session_id(1), kNow); });
    CHECK_FALSE(stored.find(1));
    CHECK(stored.find(2));
    CHECK(stored.ended(kNow, kNow) == std::vector{archive_id(1)});
    const auto end = new_session(2, anna.id).expires_at;
    CHECK(stored.find(2, end - kTick));
    CHECK_FALSE(stored.find(2, end));
    CHECK(stored.ended(kNow, end).size() == 2);
  }

  SECTION("an archive ends with the share by which it came") {
    const auto docs = add_directory(database, home, "docs");
    const auto made = [&](int number) {
      add_share(database, number, docs, anna);
      auto archive = new_archive(number, anna.id, 1);
      archive.ends_with = share_id(number);
      stored.insert(archive);
      return archive;
    };
    const auto ended = made(70);
    const auto gone = made(71);
    CHECK(describe_archive(stored.find(70).value()) == describe_archive(ended));
    CHECK(describe_archive(stored.find(71).value()) == describe_archive(gone));
    CHECK(stored.ended(kNow, kNow).empty());
    change(database, [&](WriteTransaction& tx) { return tx.shares().end(share_id(70), kNow); });
    CHECK_FALSE(stored.find(70));
    CHECK(stored.ended(kNow, kNow) == std::vector{archive_id(70)});
    change(database, [&](WriteTransaction& tx) -> Result<void> {
      const ShareChanges changes{.expires_at = std::optional{kNow + kSecond}};
      return tx.shares().update(share_id(71), changes);
    });
    CHECK(stored.find(71, kNow));
    CHECK_FALSE(stored.find(71, kNow + kSecond));
    CHECK(stored.ended(kNow, kNow + kSecond).size() == 2);
  }

  SECTION("what an account has is counted") {
    auto archive = new_archive(1, anna.id, 1);
    archive.entries = 5;
    stored.keep([&](ArchiveRepository& a) { return a.update(archive); });
    stored.insert(new_archive(2, anna.id, 2));
    const auto use = stored.look([&](const ArchiveRepository& a) { return a.use_of(anna.id); });
    CHECK(use.archives == 2);
    CHECK(use.entries == 5);
    CHECK(stored.look([&](const ArchiveRepository& a) { return a.use_of(UserId{99}); }).archives ==
          0);
  }

  SECTION("a content in an archive is referred to until the archive is removed") {
    const auto note = add_file(database, home, "note", content(1, 5));
    stored.append(1, {new_entry(0, anna.id, std::nullopt), new_entry(1, anna.id, content(1, 5)),
                      new_entry(2, anna.id, content(2, 5))});
    change(database, [&](WriteTransaction& tx) { return tx.files().remove(note.id, kNow); });
    CHECK(references(database, 1));
    CHECK(references(database, 2));
    CHECK_FALSE(references(database, 3));
    for (const auto& blob : doomed(database))
      bookkept(database, [&](Bookkeeping& tx) { return tx.blobs().forget_doomed(BlobId{blob}); });
    CHECK_FALSE(stored.remove(1, 2));
    CHECK(doomed(database) == std::vector{blob_id(1).value});
    CHECK_FALSE(references(database, 1));
    CHECK(stored.remove(1, 2));
    CHECK(doomed(database).size() == 2);
    CHECK_FALSE(stored.find(1));
    CHECK(stored.remove(1, 2));
  }

  SECTION("a content that a file needs is not doomed with an archive") {
    add_file(database, home, "note", content(1, 5));
    stored.append(1, {new_entry(0, anna.id, content(1, 5))});
    CHECK(stored.remove(1, 100));
    CHECK(doomed(database).empty());
    CHECK(references(database, 1));
  }

  SECTION("contents of files and of archives are listed together, each once") {
    add_file(database, home, "a", content(1, 5));
    add_file(database, home, "b", content(3, 5));
    stored.append(1, {new_entry(0, anna.id, content(2, 5)), new_entry(1, anna.id, content(3, 5)),
                      new_entry(2, anna.id, content(4, 5))});
    std::vector<BlobId> seen;
    std::optional<BlobId> after;
    for (;;) {
      const auto page =
          see(database, [&](ReadTransaction& tx) { return tx.files().contents(after, 2); });
      for (const auto& found : page) seen.push_back(found.blob);
      if (page.empty()) break;
      CHECK(page.size() <= 2);
      after = page.back().blob;
    }
    std::vector wanted{blob_id(1), blob_id(2), blob_id(3), blob_id(4)};
    std::ranges::sort(wanted);
    CHECK(seen == wanted);
  }

  SECTION("checksums are kept where there are none, in files, copies and archives") {
    auto known = content(1, 5);
    known.crc32 = 0xFFFFFFFF;
    const auto with = add_file(database, home, "with", known);
    const auto without = add_file(database, home, "without", content(2, 5));
    const auto copy = change(database, [&](WriteTransaction& tx) {
      return tx.files().copy(with.id, home.id, file_name("copy"), anna.id, kNow, "anna");
    });
    CHECK(copy.content->crc32 == 0xFFFFFFFF);
    stored.append(1, {new_entry(0, anna.id, content(2, 5))});
    const std::vector<ContentChecksum> found{{blob_id(1), 1}, {blob_id(2), 2}, {blob_id(9), 9}};
    bookkept(database, [&](Bookkeeping& tx) { return tx.files().note_checksums(found); });
    const auto crc32_of = [&](FileId file) {
      return see(database, [&](ReadTransaction& tx) { return tx.files().find(file); })
          ->content->crc32;
    };
    CHECK(crc32_of(with.id) == 0xFFFFFFFF);
    CHECK(crc32_of(without.id) == 2U);
    const auto entries =
        stored.look([&](const ArchiveRepository& a) { return a.entries_at(archive_id(1), 0, 10); });
    CHECK(entries.at(0).content->crc32 == 2U);
    auto replaced = content(7, 5);
    replaced.crc32 = 7;
    change(database, [&](WriteTransaction& tx) {
      return tx.files().replace_content(without.id, replaced, {.now = kNow, .modified_at = kNow});
    });
    CHECK(crc32_of(without.id) == 7U);
  }

  SECTION("children of several directories come together, and as many as are asked for") {
    const auto one = add_directory(database, home, "one");
    const auto two = add_directory(database, home, "two");
    for (const char* name : {"a", "b", "c"}) {
      add_file(database, one, name, content(name[0], 1));
      add_directory(database, two, name);
    }
    const auto count = [&](const std::vector<FileId>& directories, std::size_t limit) {
      return see(database,
                 [&](ReadTransaction& tx) { return tx.files().children_of(directories, limit); })
          .size();
    };
    CHECK(count({one.id, two.id}, 100) == 6);
    CHECK(count({one.id, two.id, one.id}, 100) == 6);
    CHECK(count({one.id}, 100) == 3);
    CHECK(count({one.id, two.id}, 4) == 4);
    CHECK(count({}, 4) == 0);
    CHECK(count({home.id}, 100) == 2);
  }

  SECTION("standing is told by the file's own grants and those above it, while it is in a home") {
    const auto bert = add_user(database, "bert");
    const auto berts = add_home(database, bert);
    const auto box = add_directory(database, home, "box");
    const auto inner = add_directory(database, box, "inner");
    const auto note = add_file(database, inner, "note", content(1, 5));
    const auto own = add_file(database, berts, "own", content(2, 5));
    add_grant(database, box, bert, Right::read);
    add_grant(database, note, bert, Right::write);
    const auto standing = [&](UserId user, FileId file) -> std::string {
      const std::vector<FileId> files{file};
      const auto found = see(
          database, [&](ReadTransaction& tx) { return tx.grants().standings(user, files, {}); });
      if (found.empty()) return "none";
      return std::to_string(found.front().owner.value) + ":" + found.front().granted.to_text();
    };
    const std::string annas = std::to_string(anna.id.value) + ":";
    CHECK(standing(bert.id, note.id) == annas + (Rights{Right::read} | Right::write).to_text());
    CHECK(standing(bert.id, inner.id) == annas + Rights{Right::read}.to_text());
    CHECK(standing(bert.id, home.id) == annas);
    CHECK(standing(bert.id, own.id) == std::to_string(bert.id.value) + ":");
    CHECK(standing(bert.id, FileId{9999}) == "none");
    const auto is_below = [&](UserId user, FileId file, FileId root) {
      const std::vector<FileId> files{file};
      const auto found = see(
          database, [&](ReadTransaction& tx) { return tx.grants().standings(user, files, root); });
      REQUIRE(found.size() == 1);
      return found.front().is_below;
    };
    for (const UserId user : {anna.id, bert.id}) {
      CHECK(is_below(user, note.id, note.id));
      CHECK(is_below(user, note.id, box.id));
      CHECK(is_below(user, note.id, home.id));
      CHECK_FALSE(is_below(user, box.id, note.id));
      CHECK_FALSE(is_below(user, own.id, home.id));
    }
    change(database, [&](WriteTransaction& tx) {
      return tx.removals().begin({inner.id, anna.id, some_event()});
    });
    CHECK(standing(bert.id, note.id) == "none");
    CHECK(standing(anna.id, note.id) == annas);
  }
}

} // namespace baluhost::contract
