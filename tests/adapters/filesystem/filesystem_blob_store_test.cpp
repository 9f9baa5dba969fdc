#include "filesystem/filesystem_fixture.hpp"

#include <sys/wait.h>
#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <fstream>
#include <set>
#include <thread>

using namespace baluhost;
using namespace std::chrono_literals;
using test::BlobDirectory;
using test::mode_of;
using test::read_all;
namespace fs = std::filesystem;

TEST_CASE("a published blob is a private file named by its id, with the digests of its bytes") {
  BlobDirectory at;
  const auto store = at.open({.sha1 = true});
  auto writer = store->create().value();
  REQUIRE(writer->write("hello "));
  CHECK(writer->sha256() == at.digester->sha256("hello "));
  at.clock.advance(1234567us);
  REQUIRE(writer->write("world"));
  const auto content = writer->publish().value();
  CHECK(content.size == 11);
  CHECK(content.sha256 == at.digester->sha256("hello world"));
  REQUIRE(content.sha1);
  CHECK(content.sha1->hex() == "2aae6c35c94fcfb415dbe95f408b9ce91ee846ed");
  CHECK(content.blob.value.size() == 32);

  const auto file = at.path_of(content.blob);
  CHECK(fs::file_size(file) == 11);
  CHECK(mode_of(file) == 0600);
  CHECK(mode_of(at.root) == 0700);
  CHECK(mode_of(file.parent_path()) == 0700);
  CHECK(read_all(*store, content.blob) == "hello world");
  const auto blobs = store->list({}, 10).value();
  REQUIRE(blobs.size() == 1);
  CHECK(blobs[0].id == content.blob);
  CHECK(blobs[0].size == 11);
  CHECK(blobs[0].published_at == at.clock.now());
  CHECK_FALSE(writer->write("more"));
  CHECK_FALSE(writer->publish());
}

TEST_CASE("SHA-1 is not computed where it was not asked for") {
  BlobDirectory at;
  CHECK_FALSE(at.put(*at.open(), "x").sha1);
}

