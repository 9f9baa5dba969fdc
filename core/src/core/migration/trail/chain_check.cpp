#include "migration/trail/chain_check.hpp"

#include "migration/rows/progress_meter.hpp"

#include "baluhost/domain/concat.hpp"
#include "baluhost/ports/transactions.hpp"

#include <algorithm>
#include <chrono>

namespace baluhost::migration {
namespace {

constexpr std::size_t kPage = 1000;

Result<bool> is_sealed(Database& database) {
  BALUHOST_TRY(const auto newest,
               query(database, [](ReadTransaction& tx) { return tx.seals().newest(); }));
  return newest.has_value();
}

/// The first event after `after` that no seal covers and no server that runs is about to seal: such
/// a one bears a tag, and is younger than `young`.
Result<std::optional<EventId>> find_unsealed(ReadTransaction& tx, EventId after, Timestamp young) {
  BALUHOST_TRY(const auto instances, tx.transfers().instances());
  const bool server_runs =
      std::ranges::any_of(instances, [&](const Instance& it) { return it.seen_at > young; });
  const auto is_young = [&](const UnsealedEvent& it) {
    return server_runs && it.tagged && it.event && it.event->timestamp >= young;
  };
  for (EventId last = after;;) {
    BALUHOST_TRY(const auto page, tx.seals().unsealed(last, kPage));
    const auto old = std::ranges::find_if_not(page, is_young);
    if (old != page.end()) return std::optional{old->id};
    if (page.size() < kPage) return std::optional<EventId>{};
    last = page.back().id;
  }
}

} // namespace

std::future<ChainCheck::Verdict> ChainCheck::start(const Side& side) {
  return std::async(std::launch::async, [this, &side] { return head_of(side, {}); });
}

ChainCheck::Verdict ChainCheck::head_now(const Side& side) {
  ProgressMeter meter{context_.given.progress, "verifying the audit chain", 0, "events"};
  return head_of(side, [&](std::int64_t events) { meter.objects(events); });
}

/// None if nothing is sealed. An error names the first problem.
ChainCheck::Verdict ChainCheck::head_of(const Side& side, const VerifyProgress& progress) {
  BALUHOST_TRY(const auto database, side.open_trail());
  BALUHOST_TRY(const bool sealed, is_sealed(*database));
  if (!sealed) return std::optional<ChainHead>{};
  BALUHOST_TRY(const auto keys, context_.given.seal_keys());
  BALUHOST_TRY(const auto report, verify_trail(*database, *keys, context_.given.digester,
                                               std::nullopt, MissingAnchor::allowed, progress));
  for (const VerifyProblem& problem : report.problems) {
    // A row that was slipped in is none of the trail. It is the same on both sides, and no start
    // seals it.
    if (problem.kind == ProblemKind::event_unsealed) continue;
    return Error{
        Errc::conflict,
        concat("the audit chain does not verify: ", to_string(problem.kind), ": ", problem.detail)};
  }
  return std::optional{ChainHead{report.head.hex(), report.events}};
}

/// What the rows that were read proved, or what was found in the background, if that still holds;
/// else it is verified now.
ChainCheck::Verdict ChainCheck::verdict(const std::optional<ChainHead>& proven,
                                        std::future<Verdict>& background, const Side& side) {
  if (proven) return proven;
  return background.valid() ? background.get() : head_now(side);
}

void ChainCheck::forget() {
  for (auto* verified : {&source_, &target_}) {
    if (verified->valid()) static_cast<void>(verified->get());
  }
}

Result<std::string> ChainCheck::verify_source() {
  BALUHOST_TRY(const auto head, verdict(context_.source.chain, source_, context_.given.source));
  if (!head) return std::string{"there is no seal yet"};
  return "the source's head is " + head->head + "; the target's rows are the same";
}

Result<std::string> ChainCheck::verify_both() {
  BALUHOST_TRY(const auto of_source,
               verdict(context_.source.chain, source_, context_.given.source));
  if (!of_source) return std::string{"there is no seal yet"};
  BALUHOST_TRY(const auto of_target, verdict(proven_target_, target_, context_.given.target));
  if (!of_target || of_target->head != of_source->head)
    return Error{Errc::internal, "the audit chains end in different heads"};
  return "both sides verify to the head " + of_source->head;
}

Result<std::string> ChainCheck::verify_later_events() {
  BALUHOST_TRY(const auto last,
               context_.source.reader().greatest_key(context_.table(bulk::Content::events)));
  BALUHOST_TRY(const auto head, head_now(context_.given.target));
  if (!head) return std::string{"there is no seal yet"};
  BALUHOST_TRY(const auto odd, unsealed_event(EventId{last.value_or(0)}));
  if (odd)
    return Error{Errc::conflict,
                 concat("event ", odd->value, " of the target was written by nobody who seals")};
  return "the target's audit chain verifies to the head " + head->head;
}

/// A server that runs on the target has a minute to seal what it wrote.
Result<std::optional<EventId>> ChainCheck::unsealed_event(EventId after) {
  BALUHOST_TRY(const auto database, context_.given.target.open_trail());
  const Timestamp young = context_.given.clock.now() - std::chrono::minutes{1};
  return query(*database, [&](ReadTransaction& tx) { return find_unsealed(tx, after, young); });
}

} // namespace baluhost::migration
