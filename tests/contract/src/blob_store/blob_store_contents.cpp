#include "blob_store/blob_store_suite.hpp"

namespace baluhost::contract::blob_store_suite {

void writing(BlobStore& blobs) {
  SECTION("what is written and published is read back, with its size and digest") {
    auto writer = must(blobs.create());
    CHECK(writer->size() == 0);
    CHECK(writer->sha256().hex() == kSha256OfNothing);
    must(writer->write("a"));
    must(writer->write(""));
    must(writer->write("bc"));
    CHECK(writer->size() == 3);
    CHECK(writer->sha256().hex() == kSha256OfAbc);
    if (const auto sha1 = writer->sha1()) CHECK(sha1->hex() == kSha1OfAbc);
    const auto content = must(writer->publish());
    CHECK(is_hex_id(content.blob));
    CHECK(content.size == 3);
    CHECK(content.sha256.hex() == kSha256OfAbc);
    if (content.sha1) CHECK(content.sha1->hex() == kSha1OfAbc);
    if (content.crc32) CHECK(*content.crc32 == kCrc32OfAbc);
    CHECK(must(blobs.open(content.blob))->size() == 3);
    CHECK(read_all(blobs, content.blob) == kAbc);
  }

  SECTION("an empty blob is a blob") {
    auto writer = must(blobs.create());
    const auto content = must(writer->publish());
    CHECK(content.size == 0);
    CHECK(content.sha256.hex() == kSha256OfNothing);
    CHECK(read_all(blobs, content.blob).empty());
  }

  SECTION("content of some size, with every byte value, in odd pieces, comes back unchanged") {
    const auto bytes = pattern(1024 * 1024 + 17);
    auto writer = must(blobs.create());
    for (std::size_t at = 0; at < bytes.size(); at += 70'001)
      must(writer->write(std::string_view{bytes}.substr(at, 70'001)));
    const auto content = must(writer->publish());
    CHECK(content.size == static_cast<std::int64_t>(bytes.size()));
    const bool same = read_all(blobs, content.blob) == bytes;
    CHECK(same);
  }

  SECTION("nothing is visible before publish, and what is dropped before leaves nothing") {
    {
      auto writer = must(blobs.create());
      must(writer->write(kAbc));
      CHECK(ids(blobs).empty());
    }
    CHECK(ids(blobs).empty());
    CHECK(must(blobs.list_staged()).empty());
  }

  SECTION("a writer is spent once it has published") {
    auto writer = must(blobs.create());
    must(writer->write(kAbc));
    const auto content = must(writer->publish());
    CHECK_FALSE(writer->write("more"));
    CHECK_FALSE(writer->publish());
    writer.reset();
    CHECK(read_all(blobs, content.blob) == kAbc);
    CHECK(ids(blobs) == std::vector{content.blob});
  }

  SECTION("equal contents are blobs of their own") {
    CHECK(store(blobs, kAbc).blob != store(blobs, kAbc).blob);
    CHECK(ids(blobs).size() == 2);
  }

  SECTION("many writers at the same time do not disturb one another") {
    constexpr int kThreads = 6;
    std::vector<std::string> outcomes(kThreads);
    std::vector<Content> contents(kThreads);
    together(kThreads, [&](int i) {
      const auto n = static_cast<std::size_t>(i);
      outcomes[n] = outcome([&]() -> Result<void> {
        BALUHOST_TRY(auto writer, blobs.create());
        for (int k = 0; k < 50; ++k)
          BALUHOST_CHECK(writer->write(std::string(1000, static_cast<char>('a' + i))));
        BALUHOST_TRY(contents[n], writer->publish());
        return {};
      }());
    });
    CHECK(count_of(outcomes, "ok") == kThreads);
    std::set<BlobId> distinct;
    for (int i = 0; i < kThreads; ++i) {
      const auto& id = contents[static_cast<std::size_t>(i)].blob;
      distinct.insert(id);
      CHECK(read_all(blobs, id) == std::string(50'000, static_cast<char>('a' + i)));
    }
    CHECK(distinct.size() == kThreads);
  }
}

void reading(BlobStore& blobs, bool stores_as_is) {
  SECTION("read_at fills the buffer from any offset, with less only at the end") {
    const auto bytes = pattern(10'000);
    const auto reader = must(blobs.open(store(blobs, bytes).blob));
    std::string buffer(100, '\0');
    CHECK(must(reader->read_at(0, buffer)) == 100);
    CHECK(buffer == bytes.substr(0, 100));
    CHECK(must(reader->read_at(5'000, buffer)) == 100);
    CHECK(buffer == bytes.substr(5'000, 100));
    ends_with(*reader, bytes);
  }

  SECTION("a blob that is not there is not_found") {
    CHECK(outcome(blobs.open(blob_id(7))) == "not_found");
    CHECK(outcome(blobs.open(BlobId{"../../etc/passwd"})) == "not_found");
    CHECK(outcome(blobs.open(BlobId{""})) == "not_found");
  }

  SECTION("a removed blob is gone for those who come, and stays for who has it open") {
    const auto bytes = pattern(200'000);
    const auto content = store(blobs, bytes);
    const auto reader = must(blobs.open(content.blob));
    must(blobs.remove(content.blob));
    CHECK(outcome(blobs.open(content.blob)) == "not_found");
    CHECK(ids(blobs).empty());
    const bool same = read_all(*reader) == bytes;
    CHECK(same);
    CHECK(outcome(blobs.remove(content.blob)) == "ok");
    CHECK(outcome(blobs.remove(blob_id(7))) == "ok");
  }

  SECTION("one reader serves many threads") {
    const auto bytes = pattern(100'000);
    const auto reader = must(blobs.open(store(blobs, bytes).blob));
    std::vector<std::string> outcomes(6);
    together(6, [&](int i) {
      outcomes[static_cast<std::size_t>(i)] = outcome([&]() -> Result<void> {
        std::string buffer(777, '\0');
        for (std::int64_t at = i; at + 777 < 100'000; at += 1000) {
          BALUHOST_TRY(const auto got, reader->read_at(at, buffer));
          if (got != 777 || buffer != bytes.substr(static_cast<std::size_t>(at), 777))
            return Error{Errc::internal};
        }
        return {};
      }());
    });
    CHECK(count_of(outcomes, "ok") == 6);
  }

  SECTION("blobs are listed in the order of their ids, with their sizes, in pages") {
    std::set<BlobId> wanted;
    for (std::size_t i = 0; i < 12; ++i) wanted.insert(store(blobs, pattern(i)).blob);
    const auto all = must(blobs.list(std::nullopt, 100));
    REQUIRE(all.size() == 12);
    for (const auto& info : all) {
      const auto size = must(blobs.open(info.id))->size();
      CHECK((info.size > 0) == (size > 0));
      if (stores_as_is) CHECK(info.size == size);
    }
    CHECK(std::equal(wanted.begin(), wanted.end(), all.begin(),
                     [](const BlobId& id, const BlobInfo& info) { return id == info.id; }));
    std::vector<BlobId> paged;
    std::optional<BlobId> after;
    for (;;) {
      const auto page = must(blobs.list(after, 5));
      if (page.empty()) break;
      CHECK(page.size() <= 5);
      for (const auto& info : page) paged.push_back(info.id);
      after = page.back().id;
      REQUIRE(paged.size() <= 12);
    }
    CHECK(paged == std::vector<BlobId>(wanted.begin(), wanted.end()));
    CHECK(must(blobs.list(blob_id(0), 100)).size() == 12);
  }
}

} // namespace baluhost::contract::blob_store_suite
