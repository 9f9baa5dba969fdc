#include "wire.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <set>
#include <thread>

using namespace baluhost::test;

namespace {

std::vector<Json> items(Api& api, const std::string& query) {
  const Response response = api.get(kEvents + "?" + query);
  INFO(query << ": " << response.body);
  REQUIRE(response.status == 200);
  const Json page = Json::parse(response.body);
  std::vector<Json> found;
  for (std::size_t i = 0; i < page["items"].size(); ++i) found.push_back(page["items"][i]);
  return found;
}

/// A trail of its own, with a bit of everything.
struct Story {
  Server server;
  Api root{admin(server)};
  Api anna{new_user(server)};
  Api bob{new_user(server)};

  Story() {
    for (Api* who : {&anna, &bob}) {
      for (int i = 0; i < 3; ++i)
        who->put(files("/" + who->username + "/f" + std::to_string(i)),
                 std::string(10 * (i + 1), 'x'));
      who->put(files("/" + who->username + "/f0"), "again");
      who->get(files("/" + who->username + "/f1"));
      who->del(files("/" + who->username + "/f2"));
      who->get(files("/admin/secret"));
    }
    Api stranger{server};
    stranger.login(anna.username, "wrong");
    stranger.login("nobody-at-all", "wrong");
  }
};

Story& story() {
  static Story told;
  return told;
}

} // namespace

TEST_CASE("The table exists, with exactly its columns and types", "[audit][spec-57][spec-58]") {
  const std::string columns =
      sql(story().server,
          "select name || ' ' || lower(type) from pragma_table_info('audit_logs') order by cid",
          "select column_name || ' ' || data_type || coalesce('(' || character_maximum_length || "
          "')', '') from information_schema.columns "
          "where table_name = 'audit_logs' order by ordinal_position");
  if (database_kind() == "sqlite") {
    CHECK(columns ==
          "id integer\ntimestamp bigint\nevent_type varchar(50)\naction varchar(100)\nuser "
          "varchar(100)\nresource varchar(1000)\nsuccess boolean\n"
          "error_message text\ndetails text\nip_address varchar(45)\nuser_agent varchar(500)\n");
  } else {
    CHECK(columns ==
          "id bigint\ntimestamp bigint\nevent_type character varying(50)\naction character "
          "varying(100)\nuser character varying(100)\n"
          "resource character varying(1000)\nsuccess boolean\nerror_message text\ndetails "
          "text\nip_address character varying(45)\n"
          "user_agent character varying(500)\n");
  }
}

TEST_CASE("Every indexed column leads an index, and the three composites exist",
          "[audit][spec-59]") {
  const std::string indexes =
      sql(story().server,
          "select sql from sqlite_master where type = 'index' and tbl_name = 'audit_logs'",
          "select indexdef from pg_indexes where tablename = 'audit_logs'");
  for (const char* columns : {"(event_type, timestamp)", "(success, timestamp)", "(timestamp)",
                              "(action)", "(resource)"}) {
    INFO(columns);
    std::string quoted = columns;
    const bool found =
        indexes.find(columns) != std::string::npos ||
        indexes.find(quoted.replace(
            quoted.find("timestamp") == std::string::npos ? 0 : quoted.find("timestamp"), 0,
            "\"")) != std::string::npos;
    CHECK((found || indexes.find("\"timestamp\"") != std::string::npos));
  }
  CHECK(indexes.find("\"user\", ") != std::string::npos);
  // The plans use them: on a table of this size SQLite decides by shape.
  if (database_kind() == "sqlite") {
    for (const char* filter : {"event_type = 'SECURITY'", "\"user\" = 'anna'", "success = 0",
                               "timestamp >= 5", "action = 'upload'", "resource = '/a'"}) {
      const std::string plan = run({"sqlite3", story().server.data_dir() + "/baluhost.db",
                                    "explain query plan select * from audit_logs where " +
                                        std::string{filter} + " order by timestamp desc limit 10"})
                                   .out;
      INFO(filter << ": " << plan);
      CHECK(plan.find("USING INDEX audit_logs_") != std::string::npos);
    }
  }
}

