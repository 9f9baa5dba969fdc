#pragma once

#include "baluhost/postgres/postgres_database.hpp"
#include "baluhost/test/postgres_cluster.hpp"

#include <catch2/catch.hpp>

#include <optional>
#include <string>

namespace baluhost::test {

/// A database of a test's own, empty at first, on the server that all tests share.
struct OwnDatabase {
  PostgresCluster& cluster;
  std::string name{cluster.make_database()};
  PostgresOptions options{options_of("postgres")};

  /// How `user` of the server opens it.
  [[nodiscard]] PostgresOptions options_of(const std::string& user) const {
    PostgresOptions made;
    made.url = cluster.url(name, user);
    return made;
  }

  /// The first column of the first row, past BaluHost.
  std::string execute(const std::string& sql) const { return cluster.execute(name, sql); }
};

/// The server that all tests share; null where PostgreSQL is not installed, which the output then
/// says.
inline PostgresCluster* shared_cluster() {
  PostgresCluster* const cluster = PostgresCluster::shared();
  if (cluster == nullptr) WARN("left out: PostgreSQL is not installed");
  return cluster;
}

/// None without a server.
inline std::optional<OwnDatabase> own_database() {
  PostgresCluster* const cluster = shared_cluster();
  return cluster != nullptr ? std::optional{OwnDatabase{*cluster}} : std::nullopt;
}

} // namespace baluhost::test
