#include "baluhost/postgres/postgres_database.hpp"
#include "baluhost/test/postgres_cluster.hpp"
#include "baluhost/test/small_disk.hpp"
#include "postgres/own_database.hpp"
#include "sql/full_disk.hpp"

#include <pwd.h>
#include <unistd.h>

#include <filesystem>

namespace baluhost::test {
namespace {

TEST_CASE("a full disk under PostgreSQL is insufficient_storage, and with room again it goes on") {
  PostgresCluster* const cluster = shared_cluster();
  if (cluster == nullptr) return;
  const SmallDisk disk("size=24m");
  if (!disk.mounted()) return;
  const std::string space = disk.path() + "/space", filler = disk.path() + "/filler";
  std::filesystem::create_directory(space);
  if (const passwd* owner = ::getpwnam("postgres"); ::getuid() == 0 && owner != nullptr)
    REQUIRE(::chown(space.c_str(), owner->pw_uid, owner->pw_gid) == 0);
  cluster->execute("postgres", "create tablespace tiny location '" + space + "'");
  cluster->execute("postgres", "create database on_tiny template template0 tablespace tiny");
  {
    PostgresOptions options;
    options.url = cluster->url("on_tiny");
    const auto database = value(make_postgres_database(options));
    CHECK(fill_and_free(*database, filler).detail.find("53100") != std::string::npos);
  }
  cluster->execute("postgres", "drop database on_tiny with (force)");
  cluster->execute("postgres", "drop tablespace tiny");
}

} // namespace
} // namespace baluhost::test
