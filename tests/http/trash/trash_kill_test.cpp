#include "trash/trash_client.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <random>
#include <thread>

// A server that is killed at any moment while a tree goes to the trash, comes back or is purged:
// afterwards quota, tree, versions, trash and record agree, whatever of it had happened.

using namespace baluhost::test;

namespace {

using namespace std::chrono_literals;

constexpr int kDoublings = 9;
constexpr std::int64_t kFiles = std::int64_t{1} << kDoublings;

/// A tree of 512 files, the first of which has a version, and the server that it lies on.
class Story {
 public:
  Story() : anna_(new_user(server_)), name_(anna_->username), tree_("/" + name_ + "/t") {
    const std::string home = "/" + name_;
    REQUIRE(anna_->put(files(tree_ + "/f") + "?parents=true", "12345").status == 201);
    for (int i = 0; i < kDoublings; ++i) {
      const std::string copy = "/c" + std::to_string(i);
      act("copy", tree_, home + copy);
      act("move", home + copy, tree_ + copy);
    }
    REQUIRE(anna_->put(files(tree_ + "/f") + "?overwrite=true", "123").status == 200);
  }

  [[nodiscard]] bool waits() { return !trash_items(*anna_).empty(); }
  [[nodiscard]] bool is_there() { return anna_->get(meta(tree_)).status == 200; }

  /// Kills the server at some moment after `method target` was asked for, and starts it again.
  void kill_during(const std::string& method, const std::string& target) {
    std::thread asking([&] {
      try {
        anna_->send(method, target, {}, "");
      } catch (const std::exception&) { // the server went away
      }
    });
    std::this_thread::sleep_for(std::chrono::microseconds{random_() % 80'000});
    server_.kill();
    asking.join();
    server_.start();
    anna_.emplace(server_, name_);
  }
  void kill_during_delete() { kill_during("DELETE", files(tree_) + "?recursive=true"); }
  void kill_during_restore() { kill_during("POST", trash_of(newest_trash(*anna_)) + "/restore"); }
  void kill_during_empty() { kill_during("DELETE", kApi + "/trash"); }

  /// Once what was left to do is done.
  void check() {
    const std::string left =
        "select (select count(*) from tree_records) +"
        " (select count(*) from tree_removals)";
    const auto until = std::chrono::steady_clock::now() + 120s;
    while (query(left) != "0" && std::chrono::steady_clock::now() < until)
      std::this_thread::sleep_for(20ms);
    CHECK(query(left) == "0");
    CHECK(found() == (is_there() ? kFiles : 0));
    CHECK(query("select used_bytes || ' ' || file_count || ' ' || entry_count || ' ' || trash_bytes"
                " || ' ' || version_bytes from users where username = '" +
                name_ + "'") == counted());
    const auto trashed = recorded("trash");
    const auto restored = recorded("restore");
    const auto purged = recorded("purge");
    CHECK(trashed - restored - purged == (waits() ? 1 : 0));
    CHECK(is_there() == (trashed == restored && purged == 0));
    if (!is_there()) return;
    CHECK(anna_->get(files(tree_ + "/f")).body == "123");
    CHECK(anna_->get(files(tree_ + "/c0/f")).body == "12345");
    CHECK(versions_of(*anna_, tree_ + "/f").size() == 2);
  }
  void verify() {
    Api chief = admin(server_);
    CHECK(Json::parse(chief.post(kApi + "/audit/verify").body)["ok"].flag());
    const auto checked = server_.ctl({"db", "check"});
    INFO(checked.out);
    CHECK(checked.exit_code == 0);
  }

 private:
  void act(const std::string& action, const std::string& from, const std::string& to) {
    REQUIRE(anna_->post(kApi + "/actions/" + action, object({{"from", q(from)}, {"to", q(to)}}))
                .status < 300);
  }
  /// How many of the files a search has.
  std::int64_t found() {
    std::int64_t files = 0;
    std::string cursor;
    do {
      const Json page =
          Json::parse(anna_->get(kApi + "/search?q=f&kind=file&limit=1000" + cursor).body);
      files += static_cast<std::int64_t>(page["items"].size());
      cursor = page["next_cursor"].is_null()
                   ? ""
                   : "&cursor=" + percent_encode(page["next_cursor"].text());
    } while (!cursor.empty());
    return files;
  }
  std::string query(const std::string& text) { return one_line(sql(server_, text, text)); }
  static std::string one_line(std::string text) {
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
  }
  /// What the rows say of the home: bytes, files, entries, bytes in the trash, bytes of versions.
  std::string counted() {
    return query(
        "with recursive live(id) as (select id from files where parent_id is null and name = '" +
        name_ +
        "' union all select f.id from live join files f on f.parent_id = live.id),"
        " gone(id) as (select root_id from trash union all"
        " select f.id from gone join files f on f.parent_id = gone.id),"
        " sums(live_bytes, live_files, live_nodes, live_versions, gone_bytes, gone_nodes) as "
        "(select"
        " (select coalesce(sum(size), 0) from files where id in (select id from live)),"
        " (select count(*) from files where kind = 'file' and id in (select id from live)),"
        " (select count(*) from live) - 1,"
        " (select coalesce(sum(size), 0) from versions where file_id in (select id from live)),"
        " (select coalesce(sum(size), 0) from files where id in (select id from gone)) +"
        " (select coalesce(sum(size), 0) from versions where file_id in (select id from gone)),"
        " (select count(*) from gone))"
        " select (live_bytes + live_versions + gone_bytes) || ' ' || live_files || ' ' ||"
        " (live_nodes + gone_nodes) || ' ' || gone_bytes || ' ' || live_versions from sums");
  }
  /// How often the whole tree is on record with `action`: as often is each of its files.
  int recorded(const std::string& action) {
    const std::string events = "from audit_logs where action = '" + action + "' and success";
    const int times =
        std::stoi(query("select count(*) " + events + " and resource = '" + tree_ + "'"));
    const std::string each = times == 0 ? "0 0 0"
                                        : std::to_string(times) + " " + std::to_string(times) +
                                              " " + std::to_string(kFiles + 1);
    CHECK(query("select coalesce(min(times), 0) || ' ' || coalesce(max(times), 0) || ' ' ||"
                " count(*) from (select count(*) as times " +
                events + " group by resource) as counts") == each);
    return times;
  }

  Server server_;
  std::optional<Api> anna_;
  std::string name_;
  std::string tree_;
  std::mt19937 random_{4711};
};

} // namespace

TEST_CASE("Whenever a server is killed in a delete or a restore of a tree, all agrees afterwards",
          "[trash_kill]") {
  Story story;
  // On PostgreSQL the next server waits until the killed one has certainly gone.
  const int rounds = database_kind() == "sqlite" ? 8 : 3;
  for (int round = 0; round < rounds; ++round) {
    if (story.waits()) {
      story.kill_during_restore();
    } else {
      story.kill_during_delete();
    }
    story.check();
  }
  story.verify();
}

TEST_CASE("Whenever a server is killed while the trash is emptied, all agrees afterwards",
          "[trash_kill]") {
  Story story;
  while (!story.waits()) story.kill_during_delete();
  // At once: what is still to be put on record of its going is written before it is purged.
  while (story.waits()) story.kill_during_empty();
  story.check();
  CHECK_FALSE(story.is_there());
  story.verify();
}
