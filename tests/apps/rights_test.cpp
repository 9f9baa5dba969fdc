// Where a program may not look or write: what it says, and that what it was to leave alone is as it
// was.

#include "restore_fixture.hpp"

#include <sys/mount.h>
#include <unistd.h>

#include <map>

using namespace baluhost::test;

namespace {

const std::string kBin = BALUHOST_TEST_BIN_DIR;

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

ProcessOutput as_another_user(std::vector<std::string> command) {
  command.insert(command.begin(), {"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"});
  return run(command);
}

void open_to_all(const std::string& path) { fs::permissions(path, fs::perms{0755}); }

/// Each file below `directory` with its content and the time of its last change.
std::map<std::string, std::pair<std::string, fs::file_time_type>> contents(
    const std::string& directory) {
  std::map<std::string, std::pair<std::string, fs::file_time_type>> found;
  for (const auto& entry : fs::recursive_directory_iterator{directory}) {
    const std::string path = entry.path().string();
    found[path] = {entry.is_regular_file() ? read_file(path) : "", entry.last_write_time()};
  }
  return found;
}

/// A directory on which nothing can be written, whoever one is.
class ReadOnlyMount {
 public:
  explicit ReadOnlyMount(const std::string& directory) : directory_(directory) {
    is_mounted_ = ::mount(directory.c_str(), directory.c_str(), nullptr, MS_BIND, nullptr) == 0;
    is_read_only_ = is_mounted_ && ::mount(nullptr, directory.c_str(), nullptr,
                                           MS_BIND | MS_REMOUNT | MS_RDONLY, nullptr) == 0;
  }
  ~ReadOnlyMount() {
    if (is_mounted_) ::umount2(directory_.c_str(), MNT_DETACH);
  }
  ReadOnlyMount(const ReadOnlyMount&) = delete;
  [[nodiscard]] bool is_there() const { return is_read_only_; }

 private:
  std::string directory_;
  bool is_mounted_{false};
  bool is_read_only_{false};
};

} // namespace

TEST_CASE("A program without a right says so, and not that nothing is there",
          "[rights][fault-11-9]") {
  if (::geteuid() != 0) {
    WARN("left out: only root becomes another user");
    return;
  }
  Original original{false};
  const std::string data = original.server.data_dir();
  const std::string database = data + "/baluhost.db";
  open_to_all(fs::path{data}.parent_path());
  const auto refused = [&](const std::vector<std::string>& command, const std::string& place) {
    const auto done = as_another_user(command);
    INFO(done.err);
    CHECK(done.exit_code == 1);
    CHECK(holds(done.err, "Permission denied"));
    CHECK(holds(done.err, place));
    CHECK_FALSE(holds(done.err, "there is no"));
    CHECK_FALSE(holds(done.err, "not there"));
    CHECK_FALSE(holds(done.err, "does not exist"));
    return done;
  };
  const auto ctl = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {kBin + "/baluhostctl", "--data-dir", data});
    return words;
  };
  const std::vector<std::string> serving{kBin + "/baluhostd", "--data-dir", data, "--listen",
                                         "127.0.0.1:0"};
  const std::vector<std::string> checking{kBin + "/baluhostd", "--data-dir", data,
                                          "--check-config"};
  const std::vector<std::string> moving{kBin + "/baluhost-migrate",
                                        "--from",
                                        "sqlite:" + database,
                                        "--to",
                                        "postgresql://x@127.0.0.1:1/none",
                                        "--no-backup",
                                        "--yes"};

  SECTION("on the directory") {
    for (const auto& words : std::vector<std::vector<std::string>>{
             {"user", "list"}, {"audit", "verify"}, {"db", "check"}, {"db", "backup", "/tmp/none"}})
      refused(ctl(words), data);
    refused(serving, data);
    refused(checking, data);
    refused(moving, database);
  }
  SECTION("on the database") {
    open_to_all(data);
    for (const auto& words :
         std::vector<std::vector<std::string>>{{"user", "list"}, {"audit", "verify"}})
      refused(ctl(words), database);
    refused(checking, data);
    refused(moving, database);
  }
  SECTION("on the directory of the database, which may be read") {
    open_to_all(data);
    fs::permissions(database, fs::perms{0666});
    fs::remove(database + "-wal");
    fs::remove(database + "-shm");
    refused(ctl({"user", "list"}), data + " cannot be written");
  }
  SECTION("on the keys") {
    fs::permissions(data, fs::perms{0777});
    for (const auto& entry : fs::directory_iterator{data})
      if (entry.is_regular_file()) fs::permissions(entry.path(), fs::perms{0666});
    refused(ctl({"user", "list"}), data + "/keys");
    refused(ctl({"audit", "verify"}), data + "/keys");
    refused(serving, data + "/keys");
  }
  SECTION("on a backup") {
    open_to_all(original.directory.path());
    const Place place{false};
    fs::permissions(place.directory.path(), fs::perms{0777});
    refused(place.command({"db", "restore", original.backup}), original.backup);
  }
}

