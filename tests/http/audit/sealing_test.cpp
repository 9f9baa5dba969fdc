#include "wire.hpp"

#include <atomic>
#include <filesystem>
#include <thread>

// kill -9 of a real server while it records and seals.

using namespace baluhost::test;

#ifdef BALUHOST_TEST_CLOCK_SHIFT
namespace {

/// Requests of several users, until the server is gone; returns how many uploads were acknowledged.
class Load {
 public:
  Load(const Server& server, const std::vector<std::string>& users, int round) {
    for (const auto& name : users) {
      threads_.emplace_back([this, &server, name, round] {
        try {
          Api user{server, name};
          for (int i = 0;; ++i) {
            const std::string path =
                files("/" + name + "/" + std::to_string(round) + "-" + std::to_string(i));
            if (user.put(path, path).status != 201) return;
            ++acknowledged;
            if (user.get(path).status != 200) return;
          }
        } catch (const std::exception&) { // the server is gone
        }
      });
    }
  }
  ~Load() { join(); }
  void join() {
    for (auto& thread : threads_) thread.join();
    threads_.clear();
  }

  std::atomic<int> acknowledged{0};

 private:
  std::vector<std::thread> threads_;
};

} // namespace

TEST_CASE(
    "A server that is killed again and again while it seals leaves a trail that verifies, "
    "recovered seals and all, with every event that it answered for",
    "[sealing]") {
  const TempDirectory directory;
  const std::string data = make_data_directory(directory);
  const std::string url = make_database(data);
  constexpr int kKills[] = {7, 41, 23, 60, 15};
  int round = 0, acknowledged = 0;
  // Where several servers may share a database a dead one is taken up after a minute of silence: so
  // each starts more than a minute after the one before.
  const auto next_server = [&] {
    const int past = 70 * (static_cast<int>(std::size(kKills)) - round);
    return Server{{.extra_toml = "audit.seal_interval = \"10ms\"\naudit.seal_events = 16\n",
                   .environment = {{"LD_PRELOAD", BALUHOST_TEST_CLOCK_SHIFT},
                                   {"BALUHOST_TEST_CLOCK_SHIFT", std::to_string(-past)}},
                   .data_dir = data,
                   .database_url = url}};
  };
  std::vector<std::string> users;
  for (const int uploads : kKills) {
    Server server = next_server();
    while (users.size() < 3) users.push_back(make_user(server));
    Load load{server, users, round++};
    while (load.acknowledged < uploads) std::this_thread::sleep_for(std::chrono::milliseconds{1});
    server.kill();
    load.join();
    acknowledged += load.acknowledged;
  }

  Server server = next_server();
  Api root = admin(server);
  const auto recoveries = root.events("action=recovery_completed");
  CHECK(recoveries.size() == std::size(kKills));
  std::int64_t stated = 0, recovered = 0;
  for (const auto& event : recoveries) stated += event["details"]["recovered_events"].integer();
  const Json seals = Json::parse(root.get(kApi + "/audit/seals?limit=1000").body)["items"];
  for (std::size_t i = 0; i < seals.size(); ++i)
    recovered += seals[i]["recovered"].flag() ? seals[i]["count"].integer() : 0;
  CHECK(recovered > 0);
  CHECK(recovered == stated);
  CHECK(Json::parse(root.get(kApi + "/audit/stats").body)["by_action"]["upload"]["succeeded"]
            .integer() >= acknowledged);
  CHECK(server.stop() == 0);
  const auto verified = server.ctl({"audit", "verify", "--json"});
  INFO(verified.out << verified.err);
  CHECK(verified.exit_code == 0);
  const Json report = Json::parse(verified.out);
  CHECK(report["problems"].size() == 0);
  CHECK(report["unsealed"].integer() == 0);
}
#endif
