#include "fixtures/files_fixture.hpp"
#include "fixtures/hooked_database.hpp"

#include "baluhost/core/operations/sweep.hpp"

#include <algorithm>
#include <functional>
#include <map>

namespace baluhost::files_test {
namespace {

/// The services over a hooked database, and a tree /anna/t of 1,024 files and 33 directories.
struct Grove {
  explicit Grove(FileLimits limits = {})
      : hooked(*world.database), files(hooked_dependencies(limits), {}) {
    anna = world.enter("anna", 1'000'000);
    bert = world.enter("bert");
    for (int i = 0; i < 32; ++i) world.have(*anna, "/anna/t/d0/f" + std::to_string(i), "12345");
    for (int i = 1; i < 32; ++i) {
      REQUIRE(world.files.copy(*anna, path("/anna/t/d0"), path("/anna/t/d" + std::to_string(i)),
                               Overwrite::no));
    }
    world.events();
  }

  FileService::Dependencies hooked_dependencies(FileLimits limits) {
    return {hooked,       world.deps.blobs, world.audit_log, world.deps.transfers,
            world.quotas, world.clock,      limits};
  }
  /// How often each path has a `delete` event among the new ones.
  std::map<std::string, int> deleted() {
    for (const auto& event : world.events()) {
      if (event.action == "delete" && event.success) ++deleted_[event.resource.value()];
    }
    return deleted_;
  }
  Result<void> clear(const std::function<bool()>& go_on = [] { return true; }) {
    return clear_removed_trees(hooked, world.clock, std::chrono::seconds{0}, go_on);
  }
  std::int64_t rows_below(const std::string& home) {
    std::int64_t count = 0;
    REQUIRE(world.inner->read([&](ReadTransaction& tx) -> Result<void> {
      BALUHOST_TRY(const auto found, tx.files().resolve(path(home)));
      BALUHOST_TRY(const auto totals, tx.files().totals(found.found.back().id));
      count = totals.entries() - 1;
      return {};
    }));
    return count;
  }

  World world;
  HookedDatabase hooked;
  FileService files;
  std::optional<Principal> anna;
  std::optional<Principal> bert;

