#include "blob_store/blob_store_suite.hpp"

namespace baluhost::contract::blob_store_suite {

/// The store is opened again, as after a crash: only then it shows what was durable.
void crashes(BlobStoreUnderTest& under_test) {
  auto& blobs = under_test.store;
  const auto reopen = [&] { blobs = under_test.reopen(std::move(blobs)); };
  const auto id = upload_id(1);

  SECTION(
      "what was published is there after a crash, as it was, with the time at which it was "
      "published") {
    const auto before = under_test.clock->now();
    REQUIRE(before > Timestamp{});
    const auto written = store(*blobs, kAbc);
    auto staged = must(blobs->stage(id, 0));
    must(staged->write(pattern(200'000)));
    const auto from_stage = must(staged->publish());
    staged.reset();
    const auto after = under_test.clock->now();
    auto dropped = must(blobs->create());
    must(dropped->write("never published"));
    dropped.reset();
    const auto listed = must(blobs->list(std::nullopt, 10));
    REQUIRE(listed.size() == 2);
    for (const auto& info : listed) {
      CHECK(info.published_at >= before);
      CHECK(info.published_at <= after);
    }
    reopen();
    const auto found = must(blobs->list(std::nullopt, 10));
    REQUIRE(found.size() == 2);
    for (std::size_t i = 0; i < 2; ++i) {
      CHECK(found[i].id == listed[i].id);
      CHECK(found[i].size == listed[i].size);
      CHECK(found[i].published_at == listed[i].published_at);
    }
    CHECK(read_all(*blobs, written.blob) == kAbc);
    const bool same = read_all(*blobs, from_stage.blob) == pattern(200'000);
    CHECK(same);
    CHECK(must(blobs->list_staged()).empty());
  }

  SECTION("what was synced is there after a crash, and the upload goes on after it") {
    {
      auto staged = must(blobs->stage(id, 0));
      must(staged->write("a"));
      must(staged->sync());
      must(staged->write("b"));
      must(staged->sync());
      must(staged->write("rubbish"));
    }
    reopen();
    CHECK(must(blobs->list_staged()) == std::vector{id});
    CHECK(ids(*blobs).empty());
    auto staged = must(blobs->stage(id, 2));
    CHECK(staged->size() == 2);
    CHECK(read_all(*staged) == "ab");
    must(staged->write("c"));
    CHECK(staged->sha256().hex() == kSha256OfAbc);
    CHECK(read_all(*blobs, must(staged->publish()).blob) == kAbc);
  }

  SECTION("what was cut off stays cut off after a crash") {
    {
      auto staged = must(blobs->stage(id, 0));
      must(staged->write("abcxyz"));
      must(staged->sync());
      must(staged->truncate(3));
      must(staged->sync());
    }
    reopen();
    CHECK(outcome(blobs->stage(id, 4)) == "not_found");
    CHECK(must(blobs->stage(id, 3))->sha256().hex() == kSha256OfAbc);
  }

  SECTION("a blob that was taken back to its staging file is there after a crash") {
    const auto content = store(*blobs, kAbc);
    must(blobs->restage(content.blob, id));
    reopen();
    CHECK(ids(*blobs).empty());
    CHECK(must(blobs->stage(id, 3))->sha256().hex() == kSha256OfAbc);
  }

  SECTION("what was removed or discarded is gone after a crash too") {
    const auto removed = store(*blobs, kAbc);
    const auto kept = store(*blobs, kAbc);
    must(must(blobs->stage(id, 0))->sync());
    must(blobs->remove(removed.blob));
    must(blobs->discard_staged(id));
    reopen();
    CHECK(ids(*blobs) == std::vector{kept.blob});
    CHECK(must(blobs->list_staged()).empty());
  }
}

} // namespace baluhost::contract::blob_store_suite
