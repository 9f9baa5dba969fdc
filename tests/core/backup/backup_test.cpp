#include "backup/backup_fakes.hpp"
#include "fixtures/files_fixture.hpp"

#include "baluhost/core/backup/backup.hpp"
#include "baluhost/memory/fake_seal_signer.hpp"

#include <algorithm>

namespace baluhost::backup_test {
namespace {

using files_test::path;
using Calls = std::vector<std::string>;

struct BackupWorld : files_test::World {
  Disk disk;
  FakeBackupFiles backup_files{disk, *blobs};
  FakeRestoreFiles restore_files{disk};
  FakeDatabaseBackup copies{disk, *database};
  Principal anna = enter("anna");

  Result<BackupFigures> make(bool with_blobs) {
    return back_up({.database = *database,
                    .blobs = *blobs,
                    .audit_log = audit_log,
                    .clock = clock,
                    .database_backup = copies,
                    .files = backup_files},
                   operator_, {.with_blobs = with_blobs, .version = "1"});
  }
  Result<RestoreOutcome> put_back() {
    return restore({.database_backup = copies,
                    .files = restore_files,
                    .digester = *digester,
                    .clock = clock,
                    .verifier = [](std::string_view) -> Result<std::unique_ptr<SealVerifier>> {
                      return make_fake_seal_signer(Secret{"a key"});
                    }});
  }
  /// As versions made it that did not name its files.
  void make_old() {
    auto& text = disk.files["backup.json"];
    const auto at = text.find(",\"files\":[");
    text.erase(at, text.find(']', at) + 1 - at);
  }
  std::string blob_of(const std::string& where) {
    return files.info(anna, path(where)).value().entry.content->blob.value;
  }
  /// With two files, all of it copied; what that called is passed over.
  void have_backup(bool with_blobs = true) {
    have(anna, "/anna/a", "hello");
    have(anna, "/anna/b", "world");
    REQUIRE(make(with_blobs));
    disk.calls.clear();
  }
};

TEST_CASE("a backup takes anchor and blobs before the database, its description last") {
  BackupWorld world;
  world.have(world.anna, "/anna/a", "hello");
  const auto figures = world.make(true);
  REQUIRE(figures);
  CHECK(figures->blobs == 1);
  CHECK(figures->bytes == 5);
  CHECK(world.disk.calls ==
        Calls{"anchor and keys", "blob", "database", "blobs.manifest", "backup.json", "flush"});
  CHECK(world.disk.blobs == std::set{world.blob_of("/anna/a")});
  CHECK(world.disk.files["blobs.manifest"].starts_with(world.blob_of("/anna/a") + " 5 "));
  CHECK(world.event().action == "backup_created");
}

TEST_CASE("a backup without blobs lists them only") {
  BackupWorld world;
  world.have(world.anna, "/anna/a", "hello");
  CHECK(world.make(false)->blobs == 1);
  CHECK(world.disk.blobs.empty());
}

TEST_CASE(
    "what comes and goes between the first blobs and the database is as the database has it") {
  BackupWorld world;
  world.have(world.anna, "/anna/gone", "going");
  const std::string gone = world.blob_of("/anna/gone");
  world.copies.before_view = [&] {
    world.have(world.anna, "/anna/come", "hello");
    REQUIRE(world.files.remove(world.anna, path("/anna/gone"), false, {}));
  };
  REQUIRE(world.make(true));
  CHECK(world.disk.blobs == std::set{world.blob_of("/anna/come")});
  CHECK_FALSE(world.disk.blobs.contains(gone));
}

TEST_CASE("the newest event that a backup tells of is one that it holds") {
  BackupWorld world;
  world.have(world.anna, "/anna/a", "hello");
  EventId newest;
  REQUIRE(world.database->read([&](ReadTransaction& tx) -> Result<void> {
    BALUHOST_TRY(newest, tx.audit().newest());
    return {};
  }));
  world.copies.after_view = [&] { world.have(world.anna, "/anna/late", "hello"); };
  CHECK(world.make(false)->newest_event == newest.value);
}

TEST_CASE("a blob that is missing is looked for in five views, then the backup fails on record") {
  BackupWorld world;
  world.have(world.anna, "/anna/a", "hello");
  REQUIRE(world.blobs->remove(BlobId{world.blob_of("/anna/a")}));
  world.events();
  CHECK(world.make(true).error().code == Errc::unavailable);
  CHECK(std::ranges::count(world.disk.calls, "database") == 5);
  CHECK_FALSE(world.disk.files.contains("backup.json"));
  const auto event = world.event();
  CHECK(event.action == "backup_created");
  CHECK_FALSE(event.success);
}

TEST_CASE("a blob that is there in the second view of the database is enough") {
  BackupWorld world;
  world.have(world.anna, "/anna/a", "hello");
  REQUIRE(world.blobs->remove(BlobId{world.blob_of("/anna/a")}));
  int views = 0;
  world.copies.before_view = [&] {
    if (++views == 2) REQUIRE(world.files.remove(world.anna, path("/anna/a"), false, {}));
  };
  CHECK(world.make(true)->blobs == 0);
  CHECK(views == 2);
}

TEST_CASE("a backup does not go where something is") {
  BackupWorld world;
  world.disk.is_occupied = true;
  CHECK(world.make(true).error().code == Errc::conflict);
  CHECK(world.disk.calls.empty());
  CHECK_FALSE(world.event().success);
}

TEST_CASE("a restore marks first, places the database last and removes the mark at the end") {
  BackupWorld world;
  world.have_backup();
  const auto outcome = world.put_back();
  REQUIRE(outcome);
  CHECK(world.disk.calls ==
        Calls{"mark", "keys and anchor", "load", "place files", "place database", "unmark"});
  CHECK(outcome->missing == 0);
  CHECK(outcome->figures.blobs == 2);
  CHECK(outcome->figures.bytes == 10);
  CHECK(outcome->is_known_whole);
  CHECK(world.disk.in_place.size() == 2);
}

TEST_CASE("a restore that finds a fault places nothing and undoes what it made") {
  BackupWorld world;
  world.have_backup();
  Calls expected{"mark", "keys and anchor", "load", "clear", "undo"};
  SECTION("a blob that is damaged") {
    world.disk.damaged.insert(world.blob_of("/anna/a"));
    std::erase(expected, "load");
  }
  SECTION("a list that lacks what the database refers to") {
    world.make_old();
    auto& list = world.disk.files["blobs.manifest"];
    list.erase(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(list.find('\n') + 1));
  }
  CHECK(world.put_back().error().code == Errc::conflict);
  CHECK(world.disk.calls == expected);
  CHECK_FALSE(world.disk.is_locked);
  CHECK_FALSE(world.disk.mark);
  CHECK(world.disk.in_place.empty());
}

TEST_CASE("a restore looks at the whole backup before it touches anything") {
  BackupWorld world;
  world.have_backup();
  auto& files = world.disk.files;
  // A backup of an older version does not say what it is made of.
  const bool is_old = GENERATE(false, true);
  if (is_old) world.make_old();
  Errc expected = Errc::unavailable;
  const Errc of_a_file = is_old ? Errc::unavailable : Errc::conflict;
  SECTION("no description") { files.erase("backup.json"); }
  SECTION("a description that is no JSON") { files["backup.json"] = "{\"database\":\"memory\""; }
  SECTION("a description without the database") {
    files["backup.json"] = "{\"with_blobs\":true}\n";
  }
  SECTION("files that are no list") {
    files["backup.json"] = R"({"database":"memory","with_blobs":true,"files":{}})";
  }
  SECTION("a file elsewhere") {
    files["backup.json"] =
        R"({"database":"memory","with_blobs":true,"files":[{"name":"keys/../../x","size":1,"sha256":")" +
        std::string(64, '0') + R"("}]})";
  }
  SECTION("no list") {
    files.erase("blobs.manifest");
    expected = of_a_file;
  }
  SECTION("a list that is cut off") {
    files["blobs.manifest"].resize(40);
    expected = of_a_file;
  }
  SECTION("no public keys") {
    files.erase("keys/audit-ed25519.pub.pem");
    expected = of_a_file;
  }
  SECTION("a blob of another size") {
    world.disk.cut.insert(world.blob_of("/anna/a"));
    expected = Errc::conflict;
  }
  SECTION("a backup of another kind of database") {
    files["backup.json"] = R"({"database":"sqlite","with_blobs":true})";
    expected = Errc::conflict;
  }
  SECTION("a blob that is not there") {
    world.disk.blobs.erase(world.blob_of("/anna/a"));
    expected = Errc::conflict;
  }
  SECTION("something where it would go") {
    world.disk.is_occupied = true;
    expected = Errc::conflict;
  }
  CHECK(world.put_back().error().code == expected);
  CHECK(world.disk.calls.empty());
}

