#include "baluhost/test/server.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <filesystem>
#include <thread>

using namespace baluhost::test;

namespace {

const std::string kBin = BALUHOST_TEST_BIN_DIR;

} // namespace

TEST_CASE("The server says clearly what is wrong when it cannot reach PostgreSQL",
          "[programs][spec-01]") {
  TempDirectory directory;
  const auto refused = run({kBin + "/baluhostd", "--data-dir", directory.path() + "/data",
                            "--database-url", "postgresql://nobody:s3cret-word@127.0.0.1:1/none"});
  CHECK(refused.exit_code == 1);
  CHECK(refused.err.find("127.0.0.1") != std::string::npos);
  CHECK(refused.err.find("s3cret-word") == std::string::npos);
  Server works{{.database_url = make_postgres_database()}};
  CHECK(admin(works).get("/api/v1/auth/me").status == 200);
  CHECK(Json::parse(works.ctl({"db", "status", "--json"}).out)["kind"].text() == "postgresql");
}

TEST_CASE("The database URL comes from file, environment or flag, in that order of precedence",
          "[programs][spec-02]") {
  TempDirectory directory;
  const std::string config = directory.path() + "/c.toml";
  write_file(config, "[database]\nurl = \"sqlite:/tmp/file.db\"\n");
  const auto effective = [&](const Environment& environment, std::vector<std::string> more) {
    more.insert(more.begin(), {kBin + "/baluhostd", "--check-config", "--config", config});
    return run(more, environment).out;
  };
  CHECK(effective({}, {}).find("url = \"sqlite:/tmp/file.db\"") != std::string::npos);
  CHECK(effective({{"BALUHOST_DATABASE__URL", "sqlite:/tmp/env.db"}}, {})
            .find("url = \"sqlite:/tmp/env.db\"") != std::string::npos);
  CHECK(effective({{"BALUHOST_DATABASE__URL", "sqlite:/tmp/env.db"}},
                  {"--database-url", "sqlite:/tmp/flag.db"})
            .find("url = \"sqlite:/tmp/flag.db\"") != std::string::npos);
  CHECK(effective({{"BALUHOST_DATABASE__URL", "postgresql://u:hidden-word@h/db"}}, {})
            .find("hidden-word") == std::string::npos);
}

TEST_CASE("A wrong setting stops the start with the place, the key and what is allowed",
          "[programs]") {
  TempDirectory directory;
  const std::string config = directory.path() + "/c.toml";
  const auto start = [&](const std::string& toml, const Environment& environment = {}) {
    write_file(config, toml);
    return run({kBin + "/baluhostd", "--config", config, "--data-dir", directory.path() + "/data"},
               environment);
  };
  for (const auto& [toml, needle] : std::vector<std::pair<std::string, std::string>>{
           {"[server]\nlisten = \"nonsense\"\n", "c.toml:2: server.listen"},
           {"[server]\n\nnope = 1\n", "c.toml:3: unknown key server.nope"},
           {"[auth]\naccess_ttl = 900\n", "c.toml:2: auth.access_ttl"},
           {"[auth]\nargon2_memory_kib = 1024\n", "from 7168"},
           {"[files]\nsha1 = \"true\"\n", "true or false"},
           {"[cors]\nallowed_origins = [\"*\"]\n", "cors.allowed_origins"},
           {"[cors]\nallowed_origins = [\"null\"]\n", "cors.allowed_origins"},
           {"[audit]\ndownloads = \"never\"\n", "\"before\", \"after\""},
           {"[tls]\ncert_file = \"/x\"\n", "tls.key_file"},
           {"[server\n", "c.toml:1"}}) {
    INFO(toml);
    const auto refused = start(toml);
    CHECK(refused.exit_code == 2);
    CHECK(refused.err.find(needle) != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(directory.path() + "/data"));
  }
  const auto variable = start("", {{"BALUHOST_SERVER__NOPE", "1"}});
  CHECK(variable.exit_code == 2);
  CHECK(variable.err.find("BALUHOST_SERVER__NOPE") != std::string::npos);
}

