#include "support.hpp"

#include <array>

namespace baluhost::contract {
namespace {

/// "ID:BLOB/SIZE by WRITER at SECONDS[ until SECONDS]"
std::string describe_version(const Version& version) {
  const auto seconds = [](Timestamp time) {
    return std::to_string((time - kNow).count() / 1000000);
  };
  std::string text = version.id.value.substr(version.id.value.find('.')) + ":" +
                     std::to_string(version.content.size) + " by " +
                     version.created_by.value_or("-") + " at " + seconds(version.created_at);
  if (version.replaced_at) text += " until " + seconds(*version.replaced_at);
  return text + (version.is_current ? " now" : "");
}

Timestamp after(int seconds) { return kNow + seconds * kSecond; }

} // namespace

void versions_contract(const MakeDatabase& make) {
  const auto owned = make();
  auto& database = *owned;
  const auto anna = add_user(database, "anna");
  const auto home = add_home(database, anna);
  using Texts = std::vector<std::string>;
  auto fresh = new_file(home, "note", content(1, 10));
  fresh.written_by = "anna";
  const auto note =
      change(database, [&](WriteTransaction& tx) { return tx.files().insert(fresh); });
  const auto replace = [&](FileId file, int blob, std::int64_t size, int at,
                           FormerContent former = FormerContent::kept) {
    return change(database, [&](WriteTransaction& tx) {
      return tx.files().replace_content(
          file, content(blob, size),
          {.now = after(at), .modified_at = kNow, .written_by = "bert", .former = former});
    });
  };
  const auto all = [&](FileId file) {
    return see(database, [&](ReadTransaction& tx) { return tx.versions().list(file, 100); });
  };
  const auto list = [&](FileId file) {
    Texts texts;
    for (const auto& version : all(file)) texts.push_back(describe_version(version));
    return texts;
  };
  const auto find_file = [&](FileId file) {
    return *see(database, [&](ReadTransaction& tx) { return tx.files().find(file); });
  };
  const auto is_referenced = [&](int blob) {
    return see(database, [&](ReadTransaction& tx) { return tx.files().references(blob_id(blob)); });
  };
  const auto id_of = [&](FileId file, std::size_t place) { return all(file).at(place).id; };

  SECTION("a file has its present content; what was replaced stays below it, with its name") {
    CHECK(list(note.id) == Texts{".1:10 by anna at 0 now"});
    const auto first = id_of(note.id, 0);
    CHECK(first == VersionId::of(note.id, 1));
    CHECK(replace(note.id, 2, 20, 5).version_bytes == 10);
    replace(note.id, 3, 30, 7);
    CHECK(list(note.id) == Texts{".3:30 by bert at 7 now", ".2:20 by bert at 5 until 7",
                                 ".1:10 by anna at 0 until 5"});
    CHECK(id_of(note.id, 2) == first);
    CHECK(find_file(note.id).version_bytes == 30);
    CHECK(find_file(note.id).content->size == 30);
    const auto found =
        see(database, [&](ReadTransaction& tx) { return tx.versions().find(note.id, first); });
    REQUIRE(found);
    CHECK(describe(found->content) == describe(content(1, 10)));
    CHECK(see(database, [&](ReadTransaction& tx) {
            return tx.versions().find(note.id, VersionId::of(note.id, 3));
          })->is_current);
    CHECK_FALSE(see(database, [&](ReadTransaction& tx) {
      return tx.versions().find(note.id, VersionId::of(note.id, 4));
    }));
    CHECK(all(home.id).empty());
    CHECK(see(database, [&](ReadTransaction& tx) {
            return tx.versions().list(note.id, 2);
          }).size() == 2);
  }

  SECTION("what is dropped is gone, its name too; what is equal keeps its name") {
    replace(note.id, 2, 20, 5, FormerContent::dropped);
    CHECK(list(note.id) == Texts{".2:20 by bert at 5 now"});
    CHECK_FALSE(is_referenced(1));
    replace(note.id, 3, 20, 6, FormerContent::equal);
    CHECK(list(note.id) == Texts{".2:20 by bert at 5 now"});
    CHECK_FALSE(is_referenced(2));
    CHECK(is_referenced(3));
    CHECK(find_file(note.id).version_bytes == 0);
  }

  SECTION("a version refers to its blob: for the sweep, the scrub, checksums and paths") {
    replace(note.id, 2, 20, 5);
    CHECK(is_referenced(1));
    CHECK(see(database, [](ReadTransaction& tx) { return tx.blobs().doomed(10); }).empty());
    const auto contents =
        see(database, [](ReadTransaction& tx) { return tx.files().contents(std::nullopt, 10); });
    REQUIRE(contents.size() == 2);
    CHECK(contents[0].blob == blob_id(1));
    CHECK(contents[1].blob == blob_id(2));
    CHECK(see(database, [](ReadTransaction& tx) {
            return tx.files().contents(blob_id(1), 10);
          }).size() == 1);
    const auto paths =
        see(database, [](ReadTransaction& tx) { return tx.files().paths_of_blob(blob_id(1), 10); });
    REQUIRE(paths.size() == 1);
    CHECK(paths[0].str() == "/anna/note");
    const std::array checksums{ContentChecksum{blob_id(1), 77}};
    change(database, [&](WriteTransaction& tx) { return tx.files().note_checksums(checksums); });
    CHECK(all(note.id).at(1).content.crc32 == 77U);
  }

  SECTION("removing a version dooms its blob if nothing else refers to it") {
    replace(note.id, 2, 20, 5);
    replace(note.id, 3, 30, 6);
    const auto remove = [&](const VersionId& id) {
      return outcome(attempt(database, [&](WriteTransaction& tx) {
        return tx.versions().remove(note.id, id, after(9));
      }));
    };
    CHECK(remove(id_of(note.id, 2)) == "ok");
    CHECK(list(note.id) == Texts{".3:30 by bert at 6 now", ".2:20 by bert at 5 until 6"});
    CHECK_FALSE(is_referenced(1));
    CHECK(see(database, [](ReadTransaction& tx) { return tx.blobs().doomed(10); }).size() == 1);
    CHECK(find_file(note.id).version_bytes == 20);
    CHECK(remove(VersionId::of(note.id, 1)) == "not_found");
    CHECK(remove(VersionId::of(note.id, 3)) == "not_found"); // the present one
  }

  SECTION(
      "restoring changes places: the entry keeps its name, and the present one becomes a version") {
    replace(note.id, 2, 25, 5);
    const auto restored = change(database, [&](WriteTransaction& tx) {
      return tx.versions().restore(note.id, VersionId::of(note.id, 1), after(8));
    });
    CHECK(restored.content->size == 10);
    CHECK(restored.version_bytes == 25);
    CHECK(restored.modified_at == after(8));
    CHECK(describe(restored) == describe(find_file(note.id)));
    CHECK(list(note.id) == Texts{".2:25 by bert at 5 until 8", ".1:10 by anna at 0 now"});
    replace(note.id, 3, 30, 9);
    CHECK(list(note.id) == Texts{".3:30 by bert at 9 now", ".2:25 by bert at 5 until 8",
                                 ".1:10 by anna at 0 until 9"});
    CHECK(outcome(attempt(database, [&](WriteTransaction& tx) {
            return tx.versions().restore(note.id, VersionId::of(note.id, 3), kNow);
          })) == "not_found");
    CHECK(is_referenced(1));
    CHECK(is_referenced(2));
  }

  SECTION(
      "a file that takes another's place takes its versions, and its content where it is kept") {
    const auto other = add_file(database, home, "other", content(11, 100));
    replace(other.id, 12, 200, 3);
    replace(note.id, 2, 20, 5);
    change(database, [&](WriteTransaction& tx) -> Result<void> {
      BALUHOST_CHECK(tx.versions().adopt(other.id, note.id, FormerContent::kept, after(9)));
      return tx.files().remove(other.id, after(9));
    });
    CHECK(list(note.id) == Texts{".2:20 by bert at 5 now", ".2:200 by bert at 3 until 9",
                                 ".1:100 by - at 0 until 3", ".1:10 by anna at 0 until 5"});
    CHECK(find_file(note.id).version_bytes == 310);
    CHECK(is_referenced(12));
    CHECK(is_referenced(11));
    CHECK(outcome(attempt(database, [&](WriteTransaction& tx) {
            return tx.versions().adopt(home.id, note.id, FormerContent::kept, kNow);
          })) == "not_found");
  }

  SECTION("a content that is not kept is dropped with the file whose place is taken") {
    const auto other = add_file(database, home, "other", content(11, 100));
    change(database, [&](WriteTransaction& tx) -> Result<void> {
      BALUHOST_CHECK(tx.versions().adopt(other.id, note.id, FormerContent::dropped, after(9)));
      return tx.files().remove(other.id, after(9));
    });
    CHECK(list(note.id).size() == 1);
    CHECK(find_file(note.id).version_bytes == 0);
    CHECK_FALSE(is_referenced(11));
  }

  SECTION("copies have no versions, moves and the trash keep them, and they go with their file") {
    replace(note.id, 2, 20, 5);
    const auto copied = change(database, [&](WriteTransaction& tx) {
      return tx.files().copy(note.id, home.id, file_name("copy"), anna.id, after(6), "carl");
    });
    CHECK(list(copied.id) == Texts{".1:20 by carl at 6 now"});
    CHECK(copied.version_bytes == 0);
    const auto moved = change(database, [&](WriteTransaction& tx) {
      return tx.files().relocate(note.id, home.id, file_name("moved"), anna.id, after(7));
    });
    CHECK(moved.version_bytes == 10);
    const auto totals =
        see(database, [&](ReadTransaction& tx) { return tx.files().totals(home.id); });
    CHECK(totals.version_bytes == 10);
    CHECK(totals.bytes == 40);
    const auto nodes =
        see(database, [&](ReadTransaction& tx) { return tx.files().bottom_up(note.id, 10); });
    REQUIRE(nodes.size() == 1);
    CHECK(nodes[0].version_bytes == 10);
    change(database, [&](WriteTransaction& tx) { return tx.removals().remove(nodes, after(8)); });
    CHECK_FALSE(is_referenced(1));
    CHECK(is_referenced(2)); // by the copy
    CHECK(see(database, [](ReadTransaction& tx) { return tx.blobs().doomed(10); }).size() == 1);
  }

  SECTION("surplus are those that were replaced first") {
    for (int number = 2; number < 7; ++number) replace(note.id, number, number, number);
    const auto surplus = [&](std::size_t most, std::size_t limit) {
      Texts ids;
      for (const auto& version : see(database, [&](ReadTransaction& tx) {
             return tx.versions().surplus(note.id, most, limit);
           }))
        ids.push_back(version.id.value.substr(version.id.value.find('.')));
      return ids;
    };
    CHECK(surplus(5, 10).empty());
    CHECK(surplus(3, 10) == Texts{".1", ".2"});
    CHECK(surplus(0, 3) == Texts{".1", ".2", ".3"});
    const auto counts =
        see(database, [](ReadTransaction& tx) { return tx.versions().counts(FileId{0}, 10); });
    REQUIRE(counts.size() == 1);
    CHECK(counts[0].file == note.id);
    CHECK(counts[0].versions == 5);
    CHECK(see(database, [&](ReadTransaction& tx) {
            return tx.versions().counts(note.id, 10);
          }).empty());
  }

  SECTION("old versions come in the order in which they were replaced, page by page") {
    const auto other = add_file(database, home, "other", content(11, 100));
    replace(note.id, 2, 20, 5);
    replace(other.id, 12, 20, 6);
    replace(note.id, 3, 20, 7);
    Texts seen;
    std::optional<VersionPosition> last;
    for (;;) {
      const auto page = see(database, [&](ReadTransaction& tx) {
        return tx.versions().replaced_before(after(7), last, 1);
      });
      if (page.empty()) break;
      seen.push_back(describe_version(page[0].version));
      CHECK(page[0].owner == anna.id);
      last = {*page[0].version.replaced_at, page[0].file, page[0].version.id};
    }
    CHECK(seen == Texts{".1:10 by anna at 0 until 5", ".1:100 by - at 0 until 6"});
  }
}

} // namespace baluhost::contract
