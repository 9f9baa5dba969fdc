#include "baluhost/filesystem/anchor_file.hpp"
#include "baluhost/filesystem/private_file.hpp"
#include "baluhost/filesystem/system_clock.hpp"
#include "filesystem/filesystem_fixture.hpp"

#include <sys/wait.h>
#include <catch2/catch.hpp>
#include <fstream>
#include <thread>

using namespace baluhost;
using test::mode_of;
namespace fs = std::filesystem;

namespace {

Anchor anchor(std::int64_t number) {
  Anchor made{SealNumber{number}, {}};
  made.seal_hash.bytes.fill(static_cast<std::uint8_t>(number));
  return made;
}

std::string contents(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

struct AnchorAt {
  test::TemporaryDirectory directory;
  std::string path = directory / "audit.anchor";
  std::unique_ptr<AnchorLog> log = make_anchor_file(path);

  std::int64_t newest() const {
    const auto found = log->newest().value();
    return found ? found->number.value : 0;
  }
};

} // namespace

TEST_CASE("without an anchor file there is no anchor") {
  AnchorAt at;
  CHECK_FALSE(at.log->newest().value());
  CHECK_FALSE(fs::exists(at.path));
}

TEST_CASE("an anchor is a line at the end of a private file") {
  AnchorAt at;
  REQUIRE(at.log->append(anchor(1)));
  REQUIRE(at.log->append(anchor(2)));
  CHECK(mode_of(at.path) == 0600);
  CHECK(contents(at.path) ==
        "1 " + anchor(1).seal_hash.hex() + "\n2 " + anchor(2).seal_hash.hex() + "\n");
  const auto newest = make_anchor_file(at.path)->newest().value();
  REQUIRE(newest);
  CHECK(newest->number == SealNumber{2});
  CHECK(newest->seal_hash == anchor(2).seal_hash);
}

TEST_CASE(
    "a line that a crash cut short, at any byte, is skipped and does not spoil the next one") {
  const std::string whole = "2 " + anchor(2).seal_hash.hex() + "\n";
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    CAPTURE(cut);
    AnchorAt at;
    REQUIRE(at.log->append(anchor(1)));
    std::ofstream(at.path, std::ios::app) << whole.substr(0, cut);
    CHECK(at.newest() == 1);
    REQUIRE(at.log->append(anchor(3)));
    CHECK(at.newest() == 3);
  }
}

TEST_CASE("lines that are no anchors are skipped") {
  AnchorAt at;
  REQUIRE(at.log->append(anchor(1)));
  const auto hash = anchor(9).seal_hash.hex();
  std::ofstream(at.path, std::ios::app)
      << "\n9\n9 \n 9 " << hash << "\n9 " << hash << " \n-9 " << hash << "\n0 " << hash << "\n9x "
      << hash << "\n9 " << hash.substr(2) << "\n99999999999999999999 " << hash << '\n'
      << std::string(1000, '9') << '\n';
  CHECK(at.newest() == 1);
}

TEST_CASE(
    "the newest anchor is the one with the highest number, in whatever order servers append") {
  AnchorAt at;
  for (const auto number : {1, 3, 2}) REQUIRE(at.log->append(anchor(number)));
  CHECK(at.newest() == 3);
}

TEST_CASE("the newest anchor of a long file is found") {
  AnchorAt at;
  {
    std::ofstream out(at.path);
    for (int i = 1; i <= 5000; ++i) out << i << ' ' << anchor(i).seal_hash.hex() << '\n';
  }
  CHECK(at.newest() == 5000);
}