 private:
  std::map<std::string, int> deleted_;
};

constexpr std::int64_t kFiles = 1024;
constexpr std::int64_t kDirectories = 33;

TEST_CASE("a large tree goes in transactions that others' writes go between", "[fault-10]") {
  Grove grove;
  int puts = 0;
  bool is_inner = false;
  grove.hooked.before_write = [&]() -> Result<void> {
    if (!std::exchange(is_inner, true)) {
      CHECK(grove.world.put(*grove.bert, "/bert/f" + std::to_string(puts++), "x"));
      is_inner = false;
    }
    return {};
  };
  REQUIRE(grove.files.remove(*grove.anna, path("/anna/t"), Recursive::yes, {}));
  CHECK(puts >= 5);
  CHECK(std::ranges::all_of(grove.hooked.sizes, [](std::size_t events) { return events <= 251; }));

  std::vector<std::string> order;
  int summaries = 0;
  for (const auto& event : grove.world.events()) {
    if (order.empty() || order.back() != event.action) order.push_back(event.action);
    if (event.resource != "/anna/t") continue;
    ++summaries;
    CHECK(event.details ==
          R"({"file_size":5120,"kind":"directory","file_count":1024,"total_size":5120})");
  }
  CHECK(summaries == 1);
  CHECK(std::ranges::count(order, "upload") >= 4); // between what is deleted
  CHECK(grove.world.user("anna").used_bytes == 0);
  CHECK(grove.world.user("anna").file_count == 0);
  CHECK(grove.world.user("anna").entry_count == 0);
  CHECK(grove.rows_below("/anna") == 0);
  CHECK(grove.world.doomed_count() == 32);
}

TEST_CASE(
    "a tree that goes in steps is gone for everybody with the first, and each file is recorded "
    "once",
    "[fault-10]") {
  Grove grove;
  grove.world.grant("/anna/t/d5/f1", "bert", Right::read);
  int writes = 0;
  // What a crash looks like to the database: no transaction after the second.
  grove.hooked.before_write = [&]() -> Result<void> {
    if (++writes > 3) return Error{Errc::unavailable, "the power is gone"};
    return {};
  };
  REQUIRE(grove.files.remove(*grove.anna, path("/anna/t"), Recursive::yes, {}));
  CHECK(grove.world.user("anna").used_bytes == 0);
  CHECK(grove.world.user("anna").file_count == 0);
  const auto left = grove.world.user("anna").entry_count;
  CHECK(left > 0);
  CHECK(left < kFiles + kDirectories);
  CHECK(grove.world.files.list(*grove.anna, path("/anna"), {})->items.empty());
  CHECK(grove.world.files.info(*grove.anna, path("/anna/t/d5/f1")).error().code == Errc::not_found);
  CHECK(grove.world.get(*grove.bert, "/anna/t/d5/f1").error().code == Errc::not_found);
  REQUIRE(grove.world.put(*grove.anna, "/anna/t/d5/f1", "new", {.parents = true}));
  auto deleted = grove.deleted();
  CHECK(deleted.size() < kFiles);
  CHECK(deleted["/anna/t"] == 1);

  grove.hooked.before_write = nullptr;
  int batches = 0;
  REQUIRE(grove.clear([&] { return ++batches < 3; })); // a stop in the middle
  CHECK(grove.deleted().size() < kFiles);
  REQUIRE(grove.clear());
  deleted = grove.deleted();
  CHECK(deleted.size() == kFiles + 1);
  CHECK(std::ranges::all_of(deleted, [](const auto& entry) { return entry.second == 1; }));
  CHECK(grove.world.user("anna").entry_count == 3);
  CHECK(grove.world.user("anna").file_count == 1);
  CHECK(grove.world.get(*grove.anna, "/anna/t/d5/f1").value() == "new");
  REQUIRE(grove.clear());
  CHECK(grove.deleted() == deleted);
}

TEST_CASE("an event that the database refuses does not keep a tree from going", "[fault-08]") {
  Grove grove;
  grove.world.database->refuse(
      [](const NewAuditEvent& event) { return event.resource == "/anna/t/d5/f1"; });
  REQUIRE(grove.files.remove(*grove.anna, path("/anna/t"), Recursive::yes, {}));
  REQUIRE(grove.clear());
  int deleted = 0, refused = 0;
  for (const auto& event : grove.world.events()) {
    if (event.action == "delete" && event.resource != "/anna/t") ++deleted;
    if (event.action != "event_refused") continue;
    ++refused;
    CHECK(event.details.starts_with(
        R"({"action":"delete","success":true,"user":"anna","resource":"/anna/t/d5/f1",)"));
  }
  CHECK(deleted == kFiles - 1);
  CHECK(refused == 1);
  CHECK(grove.rows_below("/anna") == 0);
}

TEST_CASE("a tree of directories alone goes without an event of its own for each", "[fault-10]") {
  World world;
  const auto anna = world.enter("anna");
  for (int i = 0; i < 300; ++i) world.have_directory(anna, "/anna/t/d" + std::to_string(i));
  CHECK(world.user("anna").entry_count == 301);
  REQUIRE(world.files.remove(anna, path("/anna/t"), Recursive::yes, {}));
  CHECK(
      world.lines() ==
      Lines{R"(delete /anna/t {"file_size":0,"kind":"directory","file_count":0,"total_size":0})"});
  CHECK(world.user("anna").entry_count == 0);
}

TEST_CASE("a housekeeper leaves a fresh removal to its request, and takes it later", "[fault-10]") {
  Grove grove;
  int writes = 0;
  grove.hooked.before_write = [&]() -> Result<void> {
    if (++writes > 3) return Error{Errc::unavailable, "busy"};
    return {};
  };
  REQUIRE(grove.files.remove(*grove.anna, path("/anna/t"), Recursive::yes, {}));
  grove.hooked.before_write = nullptr;
  const auto take = [&] {
    REQUIRE(clear_removed_trees(grove.hooked, grove.world.clock, std::chrono::seconds{5},
                                [] { return true; }));
    return grove.world.user("anna").entry_count;
  };
  CHECK(take() > 0);
  grove.world.clock.advance(std::chrono::seconds{5});
  CHECK(take() == 0);
}

TEST_CASE("a user with a large home is purged at once, and what is left of it goes afterwards",
          "[fault-10]") {
  Grove grove;
  UserService users(grove.hooked, grove.world.audit_log, grove.world.identities,
                    *grove.world.hasher, grove.world.clock);
  int writes = 0;
  grove.hooked.before_write = [&]() -> Result<void> {
    if (++writes > 2) return Error{Errc::unavailable, "busy"};
    return {};
  };
  REQUIRE(users.remove(grove.world.operator_, Username::parse("anna").value(), Purge::yes));
  CHECK(
      grove.world.users.get(grove.world.operator_, Username::parse("anna").value()).error().code ==
      Errc::not_found);
  const auto again = grove.world.enter("anna");
  CHECK(grove.world.files.list(again, path("/anna"), {})->items.empty());
  grove.hooked.before_write = nullptr;
  REQUIRE(grove.clear());
  CHECK(grove.world.user("anna").entry_count == 0);
  CHECK(grove.rows_below("/anna") == 0);
  CHECK(grove.world.doomed_count() == 32);
}

TEST_CASE("the events of a purged home are the same as of a deleted tree", "[fault-10]") {
  Grove grove;
  REQUIRE(
      grove.world.users.remove(grove.world.operator_, Username::parse("anna").value(), Purge::yes));
  std::map<std::string, int> resources;
  std::string summary;
  for (const auto& event : grove.world.events()) {
    if (event.action != "delete") continue;
    ++resources[event.resource.value()];
    if (event.resource == "/anna")
      summary = event.details;
    else
      CHECK(event.details == R"({"file_size":5,"kind":"file"})");
  }
  CHECK(resources.size() == kFiles + 1);
  CHECK(std::ranges::all_of(resources, [](const auto& entry) { return entry.second == 1; }));
  CHECK(summary == R"({"file_size":5120,"kind":"directory","file_count":1024,"total_size":5120})");
}

TEST_CASE(
    "a large tree is counted before the transaction that moves it, and again where the home "
    "changed meanwhile",
    "[fault-10]") {
  Grove grove;
  int counts = 0;
  grove.hooked.before_read = [&] {
    // Changes the home after the first count has been asked for and before it is used.
    if (++counts == 2) REQUIRE(grove.world.put(*grove.anna, "/anna/t/late", "x"));
  };
  grove.hooked.before_write = [&]() -> Result<void> {
    if (counts == 1) REQUIRE(grove.world.put(*grove.anna, "/anna/t/early", "x"));
    return {};
  };
  REQUIRE(grove.files.move(*grove.anna, path("/anna/t"), path("/anna/u"), Overwrite::no));
  CHECK(counts == 2);
  const auto events = grove.world.events();
  CHECK(events.back().action == "rename");
  CHECK(events.back().details.find(R"("file_count":1026)") != std::string::npos);
}

TEST_CASE("a home that changes all the time does not keep a tree from being deleted",
          "[fault-10]") {
  Grove grove;
  int puts = 0;
  grove.hooked.before_write = [&]() -> Result<void> {
    CHECK(grove.world.put(*grove.anna, "/anna/f" + std::to_string(puts++), "x"));
    return {};
  };
  REQUIRE(grove.files.remove(*grove.anna, path("/anna/t"), Recursive::yes, {}));
  CHECK(grove.world.user("anna").file_count == puts);
  CHECK(grove.deleted()["/anna/t"] == 1);
}

TEST_CASE("a home has no more entries than it may have, in whatever way they would come",
          "[fault-11]") {
  Grove grove({.entries_per_user = kFiles + kDirectories + 2});
  auto& anna = *grove.anna;
  const auto put = [&](const std::string& where, PutOptions options = {}) -> Result<void> {
    options.size = 1;
    auto upload = grove.files.begin_upload(anna, path(where), options);
    if (!upload) return std::move(upload).error();
    BALUHOST_CHECK(upload->write("x"));
    BALUHOST_CHECK(upload->commit());
    return {};
  };
  const auto make = [&](const std::string& where) {
    return grove.files.make_directory(anna, path(where), MissingParents::make);
  };
  const auto full = grove.world.user("anna");
  CHECK(full.entry_count == kFiles + kDirectories);
  CHECK(error_of(put("/anna/a/b/c", {.parents = true})) == Errc::quota_exceeded);
  CHECK(grove.world.event().details.find("attempted_size") != std::string::npos);
  CHECK(error_of(make("/anna/a/b/c")) == Errc::quota_exceeded);
  CHECK(error_of(grove.files.copy(anna, path("/anna/t/d0"), path("/anna/x"), Overwrite::no)) ==
        Errc::quota_exceeded);
  CHECK(grove.world.user("anna").entry_count == full.entry_count);
  CHECK(grove.world.user("anna").used_bytes == full.used_bytes);
  REQUIRE(make("/anna/a"));
  REQUIRE(put("/anna/b"));
  CHECK(error_of(put("/anna/c")) == Errc::quota_exceeded);
  CHECK(error_of(make("/anna/c")) == Errc::quota_exceeded);
  CHECK(error_of(grove.files.copy(anna, path("/anna/b"), path("/anna/c"), Overwrite::no)) ==
        Errc::quota_exceeded);
  REQUIRE(put("/anna/b", {.overwrite = true})); // no other entry
  REQUIRE(grove.files.copy(anna, path("/anna/t/d0/f1"), path("/anna/b"), Overwrite::yes));
  REQUIRE(grove.files.move(anna, path("/anna/t"), path("/anna/u"), Overwrite::no));
  grove.world.have(*grove.bert, "/bert/g", "x");
  CHECK(error_of(grove.files.move(grove.world.operator_, path("/bert/g"), path("/anna/c"),
                                  Overwrite::no)) == Errc::quota_exceeded);
  REQUIRE(grove.files.remove(anna, path("/anna/u/d1"), Recursive::yes, {}));
  REQUIRE(grove.files.move(grove.world.operator_, path("/bert/g"), path("/anna/c"), Overwrite::no));
  CHECK(grove.world.user("anna").entry_count == grove.rows_below("/anna"));
  CHECK(grove.world.user("bert").entry_count == 0);
}

TEST_CASE("one copy, or one move into another home, has a bound: a move within a home has none",
          "[fault-11]") {
  Grove grove({.entries_at_once = 300});
  auto& anna = *grove.anna;
  CHECK(error_of(grove.files.copy(anna, path("/anna/t"), path("/anna/x"), Overwrite::no)) ==
        Errc::quota_exceeded);
  CHECK(error_of(grove.files.move(grove.world.operator_, path("/anna/t"), path("/bert/x"),
                                  Overwrite::no)) == Errc::quota_exceeded);
  CHECK(grove.rows_below("/anna") == kFiles + kDirectories);
  CHECK(grove.rows_below("/bert") == 0);
  REQUIRE(grove.files.move(anna, path("/anna/t"), path("/anna/x"), Overwrite::no));
  REQUIRE(
      grove.files.copy(anna, path("/anna/x/d1"), path("/bert/d1"), Overwrite::no).error().code ==
      Errc::not_found);
  REQUIRE(
      grove.files.move(grove.world.operator_, path("/anna/x/d1"), path("/bert/d1"), Overwrite::no));
  CHECK(grove.world.user("bert").entry_count == 33);
  CHECK(grove.world.user("anna").entry_count == kFiles + kDirectories - 33);
}

TEST_CASE(
    "an account has no more unfinished uploads than it may have, and each refusal is recorded",
    "[fault-11b]") {
  World world;
  auto deps = world.deps;
  deps.limits = {.unfinished_uploads = 3};
  UploadService uploads(deps, *world.random, *world.digester, {});
  const auto anna = world.enter("anna", 1000);
  std::vector<UploadId> ids;
  const auto create = [&](std::int64_t length) -> Result<void> {
    BALUHOST_TRY(const auto upload,
                 uploads.create(anna, {.target = path("/anna/f"), .length = length}));
    ids.push_back(upload.id);
    return {};
  };
  for (int i = 0; i < 3; ++i) REQUIRE(create(5));
  CHECK(error_of(create(5)) == Errc::quota_exceeded);
  CHECK(
      world.lines().back() ==
      R"(upload /anna/f {"attempted_size":5,"mime_type":"application/octet-stream","duration_ms":0} failed: quota_exceeded)");
  REQUIRE(uploads.terminate(anna, ids.front()));
  REQUIRE(create(5));
  CHECK(error_of(create(5)) == Errc::quota_exceeded);
}

} // namespace
} // namespace baluhost::files_test
