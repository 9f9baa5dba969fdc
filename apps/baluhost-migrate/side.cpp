#include "side.hpp"

#include "backend.hpp"

#include "baluhost/postgres/postgres_bulk_store.hpp"
#include "baluhost/sqlite/sqlite_bulk_store.hpp"

namespace baluhost::migrate {

bool is_sqlite_url(const std::string& url) { return url.starts_with("sqlite:"); }

std::string path_of(const std::string& sqlite_url) { return sqlite_path(at({}, sqlite_url)); }

Configuration at(const Configuration& configuration, const std::string& url) {
  Configuration there = configuration;
  there.database.url = url;
  return there;
}

std::unique_ptr<BulkStore> make_bulk_store(const std::string& url) {
  if (is_sqlite_url(url)) return make_sqlite_bulk_store(path_of(url));
  PostgresOptions options;
  options.url = url;
  return make_postgres_bulk_store(std::move(options));
}

migration::Side make_side(const Configuration& configuration, const std::string& url,
                          BulkStore& store) {
  return {redacted_url(url), store,
          [there = at(configuration, url)] { return open_database_read_only(there, true); }};
}

} // namespace baluhost::migrate
