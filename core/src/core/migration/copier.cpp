#include "migration/copier.hpp"

#include "migration/rows/copy_rows.hpp"
#include "migration/rows/progress_meter.hpp"

#include "baluhost/domain/concat.hpp"

#include <chrono>

namespace baluhost::migration {

Result<void> in_transaction(Context& context, FunctionRef<Result<void>()> work) {
  if (context.is(Mode::dry_run)) return work();
  BALUHOST_CHECK(context.target->begin());
  auto done = work();
  if (!done) {
    context.target->roll_back();
    return done;
  }
  return context.target->commit();
}

Result<std::string> complete_schema(Context& context) {
  ProgressMeter meter{context.given.progress, "indexes", 0, "objects"};
  std::int64_t made = 0;
  BALUHOST_TRY(const auto parts, context.target->missing_parts());
  for (const bulk::SchemaPart& part : parts) {
    if (!meter.objects(++made)) return stopped();
    BALUHOST_CHECK(context.target->make_part(part));
  }
  BALUHOST_CHECK(context.target->finish_schema());
  return concat(made, " indexes, references and triggers");
}

Result<std::string> Copier::copy() {
  ProgressMeter meter{context_.given.progress, "copying",
                      total_rows(context_.source.reader(), context_.tables)};
  std::int64_t copied = 0;
  auto done = copy_tables(meter, copied);
  context_.source.end_snapshot();
  BALUHOST_CHECK(std::move(done));
  return concat(copied, " rows");
}

Result<void> Copier::copy_tables(ProgressMeter& meter, std::int64_t& copied) {
  // Without its references a table that is copied whole may be emptied and filled in any order;
  // with them, only together.
  BALUHOST_CHECK(
      in_transaction(context_, [&] { return context_.target->empty_rewritten_tables(); }));
  for (const bulk::Table& table : context_.tables) {
    const auto start = std::chrono::steady_clock::now();
    BALUHOST_CHECK(copy_table(table, meter, copied));
    seconds[table.name] += seconds_since(start);
  }
  return {};
}

Result<void> Copier::copy_table(const bulk::Table& table, ProgressMeter& meter,
                                std::int64_t& copied) {
  CopyOptions options{
      .transactions = context_.is(Mode::dry_run) ? Transactions::callers : Transactions::own,
      .batch = context_.options.batch};
  if (table.growth == bulk::Growth::appended) {
    BALUHOST_TRY(const auto least, context_.source.reader().least_key(table));
    if (least)
      BALUHOST_CHECK(
          in_transaction(context_, [&] { return context_.target->remove_before(table, *least); }));
    BALUHOST_TRY(options.after, context_.target->reader().greatest_key(table));
  }
  return copy_rows(context_.source.reader(), *context_.target, table, options,
                   [&](const bulk::Row&) { return meter.rows(++copied); });
}

} // namespace baluhost::migration
