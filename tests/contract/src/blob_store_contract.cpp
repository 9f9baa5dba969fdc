#include "baluhost/contract/blob_store_contract.hpp"

#include "support.hpp"

#include <algorithm>
#include <set>
#include <string>

namespace baluhost::contract {
namespace {

constexpr std::string_view kAbc = "abc";
constexpr std::string_view kSha256OfAbc =
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr std::string_view kSha256OfNothing =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr std::string_view kSha1OfAbc = "a9993e364706816aba3e25717850c26c9cd0d89d";

/// `size` bytes of all values, different at every place.
std::string pattern(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i)
    bytes[i] = static_cast<char>((i * 131) ^ (i >> 8U) ^ (i >> 16U));
  return bytes;
}

Content store(BlobStore& blobs, std::string_view bytes) {
  auto writer = must(blobs.create());
  must(writer->write(bytes));
  return must(writer->publish());
}

template <class Readable>
std::string read_all(const Readable& reader, std::size_t piece = 64 * 1024) {
  std::string all;
  std::string buffer(piece, '\0');
  for (;;) {
    const auto got = must(reader.read_at(static_cast<std::int64_t>(all.size()), buffer));
    if (got == 0) return all;
    all.append(buffer, 0, got);
  }
}

std::string read_all(BlobStore& blobs, const BlobId& id) { return read_all(*must(blobs.open(id))); }

std::vector<BlobId> ids(BlobStore& blobs) {
  std::vector<BlobId> all;
  for (const auto& info : must(blobs.list(std::nullopt, 1000))) all.push_back(info.id);
  return all;
}

bool is_hex_id(const BlobId& id) {
  return id.value.size() == 32 &&
         id.value.find_first_not_of("0123456789abcdef") == std::string::npos;
}

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

void reading(BlobStore& blobs) {
  SECTION("read_at fills the buffer from any offset, with less only at the end") {
    const auto bytes = pattern(10'000);
    const auto reader = must(blobs.open(store(blobs, bytes).blob));
    std::string buffer(100, '\0');
    CHECK(must(reader->read_at(0, buffer)) == 100);
    CHECK(buffer == bytes.substr(0, 100));
    CHECK(must(reader->read_at(5'000, buffer)) == 100);
    CHECK(buffer == bytes.substr(5'000, 100));
    CHECK(must(reader->read_at(9'950, buffer)) == 50);
    CHECK(buffer.substr(0, 50) == bytes.substr(9'950));
    CHECK(must(reader->read_at(10'000, buffer)) == 0);
    CHECK(must(reader->read_at(20'000, buffer)) == 0);
    CHECK(must(reader->read_at(0, std::span<char>{})) == 0);
    CHECK(outcome(reader->read_at(-1, buffer)) == "internal");
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
    for (const auto& info : all) CHECK(info.size == must(blobs.open(info.id))->size());
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

void staging(BlobStore& blobs) {
  const auto id = upload_id(1);
  SECTION("staged bytes stay when their holder goes, and the next one goes on behind them") {
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
    CHECK(read_all(blobs, content.blob) == kAbc);
    CHECK(ids(blobs) == std::vector{content.blob});
    CHECK(must(blobs.list_staged()).empty());
    CHECK_FALSE(staged->write("more"));
    CHECK_FALSE(staged->publish());
    staged.reset();
    CHECK(read_all(blobs, content.blob) == kAbc);
  }

  SECTION("a holder who comes behind fewer bytes cuts the rest off") {
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
  SECTION("staged bytes are read back by their holder, flushed or not, and by the next one",
          "[fault-39]") {
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
    CHECK(must(staged->read_at(99'950, buffer)) == 50);
    CHECK(buffer.substr(0, 50) == bytes.substr(99'950));
    CHECK(must(staged->read_at(100'000, buffer)) == 0);
    CHECK(must(staged->read_at(200'000, buffer)) == 0);
    CHECK(must(staged->read_at(0, std::span<char>{})) == 0);
    CHECK(outcome(staged->read_at(-1, buffer)) == "internal");
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

/// The store is opened again, as after a crash: only then it shows what was durable.
void crashes(BlobStoreUnderTest& under_test) {
  auto& blobs = under_test.store;
  const auto reopen = [&] { blobs = under_test.reopen(std::move(blobs)); };
  const auto id = upload_id(1);

  SECTION(
      "what was published is there after a crash, as it was, with the time at which it was "
      "published",
      "[fault-38]") {
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

  SECTION("what was synced is there after a crash, and the upload goes on behind it",
          "[fault-38]") {
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

  SECTION("what was cut off stays cut off after a crash", "[fault-38]") {
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

  SECTION("a blob that was taken back to its staging file is there after a crash", "[fault-38]") {
    const auto content = store(*blobs, kAbc);
    must(blobs->restage(content.blob, id));
    reopen();
    CHECK(ids(*blobs).empty());
    CHECK(must(blobs->stage(id, 3))->sha256().hex() == kSha256OfAbc);
  }

  SECTION("what was removed or discarded is gone after a crash too", "[fault-38]") {
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

} // namespace

void blob_store_contract(const MakeBlobStore& make) {
  auto under_test = make();
  const auto& blobs = under_test.store;
  writing(*blobs);
  reading(*blobs);
  staging(*blobs);
  reading_back(*blobs);
  crashes(under_test);

  SECTION("space tells what is free, and never more than there is") {
    const auto space = must(blobs->space());
    CHECK(space.free_bytes > 0);
    CHECK(space.free_bytes <= space.total_bytes);
    CHECK(space.free_inodes >= 0);
    CHECK(space.free_inodes <= space.total_inodes);
  }
}

} // namespace baluhost::contract
