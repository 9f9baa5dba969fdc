#include "baluhost/test/server.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <thread>

// What a start refuses, what it says, and what a running server must not die or stand still of.

using namespace baluhost::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

const std::string kServer = std::string{BALUHOST_TEST_BIN_DIR} + "/baluhostd";
const std::string kCtl = std::string{BALUHOST_TEST_BIN_DIR} + "/baluhostctl";

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// A reading end that is never read from until `drain`.
class UnreadPipe {
 public:
  explicit UnreadPipe(const std::string& path) {
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    fd_ = ::open(path.c_str(), O_RDONLY | O_NONBLOCK);
    REQUIRE(fd_ >= 0);
  }
  ~UnreadPipe() { ::close(fd_); }
  UnreadPipe(const UnreadPipe&) = delete;
  std::string drain() const {
    std::string all;
    char piece[4096];
    for (ssize_t got = 0; (got = ::read(fd_, piece, sizeof piece)) > 0;)
      all.append(piece, static_cast<std::size_t>(got));
    return all;
  }

 private:
  int fd_{-1};
};

} // namespace

TEST_CASE(
    "--check-config refuses what a start would refuse, with file, line and key, and creates "
    "nothing",
    "[start][fault-31]") {
  TempDirectory directory;
  const std::string at = directory.path();
  const std::string config = at + "/c.toml", data = at + "/data";
  write_file(at + "/a-file", "no directory\n");
  write_file(at + "/open-secret", "hunter2\n");
  std::filesystem::permissions(at + "/open-secret", std::filesystem::perms::others_read,
                               std::filesystem::perm_options::add);
  for (const auto& [name, text] : std::vector<std::pair<std::string, std::string>>{
           {"/empty-secret", "\n"}, {"/odd-secret", std::string("sec\0ret\n", 8)}}) {
    write_file(at + name, text);
    std::filesystem::permissions(at + name, std::filesystem::perms::owner_read);
  }
  REQUIRE(::mkfifo((at + "/a-fifo").c_str(), 0600) == 0);
  std::filesystem::create_directory(at + "/bad-keys");
  std::filesystem::permissions(at + "/bad-keys", std::filesystem::perms::owner_all);
  write_file(at + "/bad-keys/access-20261124T025431.123456Z-0f1e2d3c4b5a6978.key", "short\n");
  std::filesystem::permissions(at + "/bad-keys/access-20261124T025431.123456Z-0f1e2d3c4b5a6978.key",
                               std::filesystem::perms::owner_read);

  for (const auto& [setting, needle] : std::vector<std::pair<std::string, std::string>>{
           {"[server]\ntrusted_proxies = [\"localhost\"]",
            "c.toml:2: server.trusted_proxies: \"localhost\""},
           {"[server]\ntrusted_proxies = [\"10.0.0.0/33\"]", "c.toml:2: server.trusted_proxies: "},
           {"[server]\nlisten = \"*:8080\"", "c.toml:2: server.listen: \"*:8080\""},
           {"[server]\nlisten = \"https://127.0.0.1:8443\"", "c.toml:2: server.listen: "},
           {"[server]\nlisten = [\"127.0.0.1:8080\", \"http://127.0.0.1:8080\"]",
            "c.toml:2: server.listen: \"http://127.0.0.1:8080\" cannot be listened on"},
           {"[server]\nlisten = [\"0.0.0.0:8080\", \"127.0.0.1:8080\"]",
            "c.toml:2: server.listen: \"127.0.0.1:8080\" cannot be listened on"},
           {"[server]\nlisten = \"[::1]:8080\"\n[metrics]\nlisten = \"[0::0001]:8080\"",
            "c.toml:4: metrics.listen: \"[0::0001]:8080\" cannot be listened on"},
           {"[files]\nblob_dir = \"/proc\"", "c.toml:2: files.blob_dir: nothing can be made in"},
           {"[files]\nblob_dir = \"/proc/self/blobs\"", "c.toml:2: files.blob_dir: "},
           {"[metrics]\n\nlisten = \"files.example:9\"", "c.toml:3: metrics.listen: "},
           {"[tls]\ncert_file = \"/nowhere/c.pem\"\nkey_file = \"/nowhere/k.pem\"",
            "c.toml:2: tls.cert_file: cannot read /nowhere/c.pem"},
           {"[tls]\ncert_file = \"" + at + "/a-fifo\"\nkey_file = \"" + at + "/a-fifo\"",
            "c.toml:2: tls.cert_file: " + at + "/a-fifo is not a regular file"},
           {"[tls]\ncert_file = \"" + at + "/a-file\"\nkey_file = \"" + at + "/a-file\"",
            "c.toml:2: tls.cert_file: no usable PEM"},
           {"[database]\npassword_file = \"/nowhere/p\"",
            "c.toml:2: database.password_file: /nowhere/p does not exist"},
           {"[database]\npassword_file = \"" + at + "/open-secret\"",
            "c.toml:2: database.password_file: "},
           {"[database]\npassword_file = \"" + at + "/empty-secret\"",
            "c.toml:2: database.password_file: " + at + "/empty-secret is empty"},
           {"[database]\npassword_file = \"" + at + "/odd-secret\"",
            "c.toml:2: database.password_file: " + at + "/odd-secret holds a NUL"},
           {"[files]\nblob_dir = \"" + at + "/a-file\"",
            "c.toml:2: files.blob_dir: " + at + "/a-file is not a directory"},
           {"[files]\nblob_dir = \"" + at + "/a-file/below\"", "c.toml:2: files.blob_dir: "},
           {"[server]\nkeys_dir = \"" + at + "/a-file\"", "c.toml:2: server.keys_dir: "},
           {"[server]\nkeys_dir = \"" + at + "/bad-keys\"", "c.toml:2: server.keys_dir: "},
           {"[audit]\nanchor_file = \"" + at + "\"", "c.toml:2: audit.anchor_file: "},
           {"[database]\nurl = \"sqlite:\"", "c.toml:2: database.url must be "},
           {"[database]\nurl = \"sqlite:" + at + "\"",
            "c.toml:2: database.url: " + at + " is not a regular file"},
           {"[database]\nurl = \"sqlite:" + at + "/none/b.db\"",
            "c.toml:2: database.url: the directory " + at + "/none is not there"},
           {"[audit]\nanchor_file = \"" + at + "/none/anchor\"", "c.toml:2: audit.anchor_file: "},
           {"[auth]\naccess_ttl = \"2h\"\nrefresh_ttl = \"1h\"", "c.toml:3: auth.refresh_ttl: "}}) {
    write_file(config, setting + "\n");
    INFO(setting);
    for (const bool only_checks : {true, false}) {
      std::vector<std::string> command{kServer, "--config", config, "--data-dir", data};
      if (only_checks) command.emplace_back("--check-config");
      const auto refused = run(command);
      INFO(refused.err);
      CHECK(refused.exit_code != 0);
      CHECK(refused.out.empty());
      CHECK(holds(refused.err, needle));
      CHECK_FALSE(std::filesystem::exists(data));
    }
  }
  write_file(config, "");
  const auto missing = run({kServer, "--config", config, "--data-dir", data, "--check-config"},
                           {{"BALUHOST_ADMIN_PASSWORD_FILE", at + "/no-password"}});
  CHECK(missing.exit_code == 1);
  CHECK(holds(missing.err, "BALUHOST_ADMIN_PASSWORD_FILE: " + at + "/no-password does not exist"));
  const auto by_flag = run({kServer, "--data-dir", at + "/a-file", "--check-config"});
  CHECK(by_flag.exit_code == 1);
  CHECK(holds(by_flag.err, "command line: server.data_dir: "));

  const auto fine = run({kServer, "--config", config, "--data-dir", data, "--check-config"});
  INFO(fine.err);
  CHECK(fine.exit_code == 0);
  CHECK_FALSE(std::filesystem::exists(data));
  Server server; // beside a running server, too
  CHECK(run({kServer, "--config", server.config_file(), "--check-config"}).exit_code == 0);
}

