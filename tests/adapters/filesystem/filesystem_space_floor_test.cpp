#include "baluhost/filesystem/space_floor.hpp"
#include "baluhost/ports/common/forwarding_blob_store.hpp"
#include "filesystem/filesystem_fixture.hpp"

#include <catch2/catch.hpp>

using namespace baluhost;
using namespace std::chrono_literals;
using test::BlobDirectory;

namespace {

/// A directory of blobs on a disk whose free space the test says.
class PretendedDisk final : public ForwardingBlobStore {
 public:
  struct Dial {
    StorageSpace space{1'000'000'000, 2'000'000'000, 100'000, 200'000};
    bool broken{false};
    int questions{0};
  };

  PretendedDisk(std::unique_ptr<BlobStore> store, Dial& dial)
      : ForwardingBlobStore(std::move(store)), dial_(dial) {}

  Result<StorageSpace> space() const override {
    ++dial_.questions;
    if (dial_.broken) return Error{Errc::unavailable, "no answer"};
    return dial_.space;
  }

 private:
  Dial& dial_;
};

struct Floored {
  BlobDirectory at;
  PretendedDisk::Dial disk;
  std::unique_ptr<BlobStore> store =
      with_space_floor(std::make_unique<PretendedDisk>(at.open(), disk),
                       {.min_free_bytes = 256 << 20, .min_free_inodes = 1000}, at.clock);

  void later() { at.clock.advance(100ms); }
};

const UploadId kUpload{std::string(64, '1')};

template <class T>
bool is_refused(const Result<T>& result) {
  return !result && result.error().code == Errc::insufficient_storage;
}

} // namespace

TEST_CASE("above the floor the store works as without it") {
  Floored on;
  auto writer = on.store->create().value();
  REQUIRE(writer->write("content"));
  CHECK(writer->size() == 7);
  CHECK(writer->sha256() == on.at.digester->sha256("content"));
  const auto content = writer->publish().value();
  CHECK(test::read_all(*on.store, content.blob) == "content");
  CHECK(on.store->list({}, 10).value().size() == 1);
  auto staged = on.store->stage(kUpload, 0).value();
  REQUIRE(staged->write("xy"));
  REQUIRE(staged->truncate(1));
  REQUIRE(staged->sync());
  CHECK(on.store->list_staged().value().size() == 1);
  CHECK(staged->publish().value().size == 1);
}

TEST_CASE("below the floor nothing new is taken, and what is there can still be read and removed") {
  Floored on;
  const auto kept = BlobDirectory::put(*on.store, "kept").blob;
  auto complete = on.store->stage(kUpload, 0).value();
  REQUIRE(complete->write("all"));
  complete.reset();
  on.later();
  SECTION("of bytes") { on.disk.space.free_bytes = (256 << 20) - 1; }
  SECTION("of inodes") { on.disk.space.free_inodes = 1000; }
  CHECK(is_refused(on.store->create()));
  CHECK(is_refused(on.store->create()));
  CHECK(is_refused(on.store->stage(UploadId{std::string(64, '2')}, 0)));
  CHECK(test::read_all(*on.store, kept) == "kept");
  CHECK(on.store->stage(kUpload, 3).value()->publish());
  CHECK(on.store->remove(kept));
}

TEST_CASE("a long upload is refused when the floor is reached on its way") {
  Floored on;
  auto writer = on.store->create().value();
  auto staged = on.store->stage(kUpload, 0).value();
  REQUIRE(writer->write("begin"));
  REQUIRE(staged->write("begin"));
  on.disk.space.free_bytes = (256 << 20) + 2;
  on.later();
  CHECK(is_refused(writer->write("more")));
  CHECK(writer->size() == 5);
  CHECK(writer->sha256() == on.at.digester->sha256("begin"));
  CHECK_FALSE(writer->publish());
  CHECK(is_refused(staged->write("more")));
  CHECK(staged->size() == 5);
  on.disk.space.free_bytes = 1'000'000'000;
  CHECK(staged->write(" and end"));
  CHECK(on.store->list({}, 10).value().empty());
}

TEST_CASE("what is written within the life of an answer counts") {
  Floored on;
  on.disk.space.free_bytes = (256 << 20) + 1'000'000;
  auto writer = on.store->create().value();
  for (int i = 0; i < 10; ++i) {
    on.disk.space.free_bytes -= i > 0 ? 100'000 : 0;
    REQUIRE(writer->write(std::string(100'000, 'x')));
  }
  on.disk.space.free_bytes -= 100'000;
  CHECK(is_refused(writer->write("x")));
}

TEST_CASE("the space is asked for rarely") {
  Floored on;
  auto writer = on.store->create().value();
  for (int i = 0; i < 1000; ++i) REQUIRE(writer->write(std::string(1000, 'x')));
  CHECK(on.disk.questions == 1);
  on.later();
  REQUIRE(writer->write("x"));
  REQUIRE(writer->write("x"));
  CHECK(on.disk.questions == 2);
}

TEST_CASE("a store that does not count inodes has no floor of them") {
  Floored on;
  on.disk.space.free_inodes = 0;
  on.disk.space.total_inodes = 0;
  CHECK(on.store->create());
}

TEST_CASE("without an answer nothing is taken") {
  Floored on;
  on.disk.broken = true;
  const auto writer = on.store->create();
  REQUIRE_FALSE(writer);
  CHECK(writer.error().code == Errc::unavailable);
}