TEST_CASE("An event gets id and UTC timestamp by itself", "[audit][spec-60]") {
  const auto events = items(story().root, "limit=2");
  REQUIRE(events.size() == 2);
  CHECK(events[0]["id"].integer() > events[1]["id"].integer());
  const std::string time = events[0]["timestamp"].text();
  CHECK(time.size() == 27);
  CHECK(time.back() == 'Z');
  CHECK(events[0].keys() == std::vector<std::string>{"action", "details", "error_message",
                                                     "event_type", "id", "ip_address", "resource",
                                                     "success", "timestamp", "user", "user_agent"});
  const Response one = story().root.get(kEvents + "/" + std::to_string(events[0]["id"].integer()));
  CHECK(one.body == events[0].dump());
}

TEST_CASE("Filter by event type and by success", "[audit][spec-61][spec-62]") {
  for (const char* type : {"FILE_ACCESS", "SECURITY", "USER_MANAGEMENT", "SYSTEM"}) {
    const auto events = items(story().root, "limit=1000&event_type=" + std::string{type});
    CHECK_FALSE(events.empty());
    for (const Json& event : events) CHECK(event["event_type"].text() == type);
  }
  const auto all = items(story().root, "limit=1000&to=2100-01-01T00:00:00Z").size();
  const auto good = items(story().root, "limit=1000&success=true");
  const auto bad = items(story().root, "limit=1000&success=false");
  CHECK(good.size() + bad.size() >= all);
  for (const Json& event : good) CHECK(event["success"].flag());
  for (const Json& event : bad) CHECK_FALSE(event["success"].flag());
  CHECK(bad.size() >= 6);
}

TEST_CASE("All uploads of one user", "[audit][spec-68]") {
  const auto events = items(story().root, "action=upload&user=" + story().anna.username);
  REQUIRE(events.size() == 4);
  for (const Json& event : events) CHECK(event["user"].text() == story().anna.username);
}

TEST_CASE("Statistics count succeeded and failed per action, user, type and day, exactly",
          "[audit][spec-69]") {
  const Json all =
      Json::parse(story().root.get(kApi + "/audit/stats?user=" + story().anna.username).body);
  CHECK(all.keys() == std::vector<std::string>{"by_action", "by_day", "by_event_type", "by_user",
                                               "bytes_downloaded", "bytes_uploaded", "failed",
                                               "succeeded", "total"});
  CHECK(all["by_action"]["upload"]["succeeded"].integer() == 3);
  CHECK(all["by_action"]["upload"]["failed"].integer() == 1);
  CHECK(all["by_action"]["delete"]["succeeded"].integer() == 1);
  CHECK(all["by_action"]["login_failed"]["failed"].integer() == 1);
  CHECK(all["by_user"].keys() == std::vector<std::string>{story().anna.username});
  CHECK(all["bytes_uploaded"].integer() == 10 + 20 + 30);
  CHECK(all["bytes_downloaded"].integer() == 20);
  CHECK(all["total"].integer() == all["succeeded"].integer() + all["failed"].integer());
  // The same by counting.
  std::int64_t succeeded = 0, failed = 0;
  for (const Json& event : items(story().root, "limit=1000&user=" + story().anna.username))
    (event["success"].flag() ? succeeded : failed) += 1;
  CHECK(all["succeeded"].integer() == succeeded);
  CHECK(all["failed"].integer() == failed);
  const auto first =
      items(story().root, "order=asc&limit=1&user=" + story().anna.username)[0]["timestamp"].text();
  const Json since = Json::parse(
      story()
          .root.get(kApi + "/audit/stats?user=" + story().anna.username + "&from=" + first)
          .body);
  CHECK(since["total"].integer() == succeeded + failed);
  const Json before = Json::parse(
      story().root.get(kApi + "/audit/stats?user=" + story().anna.username + "&to=" + first).body);
  CHECK(before["total"].integer() == 0);
}

TEST_CASE("A time range includes its start and excludes its end", "[audit][spec-70]") {
  const auto events = items(story().root, "limit=10&order=asc&user=" + story().bob.username);
  REQUIRE(events.size() >= 4);
  const std::string from = events[1]["timestamp"].text();
  const std::string to = events[3]["timestamp"].text();
  const auto between =
      items(story().root, "order=asc&user=" + story().bob.username + "&from=" + from + "&to=" + to);
  REQUIRE(between.size() == 2);
  CHECK(between[0]["id"].integer() == events[1]["id"].integer());
  CHECK(between[1]["id"].integer() == events[2]["id"].integer());
}