TEST_CASE("a restore is refused where a file of the backup is missing or changed", "[fault-11-3]") {
  BackupWorld world;
  world.have_backup();
  auto& files = world.disk.files;
  SECTION("the anchor is gone") { files.erase("audit.anchor"); }
  SECTION("the anchor is an older one") { files["audit.anchor"] = "an older seal"; }
  SECTION("another key lies there") { files["keys/audit-ed25519.pub.pem"] = "forged keys"; }
  CHECK(world.put_back().error().code == Errc::conflict);
  CHECK(world.disk.calls.empty());
  CHECK_FALSE(world.disk.is_locked);
  // Older versions named none: what is there is taken, and the outcome says so.
  world.make_old();
  const auto outcome = world.put_back();
  REQUIRE(outcome);
  CHECK_FALSE(outcome->is_known_whole);
}

TEST_CASE("a restore that was killed is undone by the next one, on the same database only") {
  BackupWorld world;
  world.have_backup();
  world.disk.is_occupied = true; // with what it made
  SECTION("the same") {
    world.disk.mark = "here";
    REQUIRE(world.put_back());
    CHECK(Calls(world.disk.calls.begin(), world.disk.calls.begin() + 3) ==
          Calls{"clear", "undo", "mark"});
  }
  SECTION("another") {
    world.disk.mark = "there";
    CHECK(world.put_back().error().code == Errc::conflict);
    CHECK(world.disk.calls.empty());
    CHECK(world.disk.mark == "there");
  }
}

TEST_CASE("a backup without blobs is restored, and on record is what is missing") {
  BackupWorld world;
  world.have_backup(false);
  world.disk.in_place[world.blob_of("/anna/a")] = 5;
  const auto outcome = world.put_back();
  REQUIRE(outcome);
  CHECK(outcome->missing == 1);
  CHECK(outcome->missing_files == std::vector<std::string>{"/anna/b"});
  std::vector<BlobId> missing;
  REQUIRE(world.database->read([&](ReadTransaction& tx) -> Result<void> {
    BALUHOST_TRY(missing, tx.uploads().missing(10));
    return {};
  }));
  REQUIRE(missing.size() == 1);
  CHECK(missing.front().value == world.blob_of("/anna/b"));
}

} // namespace
} // namespace baluhost::backup_test
