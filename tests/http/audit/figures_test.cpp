#include "audit/story.hpp"

#include <algorithm>
#include <map>
#include <tuple>

// The figures of the dashboard: series by the calendar of a time zone, and what is busiest.

using namespace baluhost::test;

namespace {

const std::string kStats = kApi + "/audit/stats";

Json stats(Api& who, const std::string& query) {
  const Response response = who.get(kStats + "?" + query);
  INFO(query << ": " << response.body);
  REQUIRE(response.status == 200);
  return Json::parse(response.body);
}

/// Events at these microseconds, as the server would write them.
void insert_events(const Server& server,
                   const std::vector<std::tuple<std::int64_t, std::string, bool>>& events) {
  std::string rows_of_sqlite, rows_of_postgres;
  for (const auto& [at, action, success] : events) {
    const std::string row =
        std::string{rows_of_sqlite.empty() ? "" : ", "} + "(" + std::to_string(at) + ", '" +
        (action == "upload" ? "FILE_ACCESS" : "SECURITY") + "', '" + action + "', ";
    rows_of_sqlite += row + (success ? "1" : "0") + ", '{}')";
    rows_of_postgres += row + (success ? "true" : "false") + ", '{}')";
  }
  const std::string into =
      "insert into audit_logs (timestamp, event_type, action, success, details) values ";
  sql(server, into + rows_of_sqlite, into + rows_of_postgres);
}

/// `start`, and of each type how many succeeded and failed.
std::vector<std::string> lines(const Json& statistics) {
  std::vector<std::string> all;
  const Json series = statistics["series"];
  for (std::size_t i = 0; i < series.size(); ++i) {
    const Json interval = series[i];
    CHECK(interval.keys() == std::vector<std::string>{"by_event_type", "start"});
    std::string line = interval["start"].text();
    CHECK(line.ends_with(":00.000000Z"));
    line = line.substr(0, 16);
    for (const auto& type : interval["by_event_type"].keys()) {
      const Json count = interval["by_event_type"][type.c_str()];
      CHECK(count.keys() == std::vector<std::string>{"failed", "succeeded"});
      line += " " + type + " " + std::to_string(count["succeeded"].integer()) + "/" +
              std::to_string(count["failed"].integer());
    }
    all.push_back(line);
  }
  return all;
}

using Lines = std::vector<std::string>;

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kHour = 3600 * kSecond;
/// 2026-03-29T00:00:00Z: clocks in Berlin go from 02:00 to 03:00 an hour later.
constexpr std::int64_t kSunday = 1'774'742'400 * kSecond;

Server& spring() {
  static Server server;
  static const bool filled = [] {
    insert_events(server, {{kSunday - 2 * kHour, "upload", true},
                           {kSunday - kHour - 1, "upload", true},
                           {kSunday - kHour, "upload", false},
                           {kSunday + kHour - 1, "upload", true},
                           {kSunday + kHour, "login_failed", false},
                           {kSunday + 22 * kHour - 1, "upload", true},
                           {kSunday + 22 * kHour, "upload", true},
                           {kSunday + 23 * kHour, "logout", true}});
    return true;
  }();
  REQUIRE(filled);
  return server;
}

const std::string kRange = "from=2026-03-28T22:00:00Z&to=2026-03-30T22:00:00Z";

} // namespace