TEST_CASE("All failed logins", "[audit][spec-80]") {
  const auto events = items(story().root, "action=login_failed&success=false");
  REQUIRE(events.size() == 2);
  CHECK(events[0]["details"]["attempted_username"].text() == "nobody-at-all");
  CHECK(events[1]["user"].text() == story().anna.username);
}

TEST_CASE("The most recent security events, newest first", "[audit][spec-81]") {
  const auto events = items(story().root, "event_type=SECURITY&limit=50");
  REQUIRE(events.size() > 5);
  for (std::size_t i = 1; i < events.size(); ++i) {
    CHECK(std::pair{events[i - 1]["timestamp"].text(), events[i - 1]["id"].integer()} >
          std::pair{events[i]["timestamp"].text(), events[i]["id"].integer()});
  }
  const auto oldest = items(story().root, "event_type=SECURITY&limit=50&order=asc");
  for (std::size_t i = 1; i < oldest.size(); ++i)
    CHECK(oldest[i - 1]["timestamp"].text() <= oldest[i]["timestamp"].text());
}

TEST_CASE("All events of one user, and none of another", "[audit][spec-82]") {
  const auto own = items(story().anna, "limit=1000");
  CHECK(own.size() >= 9);
  for (const Json& event : own) CHECK(event["user"].text() == story().anna.username);
  check_problem(story().anna.get(kEvents + "?user=" + story().bob.username), 403, "forbidden");
  const auto foreign = items(story().root, "limit=1&user=" + story().bob.username);
  check_problem(story().anna.get(kEvents + "/" + std::to_string(foreign[0]["id"].integer())), 404,
                "not_found");
  for (const char* route : {"/audit/export?format=csv", "/audit/seals", "/audit/stream"})
    check_problem(story().anna.get(kApi + route), 403, "forbidden");
  check_problem(story().anna.post(kApi + "/audit/verify"), 403, "forbidden");
  CHECK(story().anna.get(kApi + "/audit/stats").status == 200);
  check_problem(story().anna.get(kApi + "/audit/stats?user=admin"), 403, "forbidden");
}

TEST_CASE("Every pair of filters gives what both ask for, in pages that repeat and hide nothing",
          "[audit]") {
  const std::string anna = story().anna.username;
  const std::vector<std::pair<std::string, std::string>> filters{
      {"event_type", "FILE_ACCESS"},
      {"action", "upload"},
      {"user", anna},
      {"resource", "/" + anna + "/f1"},
      {"resource_prefix", "/" + anna + "/f"},
      {"success", "true"},
      {"ip_address", "127.0.0.1"}};
  for (std::size_t a = 0; a < filters.size(); ++a) {
    for (std::size_t b = a + 1; b < filters.size(); ++b) {
      const std::string query = filters[a].first + "=" + percent_encode(filters[a].second) + "&" +
                                filters[b].first + "=" + percent_encode(filters[b].second);
      INFO(query);
      std::set<std::int64_t> first, both, paged;
      for (const Json& event : items(story().root, "limit=1000&" + filters[a].first + "=" +
                                                       percent_encode(filters[a].second)))
        first.insert(event["id"].integer());
      for (const Json& event : items(story().root, "limit=1000&" + filters[b].first + "=" +
                                                       percent_encode(filters[b].second))) {
        if (first.contains(event["id"].integer())) both.insert(event["id"].integer());
      }
      std::string cursor;
      do {
        const Json page = Json::parse(
            story()
                .root
                .get(kEvents + "?limit=2&" + query + (cursor.empty() ? "" : "&cursor=" + cursor))
                .body);
        for (std::size_t i = 0; i < page["items"].size(); ++i)
          CHECK(paged.insert(page["items"][i]["id"].integer()).second);
        cursor = page["next_cursor"].is_null() ? "" : page["next_cursor"].text();
      } while (!cursor.empty());
      // Asking goes on making no events of its own, but a login for each reader did before.
      for (const auto id : both) CHECK(paged.contains(id));
      CHECK(paged.size() == both.size());
    }
  }
  for (const char* bad : {"event_type=NONE", "from=yesterday", "success=1", "order=up",
                          "cursor=xyz", "limit=0", "limit=1001", "unknown=1", "user=a&user=b"}) {
    INFO(bad);
    CHECK(story().root.get(kEvents + "?" + bad).status == 400);
  }
}

