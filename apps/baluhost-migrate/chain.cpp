#include "chain.hpp"

#include "backend.hpp"
#include "progress.hpp"

#include "baluhost/core/audit/audit_log.hpp"
#include "baluhost/core/seals/sealer.hpp"
#include "baluhost/core/seals/verify.hpp"
#include "baluhost/crypto/ed25519_signer.hpp"
#include "baluhost/crypto/openssl_digester.hpp"
#include "baluhost/crypto/openssl_random.hpp"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>

namespace baluhost::migrate {
namespace {

Configuration at(const Configuration& configuration, const std::string& url) {
  Configuration there = configuration;
  there.database.url = url;
  return there;
}

/// The anchor file goes on belonging to the source until a server runs on the target.
class NoAnchor final : public AnchorLog {
 public:
  Result<void> append(const Anchor&) override { return {}; }
  Result<std::optional<Anchor>> newest() const override { return std::optional<Anchor>{}; }
};

Principal whoever_runs_this() {
  const passwd* entry = getpwuid(geteuid());
  return Principal::local_operator(entry ? std::string{entry->pw_name} : std::to_string(geteuid()));
}

} // namespace

Result<std::unique_ptr<SealVerifier>> seal_keys(const Configuration& configuration) {
  const std::string path = configuration.server.keys_dir + "/audit-ed25519.pub.pem";
  std::ifstream file{path, std::ios::binary};
  if (!file)
    return Error{Errc::not_found, path +
                                      " is not there: name the data directory of the server with "
                                      "--data-dir, so that its seals can be verified"};
  auto keys = make_seal_verifier_from_pem(std::string{std::istreambuf_iterator<char>{file}, {}});
  if (!keys) return Error{Errc::invalid_request, path + " holds no public key of Ed25519"};
  return keys;
}

Result<void> private_keys(const Configuration& configuration) {
  const auto clock = baluhost::make_clock();
  const auto random = make_openssl_random();
  BALUHOST_CHECK(KeyDirectory::open(configuration.server.keys_dir, KeyDirectory::Missing::refuse,
                                    *random, *clock));
  return {};
}

Result<std::optional<ChainHead>> chain_head(const Configuration& configuration,
                                            const std::string& url, const Digester& digester,
                                            bool shows_progress) {
  BALUHOST_TRY(auto database, open_database_read_only(at(configuration, url), true));
  bool sealed = false;
  BALUHOST_CHECK(database->read([&](ReadTransaction& tx) -> Result<void> {
    BALUHOST_TRY(const auto newest, tx.seals().newest());
    sealed = newest.has_value();
    return {};
  }));
  if (!sealed) return std::optional<ChainHead>{};
  BALUHOST_TRY(const auto keys, seal_keys(configuration));
  std::optional<Progress> progress;
  if (shows_progress) progress.emplace("verifying the audit chain", 0, "events");
  BALUHOST_TRY(const auto report, verify_trail(*database, *keys, digester, std::nullopt, false,
                                               [&](std::int64_t events) {
                                                 if (progress) progress->update(events);
                                               }));
  for (const VerifyProblem& problem : report.problems) {
    // A row that was slipped in is none of the trail. It is the same on both sides, and no start
    // seals it.
    if (problem.kind == "event_unsealed") continue;
    return Error{Errc::conflict, fmt::format("the audit chain does not verify: {}: {}",
                                             problem.kind, problem.detail)};
  }
  return std::optional{ChainHead{report.head.hex(), report.events}};
}

Result<std::optional<EventId>> unsealed_event(const Configuration& configuration,
                                              const std::string& url, EventId after) {
  BALUHOST_TRY(auto database, open_database_read_only(at(configuration, url), true));
  const Timestamp a_minute_ago = system_now() - std::chrono::minutes{1};
  std::optional<EventId> found;
  BALUHOST_CHECK(database->read([&](ReadTransaction& tx) -> Result<void> {
    BALUHOST_TRY(const auto instances, tx.transfers().instances());
    const bool server_runs = std::ranges::any_of(
        instances, [&](const Instance& it) { return it.seen_at > a_minute_ago; });
    // What a server that runs has written, and not sealed yet, bears a tag.
    const auto is_young = [&](const UnsealedEvent& it) {
      return server_runs && it.tagged && it.event && it.event->timestamp >= a_minute_ago;
    };
    constexpr std::size_t kPage = 1000;
    for (EventId last = after; !found;) {
      BALUHOST_TRY(const auto page, tx.seals().unsealed(last, kPage));
      const auto old = std::ranges::find_if_not(page, is_young);
      if (old != page.end()) found = old->id;
      if (page.size() < kPage) break;
      last = page.back().id;
    }
    return {};
  }));
  return found;
}

Result<std::string> record_migration(const Configuration& configuration, const std::string& url,
                                     const std::string& source, std::int64_t rows,
                                     std::int64_t tables) {
  const auto clock = baluhost::make_clock();
  const auto random = make_openssl_random();
  const auto digester = make_openssl_digester();
  BALUHOST_TRY(auto database, open_database(at(configuration, url)));
  BALUHOST_TRY(const auto keys, KeyDirectory::open(configuration.server.keys_dir,
                                                   KeyDirectory::Missing::refuse, *random, *clock));
  const auto signer = make_ed25519_signer(*keys);
  BALUHOST_TRY(auto instance, make_instance_id(*random));
  NoAnchor anchors;
  Sealer sealer{{*database, *digester, *signer, anchors, *clock, std::move(instance)}, {}};
  AuditLog audit{*database, *clock};
  JsonObject details;
  details.add("source", source).add("tables", tables).add("rows", rows);
  BALUHOST_CHECK(audit.record(
      with_details(audit.draft(Action::database_migrated, whoever_runs_this()), details)));
  BALUHOST_CHECK(sealer.seal_now());
  return std::string{"recorded and sealed"};
}

} // namespace baluhost::migrate
