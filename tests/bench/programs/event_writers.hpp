#pragma once

#include "baluhost/core/audit/audit_log.hpp"
#include "baluhost/filesystem/system_clock.hpp"
#include "bench.hpp"

#include <atomic>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace baluhost::bench {

inline constexpr int kWriters = 32;

/// Events per second through the group commit, written one by one by 32 threads, as requests write
/// theirs.
inline double insert_rate(Database& database, int each) {
  const auto clock = make_system_clock();
  AuditLog audit(database, *clock);
  std::atomic<int> failures{0};
  const double took = timed([&] {
    std::vector<std::thread> writers;
    for (int t = 0; t < kWriters; ++t) {
      writers.emplace_back([&, t] {
        std::mt19937 random(static_cast<unsigned>(t));
        for (int i = 0; i < each; ++i) {
          auto event = audit.draft(
              Action::download,
              Client{.ip_address = IpAddress::parse("192.0.2.7"), .user_agent = "bench/1"});
          event.user = "user" + std::to_string(random() % 200);
          event.resource = "/" + *event.user + "/folder/file " + std::to_string(random() % 100'000);
          event.details = R"({"file_size":1024,"bytes_sent":1024,"complete":true})";
          if (!audit.record(std::move(event))) ++failures;
        }
      });
    }
    for (auto& writer : writers) writer.join();
  });
  if (failures > 0) throw std::runtime_error("events were not written");
  return kWriters * each / took;
}

} // namespace baluhost::bench