TEST_CASE(
    "A variable of the environment that only looks like a setting is named, with the right one",
    "[start][fault-36]") {
  TempDirectory directory;
  const std::string data = directory.path() + "/data";
  for (const auto& [variable, meant] : std::vector<std::pair<std::string, std::string>>{
           {"BALUHOST_DATA_DIR", "BALUHOST_SERVER__DATA_DIR"},
           {"BALUHOST_SERVER_DATA_DIR", "BALUHOST_SERVER__DATA_DIR"},
           {"baluhost_server__data_dir", "BALUHOST_SERVER__DATA_DIR"},
           {"BALUHOST_LISTEN", "BALUHOST_SERVER__LISTEN or BALUHOST_METRICS__LISTEN"},
           {"BALUHOST_PASSWORD", "BALUHOST_SECTION__KEY"}}) {
    INFO(variable);
    const Environment environment{{variable, "/somewhere"}};
    const auto checked = run({kServer, "--data-dir", data, "--check-config"}, environment);
    CHECK(checked.exit_code == 0);
    CHECK(holds(checked.err, variable));
    CHECK(holds(checked.err, meant));
    CHECK(holds(run({kCtl, "--data-dir", data, "user", "list"}, environment).err, meant));
    CHECK(holds(run({std::string{BALUHOST_TEST_BIN_DIR} + "/baluhost-migrate", "--to", "sqlite:/x",
                     "--from", "postgresql://127.0.0.1:1/x"},
                    environment)
                    .err,
                meant));
  }
  CHECK(run({kServer, "--data-dir", data, "--check-config"}).err.empty());
}

