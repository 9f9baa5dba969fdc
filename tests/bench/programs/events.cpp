// Durable events a second that 32 threads write one by one, as requests write theirs.
//
//   bench_events PATH|URL [EVENTS=16000]
//
// PATH is of a SQLite database, URL begins with postgresql://; the schema is made where there is
// none, and 0 events only make it. Prints the rate. Exits with 1 if events are missing.

#include "baluhost/postgres/postgres_database.hpp"
#include "baluhost/sqlite/sqlite_database.hpp"
#include "bench.hpp"
#include "event_writers.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <memory>
#include <string>

namespace baluhost::bench {
namespace {

std::unique_ptr<Database> open(const std::string& place) {
  if (place.starts_with("postgresql://")) return value(make_postgres_database({.url = place}));
  return value(make_sqlite_database({.path = place}));
}

EventId newest(Database& database) {
  EventId id;
  value(database.read([&](ReadTransaction& tx) -> Result<void> {
    BALUHOST_TRY(id, tx.audit().newest());
    return {};
  }));
  return id;
}

int run(const std::string& place, int events) {
  const auto database = open(place);
  if (events == 0) return 0;
  insert_rate(*database, 20);
  const EventId before = newest(*database);
  const int each = (events + kWriters - 1) / kWriters;
  const double rate = insert_rate(*database, each);
  std::size_t written = 0;
  value(database->read([&](ReadTransaction& tx) -> Result<void> {
    BALUHOST_TRY(const auto found,
                 tx.audit().since(before, static_cast<std::size_t>(kWriters * each + 1)));
    written = found.size();
    return {};
  }));
  if (written != static_cast<std::size_t>(kWriters * each)) {
    fmt::print(stderr, "EVENTS ARE MISSING: {} of {}\n", written, kWriters * each);
    return 1;
  }
  fmt::print("{:.1f}\n", rate);
  return 0;
}

} // namespace
} // namespace baluhost::bench

int main(int argc, char** argv) {
  try {
    const int events = argc > 2 ? std::atoi(argv[2]) : 16'000;
    if (argc < 2 || events < 0) {
      fmt::print(stderr, "usage: {} PATH|URL [EVENTS=16000]\n", argv[0]);
      return 2;
    }
    return baluhost::bench::run(argv[1], events);
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