TEST_CASE("Exports are whole, audited, and CSV is safe for spreadsheets", "[audit]") {
  const Response csv =
      story().root.get(kApi + "/audit/export?format=csv&user=" + story().anna.username);
  CHECK(csv.status == 200);
  CHECK(csv.header("Content-Type").value_or("").starts_with("text/csv"));
  CHECK(
      csv.body.starts_with("id,timestamp,event_type,action,user,resource,success,error_message,"
                           "details,ip_address,user_agent\r\n"));
  const auto rows =
      static_cast<std::size_t>(std::count(csv.body.begin(), csv.body.end(), '\n')) - 1;
  CHECK(rows == items(story().root, "limit=1000&user=" + story().anna.username).size());
  const auto exported = items(story().root, "action=audit_exported&limit=1");
  REQUIRE(exported.size() == 1);
  CHECK(exported[0]["details"].keys() == std::vector<std::string>{"events", "filters", "format"});
  CHECK(exported[0]["details"]["events"].integer() == static_cast<std::int64_t>(rows));
  check_problem(story().root.get(kApi + "/audit/export?format=xml"), 400, "invalid_request");
}

TEST_CASE("The trail verifies over the wire, from the command line and offline from an export",
          "[audit]") {
  const Server& server = story().server;
  std::this_thread::sleep_for(std::chrono::milliseconds{1500}); // a seal a second
  const Json report = Json::parse(story().root.post(kApi + "/audit/verify").body);
  CHECK(report.keys() == std::vector<std::string>{"events", "ok", "problems", "seals", "unsealed"});
  CHECK(report["ok"].flag());
  CHECK(report["problems"].size() == 0);
  CHECK(server.ctl({"audit", "verify"}).exit_code == 0);
  const auto exported = server.ctl({"audit", "export", "--seals"});
  REQUIRE(exported.exit_code == 0);
  const std::string file = server.data_dir() + "/../export.ndjson";
  write_file(file, exported.out);
  const std::string key = server.data_dir() + "/keys/audit-ed25519.pub.pem";
  const auto verified = run({std::string{BALUHOST_TEST_BIN_DIR} + "/baluhostctl", "audit", "verify",
                             "--file", file, "--public-key", key, "--json"});
  INFO(verified.out << verified.err);
  CHECK(verified.exit_code == 0);
  std::string forged = exported.out;
  forged.replace(forged.find("login_success"), 13, "login_SUCCESS");
  write_file(file, forged);
  const auto found = run({std::string{BALUHOST_TEST_BIN_DIR} + "/baluhostctl", "audit", "verify",
                          "--file", file, "--public-key", key, "--json"});
  CHECK(found.exit_code == 3);
  CHECK_FALSE(Json::parse(found.out)["ok"].flag());

  const auto id = items(story().root, "action=upload&limit=1&order=asc")[0]["id"].integer();
  const auto proof = server.ctl({"audit", "prove", std::to_string(id)});
  REQUIRE(proof.exit_code == 0);
  write_file(file, proof.out);
  CHECK(run({std::string{BALUHOST_TEST_BIN_DIR} + "/baluhostctl", "audit", "prove", "--file", file,
             "--public-key", key})
            .exit_code == 0);
}

TEST_CASE("A row edited or slipped in behind the server's back is found and named", "[audit]") {
  Server server;
  Api anna = new_user(server);
  for (int i = 0; i < 5; ++i)
    REQUIRE(anna.put(files("/" + anna.username + "/" + std::to_string(i)), "x").status == 201);
  std::this_thread::sleep_for(std::chrono::milliseconds{1500}); // a seal a second
  const auto id = anna.events("action=upload&limit=1&user=" + anna.username)[0]["id"].integer();
  const std::string edit =
      "update audit_logs set resource = '/elsewhere' where id = " + std::to_string(id);
  sql(server, edit, edit);
  const std::string slip =
      "insert into audit_logs (id, timestamp, event_type, action, \"user\", success) values "
      "(1000000, 1764000000000000, 'SECURITY', 'login_success', 'admin', true)";
  sql(server, slip, slip);
  Api root = admin(server);
  const Json report = Json::parse(root.post(kApi + "/audit/verify").body);
  CHECK_FALSE(report["ok"].flag());
  std::set<std::string> named;
  for (std::size_t i = 0; i < report["problems"].size(); ++i) {
    const Json problem = report["problems"][i];
    named.insert(problem["kind"].text() + ' ' + std::to_string(problem["event"].integer()) +
                 (problem.has("seal") ? " sealed" : ""));
  }
  CHECK(named == std::set<std::string>{"event_changed " + std::to_string(id) + " sealed",
                                       "event_unsealed 1000000"});
  CHECK(server.ctl({"audit", "verify"}).exit_code == 3);
  const auto verified = root.events("action=audit_verified&limit=1");
  REQUIRE(verified.size() == 1);
  CHECK(verified[0]["details"].keys() == std::vector<std::string>{"events", "ok", "seals"});
}