TEST_CASE("The first start makes a random password, and nothing that others can read",
          "[programs]") {
  TempDirectory directory;
  const std::string data = directory.path() + "/data";
  Process process{{kBin + "/baluhostd", "--data-dir", data, "--listen", "127.0.0.1:0"},
                  {},
                  directory.path() + "/out",
                  directory.path() + "/err"};
  for (int i = 0; i < 600 && (!std::filesystem::exists(directory.path() + "/out") ||
                              read_file(directory.path() + "/out").empty());
       ++i)
    process.wait(std::chrono::milliseconds{20});
  const std::string password = read_file(data + "/initial-admin-password");
  CHECK(password.size() > 16);
  CHECK(read_file(directory.path() + "/err").find("initial-admin-password") != std::string::npos);
  CHECK(read_file(directory.path() + "/err").find(password.substr(0, password.size() - 1)) ==
        std::string::npos);
  for (const auto& entry : std::filesystem::recursive_directory_iterator{data}) {
    if (entry.path().filename() == "audit-ed25519.pub.pem") continue; // public, as its name says
    INFO(entry.path());
    CHECK((entry.status().permissions() &
           (std::filesystem::perms::group_all | std::filesystem::perms::others_all)) ==
          std::filesystem::perms::none);
  }
  const auto second = run({kBin + "/baluhostd", "--data-dir", data, "--listen", "127.0.0.1:0"});
  CHECK(second.exit_code == 1);
  CHECK(second.err.find("in use") != std::string::npos);
  process.signal(15);
  CHECK(process.wait(std::chrono::seconds{30}) == 0);

  for (const auto& entry : std::filesystem::directory_iterator{data + "/keys"}) {
    if (entry.path().extension() != ".key") continue;
    std::filesystem::permissions(entry.path(), std::filesystem::perms::others_read,
                                 std::filesystem::perm_options::add);
    const auto readable = run({kBin + "/baluhostd", "--data-dir", data, "--listen", "127.0.0.1:0"});
    CHECK(readable.exit_code == 1);
    CHECK(readable.err.find(entry.path().filename().string()) != std::string::npos);
    break;
  }
}

TEST_CASE("baluhostctl keeps its exit codes, and its JSON is the API's", "[programs]") {
  Server server;
  CHECK(run({kBin + "/baluhostctl"}).exit_code == 2);
  CHECK(run({kBin + "/baluhostctl", "nonsense"}).exit_code == 2);
  CHECK(run({kBin + "/baluhostctl", "--help"}).exit_code == 0);
  CHECK(run({kBin + "/baluhostctl", "--version"}).exit_code == 0);
  CHECK(server.ctl({"user", "add", "dora"}).exit_code == 2); // no terminal to ask on
  const auto wrong = [&](const std::vector<std::string>& arguments, std::string_view name) {
    const auto refused = server.ctl(arguments);
    CHECK(refused.exit_code == 2);
    CHECK(refused.err.starts_with("baluhostctl: " + std::string{name} + " must "));
  };
  wrong({"audit", "prove", "abc"}, "ID");
  wrong({"audit", "list", "--type", "NOPE"}, "--type");
  wrong({"audit", "prune", "--before", "yesterday"}, "--before");
  wrong({"grant", "add", "/admin", "x", "read"}, "GRANTEE");
  wrong({"grant", "add", "/admin", "dora", "reed"}, "RIGHT");
  wrong({"user", "role", "dora", "king"}, "ROLE");
  const auto added = server.ctl({"user", "add", "dora", "--password-stdin", "--email",
                                 "d@e.example", "--quota", "1MiB", "--json"},
                                "a fine pass phrase\n");
  INFO(added.err);
  REQUIRE(added.exit_code == 0);
  CHECK(Json::parse(added.out)["quota_bytes"].integer() == 1048576);
  CHECK(server.ctl({"user", "add", "dora", "--password-stdin"}, "a fine pass phrase\n").exit_code ==
        1);
  Api dora{server, "dora"};
  CHECK(Json::parse(server.ctl({"--json", "user", "list"}).out)["items"].size() == 2);
  CHECK(server.ctl({"user", "role", "dora", "auditor"}).exit_code == 0);
  CHECK(Json::parse(server.ctl({"user", "show", "dora", "--json"}).out)["role"].text() ==
        "auditor");
  CHECK(server.ctl({"user", "passwd", "dora", "--password-stdin"}, "another fine phrase\n")
            .exit_code == 0);
  Api again{server, "dora", "another fine phrase"};
  CHECK(Json::parse(server.ctl({"session", "list", "dora", "--json"}).out)["items"].size() == 1);
  CHECK(server.ctl({"session", "revoke", again.session_id}).exit_code == 0);
  CHECK(server.ctl({"session", "revoke", again.session_id}).exit_code == 1);
  CHECK(server.ctl({"grant", "add", "/admin", "dora", "read", "write"}).exit_code == 0);
  CHECK(Json::parse(server.ctl({"grant", "list", "--grantee", "dora", "--json"}).out)["items"]
            .size() == 1);
  CHECK(Json::parse(server.ctl({"grant", "list", "--json"}).out)["items"].size() == 1);
  CHECK(server.ctl({"grant", "remove", "/admin", "dora"}).exit_code == 0);
  CHECK(server.ctl({"user", "disable", "dora"}).exit_code == 0);
  CHECK(server.ctl({"user", "enable", "dora"}).exit_code == 0);
  CHECK(server.ctl({"user", "delete", "admin"}).exit_code == 1);
  CHECK(server.ctl({"user", "delete", "dora"}).exit_code == 0);
  CHECK(server.ctl({"keys", "rotate"}).exit_code == 0);
  CHECK(admin(server).get("/api/v1/auth/me").status == 200);
  CHECK(Json::parse(server.ctl({"keys", "list", "--json"}).out)["items"].size() == 10);
  const auto stats =
      server.ctl({"audit", "stats", "--json", "--interval", "day", "--tz", "Europe/Berlin"});
  const Json counted = Json::parse(stats.out);
  for (const char* name : {"by_action", "by_ip_address", "by_resource", "failed_logins", "series"})
    CHECK(counted.has(name));
  CHECK(server.ctl({"audit", "stats", "--interval", "year"}).exit_code == 2);
  CHECK(Json::parse(server.ctl({"audit", "list", "--action", "user_created", "--json"})
                        .out)["items"][0]["user"]
            .text()
            .starts_with("cli:"));
  CHECK(server.ctl({"audit", "list", "--type", "NONE"}).exit_code != 0);
  CHECK(server.ctl({"db", "check"}).exit_code == 0);
  CHECK(server.ctl({"db", "reindex"}).out == "indexed; 0 names had a wrong search key\n");
  CHECK(Json::parse(server.ctl({"db", "reindex", "--json"}).out)["wrong_keys"].integer() == 0);
  CHECK(server.ctl({"audit", "verify"}).exit_code == 0);
}

