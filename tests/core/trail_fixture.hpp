#pragma once

#include "baluhost/core/audit_service.hpp"
#include "baluhost/core/retention.hpp"
#include "baluhost/core/sealer.hpp"
#include "baluhost/memory/fake_seal_signer.hpp"
#include "baluhost/memory/faulty_database.hpp"
#include "baluhost/memory/memory_anchor_log.hpp"
#include "baluhost/memory/memory_database.hpp"
#include "baluhost/memory/portable_digester.hpp"
#include "baluhost/memory/manual_clock.hpp"

#include <catch2/catch.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace baluhost::test {

/// An audit trail over a database in memory that fails when told to.
class Trail {
 public:
  Trail() { start_sealer(); }

  void start_sealer(SealerOptions options = {}) {
    sealer.reset();
    const InstanceId instance{"run" + std::to_string(++runs)};
    sealer.emplace(Sealer::Parts{*database, *digester, *signer, *anchors, clock, instance}, options);
  }

  AuditEvent record(NewAuditEvent event) {
    REQUIRE(audit.record(std::move(event)));
    AuditEvent stored;
    REQUIRE(database->read([&](ReadTransaction& tx) -> Result<void> {
      BALUHOST_TRY(const auto newest, tx.audit().newest());
      BALUHOST_TRY(const auto found, tx.audit().find(newest));
      stored = found.value();
      return {};
    }));
    return stored;
  }
  AuditEvent record(const std::string& resource = "/anna/x") {
    clock.advance(std::chrono::milliseconds{1});
    auto event = audit.draft(Action::upload, operator_);
    event.resource = resource;
    event.details = JsonObject{}.add("file_size", 5).str();
    return record(std::move(event));
  }
  std::vector<AuditEvent> record_many(int count) {
    std::vector<AuditEvent> events;
    for (int i = 0; i < count; ++i) events.push_back(record("/anna/" + std::to_string(i)));
    return events;
  }
  /// Records and seals, a few seals of a few events each.
  void fill(int seals, int events_each) {
    for (int i = 0; i < seals; ++i) {
      record_many(events_each);
      REQUIRE(sealer->seal_now());
    }
  }

  std::vector<Seal> seals() {
    std::vector<Seal> all;
    REQUIRE(database->read([&](ReadTransaction& tx) -> Result<void> {
      BALUHOST_TRY(all, tx.seals().list(SealNumber{0}, 10'000));
      return {};
    }));
    return all;
  }
  std::vector<SealedEvent> sealed_events() {
    std::vector<SealedEvent> all;
    REQUIRE(database->read([&](ReadTransaction& tx) -> Result<void> {
      BALUHOST_TRY(all, tx.seals().sealed_events(0, 1'000'000));
      return {};
    }));
    return all;
  }
  void change(FunctionRef<Result<void>(SealRepository&)> work) {
    REQUIRE(database->bookkeep([&](Bookkeeping& books) { return work(books.seals()); }));
  }

  VerifyReport verify() {
    const auto anchor = anchors->newest();
    REQUIRE(anchor);
    auto report = verify_trail(*database, *signer, *digester, *anchor, true);
    REQUIRE(report);
    return *std::move(report);
  }

  std::string export_text(const ExportRequest& request) {
    auto stream = service.export_events(operator_, request);
    REQUIRE(stream);
    std::string text;
    while (true) {
      const auto piece = (*stream)->next();
      REQUIRE(piece);
      if (piece->empty()) return text;
      text += *piece;
    }
  }
  std::string export_with_seals() { return export_text({.format = ExportFormat::ndjson, .seals = true}); }
  VerifyReport verify_text(const std::string& text, const std::optional<Anchor>& anchor = {}) {
    std::istringstream in(text);
    auto report = verify_export(in, *signer, *digester, anchor);
    REQUIRE(report);
    return *std::move(report);
  }

  ManualClock clock;
  std::unique_ptr<Database> memory = make_memory_database();
  std::unique_ptr<FaultyDatabase> database = with_faults(*memory);
  std::unique_ptr<Digester> digester = make_portable_digester();
  std::unique_ptr<SealSigner> signer = make_fake_seal_signer(Secret{"a key of the tests"});
  std::unique_ptr<AnchorLog> anchors = make_memory_anchor_log();
  AuditTrail audit{*database, clock};
  AuditService service{{*database, audit, *digester, *signer, *anchors, clock}};
  Principal operator_ = Principal::local_operator("root");
  int runs{0};
  std::optional<Sealer> sealer;
};

inline std::set<std::string> kinds(const VerifyReport& report) {
  std::set<std::string> found;
  for (const auto& problem : report.problems) found.insert(problem.kind);
  return found;
}

} // namespace baluhost::test
