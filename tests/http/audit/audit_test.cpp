#include "audit/story.hpp"

#include <cstdint>
#include <set>

using namespace baluhost::test;

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
  CHECK(all.keys() == std::vector<std::string>{"by_action", "by_day", "by_event_type",
                                               "by_ip_address", "by_resource", "by_user",
                                               "bytes_downloaded", "bytes_uploaded", "failed",
                                               "failed_logins", "succeeded", "total"});
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

TEST_CASE("Every pair of filters finds what both name, in pages that repeat and hide nothing",
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