TEST_CASE("baluhostctl finds names, and its JSON is the API's", "[programs]") {
  Server server;
  Api root = admin(server);
  REQUIRE(root.put("/api/v1/files/admin/box/Annual%20Report.txt?parents=true", "1").status == 201);
  REQUIRE(root.post("/api/v1/dirs/admin/reports").status == 201);
  CHECK(server.ctl({"search", "report"}).out == "/admin/reports\n/admin/box/Annual Report.txt\n");
  CHECK(server.ctl({"search", "REPORT annual"}).out == "/admin/box/Annual Report.txt\n");
  CHECK(server.ctl({"search", "report", "--path", "/admin/box"}).out ==
        "/admin/box/Annual Report.txt\n");
  CHECK(server.ctl({"search", "report", "--kind", "directory"}).out == "/admin/reports\n");
  REQUIRE(root.del("/api/v1/files/admin/reports?recursive=true").status == 204);
  CHECK(server.ctl({"search", "reports"}).out.empty());
  CHECK(server.ctl({"db", "check"}).exit_code == 0);
  const auto nothing = server.ctl({"search", "absent"});
  CHECK(nothing.out.empty());
  CHECK(nothing.exit_code == 0);
  CHECK(Json::parse(server.ctl({"search", "annual", "--json"}).out)["items"][0].keys() ==
        Json::parse(root.get("/api/v1/search?q=annual").body)["items"][0].keys());
  CHECK(server.ctl({"search"}).exit_code == 2);
  CHECK(server.ctl({"search", "..."}).exit_code == 2);
  CHECK(server.ctl({"search", "a", "--path", "box"}).exit_code == 2);
  CHECK(server.ctl({"search", "a", "--kind", "home"}).exit_code == 2);
  CHECK(server.ctl({"search", "a", "--path", "/admin/none"}).exit_code == 1);
}

