#include "filesystem/filesystem_fixture.hpp"

#include <sys/wait.h>
#include <catch2/catch.hpp>
#include <fstream>
#include <thread>

using namespace baluhost;
using test::BlobDirectory;
using test::mode_of;
using test::read_all;
namespace fs = std::filesystem;

namespace {

const UploadId kId{std::string(64, '1')};

class CountingStream final : public Sha256Stream {
 public:
  CountingStream(std::unique_ptr<Sha256Stream> stream, std::size_t& bytes)
      : stream_(std::move(stream)), bytes_(bytes) {}
  void update(std::string_view bytes) noexcept override {
    bytes_ += bytes.size();
    stream_->update(bytes);
  }
  Sha256Digest digest() const noexcept override { return stream_->digest(); }

 private:
  std::unique_ptr<Sha256Stream> stream_;
  std::size_t& bytes_;
};

/// Counts what its streams hash.
class CountingDigester final : public Digester {
 public:
  Sha256Digest sha256(std::string_view bytes) const noexcept override {
    return digester_->sha256(bytes);
  }
  std::unique_ptr<Sha256Stream> sha256_stream() const override {
    return std::make_unique<CountingStream>(digester_->sha256_stream(), hashed_bytes);
  }
  std::unique_ptr<Sha1Stream> sha1_stream() const override { return digester_->sha1_stream(); }
  std::unique_ptr<Crc32Stream> crc32_stream() const override { return digester_->crc32_stream(); }

  mutable std::size_t hashed_bytes{};

 private:
  std::unique_ptr<Digester> digester_ = make_openssl_digester();
};

fs::path staging_file(const BlobDirectory& at, const UploadId& id = kId) {
  return fs::path(at.root) / "staging" / id.value;
}

Errc code_of_stage(BlobStore& store, std::int64_t offset) {
  const auto staged = store.stage(kId, offset);
  REQUIRE_FALSE(staged);
  return staged.error().code;
}

} // namespace

TEST_CASE("an upload goes on after its holder, and after a restart") {
  BlobDirectory at;
  {
    const auto store = at.open();
    auto staged = store->stage(kId, 0).value();
    REQUIRE(staged->write("one "));
    REQUIRE(staged->sync());
  }
  CHECK(mode_of(staging_file(at)) == 0600);
  const auto store = at.open();
  CHECK(store->list_staged().value() == std::vector<UploadId>{kId});
  auto staged = store->stage(kId, 4).value();
  CHECK(staged->size() == 4);
  CHECK(staged->sha256() == at.digester->sha256("one "));
  REQUIRE(staged->write("two"));
  const auto content = staged->publish().value();
  CHECK(content.size == 7);
  CHECK(content.sha256 == at.digester->sha256("one two"));
  CHECK(read_all(*store, content.blob) == "one two");
  CHECK(store->list_staged().value().empty());
  CHECK_FALSE(staged->write("x"));
  CHECK(fs::file_size(at.path_of(content.blob)) == 7);
  staged.reset();
  CHECK(code_of_stage(*store, 7) == Errc::not_found);
}

TEST_CASE("an upload has one holder, in this process and across processes") {
  BlobDirectory at;
  const auto store = at.open();
  auto holder = store->stage(kId, 0).value();
  CHECK(code_of_stage(*store, 0) == Errc::conflict);
  const auto other_store = at.open();
  CHECK(code_of_stage(*other_store, 0) == Errc::conflict);
  CHECK(store->stage(UploadId{std::string(64, '2')}, 0));
  holder.reset();
  CHECK(store->stage(kId, 0));

  int ready[2];
  int done[2];
  REQUIRE(::pipe(ready) == 0);
  REQUIRE(::pipe(done) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto childs_store = at.open();
    const auto held = childs_store->stage(kId, 0);
    char byte = held ? 'y' : 'n';
    (void)!::write(ready[1], &byte, 1);
    (void)!::read(done[0], &byte, 1);
    ::_exit(0); // no destructors, as in a crash
  }
  char byte = 0;
  REQUIRE(::read(ready[0], &byte, 1) == 1);
  REQUIRE(byte == 'y');
  CHECK(code_of_stage(*store, 0) == Errc::conflict);
  REQUIRE(::write(done[1], "x", 1) == 1);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(store->stage(kId, 0));
  for (const int fd : {ready[0], ready[1], done[0], done[1]}) ::close(fd);
}

TEST_CASE("a staging file is cut to the offset asked for") {
  BlobDirectory at;
  const auto store = at.open();
  REQUIRE(store->stage(kId, 0).value()->write("0123456789"));
  SECTION("less than there is") {
    auto staged = store->stage(kId, 4).value();
    CHECK(staged->size() == 4);
    CHECK(fs::file_size(staging_file(at)) == 4);
    CHECK(staged->sha256() == at.digester->sha256("0123"));
    REQUIRE(staged->write("x"));
    CHECK(read_all(*store, staged->publish().value().blob) == "0123x");
  }
  SECTION("nothing") {
    CHECK(store->stage(kId, 0).value()->sha256() == at.digester->sha256(""));
    CHECK(fs::file_size(staging_file(at)) == 0);
  }
  SECTION("more than there is") {
    CHECK(code_of_stage(*store, 11) == Errc::not_found);
    CHECK(fs::file_size(staging_file(at)) == 10);
  }
  SECTION("what is not there") {
    REQUIRE(store->discard_staged(kId));
    REQUIRE(store->discard_staged(kId));
    CHECK(code_of_stage(*store, 1) == Errc::not_found);
    CHECK_FALSE(fs::exists(staging_file(at)));
  }
}