TEST_CASE("A flag that does not exist is named, with or without a verb", "[start][fault-35]") {
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"--nonsense"},
                                                    {"--nonsense", "user", "list"},
                                                    {"user", "--nonsense"},
                                                    {"user", "list", "--nonsense"},
                                                    {"--nonsense=3"}}) {
    std::vector<std::string> command{kCtl};
    command.insert(command.end(), arguments.begin(), arguments.end());
    const auto refused = run(command);
    INFO(refused.err);
    CHECK(refused.exit_code == 2);
    CHECK(holds(refused.err, "--nonsense"));
  }
  CHECK(run({kServer, "--nonsense"}).err.find("--nonsense") != std::string::npos);
  CHECK(run({std::string{BALUHOST_TEST_BIN_DIR} + "/baluhost-migrate", "--nonsense"})
            .err.find("--nonsense") != std::string::npos);
}

TEST_CASE("Half a request's head does not hold up the stop, and SIGUSR1 and SIGUSR2 do no harm",
          "[start][fault-36]") {
  Server server{{.extra_toml = "server.shutdown_grace = \"5m\"\n"}};
  for (const int signal : {SIGUSR1, SIGUSR2}) ::kill(server.pid(), signal);
  HttpClient silent = server.client();
  silent.connect();
  REQUIRE(silent.send("GET /livez HTTP/1.1\r\nHost: x\r\n"));
  CHECK(Api{server}.get("/livez").status == 200); // it still lives, and has read the half head
  CHECK(server.stop() == 0);                      // within a minute, not after the grace of five
}

TEST_CASE("A stderr that nobody reads stops nothing, and what was lost is counted",
          "[start][fault-36]") {
  TempDirectory directory;
  const std::string pipe = directory.path() + "/unread", out = directory.path() + "/out";
  const UnreadPipe unread{pipe};
  Process process{{kServer, "--data-dir", directory.path() + "/data", "--listen", "127.0.0.1:0"},
                  {{"BALUHOST_LOG__LEVEL", "debug"}},
                  out,
                  pipe};
  std::string url;
  for (int i = 0; i < 600 && url.empty(); ++i) {
    process.wait(milliseconds{50});
    const std::string text = std::filesystem::exists(out) ? read_file(out) : "";
    if (text.ends_with('\n')) url = text.substr(text.find("http://"));
  }
  REQUIRE_FALSE(url.empty());
  url.pop_back();
  HttpClient client{url};
  for (int i = 0; i < 500; ++i)
    REQUIRE(client.request("GET", "/api/v1/meta/" + std::string(300, 'y')).status == 401);
  const std::string before = unread.drain();
  CHECK(holds(before, "microseconds"));
  CHECK(client.request("GET", "/livez").status == 200);
  process.signal(SIGTERM);
  CHECK(process.wait(seconds{60}) == 0);
  CHECK(holds(before + unread.drain(), "lines of the log were lost"));
}

