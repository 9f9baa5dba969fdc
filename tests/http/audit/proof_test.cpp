#include "wire.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <thread>

// What the trail proves to somebody who trusts neither the server nor its programs: with the public
// keys and docs/audit-format.md alone.

using namespace baluhost::test;

namespace {

const std::string kCtl = std::string{BALUHOST_TEST_BIN_DIR} + "/baluhostctl";
constexpr auto kSealSoon = "audit.seal_interval = \"50ms\"\n";

std::string keys_of(const Server& server) {
  return server.data_dir() + "/keys/audit-ed25519.pub.pem";
}

/// The verifier in Python that knows nothing but the document.
ProcessOutput others(const std::string& what, const std::string& file, const std::string& keys) {
  return run({"python3",
              std::string{BALUHOST_TEST_HTTP_DIR} + "/../domain/audit_format/chain_verifier.py",
              what, file, keys});
}

std::int64_t newest(Api& api) { return api.events("limit=1")[0]["id"].integer(); }

std::string now(Api& api) { return api.events("limit=1")[0]["timestamp"].text(); }

void make_events(Api& who, int count, const std::string& name) {
  for (int i = 0; i < count; ++i)
    REQUIRE(who.put(files("/" + who.username + "/" + name + std::to_string(i)), "x",
                    {{"User-Agent", "a \"quoted\" agent\\"}})
                .status == 201);
}

/// The options of a server whose forerunner was killed more than a minute ago, with events that it
/// had not sealed.
ServerOptions after_a_crash(const std::string& data) {
  std::filesystem::create_directory(data);
  std::filesystem::permissions(data, std::filesystem::perms::owner_all);
  const std::string url = make_database(data);
  Environment past;
#ifdef BALUHOST_TEST_CLOCK_SHIFT
  past = {{"LD_PRELOAD", BALUHOST_TEST_CLOCK_SHIFT}, {"BALUHOST_TEST_CLOCK_SHIFT", "-70"}};
#endif
  Server first{{.extra_toml = "audit.seal_interval = \"1h\"\n",
                .environment = past,
                .data_dir = data,
                .database_url = url}};
  make_user(first);
  first.kill();
  return {.extra_toml = kSealSoon, .data_dir = data, .database_url = url};
}

/// A trail with everything in it: pruned seals, a rotated key, a seal made after a crash, texts
/// that need escaping.
struct Trail {
  TempDirectory directory;
  Server server{after_a_crash(directory.path() + "/server")};
  std::optional<Api> root{admin(server)}, anna{new_user(server)};
  std::string segment; ///< exported before anything was pruned

  Trail() {
    make_events(*anna, 8, "caf\xC3\xA9 \"1\" ");
    wait_until_sealed(server, newest(*root));
    segment = root->get(kApi + "/audit/export?format=ndjson&seals=true").body;
    const std::string before = now(*root);
    make_events(*anna, 3, "\xF0\x9F\x98\x80 ");
    anna->del(files("/" + anna->username + "/line\nbreak"));
    REQUIRE(server.ctl({"keys", "rotate"}).exit_code == 0);
    make_events(*anna, 3, "after ");
    server.kill();
    // That the dead server is known to be dead takes a minute of silence where several may share a
    // database.
    sql("update instances set seen_at = seen_at - 61000000");
    server.start();
    const std::string name = anna->username;
    root.emplace(admin(server));
    anna.emplace(server, name);
    REQUIRE(server.ctl({"audit", "prune", "--before", before}).exit_code == 0);
    make_events(*anna, 3, "last ");
    wait_until_sealed(server, newest(*root));
  }
  void sql(const std::string& text) {
    const auto done =
        database_kind() == "sqlite"
            ? run({"sqlite3", "-cmd", ".timeout 5000", server.data_dir() + "/baluhost.db", text})
            : run({"psql", "-q", "-d", server.database_url(), "-c", text});
    REQUIRE(done.exit_code == 0);
  }
  std::string file(const std::string& text) {
    write_file(directory.path() + "/text", text);
    return directory.path() + "/text";
  }
};

Trail& shared_trail() {
  static Trail trail;
  return trail;
}

std::string head_of(const std::string& text) { return text.substr(text.find("head "), 5 + 64); }

} // namespace

