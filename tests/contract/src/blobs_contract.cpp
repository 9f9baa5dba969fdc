#include "support.hpp"

#include <algorithm>

namespace baluhost::contract {
namespace {

/// The doomed blobs by id, each with its moment.
std::vector<std::string> doomed(Database& database) {
  std::vector<std::string> blobs;
  for (const auto& doomed :
       bookkept(database, [](Bookkeeping& tx) { return tx.blobs().doomed(1000); })) {
    blobs.push_back(doomed.blob.value + " since " + std::to_string(doomed.since.microseconds));
  }
  std::sort(blobs.begin(), blobs.end());
  return blobs;
}

std::string doomed_blob(int number, Timestamp since) {
  return blob_id(number).value + " since " + std::to_string(since.microseconds);
}

bool references(Database& database, int blob) {
  return see(database, [&](ReadTransaction& tx) { return tx.files().references(blob_id(blob)); });
}

void remove(Database& database, FileId node, Timestamp now) {
  change(database, [&](WriteTransaction& tx) { return tx.files().remove(node, now); });
}

FileEntry copy(Database& database, FileId node, FileId parent, std::string_view name,
               UserId owner) {
  return change(database, [&](WriteTransaction& tx) {
    return tx.files().copy(node, parent, file_name(name), owner, kNow, "anna");
  });
}

} // namespace

void blobs_contract(const MakeDatabase& make) {
  const auto owned = make();
  auto& database = *owned;
  const auto anna = add_user(database, "anna");
  const auto home = add_home(database, anna);
  const auto later = kNow + kSecond;

  SECTION("replace_content puts new content into the same node and dooms the old blob") {
    const auto file = add_file(database, home, "file", content(1, 10));
    auto fresh = content(2, 20);
    fresh.sha1 = Sha1Digest{{1, 2, 3}};
    const auto replaced = change(database, [&](WriteTransaction& tx) {
      return tx.files().replace_content(file.id, fresh, {.now = later, .modified_at = later});
    });
    auto wanted = file;
    wanted.content = fresh;
    wanted.modified_at = later;
    CHECK(describe(replaced) == describe(wanted));
    CHECK(describe(*see(database, [&](ReadTransaction& tx) { return tx.files().find(file.id); })) ==
          describe(wanted));
    CHECK(doomed(database) == std::vector{doomed_blob(1, later)});
    CHECK_FALSE(references(database, 1));
    CHECK(references(database, 2));
    CHECK(outcome(attempt(database, [&](WriteTransaction& tx) {
            return tx.files().replace_content(FileId{4711}, fresh,
                                              {.now = later, .modified_at = later});
          })) == "not_found");
  }

  SECTION("a blob is doomed when the last file that refers to it goes, and only then") {
    const auto first = add_file(database, home, "first", content(1, 10));
    const auto second = copy(database, first.id, home.id, "second", anna.id);
    const auto third = copy(database, first.id, home.id, "third", anna.id);
    remove(database, first.id, later);
    CHECK(doomed(database).empty());
    change(database, [&](WriteTransaction& tx) {
      return tx.files().replace_content(second.id, content(2, 1),
                                        {.now = later, .modified_at = later});
    });
    CHECK(doomed(database).empty());
    CHECK(references(database, 1));
    remove(database, third.id, later + kSecond);
    CHECK(doomed(database) == std::vector{doomed_blob(1, later + kSecond)});
    CHECK_FALSE(references(database, 1));
  }

  SECTION("a tree that goes dooms each of its blobs once, but for those used elsewhere") {
    const auto directory = add_directory(database, home, "tree");
    const auto below = add_directory(database, directory, "below");
    const auto shared_inside = add_file(database, directory, "a", content(1, 10));
    copy(database, shared_inside.id, below.id, "b", anna.id);
    add_file(database, below, "c", content(2, 10));
    const auto shared_outside = add_file(database, below, "d", content(3, 10));
    copy(database, shared_outside.id, home.id, "kept", anna.id);
    // A piece at a time, so that a blob's references go in different ones.
    for (int pieces = 0;; ++pieces) {
      REQUIRE(pieces < 10);
      const auto nodes =
          see(database, [&](ReadTransaction& tx) { return tx.files().bottom_up(directory.id, 2); });
      if (nodes.empty()) break;
      change(database, [&](WriteTransaction& tx) { return tx.removals().remove(nodes, later); });
    }
    CHECK(doomed(database) == std::vector{doomed_blob(1, later), doomed_blob(2, later)});
  }

  SECTION("a blob is not doomed by a move, nor by a removal that is not committed") {
    const auto directory = add_directory(database, home, "tree");
    const auto file = add_file(database, directory, "a", content(1, 10));
    change(database, [&](WriteTransaction& tx) {
      return tx.files().relocate(directory.id, home.id, file_name("moved"), anna.id, later);
    });
    CHECK(outcome(attempt(database, [&](WriteTransaction& tx) -> Result<void> {
            BALUHOST_CHECK(tx.files().remove(file.id, later));
            return Error{Errc::conflict, "on purpose"};
          })) == "conflict");
    CHECK(doomed(database).empty());
    CHECK(references(database, 1));
  }

  SECTION("doomed blobs are forgotten one by one, and listed up to a limit") {
    for (int i = 1; i <= 5; ++i) {
      remove(database, add_file(database, home, "f", content(i, 1)).id, later + i * kTick);
    }
    CHECK(doomed(database).size() == 5);
    CHECK(bookkept(database, [](Bookkeeping& tx) { return tx.blobs().doomed(3); }).size() == 3);
    bookkept(database, [](Bookkeeping& tx) { return tx.blobs().forget_doomed(blob_id(2)); });
    CHECK(doomed(database).size() == 4);
    CHECK(count_of(doomed(database), doomed_blob(2, later + 2 * kTick)) == 0);
  }

  SECTION(
      "contents returns each blob that files refer to once, in the order of blob ids, in pages") {
    std::vector<std::string> wanted;
    for (const int i : {0x30, 0x02, 0x9f, 0x11, 0x0a}) {
      const auto file = add_file(database, home, "f" + std::to_string(i), content(i, i));
      copy(database, file.id, home.id, "copy" + std::to_string(i), anna.id);
    }
    for (const int i : {0x02, 0x0a, 0x11, 0x30, 0x9f}) wanted.push_back(describe(content(i, i)));
    const auto page = [&](const std::optional<BlobId>& after, std::size_t limit) {
      return see(database, [&](ReadTransaction& tx) { return tx.files().contents(after, limit); });
    };
    CHECK(describe(page(std::nullopt, 100)) == wanted);
    std::vector<std::string> paged;
    std::optional<BlobId> after;
    for (auto contents = page(after, 2); !contents.empty(); contents = page(after, 2)) {
      REQUIRE(paged.size() < wanted.size());
      for (const auto& content : contents) paged.push_back(describe(content));
      after = contents.back().blob;
    }
    CHECK(paged == wanted);
  }

  SECTION("paths_of_blob returns the paths of the files that refer to a blob, up to a limit") {
    const auto file = add_file(database, home, "a", content(1, 10));
    const auto directory = add_directory(database, home, "d");
    copy(database, file.id, directory.id, "b", anna.id);
    add_file(database, home, "other", content(2, 10));
    const auto paths = [&](int blob, std::size_t limit) {
      std::vector<std::string> texts;
      for (const auto& path : see(database, [&](ReadTransaction& tx) {
             return tx.files().paths_of_blob(blob_id(blob), limit);
           })) {
        texts.push_back(path.str());
      }
      std::sort(texts.begin(), texts.end());
      return texts;
    };
    CHECK(paths(1, 10) == std::vector<std::string>{"/anna/a", "/anna/d/b"});
    CHECK(paths(1, 1).size() == 1);
    CHECK(paths(3, 10).empty());
  }

  SECTION("a blob of a detached tree is referred to, but by no path, until its row is removed") {
    const auto directory = add_directory(database, home, "tree");
    add_file(database, directory, "a", content(1, 10));
    change(database, [&](WriteTransaction& tx) {
      return tx.removals().begin({directory.id, anna.id, some_event("/anna/tree")});
    });
    CHECK(references(database, 1));
    CHECK(doomed(database).empty());
    CHECK(see(database, [](ReadTransaction& tx) {
            return tx.files().paths_of_blob(blob_id(1), 10);
          }).empty());
    CHECK(see(database, [](ReadTransaction& tx) {
            return tx.files().contents(std::nullopt, 10);
          }).size() == 1);
    const auto nodes =
        see(database, [&](ReadTransaction& tx) { return tx.files().bottom_up(directory.id, 10); });
    bookkept(database, [&](Bookkeeping& tx) { return tx.removals().remove(nodes, later); });
    CHECK(doomed(database) == std::vector{doomed_blob(1, later)});
  }

  SECTION("a blob is marked as damaged once, and clear again when it was marked") {
    const auto mark = [&](int blob) {
      return bookkept(database, [&](Bookkeeping& tx) {
        return tx.blobs().mark_damaged(blob_id(blob), "it's bad; --", kNow);
      });
    };
    const auto clear = [&](int blob) {
      return bookkept(database,
                      [&](Bookkeeping& tx) { return tx.blobs().clear_damaged(blob_id(blob)); });
    };
    CHECK(mark(1));
    CHECK_FALSE(mark(1));
    CHECK(mark(2));
    CHECK(clear(1));
    CHECK_FALSE(clear(1));
    CHECK(mark(1));
  }

  SECTION("missing lists what was marked as missing and files refer to, by id and up to a limit") {
    const auto mark = [&](int blob, std::string_view finding) {
      bookkept(database, [&](Bookkeeping& tx) {
        return tx.blobs().mark_damaged(blob_id(blob), finding, kNow);
      });
    };
    const auto missing = [&](std::size_t limit) {
      return see(database, [&](ReadTransaction& tx) { return tx.blobs().missing(limit); });
    };
    for (const int i : {3, 1, 2, 4}) {
      add_file(database, home, "f" + std::to_string(i), content(i, 1));
      mark(i, i == 4 ? "damaged" : "missing");
    }
    mark(5, "missing"); // no file refers to it
    CHECK(missing(10) == std::vector<BlobId>{blob_id(1), blob_id(2), blob_id(3)});
    CHECK(missing(2) == std::vector<BlobId>{blob_id(1), blob_id(2)});
    bookkept(database, [&](Bookkeeping& tx) { return tx.blobs().clear_damaged(blob_id(1)); });
    CHECK(missing(10) == std::vector<BlobId>{blob_id(2), blob_id(3)});
  }
}

} // namespace baluhost::contract
