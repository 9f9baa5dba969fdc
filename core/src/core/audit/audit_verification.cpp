#include "access/permission_gate.hpp"
#include "audit/trail_figures.hpp"
#include "baluhost/core/audit/audit_queries.hpp"
#include "baluhost/ports/transactions.hpp"
#include "seals/findings.hpp"
#include "seals/trail_verification.hpp"

#include <algorithm>
#include <utility>

namespace baluhost {
namespace {

/// Of one `advance`: a tenth of a second or two. Seals of few events take steps of few events.
constexpr std::int64_t kMostEvents = 20'000;
constexpr int kMostSteps = 1000;

class TrailAuditVerification final : public AuditVerification {
 public:
  TrailAuditVerification(const AuditQueries::Dependencies& deps, const Principal& principal)
      : deps_(deps),
        principal_(principal),
        gate_(deps.audit_log, principal_, Permission::audit, "/api/v1/audit/verify",
              Operation::audit_verified),
        event_(deps_.audit_log.draft(Action::audit_verified, principal_)) {}

  Result<void> begin(AnchorUse use, const VerifyProgress& progress) {
    BALUHOST_CHECK(gate_.admit());
    auto begun = prepare(use, progress);
    if (!begun) return fail(std::move(begun).error());
    return {};
  }

  Progress progress() const noexcept override {
    const auto events = trail_->events();
    return {.events = events, .of = std::max(of_, events)};
  }

  Result<std::optional<VerifyReport>> advance() override {
    const auto enough = trail_->events() + kMostEvents;
    bool more = true;
    for (int step = 0; more && step < kMostSteps && trail_->events() < enough; ++step) {
      auto advanced = trail_->advance();
      if (!advanced) return fail(std::move(advanced).error());
      more = *advanced;
    }
    if (more) return std::optional<VerifyReport>{};
    auto report = trail_->finish();
    if (!report) return fail(std::move(report).error());
    has_ended_ = true;
    JsonObject details;
    details.add("ok", report->ok).add("events", report->events).add("seals", report->seals);
    if (!report->ok) add_findings(details, report->problems);
    BALUHOST_CHECK(gate_.record(deps_.database, with_details(std::move(event_), details)));
    return std::optional{*std::move(report)};
  }

  void abandon(Error why) noexcept override {
    if (!has_ended_) (void)fail(std::move(why));
  }

 private:
  Result<void> prepare(AnchorUse use, const VerifyProgress& progress) {
    // The anchor first: it may lag behind the seals that are read after it, never be ahead of them.
    std::optional<Anchor> anchor;
    if (use == AnchorUse::compare) {
      BALUHOST_TRY(anchor, deps_.anchors.newest());
    }
    const auto sealed =
        query(deps_.database, [](ReadTransaction& tx) { return find_sealed(tx.seals()); });
    if (!sealed && sealed.error().code != Errc::internal) return sealed.error();
    if (sealed) of_ = sealed->events; // rows that cannot be read are for the report
    trail_ = make_trail_verification(
        deps_.database, deps_.verifier, deps_.digester, anchor,
        use == AnchorUse::compare ? MissingAnchor::finding : MissingAnchor::allowed, progress);
    return {};
  }

  Error fail(Error error) {
    has_ended_ = true;
    return deps_.audit_log.failed(std::move(event_), std::move(error));
  }

  AuditQueries::Dependencies deps_;
  Principal principal_;
  RoleGate gate_; ///< refers to `principal_`
  NewAuditEvent event_;
  std::int64_t of_{0};
  std::unique_ptr<TrailVerification> trail_;
  bool has_ended_{false};
};

} // namespace

Result<std::unique_ptr<AuditVerification>> AuditQueries::begin_verification(
    const Principal& principal, AnchorUse anchor, const VerifyProgress& progress) {
  auto verification = std::make_unique<TrailAuditVerification>(deps_, principal);
  BALUHOST_CHECK(verification->begin(anchor, progress));
  return std::unique_ptr<AuditVerification>{std::move(verification)};
}

Result<VerifyReport> AuditQueries::verify(const Principal& principal, AnchorUse anchor,
                                          const VerifyProgress& progress) {
  BALUHOST_TRY(const auto verification, begin_verification(principal, anchor, progress));
  for (;;) {
    BALUHOST_TRY(auto report, verification->advance());
    if (report) return *std::move(report);
  }
}

} // namespace baluhost