TEST_CASE("programs that append at once leave whole lines") {
  AnchorAt at;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      const auto own = make_anchor_file(at.path);
      for (int i = 0; i < 25; ++i) {
        if (!own->append(anchor(1 + t * 25 + i))) std::abort();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  const auto text = contents(at.path);
  CHECK(std::count(text.begin(), text.end(), '\n') == 100);
  CHECK(at.newest() == 100);
}

TEST_CASE("an anchor that cannot be written or read is unavailable") {
  AnchorAt at;
  SECTION("a link") {
    std::ofstream(at.directory / "elsewhere");
    fs::create_symlink(at.directory / "elsewhere", at.path);
  }
  SECTION("a directory") { fs::create_directory(at.path); }
  SECTION("a FIFO") { REQUIRE(::mkfifo(at.path.c_str(), 0600) == 0); }
  const auto appended = at.log->append(anchor(1));
  REQUIRE_FALSE(appended);
  CHECK(appended.error().code == Errc::unavailable);
  const auto newest = at.log->newest();
  REQUIRE_FALSE(newest);
  CHECK(newest.error().code == Errc::unavailable);
}

TEST_CASE("a private file is replaced at once and is its owner's only") {
  test::TemporaryDirectory directory;
  const auto path = directory / "secret";
  std::ofstream(path) << "old and longer";
  fs::permissions(path, fs::perms(0644));
  REQUIRE(write_private_file(path, "new"));
  CHECK(contents(path) == "new");
  CHECK(mode_of(path) == 0600);
  CHECK(std::distance(fs::directory_iterator(directory.path()), fs::directory_iterator()) == 1);
  const auto read = read_secret_file(path);
  REQUIRE(read);
  CHECK(read->reveal() == "new");
  const auto nowhere = write_private_file(directory / "missing/secret", "x");
  REQUIRE_FALSE(nowhere);
  CHECK(nowhere.error().code == Errc::unavailable);
}

TEST_CASE("writing a private file over a link replaces the link") {
  test::TemporaryDirectory directory;
  std::ofstream(directory / "elsewhere") << "untouched";
  fs::create_symlink(directory / "elsewhere", directory / "secret");
  REQUIRE(write_private_file(directory / "secret", "new"));
  CHECK(contents(directory / "elsewhere") == "untouched");
  CHECK_FALSE(fs::is_symlink(directory / "secret"));
}

TEST_CASE("a secret that others can read, a link or another kind of file is refused") {
  test::TemporaryDirectory directory;
  const auto path = directory / "secret";
  const auto code = [&](std::size_t max_bytes = 100) {
    const auto read = read_secret_file(path, max_bytes);
    REQUIRE_FALSE(read);
    CHECK_THAT(read.error().detail, Catch::Contains(path));
    return read.error().code;
  };
  CHECK(code() == Errc::not_found);
  REQUIRE(write_private_file(path, "0123456789"));
  CHECK(code(9) == Errc::conflict);
  for (const unsigned mode : {0640U, 0604U, 0620U, 0602U, 0610U}) {
    fs::permissions(path, fs::perms(mode));
    CHECK(code() == Errc::conflict);
  }
  fs::remove(path);
  REQUIRE(write_private_file(directory / "other", "x"));
  fs::create_symlink(directory / "other", path);
  CHECK(code() == Errc::conflict);
  fs::remove(path);
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  CHECK(code() == Errc::conflict);
}

TEST_CASE("a private directory is made with its parents") {
  test::TemporaryDirectory directory;
  REQUIRE(make_private_directory(directory / "a/b/c"));
  CHECK(mode_of(directory / "a/b/c") == 0700);
  CHECK(mode_of(directory / "a") == 0700);
  REQUIRE(make_private_directory(directory / "a/b/c/"));
  std::ofstream(directory / "file") << "x";
  CHECK_FALSE(make_private_directory(directory / "file"));
  CHECK_FALSE(make_private_directory(directory / "file/below"));
}

TEST_CASE("a directory has one user at a time") {
  test::TemporaryDirectory directory;
  const auto path = directory.path().string();
  {
    auto lock = DirectoryLock::acquire(path);
    REQUIRE(lock);
    const auto moved = *std::move(lock);
    const auto second = DirectoryLock::acquire(path);
    REQUIRE_FALSE(second);
    CHECK(second.error().code == Errc::conflict);
    const pid_t child = ::fork();
    if (child == 0) ::_exit(DirectoryLock::acquire(path) ? 1 : 0);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WEXITSTATUS(status) == 0);
  }
  CHECK(DirectoryLock::acquire(path));
  CHECK(mode_of(directory / "lock") == 0600);
  const auto missing = DirectoryLock::acquire(directory / "missing");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == Errc::unavailable);
}

TEST_CASE("the system's clocks tell the time in microseconds") {
  const auto clock = make_system_clock();
  const auto reference = std::chrono::system_clock::now().time_since_epoch();
  const auto difference = clock->now().microseconds -
                          std::chrono::duration_cast<std::chrono::microseconds>(reference).count();
  CHECK(std::abs(difference) < 5'000'000);
  const auto before = clock->monotonic();
  CHECK(clock->monotonic() >= before);
}