TEST_CASE("A series counts by whole intervals of the time zone, cut at its ends", "[figures]") {
  Api root = admin(spring());
  CHECK(lines(stats(root, kRange + "&interval=day&tz=Europe/Berlin")) ==
        Lines{"2026-03-27T23:00 FILE_ACCESS 2/0", "2026-03-28T23:00 FILE_ACCESS 2/1 SECURITY 0/1",
              "2026-03-29T22:00 FILE_ACCESS 1/0 SECURITY 1/0"});
  CHECK(lines(stats(root, kRange + "&interval=day")) ==
        Lines{"2026-03-28T00:00 FILE_ACCESS 2/1", "2026-03-29T00:00 FILE_ACCESS 3/0 SECURITY 1/1",
              "2026-03-30T00:00"});
  CHECK(lines(stats(root, kRange + "&interval=day&tz=UTC")) ==
        lines(stats(root, kRange + "&interval=day")));
  CHECK(lines(stats(root, kRange + "&interval=week&tz=Europe/Berlin")) ==
        Lines{"2026-03-22T23:00 FILE_ACCESS 4/1 SECURITY 0/1",
              "2026-03-29T22:00 FILE_ACCESS 1/0 SECURITY 1/0"});
  CHECK(lines(stats(root, kRange + "&interval=month&tz=Europe/Berlin")) ==
        Lines{"2026-02-28T23:00 FILE_ACCESS 5/1 SECURITY 1/1"});
  CHECK(lines(stats(
            root,
            "from=2026-03-29T00:30:00Z&to=2026-03-29T01:30:00Z&interval=hour&tz=Asia/Kolkata")) ==
        Lines{"2026-03-29T00:30 FILE_ACCESS 1/0 SECURITY 0/1"});
  // A day of 25 hours.
  CHECK(lines(stats(root,
                    "from=2026-10-24T22:00:00Z&to=2026-10-27T00:00:00Z&interval=day"
                    "&tz=Europe/Berlin")) ==
        Lines{"2026-10-24T22:00", "2026-10-25T23:00", "2026-10-26T23:00"});
  // Cut on both sides, within one day.
  CHECK(
      lines(stats(root, "from=2026-03-28T22:00:00.000001Z&to=2026-03-28T23:00:00Z&interval=day")) ==
      Lines{"2026-03-28T00:00 FILE_ACCESS 1/0"});
  CHECK(
      lines(stats(root, "from=2026-03-29T00:00:00Z&to=2026-03-29T00:00:00Z&interval=day")).empty());
}

TEST_CASE("A series without bounds covers the trail, and each event once", "[figures]") {
  Api root = admin(spring());
  const std::string until = "to=2100-01-01T00:00:00Z&";
  for (const char* query :
       {"interval=month&tz=Europe/Berlin", "interval=day&tz=Asia/Kathmandu", "interval=week"}) {
    const Json found = stats(root, query);
    std::int64_t total = 0;
    const Json series = found["series"];
    for (std::size_t i = 0; i < series.size(); ++i)
      for (const auto& type : series[i]["by_event_type"].keys())
        total += series[i]["by_event_type"][type.c_str()]["succeeded"].integer() +
                 series[i]["by_event_type"][type.c_str()]["failed"].integer();
    INFO(query);
    CHECK(total == found["total"].integer());
    CHECK(series[0]["by_event_type"]["FILE_ACCESS"]["succeeded"].integer() > 0);
  }
  CHECK(stats(root, until + "from=2099-12-01T00:00:00Z&interval=day")["series"].size() == 31);
}

TEST_CASE("A series of a user has the intervals from before the account, empty", "[figures]") {
  Api root = admin(shared_server());
  Api anna = new_user(shared_server());
  const std::string range = "from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z&interval=";
  const auto days = lines(stats(anna, range + "day"));
  REQUIRE(days.size() == 31);
  CHECK(days.front() == "2026-01-01T00:00");
  CHECK(lines(stats(root, range + "day&user=" + anna.username)) == days);
  const Json until_now = stats(anna, "from=2026-01-01T00:00:00Z&interval=month");
  const Json series = until_now["series"];
  REQUIRE(series.size() > 1);
  CHECK(series[0]["start"].text().starts_with("2026-01-01T00:00"));
  std::int64_t total = 0;
  for (std::size_t i = 0; i < series.size(); ++i)
    for (const auto& type : series[i]["by_event_type"].keys())
      total += series[i]["by_event_type"][type.c_str()]["succeeded"].integer() +
               series[i]["by_event_type"][type.c_str()]["failed"].integer();
  CHECK(total > 0);
  CHECK(total == until_now["total"].integer());
}

