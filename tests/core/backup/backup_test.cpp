#include "backup/backup_fakes.hpp"
#include "fixtures/files_fixture.hpp"

#include "baluhost/core/backup/backup.hpp"
#include "baluhost/memory/fake_seal_signer.hpp"

#include <algorithm>
#include <map>
#include <set>

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
  std::function<void(RestoreOutcome&)> complete;
  Result<RestoreOutcome> put_back(bool skip_damaged = false) {
    return restore({.database_backup = copies,
                    .files = restore_files,
                    .digester = *digester,
                    .clock = clock,
                    .verifier = [](std::string_view) -> Result<std::unique_ptr<SealVerifier>> {
                      return make_fake_seal_signer(Secret{"a key"});
                    }},
                   {.skip_damaged = skip_damaged, .progress = {}, .complete = complete});
  }
  /// As versions made it that did not name its files.
  void make_old() {
    auto& text = disk.files["backup.json"];
    const auto at = text.find(",\"files\":[");
    text.erase(at, text.find(']', at) + 1 - at);
  }
  std::set<std::string> copied() const {
    std::set<std::string> ids;
    for (const auto& [id, content] : disk.blobs) ids.insert(id);
    return ids;
  }
  std::vector<BlobId> marked_missing() {
    std::vector<BlobId> missing;
    REQUIRE(database->read([&](ReadTransaction& tx) -> Result<void> {
      BALUHOST_TRY(missing, tx.blobs().missing(10));
      return {};
    }));
    return missing;
  }
  /// Whether nobody has marked it yet; it is afterwards.
  bool is_unmarked(const std::string& blob) {
    bool is_new = false;
    REQUIRE(database->bookkeep([&](Bookkeeping& tx) -> Result<void> {
      BALUHOST_TRY(is_new, tx.blobs().mark_damaged(BlobId{blob}, "damaged", clock.now()));
      return {};
    }));
    return is_new;
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
        Calls{"anchor", "blob", "database", "keys", "blobs.manifest", "backup.json", "flush"});
  CHECK(world.copied() == std::set{world.blob_of("/anna/a")});
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
    REQUIRE(world.files.remove(world.anna, path("/anna/gone"), Recursive::no, {}));
  };
  REQUIRE(world.make(true));
  CHECK(world.copied() == std::set{world.blob_of("/anna/come")});
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
  CHECK(world.make(false)->newest_event == newest);
}

TEST_CASE("a blob that two views need and nobody has is lost, and the backup says so") {
  BackupWorld world;
  world.have(world.anna, "/anna/a", "hello");
  world.have(world.anna, "/anna/b", "world");
  const std::string lost = world.blob_of("/anna/a");
  REQUIRE(world.blobs->remove(BlobId{lost}));
  world.events();
  const auto figures = world.make(true);
  REQUIRE(figures);
  CHECK(std::ranges::count(world.disk.calls, "database") == 2);
  CHECK(world.copied() == std::set{world.blob_of("/anna/b")});
  CHECK(figures->bad.missing == 1);
  CHECK(figures->bad.damaged == 0);
  REQUIRE(figures->bad.named.size() == 1);
  CHECK(figures->bad.named.front().is_missing);
  CHECK(figures->bad.named.front().paths == std::vector<std::string>{"/anna/a"});
  CHECK(world.disk.files["backup.json"].find(
            R"("bad_contents":[{"blob":")" + lost +
            R"(","kind":"missing","detail":"the blob is not there"}])") != std::string::npos);
  const auto event = world.event();
  CHECK(event.action == "backup_created");
  CHECK(event.success);
  CHECK(event.details.find(R"("damaged":0,"missing":1)") != std::string::npos);
}

TEST_CASE("blobs that go away with each view end a backup, on record") {
  BackupWorld world;
  int views = 0;
  world.copies.before_view = [&] {
    const std::string name = "/anna/" + std::to_string(++views);
    world.have(world.anna, name, "hello");
    REQUIRE(world.blobs->remove(BlobId{world.blob_of(name)}));
  };
  CHECK(world.make(true).error().code == Errc::unavailable);
  CHECK(views == 5);
  CHECK_FALSE(world.disk.files.contains("backup.json"));
  const auto event = world.event();
  CHECK(event.action == "backup_created");
  CHECK_FALSE(event.success);
}