TEST_CASE("What is missing or too much among the arguments is said with what to do",
          "[programs][fault-11-9]") {
  const auto says = [](const std::vector<std::string>& arguments, std::string_view needle) {
    auto command = arguments;
    command.insert(command.begin(), kBin + "/baluhostctl");
    const auto refused = run(command);
    INFO(refused.err);
    CHECK(refused.exit_code == 2);
    CHECK(refused.out.empty());
    CHECK(refused.err.find(needle) != std::string::npos);
    return refused.err;
  };
  says({}, "a verb is missing: user, session, grant");
  says({"user"}, "a verb is missing after user: add, list, show");
  says({"user", "frobnicate"}, "there is no such verb after user; there are add, list, show");
  const auto begins = [&](const std::vector<std::string>& arguments, const std::string& sentence) {
    CHECK(says(arguments, sentence).starts_with("baluhostctl: " + sentence + "\n"));
  };
  begins({"audit", "prove", "abc"}, "ID must be a whole number, as the lists show it");
  begins({"user", "passwd"}, "NAME is required after user passwd");
  begins({"grant", "add", "/a"}, "GRANTEE is required after grant add");
  begins({"audit", "list", "--order", "up"}, "--order must be one of desc, asc");
  begins({"search", "x", "--kind", "home"}, "--kind must be one of file, directory");
  begins({"audit", "list", "--limit", "0"}, "--limit must be from 1 to 100000000");
  begins({"audit", "list", "--limit", "many"}, "--limit must be from 1 to 100000000");
  begins({"audit", "list", "--limit"}, "--limit needs a value");
  begins({"audit", "list", "--user", "a", "--user", "b"}, "--user may be given once only");
  begins({"user", "list", "--json=perhaps"}, "--json takes no value");
  says({"user", "add", "nina", "--quota", "much", "--password-stdin"},
       "--quota must be a whole number of bytes");
  says({"files", "scrub", "--rate", "fast"}, "--rate must be a whole number of bytes");

  const auto server = run({kBin + "/baluhostd", "--config"});
  CHECK(server.exit_code == 2);
  CHECK(server.err.starts_with("baluhostd: --config needs a value\n"));
}

TEST_CASE("Deleting a user who owns files says what deletes the files too",
          "[programs][fault-11-9]") {
  Server server;
  Api nina = new_user(server);
  REQUIRE(nina.put("/api/v1/files/" + nina.username + "/a", "x").status == 201);
  const auto refused = server.ctl({"user", "delete", nina.username});
  CHECK(refused.exit_code == 1);
  CHECK(refused.err.find("--purge") != std::string::npos);
  CHECK(server.ctl({"user", "delete", nina.username, "--purge"}).exit_code == 0);
  CHECK(server.ctl({"user", "delete", "admin", "--purge"}).err.find("--purge") ==
        std::string::npos);
}

TEST_CASE("An export that ends early, or is empty, is not said to be the whole trail",
          "[programs][fault-11-8]") {
  Server server;
  Api root = admin(server);
  REQUIRE(root.put("/api/v1/files/admin/a", "hello").status == 201);
  server.stop();
  server.start();
  server.stop();
  const TempDirectory directory;
  const std::string anchor = directory.path() + "/anchor"; // of now: the export is an event too
  write_file(anchor, read_file(server.data_dir() + "/audit.anchor"));
  const auto exported = server.ctl({"audit", "export", "--seals"});
  REQUIRE(exported.exit_code == 0);
  const std::string file = directory.path() + "/trail.ndjson";
  const std::string key = server.data_dir() + "/keys/audit-ed25519.pub.pem";
  const auto verified = [&](const std::string& text, std::vector<std::string> more = {}) {
    write_file(file, text);
    more.insert(more.begin(),
                {kBin + "/baluhostctl", "audit", "verify", "--file", file, "--public-key", key});
    return run(more);
  };
  const auto whole = verified(exported.out, {"--anchor", anchor});
  CHECK(whole.exit_code == 0);
  CHECK(whole.out.find("not known") == std::string::npos);

  // After its first seal: what is left is as it was sealed, and nobody can say that it is all.
  const auto seal = exported.out.find("{\"seal\":");
  const std::string cut = exported.out.substr(0, exported.out.find('\n', seal) + 1);
  REQUIRE(cut.size() < exported.out.size());
  const auto unknown = verified(cut);
  INFO(unknown.out << unknown.err);
  CHECK(unknown.exit_code == 0);
  CHECK(unknown.out.find("the end is not known") != std::string::npos);
  CHECK(verified(cut, {"--json"}).out.find("\"end_known\":false") != std::string::npos);
  CHECK(verified(exported.out, {"--json", "--anchor", anchor}).out.find("\"end_known\":true") !=
        std::string::npos);
  CHECK(verified(cut, {"--anchor", anchor}).exit_code == 3);

  const auto empty = verified("");
  CHECK(empty.exit_code == 3);
  CHECK(empty.out.find("the export is empty") != std::string::npos);
  CHECK(run({kBin + "/baluhostctl", "audit", "verify", "--file", "/dev/null", "--public-key", key})
            .exit_code == 3);
}

