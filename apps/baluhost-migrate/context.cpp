#include "context.hpp"

#include "backend.hpp"

#include "baluhost/domain/text.hpp"

namespace baluhost::migrate {
namespace {

constexpr std::size_t kMostFindings = 1000;

} // namespace

void Context::finding(std::string table, std::string column, const std::string& row, std::string problem) {
  if (report.findings.size() < kMostFindings) {
    report.findings.push_back({std::move(table), std::move(column), printable(row), std::move(problem)});
  } else {
    ++findings_left_out;
  }
}

bool is_sqlite_url(const std::string& url) { return url.starts_with("sqlite:"); }

std::string path_of(const std::string& sqlite_url) {
  Configuration configuration;
  configuration.database.url = sqlite_url;
  return sqlite_path(configuration);
}

Result<std::unique_ptr<Store>> open_side(const std::string& url, bool target) {
  return is_sqlite_url(url) ? open_sqlite_store(path_of(url), target) : open_postgres_store(url);
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