TEST_CASE("What names no interval or no time zone is refused by the name of its member",
          "[figures]") {
  Api root = admin(spring());
  for (const char* interval : {"", "year", "Day", "day,hour"})
    check_invalid(root.get(kStats + "?interval=" + interval), "/interval");
  for (const char* tz :
       {"", "Europe/Nowhere", "europe/berlin", "../../../etc/passwd", "Europe/../Europe/Berlin",
        "/Europe/Berlin", "Europe", "posix/Europe/Berlin", "%00", "Europe/Berlin%00"})
    check_invalid(root.get(kStats + "?interval=day&tz=" + tz), "/tz");
  check_invalid(root.get(kStats + "?tz=Nowhere"), "/tz");
  check_invalid(
      root.get(kStats + "?from=2020-01-01T00:00:00Z&to=2022-01-01T00:00:00Z&interval=hour"),
      "/interval");
  CHECK(root.get(kStats + "?interval=day&interval=day").status == 400);
}

TEST_CASE("Without an interval there is no series, with one a user's counts the own events",
          "[figures]") {
  const std::vector<std::string> members{"by_action",        "by_day",         "by_event_type",
                                         "by_ip_address",    "by_resource",    "by_user",
                                         "bytes_downloaded", "bytes_uploaded", "failed",
                                         "failed_logins",    "succeeded",      "total"};
  CHECK(stats(story().anna, "").keys() == members);
  const Json own = stats(story().anna, "interval=month");
  auto with_series = members;
  with_series.insert(std::find(with_series.begin(), with_series.end(), "succeeded"), "series");
  CHECK(own.keys() == with_series);
  CHECK(own["failed_logins"].keys() == std::vector<std::string>{"by_ip_address", "by_name"});
  std::int64_t counted = 0;
  for (std::size_t i = 0; i < own["series"].size(); ++i)
    for (const auto& type : own["series"][i]["by_event_type"].keys())
      counted += own["series"][i]["by_event_type"][type.c_str()]["succeeded"].integer() +
                 own["series"][i]["by_event_type"][type.c_str()]["failed"].integer();
  CHECK(counted == own["total"].integer());
  check_problem(story().anna.get(kStats + "?interval=day&user=admin"), 403, "forbidden");
  // An auditor's are those of all.
  Api rita = new_user(story().server, "auditor");
  const std::string then = "to=" + first(items(story().root, "limit=1"))["timestamp"].text();
  CHECK(stats(rita, then).dump() == stats(story().root, then).dump());
  CHECK(stats(rita, then)["by_user"].has(story().bob.username.c_str()));
  for (const auto& resource : own["by_resource"].keys())
    CHECK(resource.find(story().bob.username) == std::string::npos);
}