TEST_CASE(
    "hashing goes on from memory where the holder ended at the offset, else the bytes are read "
    "again") {
  BlobDirectory at;
  CountingDigester digester;
  const auto open = [&] {
    return make_directory_blob_store({at.root}, digester, *at.random, at.clock).value();
  };
  auto store = open();
  const std::string bytes(100'000, 'a');
  REQUIRE(store->stage(kId, 0).value()->write(bytes));
  const auto hashed = digester.hashed_bytes;
  CHECK(hashed == 100'000);
  const auto expected = digester.sha256(bytes);

  SECTION("from memory") {
    CHECK(store->stage(kId, 100'000).value()->sha256() == expected);
    CHECK(store->stage(kId, 100'000).value()->sha256() == expected);
    CHECK(digester.hashed_bytes == hashed);
  }
  SECTION("after a restart") {
    store = open();
    CHECK(store->stage(kId, 100'000).value()->sha256() == expected);
    CHECK(digester.hashed_bytes == 2 * hashed);
  }
  SECTION("at another offset") {
    CHECK(store->stage(kId, 50'000).value()->sha256() == digester.sha256(bytes.substr(0, 50'000)));
    CHECK(digester.hashed_bytes == hashed + 50'000);
  }
  SECTION("after another server wrote as much to it") {
    {
      auto other = open();
      auto staged = other->stage(kId, 99'999).value();
      REQUIRE(staged->write("b"));
    }
    CHECK(store->stage(kId, 100'000).value()->sha256() ==
          digester.sha256(bytes.substr(0, 99'999) + "b"));
  }
  SECTION("after it was discarded and sent again") {
    REQUIRE(store->discard_staged(kId));
    REQUIRE(store->stage(kId, 0).value()->write(std::string(100'000, 'c')));
    CHECK(store->stage(kId, 100'000).value()->sha256() ==
          digester.sha256(std::string(100'000, 'c')));
  }
}

TEST_CASE("the table of digests in memory is bounded") {
  BlobDirectory at;
  CountingDigester digester;
  const auto store = make_directory_blob_store({at.root}, digester, *at.random, at.clock).value();
  const auto id = [](int i) {
    return UploadId{std::string(58, 'f') + std::to_string(100'000 + i)};
  };
  for (int i = 0; i < 1100; ++i) REQUIRE(store->stage(id(i), 0).value()->write("x"));
  digester.hashed_bytes = 0;
  CHECK(store->stage(id(1099), 1).value()->sha256() == digester.sha256("x"));
  CHECK(digester.hashed_bytes == 0);
  CHECK(store->stage(id(0), 1).value()->sha256() == digester.sha256("x"));
  CHECK(digester.hashed_bytes == 1);
}

TEST_CASE("truncate undoes what came last, and its digest") {
  BlobDirectory at;
  const auto store = at.open({.sha1 = true});
  auto staged = store->stage(kId, 0).value();
  REQUIRE(staged->write("good bad"));
  REQUIRE(staged->truncate(5));
  CHECK(staged->size() == 5);
  CHECK(staged->sha256() == at.digester->sha256("good "));
  REQUIRE(staged->write("again"));
  CHECK_FALSE(staged->truncate(11));
  CHECK_FALSE(staged->truncate(-1));
  const auto content = staged->publish().value();
  CHECK(read_all(*store, content.blob) == "good again");
  CHECK(content.sha1->hex() == "4c10c523453fe4457a6fdbfaa29f239e1097cd5e");
}

TEST_CASE("an upload discarded while it is held publishes nothing") {
  BlobDirectory at;
  const auto store = at.open();
  auto staged = store->stage(kId, 0).value();
  REQUIRE(staged->write("x"));
  REQUIRE(store->discard_staged(kId));
  CHECK_FALSE(staged->publish());
  CHECK(store->list({}, 10).value().empty());
  CHECK(at.regular_files().empty());
}

TEST_CASE("a link in place of a staging file is refused") {
  BlobDirectory at;
  const auto store = at.open();
  std::ofstream(at.directory / "secret") << "outside";
  fs::create_symlink(at.directory / "secret", staging_file(at));
  CHECK(code_of_stage(*store, 0) == Errc::unavailable);
  CHECK(code_of_stage(*store, 3) == Errc::unavailable);
  CHECK(fs::file_size(at.directory / "secret") == 7);
}

TEST_CASE("a full disk keeps the bytes of an upload before the write that failed") {
  const test::SmallDisk disk("size=4m,nr_inodes=600");
  if (!disk.mounted()) return;
  BlobDirectory at(disk.path());
  const auto store = at.open();
  const auto filler = at.put(*store, std::string(2 << 20, 'f'));
  auto staged = store->stage(kId, 0).value();
  const std::string part(1'000'000, 'p');
  REQUIRE(staged->write(part));
  const auto full = staged->write(std::string(2 << 20, 'x'));
  REQUIRE_FALSE(full);
  CHECK(full.error().code == Errc::insufficient_storage);
  CHECK(staged->size() == 1'000'000);
  CHECK(staged->sha256() == at.digester->sha256(part));
  CHECK_FALSE(staged->write("x"));
  REQUIRE(staged->sync());
  staged.reset();

  REQUIRE(store->remove(filler.blob));
  auto resumed = store->stage(kId, 1'000'000).value();
  CHECK(fs::file_size(staging_file(at)) == 1'000'000);
  REQUIRE(resumed->write("end"));
  const auto content = resumed->publish().value();
  CHECK(content.sha256 == at.digester->sha256(part + "end"));
  CHECK(read_all(*store, content.blob) == part + "end");
}