TEST_CASE("The live stream gives events as they come and resumes where it was cut", "[audit]") {
  Api anna = new_user(shared_server());
  Api root = admin(shared_server());
  HttpClient stream{shared_server().url(), std::chrono::seconds{5}};
  const auto open = [&](const std::string& last) {
    stream.connect();
    stream.send("GET /api/v1/audit/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " +
                root.access_token + "\r\n" +
                (last.empty() ? "" : "Last-Event-ID: " + last + "\r\n") + "\r\n");
    std::string text;
    while (text.find("\r\n\r\n") == std::string::npos) {
      const std::string more = stream.read_some(65536);
      if (more.empty()) break;
      text += more;
    }
    return text;
  };
  const auto read_event = [&](std::string text, const std::string& needle) {
    while (text.find(needle) == std::string::npos) {
      const std::string more = stream.read_some(65536);
      if (more.empty()) break;
      text += more;
    }
    return text;
  };
  std::string head = open("");
  CHECK(head.find("text/event-stream") != std::string::npos);
  REQUIRE(anna.put(files("/" + anna.username + "/streamed"), "x").status == 201);
  const std::string text = read_event(head, anna.username + "/streamed");
  CHECK(text.find("data: {") != std::string::npos);
  CHECK(text.find("id: ") != std::string::npos);
  const auto before = anna.events("action=login_success&user=" + anna.username)[0]["id"].integer();
  stream.close();
  const std::string resumed = read_event(open(std::to_string(before)), anna.username + "/streamed");
  CHECK(resumed.find(anna.username + "/streamed") != std::string::npos);
}

TEST_CASE("Old events go by whole seals, and what remains verifies", "[audit]") {
  Server server;
  Api anna = new_user(server);
  for (int i = 0; i < 10; ++i) anna.put(files("/" + anna.username + "/" + std::to_string(i)), "x");
  std::this_thread::sleep_for(std::chrono::milliseconds{1500});
  Api root = admin(server);
  const auto newest = items(root, "limit=1")[0]["timestamp"].text();
  std::this_thread::sleep_for(std::chrono::milliseconds{1500});
  const auto pruned = server.ctl({"audit", "prune", "--before", newest, "--json"});
  INFO(pruned.err);
  REQUIRE(pruned.exit_code == 0);
  CHECK(Json::parse(pruned.out)["events"].integer() > 10);
  const auto verified = server.ctl({"audit", "verify"});
  INFO(verified.out);
  CHECK(verified.exit_code == 0);
  CHECK(items(root, "action=upload&user=" + anna.username).empty());
  CHECK(items(root, "action=audit_pruned").size() == 1);
}