TEST_CASE("The busiest addresses, resources and failed logins are the twenty with most events",
          "[figures]") {
  Server server{
      {.extra_toml = "server.trusted_proxies = [\"127.0.0.1\"]\nauth.max_attempts = 1000\n"}};
  Api root = admin(server);
  Api anna = new_user(server);
  const auto from = [](int host) {
    return Headers{{"X-Forwarded-For", "192.0.2." + std::to_string(host)}};
  };
  const std::string path = "/" + anna.username + "/f";
  // The file i has up to five uploads, all from the address i.
  for (int i = 0; i < 25; ++i)
    for (int time = 0; time <= i % 5; ++time)
      REQUIRE(anna.send("PUT", files(path + std::to_string(i)) + "?overwrite=true", from(i), "x")
                  .status < 300);
  Api stranger{server};
  const auto fail = [&](const std::string& name, int times, int host) {
    for (int i = 0; i < times; ++i)
      REQUIRE(stranger
                  .send("POST", kApi + "/auth/login",
                        {{"Content-Type", "application/json"}, from(host)[0]},
                        object({{"username", q(name)}, {"password", q("wrong")}}))
                  .status == 401);
  };
  fail(anna.username, 3, 101);
  fail("no\"body", 2, 102);
  fail("nobody", 2, 101);

  const Json found = stats(root, "");
  // Counted by hand from the events themselves.
  std::map<std::string, std::int64_t> addresses, resources;
  for (const Json& event : items(root, "limit=1000")) {
    if (!event["ip_address"].is_null()) ++addresses[event["ip_address"].text()];
    if (!event["resource"].is_null()) ++resources[event["resource"].text()];
  }
  for (const auto& [member, counted] :
       {std::pair<const char*, std::map<std::string, std::int64_t>>{"by_ip_address", addresses},
        {"by_resource", resources}}) {
    INFO(member);
    const Json busiest = found[member];
    CHECK(busiest.size() == 20);
    std::int64_t least = 1000;
    for (const auto& key : busiest.keys()) {
      REQUIRE(counted.contains(key));
      const auto total =
          busiest[key.c_str()]["succeeded"].integer() + busiest[key.c_str()]["failed"].integer();
      CHECK(total == counted.at(key));
      least = std::min(least, total);
    }
    for (const auto& [key, total] : counted) {
      INFO(key);
      CHECK((total <= least || busiest.has(key.c_str())));
    }
  }
  const Json names = found["failed_logins"]["by_name"];
  CHECK(names.size() == 3);
  CHECK(names[anna.username.c_str()]["failed"].integer() == 3);
  CHECK(names["no\"body"]["failed"].integer() == 2);
  CHECK(names["nobody"]["failed"].integer() == 2);
  CHECK(names["nobody"]["succeeded"].integer() == 0);
  const Json of = found["failed_logins"]["by_ip_address"];
  CHECK(of.size() == 2);
  CHECK(of["192.0.2.101"]["failed"].integer() == 5);
  CHECK(of["192.0.2.102"]["failed"].integer() == 2);
}

TEST_CASE("Of failed logins the twenty names and addresses with most are told, of range and user",
          "[figures]") {
  Server server{
      {.extra_toml = "server.trusted_proxies = [\"127.0.0.1\"]\nauth.max_attempts = 1000\n"}};
  Api root = admin(server);
  Api anna = new_user(server);
  Api stranger{server};
  const auto fail = [&](const std::string& name, int host) {
    REQUIRE(stranger
                .send("POST", kApi + "/auth/login",
                      {{"Content-Type", "application/json"},
                       {"X-Forwarded-For", "192.0.2." + std::to_string(host)}},
                      object({{"username", q(name)}, {"password", q("wrong")}}))
                .status == 401);
  };
  // Fifteen of two each, ten of one each.
  for (int i = 0; i < 25; ++i)
    for (int time = 0; time < (i < 15 ? 2 : 1); ++time) fail("nobody" + std::to_string(i), i);
  const auto count_of = [](const Json& counts, const std::string& key) {
    return counts.has(key.c_str()) ? counts[key.c_str()]["failed"].integer() : 0;
  };
  const Json found = stats(root, "")["failed_logins"];
  const Json names = found["by_name"], addresses = found["by_ip_address"];
  CHECK(names.size() == 20);
  CHECK(addresses.size() == 20);
  for (int i = 0; i < 15; ++i) {
    CHECK(count_of(names, "nobody" + std::to_string(i)) == 2);
    CHECK(count_of(addresses, "192.0.2." + std::to_string(i)) == 2);
  }
  // A login that succeeds is none that failed.
  CHECK(count_of(names, "admin") == 0);

  fail(anna.username, 99);
  const Json own = stats(anna, "")["failed_logins"];
  CHECK(own["by_name"].keys() == std::vector<std::string>{anna.username});
  CHECK(own["by_ip_address"].keys() == std::vector<std::string>{"192.0.2.99"});
  CHECK(stats(root, "user=" + anna.username)["failed_logins"].dump() == own.dump());
  const std::string then = first(items(root, "action=login_failed&limit=1"))["timestamp"].text();
  CHECK(stats(root, "from=" + then)["failed_logins"].dump() == own.dump());
  const Json earlier = stats(root, "to=" + then);
  CHECK(count_of(earlier["failed_logins"]["by_name"], anna.username) == 0);
  CHECK_FALSE(earlier["by_ip_address"].has("192.0.2.99"));
}
