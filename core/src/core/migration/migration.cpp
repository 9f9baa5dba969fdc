// Every promise is checked against rows. A pass copies a snapshot of the source; then the target is
// read again, and its canonical rows hashed as the source's were when the preflight looked at them,
// or, if the source went on since, are now. Where they differ because the source went on, the next
// pass catches up. Only what is equal is called done, and until then the target says of itself that
// it is not usable.
//
// What can be done at the same time is, and what was read is made use of: the rows that a checksum
// is made of prove the audit chain too, and the backup is read for the copy and so compared with
// the source.

#include "baluhost/core/migration/migration.hpp"

#include "migration/backup_task.hpp"
#include "migration/comparison.hpp"
#include "migration/context.hpp"
#include "migration/copier.hpp"
#include "migration/preflight.hpp"
#include "migration/row_transfer.hpp"
#include "migration/target_check.hpp"
#include "migration/trail/chain_check.hpp"
#include "migration/trail/last_word.hpp"

#include "baluhost/domain/error.hpp"

namespace baluhost::migration {
namespace {

using bulk::RunState;

constexpr const char* kNotTheSame = "the two sides are not the same";

/// The order of the steps.
class Migration {
 public:
  explicit Migration(Context& context)
      : context_(context),
        report_(context.report),
        journal_(context.journal),
        backup_(context),
        copier_(context),
        comparison_(context, copier_.seconds),
        chains_(context) {}

  /// Whether the target was emptied so that all can be moved again.
  [[nodiscard]] bool begins_anew() const noexcept { return begins_anew_; }

  Outcome run() {
    report_.source = context_.given.source.name;
    report_.target = context_.given.target.name;
    auto done = steps();
    if (!done)
      report_.error = done.error().detail.empty() ? std::string{code_of(done.error().code)}
                                                  : done.error().detail;
    else
      report_.result = *done == Outcome::ok ? result_ : RunResult::failed;
    if (done && *done != Outcome::ok && report_.error.empty()) report_.error = kNotTheSame;
    return done ? *done : Outcome::failed;
  }

 private:
  Result<Outcome> steps() {
    if (auto opened = journal_.step("open", [&] { return open(); }); !opened) {
      // The other side may have its faults too.
      if (!context_.is(Mode::roll_back) && (context_.source.is_open() || context_.target))
        static_cast<void>(look_first());
      return std::move(opened).error();
    }
    if (context_.is(Mode::roll_back)) return roll_back();
    BALUHOST_CHECK(look_first());
    if (context_.is(Mode::compare)) return compare();
    if (context_.run_state == RunState::done) return after_the_end();
    BALUHOST_CHECK(back_up());
    return context_.is(Mode::dry_run) ? dry_run() : migrate();
  }

  Result<void> look_first() {
    return journal_.step("preflight", [&] { return preflight(context_, backup_); });
  }

  /// Both are tried before either is complained of.
  Result<std::string> open() {
    const auto source = context_.source.open();
    auto target = context_.given.target.rows.open_writer();
    if (!source) journal_.find("the source cannot be read: " + source.error().detail);
    if (!target) journal_.find("the target cannot be reached: " + target.error().detail);
    if (target) context_.target = std::move(*target);
    if (!source || !target) return Error{Errc::unavailable, report_.findings.front().problem};
    return std::string{};
  }

  Result<void> back_up() {
    if (backup_.is_started()) return journal_.step("backup", [&] { return backup_.finish(); });
    journal_.skip("backup", context_.is(Mode::dry_run) ? "a dry run changes nothing"
                            : context_.run_state == RunState::none
                                ? "--no-backup"
                                : "made before, when this migration began");
    return {};
  }

  Result<Outcome> move_rows() {
    RowTransfer rows{context_, copier_, comparison_, chains_, backup_};
    BALUHOST_TRY(const bool equal, rows.run());
    return equal ? Outcome::ok : lost("rows were lost or changed on the way");
  }

  Result<Outcome> migrate() {
    if (context_.run_state == RunState::none) {
      BALUHOST_CHECK(journal_.step("schema", [&]() -> Result<std::string> {
        BALUHOST_CHECK(in_transaction(
            context_, [&] { return context_.target->create_schema(report_.source); }));
        return std::string{};
      }));
    } else {
      BALUHOST_CHECK(context_.target->set_state(RunState::running, ""));
    }
    BALUHOST_TRY(const Outcome moved, move_rows());
    if (moved != Outcome::ok) return moved;
    for (const auto& failed :
         {journal_.step("sequences", [&] { return verify_identities(context_); }),
          journal_.step("references", [&] { return verify_references(context_); }),
          journal_.step("audit chain", [&] { return chains_.verify_both(); })})
      if (!failed) return lost(failed.error().detail);
    if (backup_.is_to_be_checked())
      BALUHOST_CHECK(journal_.step("backup check", [&] { return backup_.check(); }));
    BALUHOST_CHECK(finish());
    return Outcome::ok;
  }