TEST_CASE(
    "A follower that does not read is cut off, costs little until then, and resumes without a gap",
    "[audit]") {
  Server server{{.extra_toml = "server.request_timeout = \"500ms\"\n"}};
  Api root = admin(server);
  // Far more than the sockets between the two hold.
  const std::string row =
      "timestamp, event_type, action, success, details) select 1764000000000000 + i, 'SYSTEM', "
      "'integrity_scrub', ";
  sql(server,
      "insert into audit_logs (" + row +
          "1, json_object('n', i, 'filler', hex(zeroblob(32768))) from (with recursive n (i) as "
          "(select 1 union all select i + 1 from n where i < 600) select i from n)",
      "insert into audit_logs (" + row +
          "true, '{\"n\":' || i || ',\"filler\":\"' || repeat('0', 65536) || '\"}' from "
          "generate_series(1, 600) i");
  const auto last = root.events("limit=1&action=integrity_scrub")[0]["id"].integer();
  const auto resident = [&] {
    return std::stoll(
        run({"sh", "-c",
             "awk '/VmRSS/ { print $2 }' /proc/" + std::to_string(server.pid()) + "/status"})
            .out);
  };
  // Connections of clients that the server still holds; those to its database are none of them.
  const auto port = std::stoi(server.url().substr(server.url().rfind(':') + 1));
  const auto sockets = [&] {
    return std::stoi(run({"sh", "-c",
                          "printf ':%04X' " + std::to_string(port) +
                              " | xargs -I@ awk '$2 ~ /@$/ && $4 == \"01\"' /proc/net/tcp | wc -l"})
                         .out);
  };

  HttpClient stream{server.url(), std::chrono::seconds{10}};
  const auto open = [&](std::int64_t behind) {
    stream.connect();
    stream.send("GET /api/v1/audit/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " +
                root.access_token + "\r\nLast-Event-ID: " + std::to_string(behind) + "\r\n\r\n");
  };
  const auto before = sockets();
  REQUIRE(before > 0);
  const auto memory = resident();
  open(0);
  std::string cut = stream.read_some(1); // it has begun
  for (int i = 0; i < 1000 && sockets() > before; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  CHECK(sockets() == before);
  CHECK(resident() - memory < 64 * 1024); // of the 38 MiB a batch at a time is made
  cut += stream.read_until_closed();
  CHECK(cut.starts_with("HTTP/1.1 200"));

  // The last event that came whole; what comes behind it ends the resumed stream.
  std::string text = cut;
  text.erase(text.rfind("\n\n") == std::string::npos ? 0 : text.rfind("\n\n"));
  std::vector<std::int64_t> ids;
  const auto collect = [&](const std::string& from) {
    for (std::size_t at = from.find("\nid: "); at != std::string::npos;
         at = from.find("\nid: ", at + 1))
      ids.push_back(std::stoll(from.substr(at + 5, 20)));
  };
  collect(text);
  REQUIRE(ids.size() > 1);
  CHECK(ids.back() < last);
  open(ids.back());
  std::string rest;
  while (rest.find("\nid: " + std::to_string(last) + "\n") == std::string::npos) {
    const std::string more = stream.read_some(1 << 20);
    if (more.empty()) break;
    rest += more;
  }
  collect(rest);
  for (std::size_t i = 1; i < ids.size(); ++i) CHECK(ids[i] == ids[i - 1] + 1);
  CHECK(ids.back() >= last);
}

TEST_CASE(
    "The stream asks proxies not to hold it back, and follows from now where the client is ahead "
    "of the database",
    "[audit][fault-29]") {
  Api& root = story().root;
  HttpClient client = story().server.client();
  client.connect();
  client.send("GET " + kApi + "/audit/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " +
              root.access_token + "\r\nLast-Event-ID: 9223372036854775807\r\n\r\n");
  std::string text = client.read_some(64 * 1024);
  CHECK(text.find("\r\nX-Accel-Buffering: no\r\n") != std::string::npos);
  const std::string directory = "/admin/after-" + make_user(story().server);
  REQUIRE(root.post(dirs(directory)).status == 201);
  while (text.find(directory) == std::string::npos) {
    const auto more = client.read_some(64 * 1024);
    REQUIRE_FALSE(more.empty());
    REQUIRE(more.find(": still here") == std::string::npos); // said after 15 s without news
    text += more;
  }
}

TEST_CASE("A time whose plus became a blank is refused with what to write", "[audit][fault-29]") {
  for (const char* route :
       {"/audit/events?from=", "/audit/events?to=", "/audit/stats?from=", "/audit/export?to="}) {
    const Response refused = story().root.get(kApi + route + "2026-11-24T02:54:31+02:00");
    check_invalid(refused, std::string{route}.find("from") != std::string::npos ? "/from" : "/to");
    CHECK(refused.body.find("%2B") != std::string::npos);
    CHECK(story().root.get(kApi + route + "2026-11-24T02:54:31%2B02:00").status == 200);
  }
  CHECK(story().root.get(kEvents + "?from=yesterday").body.find("%2B") == std::string::npos);
}
