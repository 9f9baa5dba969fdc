#include "migration/trail/last_word.hpp"

#include "baluhost/core/audit/audit_log.hpp"
#include "baluhost/core/seals/sealer.hpp"
#include "baluhost/domain/details.hpp"

namespace baluhost::migration {
namespace {

/// The anchors go on belonging to the source until a server runs on the target.
class NoAnchors final : public AnchorLog {
 public:
  Result<void> append(const Anchor&) override { return {}; }
  Result<std::optional<Anchor>> newest() const override { return std::optional<Anchor>{}; }
};

} // namespace

Result<void> record_migration(const Dependencies& given, std::int64_t rows, std::int64_t tables) {
  BALUHOST_TRY(const auto database, given.open_target());
  BALUHOST_TRY(const auto signer, given.seal_signer());
  NoAnchors anchors;
  Sealer sealer{{*database, given.digester, *signer, anchors, given.clock, given.instance}, {}};
  AuditLog audit{*database, given.clock};
  JsonObject details;
  details.add("source", given.source.name).add("tables", tables).add("rows", rows);
  BALUHOST_CHECK(
      audit.record(with_details(audit.draft(Action::database_migrated, given.principal), details)));
  return sealer.seal_now();
}

} // namespace baluhost::migration