TEST_CASE("content that is not published is nowhere, with and without unnamed files") {
  const bool unnamed = GENERATE(true, false);
  BlobDirectory at;
  const auto store = at.open({.unnamed_files = unnamed});
  {
    auto writer = store->create().value();
    REQUIRE(writer->write(std::string(100'000, 'x')));
    CHECK(store->list({}, 10).value().empty());
    CHECK(at.regular_files().size() == (unnamed ? 0U : 1U));
  }
  CHECK(at.regular_files().empty());
  const auto content = at.put(*store, "kept");
  CHECK(at.regular_files() == std::vector<fs::path>{at.path_of(content.blob)});
  CHECK(mode_of(at.path_of(content.blob)) == 0600);
  CHECK(read_all(*store, content.blob) == "kept");
}

TEST_CASE("a process that dies while it writes leaves nothing that the next start does not clear") {
  const bool unnamed = GENERATE(true, false);
  BlobDirectory at;
  REQUIRE(at.open());
  const pid_t child = ::fork();
  if (child == 0) {
    const auto store = at.open({.unnamed_files = unnamed});
    auto writer = store->create().value();
    (void)writer->write(std::string(1 << 20, 'x'));
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  CHECK(at.regular_files().size() == (unnamed ? 0U : 1U));
  const auto store = at.open();
  CHECK(at.regular_files().empty());
  CHECK(store->list({}, 10).value().empty());
}

TEST_CASE("the start of a second server leaves what the first one is writing") {
  BlobDirectory at;
  const auto first = at.open({.unnamed_files = false});
  auto writer = first->create().value();
  REQUIRE(writer->write("half"));
  const auto second = at.open({.unnamed_files = false});
  REQUIRE(writer->write(" and half"));
  const auto content = writer->publish().value();
  CHECK(read_all(*second, content.blob) == "half and half");
}

TEST_CASE("names that are not ids reach no file") {
  BlobDirectory at;
  const auto store = at.open();
  std::ofstream(at.directory / "secret") << "outside";
  const auto inside = at.put(*store, "x").blob.value;
  for (const auto& name : {std::string(), std::string("../secret"), std::string("../../secret"),
                           std::string("/etc/passwd"), inside.substr(0, 31), inside + "0",
                           "../" + inside.substr(0, 2) + '/' + inside, std::string(31, 'a') + "A",
                           std::string(31, 'a') + '\0', std::string(32, '.')}) {
    CAPTURE(name);
    const auto blob = store->open(BlobId{name});
    REQUIRE_FALSE(blob);
    CHECK(blob.error().code == Errc::not_found);
    CHECK(store->remove(BlobId{name}));
    const auto staged = store->stage(UploadId{name + '/'}, 0);
    REQUIRE_FALSE(staged);
    CHECK(staged.error().code == Errc::not_found);
    CHECK(store->discard_staged(UploadId{name + '/'}));
  }
  CHECK(fs::exists(at.directory / "secret"));
  CHECK(fs::exists(at.path_of(BlobId{inside})));
}

TEST_CASE("a link, a FIFO or a directory in place of a blob is refused") {
  BlobDirectory at;
  const auto store = at.open();
  const BlobId id{std::string(32, 'a')};
  std::ofstream(at.directory / "secret") << "outside";
  SECTION("symbolic link") { fs::create_symlink(at.directory / "secret", at.path_of(id)); }
  SECTION("relative link to another blob") {
    const auto other = at.put(*store, "x").blob;
    fs::create_symlink(fs::path("..") / other.value.substr(0, 2) / other.value, at.path_of(id));
  }
  SECTION("FIFO") { REQUIRE(::mkfifo(at.path_of(id).c_str(), 0600) == 0); }
  SECTION("directory") { fs::create_directory(at.path_of(id)); }
  const auto blob = store->open(id);
  REQUIRE_FALSE(blob);
  CHECK(blob.error().code == Errc::unavailable);
  const auto listed = store->list({}, 10).value();
  CHECK(std::none_of(listed.begin(), listed.end(),
                     [&](const BlobInfo& info) { return info.id == id; }));
}

TEST_CASE("a directory of the store replaced by a link leads nowhere") {
  BlobDirectory at;
  const auto store = at.open({.unnamed_files = GENERATE(true, false)});
  const auto outside = at.directory / "outside";
  fs::create_directory(outside);
  const BlobId id{std::string(32, 'a')};
  const UploadId upload{std::string(64, 'a')};
  std::string name = id.value;
  std::ofstream(outside + "/" + name) << "outside";
  SECTION("the one of blobs") {
    for (const auto& entry : fs::directory_iterator(at.root)) {
      if (entry.path().filename().string().size() != 2) continue;
      fs::remove(entry.path());
      fs::create_directory_symlink(outside, entry.path());
    }
    CHECK_FALSE(store->open(id));
    CHECK_FALSE(store->remove(id));
    CHECK_FALSE(store->list({}, 10));
    auto writer = store->create();
    if (writer) CHECK_FALSE((*writer)->publish());
  }
  SECTION("the one of staging files") {
    fs::remove(fs::path(at.root) / "staging");
    fs::create_directory_symlink(outside, fs::path(at.root) / "staging");
    fs::rename(outside + "/" + name, outside + "/" + upload.value);
    name = upload.value;
    CHECK_FALSE(store->stage(upload, 0));
    CHECK_FALSE(store->list_staged());
    CHECK_FALSE(store->discard_staged(upload));
  }
  CHECK(std::distance(fs::directory_iterator(outside), fs::directory_iterator()) == 1);
  CHECK(fs::file_size(outside + "/" + name) == 7);
}

TEST_CASE("a reader keeps its blob when it is removed") {
  BlobDirectory at;
  const auto store = at.open();
  const auto id = at.put(*store, "abcdef").blob;
  const auto reader = store->open(id).value();
  REQUIRE(store->remove(id));
  REQUIRE(store->remove(id));
  const auto gone = store->open(id);
  REQUIRE_FALSE(gone);
  CHECK(gone.error().code == Errc::not_found);
  char buffer[10];
  CHECK(reader->size() == 6);
  CHECK(reader->read_at(2, buffer).value() == 4);
  CHECK(std::string_view(buffer, 4) == "cdef");
  CHECK(reader->read_at(6, buffer).value() == 0);
  CHECK(reader->read_at(1, std::span(buffer, 2)).value() == 2);
  REQUIRE(reader->file_descriptor());
  CHECK(::pread(*reader->file_descriptor(), buffer, 3, 0) == 3);
}

TEST_CASE("blobs are listed in pages in the order of their ids") {
  BlobDirectory at;
  const auto store = at.open();
  std::set<BlobId> published;
  for (int i = 0; i < 300; ++i) published.insert(at.put(*store, std::to_string(i)).blob);
  std::vector<BlobId> listed;
  std::optional<BlobId> after;
  for (;;) {
    const auto page = store->list(after, 7).value();
    CHECK(page.size() <= 7);
    if (page.empty()) break;
    for (const auto& blob : page) listed.push_back(blob.id);
    after = listed.back();
  }
  CHECK(listed == std::vector<BlobId>(published.begin(), published.end()));
}

TEST_CASE("publishers on many threads do not disturb each other") {
  BlobDirectory at;
  const auto store = at.open();
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 20; ++i) {
        const auto bytes = std::to_string(t) + ' ' + std::to_string(i);
        const auto content = at.put(*store, bytes);
        wrong +=
            read_all(*store, content.blob) != bytes || content.sha256 != at.digester->sha256(bytes);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(wrong == 0);
  CHECK(store->list({}, 1000).value().size() == 160);
}

TEST_CASE("a full disk is insufficient_storage, and what did not fit gives its room back") {
  const test::SmallDisk disk("size=4m,nr_inodes=600");
  if (!disk.mounted()) return;
  BlobDirectory at(disk.path());
  const bool unnamed = GENERATE(true, false);
  const auto store = at.open({.unnamed_files = unnamed});
  const auto kept = at.put(*store, std::string(1 << 20, 'k'));
  const auto before = store->space().value();
  CHECK(before.total_bytes == 4 << 20);
  CHECK(before.free_bytes <= 3 << 20);
  CHECK(before.total_inodes == 600);
  {
    auto writer = store->create().value();
    Result<void> written;
    for (int i = 0; i < 100 && written; ++i) written = writer->write(std::string(100'000, 'x'));
    REQUIRE_FALSE(written);
    CHECK(written.error().code == Errc::insufficient_storage);
    CHECK_THAT(written.error().detail, Catch::Contains("No space left"));
    const auto spent = writer->publish();
    REQUIRE_FALSE(spent);
    CHECK(store->space().value().free_bytes == before.free_bytes);
  }
  CHECK(read_all(*store, kept.blob) == std::string(1 << 20, 'k'));
  CHECK(store->list({}, 10).value().size() == 1);
}

TEST_CASE("running out of inodes is insufficient_storage") {
  const test::SmallDisk disk("size=4m,nr_inodes=300");
  if (!disk.mounted()) return;
  BlobDirectory at(disk.path());
  const auto store = at.open();
  Error error;
  for (int i = 0; i < 100; ++i) {
    auto writer = store->create();
    if (auto published = writer ? (*writer)->publish() : Result<Content>(writer.error());
        !published) {
      error = published.error();
      break;
    }
  }
  CHECK(error.code == Errc::insufficient_storage);
}

TEST_CASE("a root that cannot be made is unavailable") {
  BlobDirectory at;
  std::ofstream(at.directory / "file") << "x";
  const auto store =
      make_directory_blob_store({at.directory / "file"}, *at.digester, *at.random, at.clock);
  REQUIRE_FALSE(store);
  CHECK(store.error().code == Errc::unavailable);
}

// Run by the test below under strace, which makes the named system call fail.
TEST_CASE("[injected] flush of the data fails", "[.injected]") {
  BlobDirectory at;
  const auto store = at.open();
  auto writer = store->create().value();
  REQUIRE(writer->write("lost"));
  const auto published = writer->publish();
  REQUIRE_FALSE(published);
  CHECK(published.error().code == Errc::unavailable);
  CHECK_THAT(published.error().detail, Catch::Contains("Input/output error"));
  CHECK_FALSE(writer->publish());
  CHECK(store->list({}, 10).value().empty());
  CHECK(at.regular_files().empty());

  const UploadId id{std::string(64, 'b')};
  auto staged = store->stage(id, 0).value();
  REQUIRE(staged->write("lost"));
  CHECK_FALSE(staged->sync());
  CHECK_FALSE(staged->sync());
  CHECK_FALSE(staged->publish());
  staged.reset();
  CHECK(fs::file_size(fs::path(at.root) / "staging" / id.value) == 0);
}

TEST_CASE("a failed flush is not retried, and the content is gone") {
  if (std::system("strace -V >/dev/null 2>&1") != 0) {
    WARN("strace is missing: failing flushes are not tested");
    return;
  }
  const auto self = fs::read_symlink("/proc/self/exe").string();
  const std::string command =
      "strace -f -qq -o /dev/null -e trace=fdatasync -e inject=fdatasync:error=EIO '" + self +
      "' '*flush of the data fails' -w NoTests >/dev/null 2>&1";
  // LeakSanitizer cannot run under a tracer.
  CHECK(std::system(("ASAN_OPTIONS=detect_leaks=0 " + command).c_str()) == 0);
}
