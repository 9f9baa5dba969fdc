#include "blob_store/blob_store_suite.hpp"

namespace baluhost::contract::blob_store_suite {

void staging(BlobStore& blobs) {
  const auto id = upload_id(1);
  SECTION("staged bytes stay when their holder goes, and the next one goes on after them") {
    {
      auto staged = must(blobs.stage(id, 0));
      CHECK(staged->size() == 0);
      must(staged->write("a"));
      must(staged->sync());
      CHECK(staged->size() == 1);
    }
    CHECK(must(blobs.list_staged()) == std::vector{id});
    CHECK(ids(blobs).empty());
    auto staged = must(blobs.stage(id, 1));
    CHECK(staged->size() == 1);
    must(staged->write("bc"));
    CHECK(staged->sha256().hex() == kSha256OfAbc);
    must(staged->sync());
    const auto content = must(staged->publish());
    CHECK(content.size == 3);
    CHECK(content.sha256.hex() == kSha256OfAbc);
    if (content.sha1) CHECK(content.sha1->hex() == kSha1OfAbc);
    if (content.crc32) CHECK(*content.crc32 == kCrc32OfAbc);
    CHECK(read_all(blobs, content.blob) == kAbc);
    CHECK(ids(blobs) == std::vector{content.blob});
    CHECK(must(blobs.list_staged()).empty());
    CHECK_FALSE(staged->write("more"));
    CHECK_FALSE(staged->publish());
    staged.reset();
    CHECK(read_all(blobs, content.blob) == kAbc);
  }

  SECTION("a holder who comes after fewer bytes cuts the rest off") {
    must(must(blobs.stage(id, 0))->write("abcxyz"));
    {
      auto staged = must(blobs.stage(id, 3));
      CHECK(staged->size() == 3);
      CHECK(staged->sha256().hex() == kSha256OfAbc);
    }
    CHECK(outcome(blobs.stage(id, 4)) == "not_found");
    auto staged = must(blobs.stage(id, 0));
    CHECK(staged->size() == 0);
    CHECK(staged->sha256().hex() == kSha256OfNothing);
    must(staged->write("b"));
    CHECK(read_all(blobs, must(staged->publish()).blob) == "b");
  }

  SECTION("more bytes than are there are not_found, and nothing staged has none") {
    CHECK(outcome(blobs.stage(id, 1)) == "not_found");
    CHECK(must(blobs.list_staged()).empty());
    must(must(blobs.stage(id, 0))->write(kAbc));
    CHECK(outcome(blobs.stage(id, 5)) == "not_found");
    CHECK(must(blobs.stage(id, 3))->sha256().hex() == kSha256OfAbc);
  }

  SECTION("while one holds it, another is told conflict; other uploads are not concerned") {
    auto staged = must(blobs.stage(id, 0));
    must(staged->write(kAbc));
    CHECK(outcome(blobs.stage(id, 0)) == "conflict");
    CHECK(outcome(blobs.stage(id, 3)) == "conflict");
    CHECK(outcome(blobs.stage(upload_id(2), 0)) == "ok");
    must(staged->write("d"));
    CHECK(staged->size() == 4);
    staged.reset();
    CHECK(outcome(blobs.stage(id, 4)) == "ok");
  }

  SECTION("of many who want to hold one upload at the same time one gets it") {
    std::vector<std::string> outcomes(8);
    std::vector<std::unique_ptr<StagedBlob>> held(8);
    together(8, [&](int i) {
      auto staged = blobs.stage(id, 0);
      outcomes[static_cast<std::size_t>(i)] = outcome(staged);
      if (staged) held[static_cast<std::size_t>(i)] = *std::move(staged);
    });
    CHECK(count_of(outcomes, "ok") == 1);
    CHECK(count_of(outcomes, "conflict") == 7);
  }

  SECTION("truncate takes back what came last, digest included, and writing goes on") {
    auto staged = must(blobs.stage(id, 0));
    must(staged->write("ab"));
    must(staged->write("rubbish"));
    must(staged->truncate(2));
    CHECK(staged->size() == 2);
    must(staged->write("c"));
    CHECK(staged->sha256().hex() == kSha256OfAbc);
    must(staged->truncate(3));
    must(staged->truncate(0));
    CHECK(staged->sha256().hex() == kSha256OfNothing);
    must(staged->write(kAbc));
    CHECK(read_all(blobs, must(staged->publish()).blob) == kAbc);
  }

  SECTION("all that is staged can be opened without cutting it, and is not made") {
    CHECK(outcome(blobs.stage(id, kAllStaged)) == "not_found");
    CHECK(must(blobs.list_staged()).empty());
    must(must(blobs.stage(id, 0))->write("ab"));
    {
      auto staged = must(blobs.stage(id, kAllStaged));
      CHECK(staged->size() == 2);
      CHECK(outcome(blobs.stage(id, kAllStaged)) == "conflict");
      must(staged->write("c"));
      CHECK(staged->sha256().hex() == kSha256OfAbc);
    }
    CHECK(read_all(*must(blobs.stage(id, kAllStaged))) == kAbc);
    must(must(blobs.stage(id, kAllStaged))->publish());
    CHECK(outcome(blobs.stage(id, kAllStaged)) == "not_found");
  }

  SECTION("discarded staging is gone, and discarding nothing succeeds") {
    must(must(blobs.stage(id, 0))->write(kAbc));
    must(must(blobs.stage(upload_id(2), 0))->write(kAbc));
    CHECK(must(blobs.list_staged()).size() == 2);
    must(blobs.discard_staged(id));
    CHECK(must(blobs.list_staged()) == std::vector{upload_id(2)});
    CHECK(outcome(blobs.stage(id, 3)) == "not_found");
    CHECK(outcome(blobs.discard_staged(id)) == "ok");
    CHECK(must(blobs.stage(id, 0))->size() == 0);
  }

  SECTION("a blob becomes a staging file again, with all its bytes, once") {
    auto staged = must(blobs.stage(id, 0));
    must(staged->write(kAbc));
    const auto content = must(staged->publish());
    must(blobs.restage(content.blob, id));
    CHECK(outcome(blobs.open(content.blob)) == "not_found");
    CHECK(ids(blobs).empty());
    CHECK(must(blobs.list_staged()) == std::vector{id});
    CHECK(outcome(blobs.restage(content.blob, id)) == "not_found");
    CHECK_FALSE(staged->write("more"));
    staged.reset();
    staged = must(blobs.stage(id, 2));
    CHECK(outcome(blobs.restage(store(blobs, "x").blob, id)) == "conflict");
    must(staged->write("c"));
    CHECK(staged->sha256().hex() == kSha256OfAbc);
    CHECK(read_all(blobs, must(staged->publish()).blob) == kAbc);
  }

  SECTION("larger staged content in many turns keeps its digest") {
    const auto bytes = pattern(200'000);
    for (std::size_t at = 0; at < bytes.size(); at += 20'000) {
      auto staged = must(blobs.stage(id, static_cast<std::int64_t>(at)));
      must(staged->write(std::string_view{bytes}.substr(at, 20'000)));
      must(staged->sync());
    }
    const auto whole = store(blobs, bytes);
    const auto content = must(must(blobs.stage(id, 200'000))->publish());
    CHECK(content.sha256 == whole.sha256);
    CHECK(content.size == 200'000);
    const bool same = read_all(blobs, content.blob) == bytes;
    CHECK(same);
  }
}

void reading_back(BlobStore& blobs) {
  const auto id = upload_id(1);
  SECTION("staged bytes are read back by their holder, flushed or not, and by the next one") {
    const auto bytes = pattern(100'000);
    {
      auto staged = must(blobs.stage(id, 0));
      CHECK(read_all(*staged).empty());
      must(staged->write(std::string_view{bytes}.substr(0, 60'000)));
      CHECK(read_all(*staged) == bytes.substr(0, 60'000));
      must(staged->write(std::string_view{bytes}.substr(60'000)));
      must(staged->sync());
    }
    auto staged = must(blobs.stage(id, 100'000));
    std::string buffer(100, '\0');
    CHECK(must(staged->read_at(0, buffer)) == 100);
    CHECK(buffer == bytes.substr(0, 100));
    ends_with(*staged, bytes);
    const bool same = read_all(*staged) == bytes;
    CHECK(same);
    must(staged->write("more"));
    CHECK(must(staged->read_at(99'998, buffer)) == 6);
    CHECK(buffer.substr(2, 4) == "more");
    must(staged->truncate(10));
    CHECK(read_all(*staged) == bytes.substr(0, 10));
    must(staged->publish());
    CHECK(outcome(staged->read_at(0, buffer)) == "unavailable");
  }
}

} // namespace baluhost::contract::blob_store_suite