TEST_CASE("a backup names the contents that are bad, and a restore of it restores the rest") {
  BackupWorld world;
  for (const char* name : {"a", "b", "c", "d"})
    world.have(world.anna, std::string{"/anna/"} + name, "hello");
  const auto blob = [&](const char* name) { return world.blob_of(std::string{"/anna/"} + name); };
  CopiedContent other = seen(**world.blobs->open(BlobId{blob("a")}));
  other.sha256.bytes[0] ^= 1;
  world.disk.in_host[blob("a")] = other;
  other.size = 4;
  world.disk.in_host[blob("b")] = other;
  world.disk.in_host[blob("c")] = {.trouble = "no key", .is_opened = false};
  const auto figures = world.make(true);
  REQUIRE(figures);
  CHECK(figures->blobs == 4);
  CHECK(figures->bad.damaged == 3);
  const auto said = [](const BadContents& bad) {
    std::map<std::string, std::string> all;
    for (const BadContent& content : bad.named) all[content.paths.front()] = content.detail;
    return all;
  };
  const std::map<std::string, std::string> expected{
      {"/anna/a", "the SHA-256 differs"}, {"/anna/b", "the size differs"}, {"/anna/c", "no key"}};
  CHECK(said(figures->bad) == expected);
  CHECK(world.event().details.find(R"("damaged":3,"missing":0)") != std::string::npos);

  const bool is_worse = GENERATE(false, true); // since the backup was made
  if (is_worse) {
    world.disk.blobs.erase(blob("d"));
    const auto refused = world.put_back();
    CHECK(refused.error().code == Errc::conflict);
    CHECK(refused.error().detail.find("1 contents were damaged or lost since the backup was made "
                                      "(/anna/d)") != std::string::npos);
  }
  const auto outcome = world.put_back(is_worse);
  REQUIRE(outcome);
  const BadContents& bad = outcome->figures.bad;
  CHECK(bad.damaged == 3);
  CHECK(bad.missing == (is_worse ? 1 : 0));
  for (const BadContent& content : bad.named)
    CHECK(content.is_new == (content.paths.front() == "/anna/d"));
  CHECK(world.marked_missing().size() == (is_worse ? 1 : 0));
  CHECK_FALSE(world.is_unmarked(blob("a")));
  CHECK_FALSE(world.is_unmarked(blob("b")));
  CHECK(world.is_unmarked(blob("c"))); // it is sound once its key is there
  CHECK(world.is_unmarked(blob("d")) == !is_worse);
}

TEST_CASE("of many bad contents ten are named, and all counted") {
  BackupWorld world;
  for (int i = 0; i < 12; ++i) {
    const std::string name = "/anna/" + std::to_string(i);
    world.have(world.anna, name, "hello");
    REQUIRE(world.blobs->remove(BlobId{world.blob_of(name)}));
  }
  const auto figures = world.make(true);
  CHECK(figures->bad.missing == 12);
  CHECK(figures->bad.named.size() == 10);
}

TEST_CASE("a restore without a key of contents goes on, without another it does not") {
  BackupWorld world;
  world.have_backup();
  SECTION("a key of contents is missing") {
    world.disk.files.erase("keys/content-1.key");
    CHECK(world.put_back());
  }
  SECTION("a key of contents is another") {
    world.disk.files["keys/content-1.key"] = "another";
    const auto refused = world.put_back();
    CHECK(refused.error().code == Errc::conflict);
    CHECK(refused.error().detail.find("moved elsewhere") != std::string::npos);
  }
}

TEST_CASE("a blob that is there in the second view of the database is enough") {
  BackupWorld world;
  world.have(world.anna, "/anna/a", "hello");
  REQUIRE(world.blobs->remove(BlobId{world.blob_of("/anna/a")}));
  int views = 0;
  world.copies.before_view = [&] {
    if (++views == 2) REQUIRE(world.files.remove(world.anna, path("/anna/a"), Recursive::no, {}));
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
  world.complete = [&](RestoreOutcome&) { world.disk.calls.emplace_back("complete"); };
  const auto outcome = world.put_back();
  REQUIRE(outcome);
  CHECK(world.disk.calls == Calls{"mark", "keys and anchor", "load", "place files",
                                  "place database", "complete", "unmark"});
  CHECK(outcome->figures.bad.count() == 0);
  CHECK(outcome->figures.blobs == 2);
  CHECK(outcome->figures.bytes == 10);
  CHECK(outcome->is_known_whole);
  CHECK(world.disk.in_place.size() == 2);
}

TEST_CASE("a restore that finds a fault places nothing and undoes what it made") {
  BackupWorld world;
  world.have_backup();
  const Calls expected{"mark", "keys and anchor", "load", "clear", "undo"};
  world.make_old();
  auto& list = world.disk.files["blobs.manifest"]; // lacks what the database refers to
  list.erase(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(list.find('\n') + 1));
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
  SECTION("a backup of another kind of database") {
    files["backup.json"] = R"({"database":"sqlite","with_blobs":true})";
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
  world.have(world.anna, "/anna/c", "hello");
  world.have(world.anna, "/anna/d", "hello");
  world.disk.files.clear();
  REQUIRE(world.make(false));
  world.disk.in_place[world.blob_of("/anna/a")] = 5;
  world.disk.in_place[world.blob_of("/anna/c")] = 4;
  world.disk.in_place[world.blob_of("/anna/d")] = -1; // its key is not there
  const auto outcome = world.put_back();
  REQUIRE(outcome);
  const BadContents& bad = outcome->figures.bad;
  CHECK(bad.missing == 1);
  CHECK(bad.damaged == 2);
  for (const BadContent& content : bad.named) CHECK_FALSE(content.is_new);
  const auto missing = world.marked_missing();
  REQUIRE(missing.size() == 1);
  CHECK(missing.front().value == world.blob_of("/anna/b"));
  CHECK_FALSE(world.is_unmarked(world.blob_of("/anna/c")));
  CHECK(world.is_unmarked(world.blob_of("/anna/d")));
}

} // namespace
} // namespace baluhost::backup_test
