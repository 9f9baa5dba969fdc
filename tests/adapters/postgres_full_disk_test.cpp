#include "baluhost/postgres/postgres_database.hpp"
#include "baluhost/test/postgres_cluster.hpp"
#include "baluhost/test/small_disk.hpp"
#include "sql_fixture.hpp"

#include <pwd.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace baluhost::test {
namespace {

TEST_CASE("a full disk under PostgreSQL is insufficient_storage, and with room again it goes on") {
  PostgresCluster* const cluster = PostgresCluster::shared();
  if (cluster == nullptr) {
    WARN("left out: PostgreSQL is not installed");
    return;
  }
  const SmallDisk disk("size=24m");
  if (!disk.mounted()) return;
  const std::string space = disk.path() + "/space", filler = disk.path() + "/filler";
  std::filesystem::create_directory(space);
  if (const passwd* owner = ::getpwnam("postgres"); ::getuid() == 0 && owner != nullptr) REQUIRE(::chown(space.c_str(), owner->pw_uid, owner->pw_gid) == 0);
  cluster->execute("postgres", "create tablespace tiny location '" + space + "'");
  cluster->execute("postgres", "create database on_tiny template template0 tablespace tiny");
  {
    PostgresOptions options;
    options.url = cluster->url("on_tiny");
    const auto database = value(make_postgres_database(options));
    value(record(*database, event_at(1)));
    {
      std::ofstream out{filler, std::ios::binary};
      while (out.write(std::string(4096, 'x').data(), 4096).flush()) {
      }
    }
    Result<void> written;
    int kept = 1;
    for (int i = 2; i < 5000 && written; ++i) {
      written = record(*database, event_at(i));
      if (written) ++kept;
    }
    REQUIRE_FALSE(written);
    CHECK(written.error().code == Errc::insufficient_storage);
    CHECK(written.error().detail.find("53100") != std::string::npos);
    CHECK(trail(*database).size() == static_cast<std::size_t>(kept));
    std::filesystem::remove(filler);
    value(record(*database, event_at(5000)));
    CHECK(trail(*database).size() == static_cast<std::size_t>(kept) + 1);
  }
  cluster->execute("postgres", "drop database on_tiny with (force)");
  cluster->execute("postgres", "drop tablespace tiny");
}

} // namespace
} // namespace baluhost::test
