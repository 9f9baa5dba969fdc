#pragma once

#include "baluhost/core/operations/roll_up.hpp"
#include "sql/sql_fixture.hpp"

#include <atomic>
#include <functional>
#include <random>
#include <string>
#include <thread>
#include <vector>

/// Figures of days, on either SQL database.
namespace baluhost::test {

inline constexpr std::int64_t kMonth = 30 * 86'400'000'000;

inline NewAuditEvent event_of_day(std::int64_t day, std::int64_t number) {
  auto event = event_at(day * 86'400'000'000 + number, Action::download,
                        "user" + std::to_string(number % 7));
  event.ip_address = "192.0.2." + std::to_string(number % 11);
  event.resource = "/file " + std::to_string(number % 300);
  event.success = number % 5 != 0;
  return event;
}

inline void keep_days(Database& database) {
  value(roll_up_trail(database, Timestamp{kMonth}, [] { return true; }));
}

/// A check finds what was changed by hand, of figures or of events behind the triggers' back.
inline void check_and_make_anew(Database& database,
                                const std::function<void(const std::string&)>& edit,
                                const std::function<std::vector<std::string>()>& check,
                                const std::function<void()>& make_anew) {
  for (std::int64_t day : {1, 2, 4})
    for (std::int64_t number = 1; number < 40; ++number)
      value(record(database, event_of_day(day, number)));
  CHECK(check().empty());
  keep_days(database);
  CHECK(check().empty());
  const std::vector<std::string> wrong{
      "the figures of 1 days of the audit trail are not those of their events, first of "
      "1970-01-03: run `baluhostctl db reindex`"};
  for (const std::string change :
       {"update audit_keys set failed = failed + 1 where kind = 1 and day = 2 and key = "
        "'192.0.2.3'",
        "update audit_keys set succeeded = 9 where kind = 6 and day = 2",
        "delete from audit_keys where kind = 4 and day = 2 and key = '/file 7'",
        "update audit_quarters set quarter = 95 where day = 2",
        "update audit_rolled set most_left = 1 where day = 2",
        "update audit_rolled set last_id = last_id - 1 where day = 2"}) {
    INFO(change);
    edit(change);
    CHECK(check() == wrong);
    make_anew();
    CHECK(check().empty());
    keep_days(database);
    CHECK(check().empty());
  }
  // An event that is changed takes the figures of its day away.
  edit("update audit_logs set ip_address = '192.0.2.99' where id = 50");
  CHECK(check().empty());
  keep_days(database);
  CHECK(check().empty());
}

/// Writes late events to a few days while their figures are kept again and again.
inline void write_while_days_are_kept(Database& database) {
  std::atomic<int> writing{3};
  std::vector<std::thread> writers;
  for (int thread = 0; thread < 3; ++thread) {
    writers.emplace_back([&, thread] {
      std::minstd_rand random(static_cast<unsigned>(thread + 1));
      for (int i = 0; i < 150; ++i)
        value(record(database, event_of_day(random() % 3, random() % 100'000)));
      --writing;
    });
  }
  while (writing > 0) keep_days(database);
  for (auto& writer : writers) writer.join();
  keep_days(database);
  CHECK(statistics_of(database).total.succeeded + statistics_of(database).total.failed == 450);
}

} // namespace baluhost::test
