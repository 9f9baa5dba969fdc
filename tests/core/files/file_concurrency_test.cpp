#include "fixtures/files_fixture.hpp"

#include "baluhost/core/operations/sweep.hpp"

#include <array>
#include <atomic>
#include <thread>

namespace baluhost::files_test {
namespace {

template <class Work>
void run_threads(int count, const Work& work) {
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) threads.emplace_back([&work, i] { work(i); });
  for (auto& thread : threads) thread.join();
}

TEST_CASE("a quota is exact under sixteen writers, and none is refused what fits") {
  World world;
  constexpr std::int64_t kQuota = 1000;
  constexpr std::int64_t kFile = 25; // forty of them fit
  const auto anna = world.enter("anna", kQuota);
  const std::string content(static_cast<std::size_t>(kFile), 'x');
  std::atomic<int> stored{0};
  std::atomic<int> refused{0};
  std::atomic<int> other{0};
  run_threads(16, [&](int writer) {
    for (int i = 0; i < 5; ++i) {
      const auto where = path("/anna/f" + std::to_string(writer) + '-' + std::to_string(i));
      const bool announced = (writer + i) % 2 == 0;
      auto upload = world.files.begin_upload(
          anna, where, {.size = announced ? std::optional{kFile} : std::nullopt});
      auto done = upload ? upload->write(content) : Result<void>(upload.error());
      auto put = done ? upload->commit() : Result<PutResult>(done.error());
      if (put)
        ++stored;
      else if (put.error().code == Errc::quota_exceeded)
        ++refused;
      else
        ++other;
    }
  });
  CHECK(stored == 40);
  CHECK(refused == 40);
  CHECK(other == 0);
  CHECK(world.user("anna").used_bytes == kQuota);
  CHECK(world.user("anna").file_count == 40);
  CHECK(world.files.list(anna, path("/anna"), {})->items.size() == 40);
  CHECK(world.events().size() == 80);
  CHECK(world.blob_count() == 40);
}

TEST_CASE("usage stays exact when files are made, replaced, copied, moved and deleted at once") {
  World world;
  const auto anna = world.enter("anna");
  const auto bert = world.enter("bert");
  run_threads(8, [&](int worker) {
    const auto own = "/anna/w" + std::to_string(worker);
    for (int i = 0; i < 10; ++i) {
      (void)world.put(anna, own, std::string(static_cast<std::size_t>(10 + i), 'x'),
                      {.overwrite = true});
      (void)world.put(anna, "/anna/shared", std::string(static_cast<std::size_t>(worker + 1), 'y'),
                      {.overwrite = true});
      (void)world.files.copy(anna, path(own), path(own + "-copy"), Overwrite::yes);
      (void)world.files.move(world.operator_, path(own + "-copy"),
                             path("/bert/w" + std::to_string(worker)), Overwrite::yes);
      if (i % 3 == 0) (void)world.files.remove(anna, path(own), Recursive::no, {});
    }
  });
  for (const auto* name : {"anna", "bert"}) {
    TreeTotals totals;
    REQUIRE(world.inner->read([&](ReadTransaction& tx) -> Result<void> {
      BALUHOST_TRY(const auto home, tx.files().resolve(path(std::string{"/"} + name)));
      BALUHOST_TRY(totals, tx.files().totals(home.found.back().id));
      return {};
    }));
    CHECK(world.user(name).used_bytes == totals.bytes);
    CHECK(world.user(name).file_count == totals.files);
  }
  REQUIRE(sweep_doomed(*world.database, *world.blobs));
  std::size_t contents = 0;
  REQUIRE(world.inner->read([&](ReadTransaction& tx) -> Result<void> {
    contents = tx.files().contents({}, 1000)->size();
    return {};
  }));
  CHECK(world.blob_count() == contents);
}

TEST_CASE("a file that is replaced again and again is never seen torn or missing") {
  World world;
  const auto anna = world.enter("anna");
  const auto version = [](int i) {
    return std::string(static_cast<std::size_t>(1 + i % 50), static_cast<char>('a' + i % 26));
  };
  world.have(anna, "/anna/a", version(0));
  std::atomic<bool> stop{false};
  std::atomic<int> reads{0};
  std::atomic<int> torn{0};
  std::atomic<int> failed{0};
  std::thread writer([&] {
    for (int i = 0; !stop; ++i) {
      (void)world.put(anna, "/anna/a", version(i), {.overwrite = true});
      if (i % 10 == 0) (void)sweep_doomed(*world.database, *world.blobs);
    }
  });
  run_threads(4, [&](int) {
    while (reads < 1000) {
      auto download = world.files.open(anna, path("/anna/a"), {});
      ++reads;
      if (!download) {
        ++failed;
        continue;
      }
      std::string content(static_cast<std::size_t>(download->reader()->size()), '\0');
      const bool read = download->reader()->read_at(0, content).has_value();
      download->finish(download->reader()->size(), true);
      if (!read || world.digester->sha256(content) != download->info().entry.content->sha256)
        ++torn;
    }
  });
  stop = true;
  writer.join();
  CHECK(torn == 0);
  CHECK(failed == 0);
}

TEST_CASE("of two directories that are made, or two uploads that end, at one path one wins") {
  World world;
  const auto anna = world.enter("anna");
  for (int round = 0; round < 20; ++round) {
    const auto place = path("/anna/n" + std::to_string(round));
    std::array<bool, 4> won{};
    run_threads(4, [&](int i) {
      won[static_cast<std::size_t>(i)] =
          i % 2 == 0 ? world.files.make_directory(anna, place, MissingParents::refuse).has_value()
                     : world.put(anna, place.str(), "x").has_value();
    });
    CHECK(std::count(won.begin(), won.end(), true) == 1);
    CHECK(world.events().size() == 4);
  }
}

} // namespace
} // namespace baluhost::files_test