TEST_CASE("Damage to a content is found, named and recorded, and garbage goes", "[programs]") {
  Server server;
  Api root = admin(server);
  REQUIRE(root.put("/api/v1/files/admin/sound", "sound content").status == 201);
  REQUIRE(root.put("/api/v1/files/admin/hurt", "content to be hurt").status == 201);
  const auto start = std::chrono::steady_clock::now();
  CHECK(server.ctl({"files", "scrub", "--rate", "66"}).exit_code == 0);
  CHECK(std::chrono::steady_clock::now() - start >= std::chrono::milliseconds{450}); // 33 bytes
  CHECK(server.ctl({"files", "scrub", "--rate", "fast"}).exit_code != 0);
  const std::string victim =
      run({"sh", "-c", "grep -rl 'to be hurt' " + server.data_dir() + "/blobs"}).out;
  REQUIRE(victim.size() > 1);
  write_file(victim.substr(0, victim.size() - 1), "content to be HURT");
  const auto scrubbed = server.ctl({"files", "scrub", "--json"});
  CHECK(scrubbed.exit_code == 3);
  CHECK(scrubbed.out.find("/admin/hurt") != std::string::npos);
  CHECK(scrubbed.out.find("/admin/sound") == std::string::npos);
  CHECK(root.events("action=blob_damaged").size() == 1);
  CHECK(root.events("action=integrity_scrub").size() == 2);
}

TEST_CASE(
    "The backup of a running server holds everything committed and restores to a working server",
    "[programs][spec-06]") {
  for (const bool postgres : {false, true}) {
    INFO((postgres ? "postgresql" : "sqlite"));
    Server server{{.database_url = postgres ? make_postgres_database() : ""}};
    Api anna = new_user(server);
    for (int i = 0; i < 20; ++i)
      REQUIRE(anna.put("/api/v1/files/" + anna.username + "/" + std::to_string(i),
                       "content " + std::to_string(i))
                  .status == 201);
    TempDirectory directory;
    // Meanwhile files come and go, with their contents.
    std::atomic<bool> is_made{false};
    std::thread writer([&server, name = anna.username, &is_made] {
      Api other{server, name};
      for (int i = 0; !is_made; ++i) {
        const std::string file = "/api/v1/files/" + name + "/passing-" + std::to_string(i % 3);
        if (other.put(file + "?overwrite=true", "passing " + std::to_string(i)).status / 100 != 2 ||
            other.del(file + "?permanent=true").status != 204)
          return;
        server.ctl({"files", "gc"}); // or the sweep would come long after the backup
      }
    });
    const auto made = server.ctl({"db", "backup", directory.path() + "/b", "--with-blobs"});
    is_made = true;
    writer.join();
    INFO(made.err);
    REQUIRE(made.exit_code == 0);
    CHECK(run({"sh", "-c", "cd " + directory.path() + "/b && find blobs -type f | wc -l"}).out ==
          run({"sh", "-c", "wc -l <" + directory.path() + "/b/blobs.manifest"}).out);
    CHECK(server.ctl({"db", "backup", directory.path() + "/b"}).exit_code == 1);
    CHECK(anna.events("action=backup_created&success=true").size() == 1);
    CHECK(anna.events("action=backup_created&success=false").size() == 1);

    ServerOptions elsewhere{
        .data_dir = directory.path() + "/data",
        .database_url = postgres ? make_postgres_database()
                                 : "sqlite:" + directory.path() + "/data/baluhost.db"};
    const auto restore = [&] {
      return run({kBin + "/baluhostctl", "--data-dir", elsewhere.data_dir, "--database-url",
                  elsewhere.database_url, "db", "restore", directory.path() + "/b"});
    };
    const auto restored = restore();
    INFO(restored.err);
    REQUIRE(restored.exit_code == 0);
    CHECK(restore().exit_code == 1); // never over existing data
    Server again{elsewhere};
    Api back{again, anna.username};
    for (int i = 0; i < 20; ++i)
      CHECK(back.get("/api/v1/files/" + anna.username + "/" + std::to_string(i)).body ==
            "content " + std::to_string(i));
    CHECK(back.get("/api/v1/auth/me", {{"Authorization", "Bearer " + anna.access_token}}).status ==
          200);
    CHECK(again.ctl({"audit", "verify"}).exit_code == 0);

    // A damaged backup is refused before anything is touched.
    const std::string blob = run({"head", "-c", "32", directory.path() + "/b/blobs.manifest"}).out;
    write_file(directory.path() + "/b/blobs/" + blob.substr(0, 2) + "/" + blob, "damaged");
    const auto refused = run(
        {kBin + "/baluhostctl", "--data-dir", directory.path() + "/third", "--database-url",
         postgres ? make_postgres_database() : "sqlite:" + directory.path() + "/third/baluhost.db",
         "db", "restore", directory.path() + "/b"});
    CHECK(refused.exit_code == 1);
    CHECK_FALSE(std::filesystem::exists(directory.path() + "/third/baluhost.db"));
  }
}