TEST_CASE("Whoever reads docs/audit-format.md can verify an export and a proof without our code",
          "[proof]") {
  Trail& trail = shared_trail();
  const std::string keys = keys_of(trail.server);
  const Response exported = trail.root->get(kApi + "/audit/export?format=ndjson&seals=true");
  REQUIRE(exported.status == 200);
  CHECK(exported.body.find("{\"prune\":") != std::string::npos);
  CHECK(exported.body.find("\"recovered\":true") != std::string::npos);
  const std::string file = trail.file(exported.body);
  const auto theirs = others("export", file, keys);
  INFO(theirs.out << theirs.err);
  REQUIRE(theirs.exit_code == 0);
  const auto ours = run({kCtl, "audit", "verify", "--file", file, "--public-key", keys});
  INFO(ours.out << ours.err);
  CHECK(ours.exit_code == 0);
  CHECK(head_of(ours.out) == head_of(theirs.out));
  CHECK(others("export", trail.file(trail.segment), keys).exit_code == 0);

  const auto replaced = [&](const std::string& from, const std::string& to) {
    std::string text = exported.body;
    const auto at = text.rfind(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
  };
  for (const auto& [from, to] :
       std::map<std::string, std::string>{{"\"file_size\":1", "\"file_size\":2"},
                                          {"\"file_size\":1", "\"file_size\": 1"},
                                          {"\"recovered\":true", "\"recovered\":false"},
                                          {"a \\\"quoted\\\" agent\\\\", "a quoted agent"},
                                          {"\"events\":", "\"events\":1"},
                                          {"\"previous\":\"", "\"previous\":\"0"}}) {
    INFO(from << " -> " << to);
    const std::string forged = trail.file(replaced(from, to));
    CHECK(others("export", forged, keys).exit_code == 3);
    CHECK(run({kCtl, "audit", "verify", "--file", forged, "--public-key", keys}).exit_code == 3);
  }

  const auto upload = trail.root->events("action=upload&limit=1")[0]["id"].integer();
  const auto proof = trail.server.ctl({"audit", "prove", std::to_string(upload)});
  REQUIRE(proof.exit_code == 0);
  const auto proven = others("proof", trail.file(proof.out), keys);
  INFO(proven.out << proven.err);
  CHECK(proven.exit_code == 0);
  CHECK(run({kCtl, "audit", "prove", "--file", trail.file(proof.out), "--public-key", keys})
            .exit_code == 0);
  std::string lie = proof.out;
  lie.replace(lie.find("\"success\":true"), 14, "\"success\":false");
  CHECK(others("proof", trail.file(lie), keys).exit_code == 3);
  CHECK(run({kCtl, "audit", "prove", "--file", trail.file(lie), "--public-key", keys}).exit_code ==
        3);
}

TEST_CASE("The trail verifies live, in a backup and in every export, with the public keys alone",
          "[proof]") {
  Trail& trail = shared_trail();
  const std::string keys = trail.directory.path() + "/kept-elsewhere.pem";
  write_file(keys, read_file(keys_of(trail.server)));
  const auto ok = [](const ProcessOutput& done) {
    INFO(done.out << done.err);
    return done.exit_code == 0 && Json::parse(done.out)["problems"].size() == 0 &&
           Json::parse(done.out)["events"].integer() > 5;
  };
  const Json live = Json::parse(trail.root->post(kApi + "/audit/verify").body);
  CHECK(live["ok"].flag());
  CHECK(ok(trail.server.ctl({"audit", "verify", "--json"})));
  CHECK(ok(trail.server.ctl({"audit", "verify", "--public-key", keys, "--json"})));

  const std::string backup = trail.directory.path() + "/backup";
  REQUIRE(trail.server.ctl({"db", "backup", backup, "--with-blobs"}).exit_code == 0);
  std::string data = backup, url = "sqlite:" + backup + "/baluhost.db";
  if (database_kind() == "postgresql") { // a backup is a dump there
    data = trail.directory.path() + "/restored";
    url = make_postgres_database();
    const auto restored =
        run({kCtl, "--data-dir", data, "--database-url", url, "db", "restore", backup});
    INFO(restored.err);
    REQUIRE(restored.exit_code == 0);
  }
  CHECK(ok(run({kCtl, "--data-dir", data, "--database-url", url, "audit", "verify", "--public-key",
                keys, "--json"})));

  // Parts of the trail, those included that were pruned since.
  const auto verify_text = [&](const std::string& text) {
    return run(
        {kCtl, "audit", "verify", "--file", trail.file(text), "--public-key", keys, "--json"});
  };
  const std::string part = kApi + "/audit/export?format=ndjson&seals=true";
  const Json seals = Json::parse(trail.root->get(kApi + "/audit/seals?limit=1000").body)["items"];
  REQUIRE(seals.size() > 4);
  for (const std::string& range :
       {std::string{}, std::string{"&last_seal=1"}, std::string{"&first_seal=2&last_seal=3"},
        "&first_seal=" + std::to_string(seals.size() - 1)}) {
    const Response exported = trail.root->get(part + range);
    const auto verified = verify_text(exported.body);
    INFO(range << ": " << verified.out << verified.err);
    CHECK(exported.status == 200);
    CHECK(verified.exit_code == 0);
    CHECK(others("export", trail.file(exported.body), keys).exit_code == 0);
  }
  CHECK(ok(verify_text(trail.segment)));
  const auto with_anchor =
      run({kCtl, "audit", "verify", "--file", trail.file(trail.segment), "--public-key", keys,
           "--anchor", trail.server.data_dir() + "/audit.anchor", "--json"});
  CHECK(with_anchor.exit_code == 3); // it is not the whole
  CHECK(with_anchor.out.find("tail_missing") != std::string::npos);
  // What was exported before is what is sealed still: each seal of it is among the server's.
  std::size_t same = 0;
  for (std::size_t i = 0; i < seals.size(); ++i)
    same += trail.segment.find(seals[i]["signature"].text()) != std::string::npos ? 1 : 0;
  CHECK(same > 1);
  CHECK(trail.segment.find("\"action\":\"schema_migrated\"") != std::string::npos);
  CHECK(trail.root->events("action=schema_migrated").empty());

  // Another's key fits nothing.
  const std::string foreign = trail.directory.path() + "/foreign.pem";
  REQUIRE(
      run({"sh", "-c", "openssl genpkey -algorithm ed25519 | openssl pkey -pubout -out " + foreign})
          .exit_code == 0);
  CHECK(trail.server.ctl({"audit", "verify", "--public-key", foreign, "--json"})
            .out.find("unknown_key") != std::string::npos);
}

TEST_CASE("A broken export goes on after the last event that arrived, and both parts are the whole",
          "[proof]") {
  static Server server;
  Api root = admin(server);
  const auto fill = [](const std::string& cast, const std::string& n) {
    return "insert into audit_logs (timestamp, event_type, action, resource, success, details, "
           "user_agent) select 1764000000000000 + " +
           n + " / 3, 'SYSTEM', 'integrity_scrub', '=r," + cast + "', true, '{\"n\":" + cast +
           "}', '" + std::string(450, 'x') + "' from ";
  };
  const std::string number = "' || i || '";
  const auto filled =
      database_kind() == "sqlite"
          ? run({"sqlite3", "-cmd", ".timeout 5000", server.data_dir() + "/baluhost.db",
                 fill(number, "i") + "(with recursive n (i) as (select 1 union all select i + 1 "
                                     "from n where i < 3000) select i from n)"})
          : run({"psql", "-q", "-d", server.database_url(), "-c",
                 fill(number, "i") + "generate_series(1, 3000) i"});
  REQUIRE(filled.exit_code == 0);

  for (const std::string& query :
       {std::string{"format=csv&order=asc"}, std::string{"format=csv&order=desc"},
        std::string{"format=ndjson&order=asc"}, std::string{"format=ndjson&order=desc"}}) {
    INFO(query);
    const std::string target = kApi + "/audit/export?" + query + "&action=integrity_scrub";
    const Response whole = root.get(target);
    REQUIRE(whole.status == 200);
    const bool csv = query.find("csv") != std::string::npos;
    CHECK(std::count(whole.body.begin(), whole.body.end(), '\n') == 3000 + (csv ? 1 : 0));

    HttpClient reader = server.client();
    reader.connect();
    REQUIRE(reader.send("GET " + target + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " +
                        root.access_token + "\r\n\r\n"));
    std::string raw;
    while (raw.size() < 700'000) raw += reader.read_some(1 << 20);
    reader.close();
    // Chunk by chunk, as far as it came.
    std::string part;
    for (std::size_t at = raw.find("\r\n\r\n") + 4; at < raw.size();) {
      const std::size_t line_end = raw.find("\r\n", at);
      if (line_end == std::string::npos) break;
      const std::size_t size = std::stoul(raw.substr(at, line_end - at), nullptr, 16);
      part += raw.substr(line_end + 2, size);
      at = line_end + 2 + size + 2;
    }
    part.erase(part.rfind('\n') + 1);
    REQUIRE(part.size() < whole.body.size());
    const auto last_line = part.rfind('\n', part.size() - 2) + 1;
    const std::string last =
        csv ? part.substr(last_line, part.find(',', last_line) - last_line)
            : std::to_string(Json::parse(part.substr(last_line))["id"].integer());
    const Response rest = root.get(target + "&cursor=" + last);
    REQUIRE(rest.status == 200);
    CHECK((part + rest.body == whole.body));
    const auto recorded = root.events("action=audit_exported&limit=1");
    CHECK(recorded[0]["details"]["filters"]["behind_event"].integer() == std::stoll(last));
    CHECK(recorded[0]["details"]["events"].integer() ==
          std::count(rest.body.begin(), rest.body.end(), '\n'));
  }
  check_problem(root.get(kApi + "/audit/export?format=csv&cursor=999999999"), 400,
                "invalid_request");
}

TEST_CASE(
    "What users sent does nothing to the terminal on which it is read, and nothing to a "
    "spreadsheet",
    "[proof]") {
  Trail& trail = shared_trail();
  const std::string name = "\x1b[31m\r\nforged 2026-11-24 ok \xe2\x80\xae";
  CHECK(trail.anna->del(files("/" + trail.anna->username + "/" + name)).status == 400);
  const std::string formula = "=cmd|'/c calc'!A1,\"x\"";
  CHECK(trail.anna->del(files("/" + trail.anna->username + "/none"), {{"User-Agent", formula}})
            .status == 404);
  const std::string ctl = kCtl + " --config " + trail.server.config_file() + " audit ";
  const auto on_terminal = [&](const std::string& what) {
    return run({"script", "-qec", ctl + what, "/dev/null"}).out;
  };
  for (const char* what : {"list --action delete", "export --action delete",
                           "export --action delete --format ndjson"}) {
    INFO(what);
    const std::string shown = on_terminal(what);
    CHECK(shown.find("[31m") != std::string::npos);
    for (const char* harm : {"\x1b", "\nforged", "\xe2\x80\xae"})
      CHECK(shown.find(harm) == std::string::npos);
  }
  const std::string csv = run({"sh", "-c", ctl + "export --action delete"}).out;
  CHECK(csv.find("\\u001b[31m\\u000d\\u000aforged 2026-11-24 ok \\u202e") != std::string::npos);
  CHECK(csv.find("," + formula) == std::string::npos);
  CHECK(csv.find("\"'=cmd|'/c calc'!A1,\"\"x\"\"\"\r\n") != std::string::npos);
  CHECK(trail.server.stderr_text().find('\x1b') == std::string::npos);
}

#ifdef BALUHOST_TEST_CLOCK_SHIFT
TEST_CASE(
    "Events older than audit.retention_days go by themselves, and what remains is exact and "
    "verifies",
    "[proof]") {
  const TempDirectory directory;
  const std::string data = make_data_directory(directory);
  const std::string url = make_database(data),
                    settings = std::string{kSealSoon} + "audit.retention_days = 1\n";
  std::string name;
  {
    Server past{{.extra_toml = settings,
                 .environment = {{"LD_PRELOAD", BALUHOST_TEST_CLOCK_SHIFT},
                                 {"BALUHOST_TEST_CLOCK_SHIFT", "-172800"}},
                 .data_dir = data,
                 .database_url = url}};
    Api anna = new_user(past);
    name = anna.username;
    make_events(anna, 3, "old ");
    CHECK(past.stop() == 0);
  }
  Server server{{.extra_toml = settings, .data_dir = data, .database_url = url}};
  Api anna{server, name};
  make_events(anna, 3, "new ");
  for (int i = 0; i < 500 && !anna.events("action=server_stopped").empty(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  CHECK(anna.events("action=schema_migrated").empty());
  CHECK(anna.events("action=upload&user=" + name).size() == 3);
  CHECK(anna.get(files("/" + name + "/old 0")).status == 200); // what was recorded stays
  const auto pruned = anna.events("action=audit_pruned");
  REQUIRE(pruned.size() == 1);
  INFO(pruned[0].dump());
  CHECK(pruned[0]["event_type"].text() == "SYSTEM");
  CHECK(pruned[0]["success"].flag());
  for (const char* member : {"user", "resource", "error_message", "ip_address", "user_agent"})
    CHECK(pruned[0][member].is_null());
  CHECK(pruned[0]["details"].keys() ==
        std::vector<std::string>{"before", "events", "last_event", "last_seal"});
  CHECK(pruned[0]["details"]["events"].integer() >= 7);
  const auto verified = server.ctl({"audit", "verify"});
  INFO(verified.out);
  CHECK(verified.exit_code == 0);

  // Nothing of what went is counted any more.
  Api root = admin(server);
  const Json stats = Json::parse(root.get(kApi + "/audit/stats").body);
  const Json left = Json::parse(root.get(kEvents + "?limit=1000").body)["items"];
  CHECK(stats["total"].integer() == static_cast<std::int64_t>(left.size()));
  CHECK(stats["by_action"]["upload"]["succeeded"].integer() == 3);
  CHECK(stats["bytes_uploaded"].integer() == 3);
  std::set<std::string> days;
  for (std::size_t i = 0; i < left.size(); ++i)
    days.insert(left[i]["timestamp"].text().substr(0, 10));
  CHECK(stats["by_day"].keys() == std::vector<std::string>(days.begin(), days.end()));
}
#endif