TEST_CASE("A start after a refused first password and a user add still makes the administrator",
          "[start][fault-36]") {
  TempDirectory directory;
  const std::string data = directory.path() + "/data", password = directory.path() + "/password";
  const auto start = [&](const std::string& text) {
    std::filesystem::remove(password);
    write_file(password, text + "\n");
    std::filesystem::permissions(password, std::filesystem::perms::owner_read);
    return std::make_unique<Process>(
        std::vector<std::string>{kServer, "--data-dir", data, "--listen", "127.0.0.1:0"},
        Environment{{"BALUHOST_ADMIN_PASSWORD_FILE", password}}, directory.path() + "/out",
        directory.path() + "/err");
  };
  CHECK(start("short")->wait(seconds{60}) == 1);
  CHECK(holds(read_file(directory.path() + "/err"), password));
  REQUIRE(run({kCtl, "--data-dir", data, "user", "add", "dora", "--password-stdin"}, {},
              "a fine pass phrase\n")
              .exit_code == 0);
  {
    const auto process = start(kAdminPassword);
    for (int i = 0; i < 600 && !holds(read_file(directory.path() + "/out"), "listening"); ++i)
      process->wait(milliseconds{50});
    process->signal(SIGTERM);
    REQUIRE(process->wait(seconds{60}) == 0);
  }
  const auto listed =
      Json::parse(run({kCtl, "--data-dir", data, "--json", "user", "show", "admin"}).out);
  CHECK(listed["role"].text() == "admin");

  // A name that is taken is no reason not to start; the log says what to do.
  const std::string other = directory.path() + "/other";
  CHECK(run({kServer, "--data-dir", other, "--listen", "127.0.0.1:0"},
            {{"BALUHOST_ADMIN_PASSWORD_FILE", "/nowhere"}})
            .exit_code == 1);
  if (!std::filesystem::exists(other + "/baluhost.db")) {
    std::filesystem::remove(password);
    write_file(password, "short\n");
    std::filesystem::permissions(password, std::filesystem::perms::owner_read);
    CHECK(run({kServer, "--data-dir", other, "--listen", "127.0.0.1:0"},
              {{"BALUHOST_ADMIN_PASSWORD_FILE", password}})
              .exit_code == 1);
  }
  REQUIRE(run({kCtl, "--data-dir", other, "user", "add", "admin", "--password-stdin"}, {},
              "a fine pass phrase\n")
              .exit_code == 0);
  Process process{{kServer, "--data-dir", other, "--listen", "127.0.0.1:0"},
                  {},
                  directory.path() + "/out2",
                  directory.path() + "/err2"};
  for (int i = 0; i < 600 && !(std::filesystem::exists(directory.path() + "/out2") &&
                               holds(read_file(directory.path() + "/out2"), "listening"));
       ++i)
    process.wait(milliseconds{50});
  process.signal(SIGTERM);
  CHECK(process.wait(seconds{60}) == 0);
  CHECK(holds(read_file(directory.path() + "/err2"), "there is no enabled administrator"));
}

TEST_CASE("A database that may not be written is named by its file", "[start][fault-36]") {
  Server server;
  REQUIRE(server.stop() == 0);
  const std::string file = server.data_dir() + "/baluhost.db";
  // Root may write everything: a file system that is read only says no to it too.
  for (const std::string& place : {server.data_dir(), file}) {
    if (run({"mount", "--bind", place, place}).exit_code != 0) {
      WARN("file systems cannot be mounted here");
      return;
    }
    REQUIRE(run({"mount", "-o", "remount,bind,ro", place}).exit_code == 0);
    const auto refused = run({kServer, "--config", server.config_file()});
    const auto tool = server.ctl({"user", "disable", "admin"});
    run({"umount", place});
    INFO(refused.err << tool.err);
    CHECK(refused.exit_code == 1);
    CHECK(holds(refused.err, place));
    CHECK(holds(refused.err, "Read-only"));
    CHECK_FALSE(holds(refused.err, "sqlite3_"));
    CHECK(tool.exit_code == 1);
    CHECK(holds(tool.err, file));
    CHECK_FALSE(holds(tool.err, "sqlite3_"));
  }
}
