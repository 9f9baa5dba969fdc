#include "context.hpp"

#include "backend.hpp"

#include "baluhost/domain/text.hpp"

namespace baluhost::migrate {
namespace {

constexpr std::size_t kMostFindings = 1000;
constexpr int kReaders = 2;
constexpr int kTries = 20;

} // namespace

void Context::finding(std::string table, std::string column, const std::string& row,
                      std::string problem) {
  const std::scoped_lock lock{finding_mutex};
  if (report.findings.size() < kMostFindings) {
    report.findings.push_back(
        {std::move(table), std::move(column), printable(row), std::move(problem)});
  } else {
    ++findings_left_out;
  }
}

Result<void> Context::begin_snapshot() {
  if (is_sqlite_url(options.from)) {
    BALUHOST_TRY(const auto witness, open_side(options.from, false));
    while (readers.size() < kReaders) {
      BALUHOST_TRY(auto reader, open_side(options.from, false));
      readers.push_back(std::move(reader));
    }
    for (int i = 0; i < kTries; ++i) {
      BALUHOST_CHECK(witness->begin_snapshot());
      witness->end_snapshot();
      BALUHOST_CHECK(source->begin_snapshot());
      for (const auto& reader : readers) BALUHOST_CHECK(reader->begin_snapshot());
      // Nothing was written between the first of the snapshots and the last: they are one.
      BALUHOST_TRY(const bool moved, witness->moved());
      if (!moved) return {};
      end_snapshot();
    }
    readers.clear();
  }
  return source->begin_snapshot();
}

void Context::end_snapshot() {
  source->end_snapshot();
  for (const auto& reader : readers) reader->end_snapshot();
}

bool is_sqlite_url(const std::string& url) { return url.starts_with("sqlite:"); }

std::string path_of(const std::string& sqlite_url) {
  Configuration configuration;
  configuration.database.url = sqlite_url;
  return sqlite_path(configuration);
}

Result<std::unique_ptr<Store>> open_side(const std::string& url, bool target) {
  return is_sqlite_url(url)
             ? open_sqlite_store(path_of(url), target ? SqliteUse::target : SqliteUse::source)
             : open_postgres_store(url);
}

std::int64_t total_rows(Store& store) {
  std::int64_t total = 0;
  for (const Table& table : tables()) total += store.count(table).value_or(0);
  return total;
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

} // namespace baluhost::migrate