TEST_CASE("A backup is verified where it is, by reading alone, and restored after it",
          "[rights][fault-04]") {
  Original original{false};
  const std::string in_place = "--data-dir=" + original.backup;
  const auto before = contents(original.backup);
  const auto verified = run({kBin + "/baluhostctl", in_place, "audit", "verify"});
  INFO(verified.out << verified.err);
  CHECK(verified.exit_code == 0);
  CHECK(holds(verified.out, "verified: "));
  CHECK(holds(verified.err, original.backup + " is a backup: no event"));
  const auto as_json = run({kBin + "/baluhostctl", in_place, "--json", "audit", "verify"});
  CHECK(as_json.exit_code == 0);
  CHECK(Json::parse(as_json.out)["ok"].flag());
  CHECK(Json::parse(as_json.out)["end_known"].flag());
  CHECK(run({kBin + "/baluhostctl", in_place, "audit", "verify", "--public-key",
             original.backup + "/keys/audit-ed25519.pub.pem"})
            .exit_code == 0);
  CHECK(contents(original.backup) == before);

  for (const auto& words : std::vector<std::vector<std::string>>{{"user", "list"},
                                                                 {"user", "disable", "admin"},
                                                                 {"audit", "export"},
                                                                 {"db", "reindex"}}) {
    auto command = words;
    command.insert(command.begin(), {kBin + "/baluhostctl", in_place});
    const auto refused = run(command);
    INFO(refused.err);
    CHECK(refused.exit_code == 1);
    CHECK(holds(refused.err, "is a backup"));
  }
  CHECK(contents(original.backup) == before);
  Place place{false};
  REQUIRE(place.restore(original.backup).exit_code == 0);
  place.check_whole();

  sqlite(original.backup + "/baluhost.db",
         "update audit_logs set resource = '/admin/z' where resource = '/admin/a'");
  CHECK(run({kBin + "/baluhostctl", in_place, "audit", "verify"}).exit_code == 3);
}

TEST_CASE("What lies on a read-only file system is verified there", "[rights][fault-04]") {
  Original original{false};
  const std::string data = original.server.data_dir();
  const auto verify = [&](const std::string& directory) {
    const ReadOnlyMount mount{directory};
    if (!mount.is_there()) {
      WARN("left out: nothing can be mounted");
      return;
    }
    const auto verified = run({kBin + "/baluhostctl", "--data-dir", directory, "audit", "verify"});
    INFO(directory << verified.out << verified.err);
    CHECK(verified.exit_code == 0);
    CHECK(holds(verified.err, "no event of this verification is written there"));
  };
  verify(original.backup);
  verify(data); // a log beside it, emptied
  fs::remove(data + "/baluhost.db-wal");
  fs::remove(data + "/baluhost.db-shm");
  verify(data);
  original.server.start();
  original.server.kill();
  verify(data); // a log with what is not in the file yet
}