  Result<Outcome> dry_run() {
    result_ = RunResult::dry_run;
    BALUHOST_CHECK(context_.target->begin());
    auto outcome = dry_steps();
    context_.target->roll_back();
    return outcome;
  }

  Result<Outcome> dry_steps() {
    BALUHOST_CHECK(journal_.step("schema", [&]() -> Result<std::string> {
      BALUHOST_CHECK(context_.target->create_schema(report_.source));
      return std::string{};
    }));
    BALUHOST_TRY(const Outcome moved, move_rows());
    if (moved != Outcome::ok) return moved;
    BALUHOST_CHECK(journal_.step("sequences", [&] { return verify_identities(context_); }));
    BALUHOST_CHECK(journal_.step("references", [&] { return verify_references(context_); }));
    BALUHOST_CHECK(journal_.step("audit chain", [&] { return chains_.verify_source(); }));
    return Outcome::ok;
  }

  Result<Outcome> compare() {
    context_.source.end_snapshot();
    const bool finished = context_.run_state == RunState::done;
    BALUHOST_TRY(const bool equal,
                 comparison_.step(context_.target->reader(),
                                  finished ? LaterEvents::allowed : LaterEvents::none));
    if (!equal && !finished) return lost(kNotTheSame);
    if (!equal) {
      report_.error = kNotTheSame;
      return Outcome::lost;
    }
    BALUHOST_CHECK(journal_.step("sequences", [&] { return verify_identities(context_); }));
    BALUHOST_CHECK(journal_.step("audit chain", [&] { return chains_.verify_source(); }));
    if (!finished) return Outcome::ok;
    auto later = journal_.step("later events", [&] { return chains_.verify_later_events(); });
    if (later) return Outcome::ok;
    report_.error = later.error().detail;
    return Outcome::lost;
  }

  Result<Outcome> roll_back() {
    BALUHOST_TRY(const bulk::Run found, context_.target->run());
    if (found.state == RunState::none)
      return Error{Errc::conflict, "the target holds no migration: nothing was removed"};
    if (found.source != report_.source)
      return Error{Errc::conflict, "the target holds a migration of another source, " +
                                       found.source + ": nothing was removed"};
    if (found.state == RunState::done && !context_.options.discards_used_target) {
      return Error{Errc::conflict,
                   "the migration is finished and a server may have used the target since: "
                   "--rollback --yes empties it all the same"};
    }
    BALUHOST_CHECK(journal_.step("rollback", [&] { return empty_target("the target is empty"); }));
    result_ = RunResult::rolled_back;
    return Outcome::ok;
  }

  Result<std::string> empty_target(const char* why) {
    BALUHOST_CHECK(context_.target->remove_everything());
    return std::string{why};
  }

  /// A run that came to its end is resumed: there may be a last word to say, or the source went on
  /// since.
  Result<Outcome> after_the_end() {
    context_.source.end_snapshot();
    if (!context_.source_went_on) {
      BALUHOST_CHECK(finish());
      return Outcome::ok;
    }
    BALUHOST_CHECK(journal_.step("empty", [&] {
      return empty_target(
          "the source went on since, and nobody used the target: all is moved again");
    }));
    begins_anew_ = true;
    return Outcome::ok;
  }

  Result<Outcome> lost(const std::string& why) {
    report_.error = why;
    if (!context_.is(Mode::dry_run))
      BALUHOST_CHECK(context_.target->set_state(RunState::failed, why));
    return Outcome::lost;
  }

  /// Both sides are the same. A run that was killed in here goes on in here.
  Result<void> finish() {
    return journal_.step("finish", [&]() -> Result<std::string> {
      std::int64_t rows =
          report_.tables.empty() ? total_rows(context_.target->reader(), context_.tables) : 0;
      for (const TableReport& table : report_.tables) rows += table.target_rows;
      BALUHOST_CHECK(context_.target->set_state(RunState::done, report_.source));
      context_.target.reset(); // the event goes through the adapter, like every other
      BALUHOST_CHECK(record_migration(context_.given, rows,
                                      static_cast<std::int64_t>(context_.tables.size())));
      return last_word();
    });
  }

  Result<std::string> last_word() {
    BALUHOST_TRY(const auto servers,
                 context_.source.reader().count(context_.table(bulk::Content::servers)));
    if (servers == 0) return std::string{"recorded and sealed"};
    return std::string{
        "recorded and sealed; a server runs on the source, or died there: stop it, then run this "
        "again with --resume before one starts on the target"};
  }

  Context& context_;
  Report& report_;
  Journal& journal_;
  BackupTask backup_;
  Copier copier_;
  Comparison comparison_;
  ChainCheck chains_;
  RunResult result_{RunResult::ok};
  bool begins_anew_{false};
};

} // namespace

Outcome run(const Options& options, const Dependencies& dependencies, Report& report) {
  {
    Context context{options, dependencies, report};
    Migration migration{context};
    const Outcome outcome = migration.run();
    if (!migration.begins_anew()) return outcome;
  }
  Options anew = options;
  anew.mode = Mode::move;
  Context context{anew, dependencies, report};
  return Migration{context}.run();
}

} // namespace baluhost::migration
