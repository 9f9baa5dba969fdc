// Seals the events that a benchmark put into a database by hand, with the keys of the server that
// is going to run on it. No server of ours does that: an event that bears no tag is a finding.
//
//   bench_seal_trail DATA_DIR [URL]
//
// URL begins with postgresql://; without one the database is DATA_DIR/baluhost.db. Prints how many
// events it sealed.

#include "baluhost/core/seals/sealer.hpp"
#include "baluhost/crypto/ed25519_signer.hpp"
#include "baluhost/crypto/openssl_digester.hpp"
#include "baluhost/crypto/openssl_random.hpp"
#include "baluhost/filesystem/anchor_file.hpp"
#include "baluhost/filesystem/system_clock.hpp"
#include "baluhost/postgres/postgres_database.hpp"
#include "baluhost/sqlite/sqlite_database.hpp"
#include "bench.hpp"

#include <fmt/format.h>

#include <limits>
#include <string>

namespace baluhost::bench {
namespace {

constexpr Timestamp kEver{std::numeric_limits<std::int64_t>::max()};

void seal(const std::string& directory, const std::string& url) {
  const auto database = url.empty()
                            ? value(make_sqlite_database({.path = directory + "/baluhost.db"}))
                            : value(make_postgres_database({.url = url}));
  const auto clock = make_system_clock();
  const auto random = make_openssl_random();
  const auto digester = make_openssl_digester();
  const auto keys = value(
      KeyDirectory::open(directory + "/keys", KeyDirectory::Missing::refuse, *random, *clock));
  const auto signer = make_ed25519_signer(*keys);
  const auto anchors = make_anchor_file(directory + "/audit.anchor");
  Sealer sealer{{*database, *digester, *signer, *anchors, *clock, InstanceId{"bench"}}, {}};
  const auto sealed = value(sealer.recover_and_search(kEver, Untagged::accept));
  fmt::print("{}\n", sealed.events);
}

} // namespace
} // namespace baluhost::bench

int main(int argc, char** argv) {
  if (argc < 2 || argc > 3) return 2;
  try {
    baluhost::bench::seal(argv[1], argc > 2 ? argv[2] : "");
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
