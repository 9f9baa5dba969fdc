#include "migration/row_transfer.hpp"

#include "migration/rows/parallel_load.hpp"

#include "baluhost/domain/concat.hpp"

#include <future>

namespace baluhost::migration {
namespace {

constexpr int kPasses = 3;

} // namespace

Result<bool> RowTransfer::run() {
  BALUHOST_TRY(bool equal, goes_at_once() ? load_all() : first_pass());
  for (int pass = 2; !equal && pass <= kPasses; ++pass) {
    BALUHOST_TRY(equal, later_pass(pass - 1));
    if (!equal && !comparison_.source_changed()) return false;
  }
  if (equal) return true;
  return Error{Errc::conflict,
               "the source keeps changing: stop the server that uses it, then go on with --resume"};
}

Result<bool> RowTransfer::later_pass(int number) {
  chains_.forget();
  BALUHOST_CHECK(context_.journal.step(concat("catch up ", number), [&]() -> Result<std::string> {
    BALUHOST_CHECK(context_.source.begin_snapshot());
    return copier_.copy();
  }));
  return comparison_.step(context_.target->reader());
}

bool RowTransfer::goes_at_once() const {
  return context_.run_state == bulk::RunState::none && !context_.is(Mode::dry_run) &&
         context_.given.target.rows.is_concurrent() &&
         (backup_.rows() != nullptr || !context_.source.others().empty());
}

/// The first pass of all, from several connections to several: everything at the same time.
Result<bool> RowTransfer::load_all() {
  const auto start = std::chrono::steady_clock::now();
  if (backup_.rows()) context_.source.end_snapshot();
  auto loaded = load_in_parallel(context_, backup_.rows());
  if (!backup_.rows()) context_.source.end_snapshot();
  Journal& journal = context_.journal;
  if (!loaded) {
    journal.add({.step = "copy",
                 .status = StepStatus::failed,
                 .seconds = seconds_since(start),
                 .detail = loaded.error().detail});
    return std::move(loaded).error();
  }
  journal.add({.step = "copy",
               .status = StepStatus::ok,
               .seconds = loaded->copying,
               .detail = concat(loaded->rows, " rows")});
  journal.add({.step = "indexes",
               .status = StepStatus::ok,
               .seconds = loaded->indexing,
               .detail = concat(loaded->parts, " keys, indexes and references")});
  copier_.seconds = loaded->seconds;
  const Checksums seen = context_.source.seen;
  BALUHOST_TRY(const Checksums of_source, context_.source.checksums());
  if (backup_.rows() && of_source == seen) {
    if (loaded->read != seen)
      return Error{Errc::internal, "the backup does not hold what the source holds"};
    backup_.is_compared();
  }
  const bool equal = comparison_.report(of_source, loaded->written, LaterEvents::none);
  journal.add({.step = "compare",
               .status = StepStatus::ok,
               .seconds = loaded->reading,
               .detail = Comparison::verdict(equal)});
  if (equal) chains_.target_is_proven(loaded->chain);
  return equal;
}

/// Copies what the preflight saw, then makes the indexes and reads the target back, at the same
/// time where the target can.
Result<bool> RowTransfer::first_pass() {
  if (!context_.source.chain) chains_.start_source();
  Journal& journal = context_.journal;
  BALUHOST_CHECK(journal.step("copy", [&] { return copier_.copy(); }));
  if (!context_.is(Mode::dry_run) && context_.given.target.rows.is_concurrent())
    return complete_and_compare();
  BALUHOST_CHECK(journal.step("indexes", [&] { return complete_schema(context_); }));
  return comparison_.step(context_.target->reader());
}

Result<bool> RowTransfer::complete_and_compare() {
  BALUHOST_TRY(const auto reader, context_.given.target.rows.open_reader());
  chains_.start_target();
  const auto start = std::chrono::steady_clock::now();
  double took = 0;
  auto completing = std::async(std::launch::async, [&] {
    auto made = complete_schema(context_);
    took = seconds_since(start);
    return made;
  });
  auto equal = comparison_.step(*reader);
  auto made = completing.get();
  context_.journal.add_before_last({.step = "indexes",
                                    .status = made ? StepStatus::ok : StepStatus::failed,
                                    .seconds = took,
                                    .detail = made ? *made : made.error().detail});
  BALUHOST_CHECK(made);
  return equal;
}

} // namespace baluhost::migration
