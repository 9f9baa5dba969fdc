// Every promise is checked against rows. A pass copies a snapshot of the source; then the target is
// read again, and its canonical rows hashed as the source's were when the preflight looked at them,
// or, if the source went on since, are now. Where they differ because the source went on, the next
// pass catches up. Only what is equal is called done, and until then the target says of itself that
// it is not usable.
//
// What can be done at the same time is, and what was read is made use of: the rows that a checksum
// is made of prove the audit chain too, and the backup is read for the copy and so compared with
// the source.

#include "migration.hpp"

#include "backend.hpp"
#include "backup.hpp"
#include "chain.hpp"
#include "context.hpp"
#include "load.hpp"
#include "preflight.hpp"
#include "progress.hpp"

#include "baluhost/crypto/openssl_digester.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <future>
#include <map>

namespace baluhost::migrate {
namespace {

constexpr int kPasses = 3;

using ChainVerdict = Result<std::optional<ChainHead>>;

class Migration {
 public:
  explicit Migration(Context& context)
      : context_(context),
        options_(context.options),
        report_(context.report),
        source_(context.source),
        target_(context.target) {}

  /// Whether the target was emptied so that all can be moved again.
  [[nodiscard]] bool begins_anew() const noexcept { return begins_anew_; }

  Outcome run() {
    report_.source = redacted_url(options_.from);
    report_.target = redacted_url(options_.to);
    auto done = steps();
    if (!done)
      report_.error = done.error().detail.empty() ? std::string{code_of(done.error().code)}
                                                  : done.error().detail;
    else
      report_.result = *done == Outcome::ok ? result_ : "failed";
    if (done && *done != Outcome::ok && report_.error.empty())
      report_.error = "the two sides are not the same";
    return done ? *done : Outcome::failed;
  }

 private:
  Result<Outcome> steps() {
    if (auto opened = step("open", [&]() -> Result<std::string> { return open(); }); !opened) {
      // The other side may have its faults too.
      if (!options_.rollback && (source_ || target_))
        static_cast<void>(
            step("preflight", [&]() -> Result<std::string> { return preflight(context_, [] {}); }));
      return std::move(opened).error();
    }
    if (options_.rollback) return roll_back();
    BALUHOST_CHECK(step("preflight", [&]() -> Result<std::string> { return look_first(); }));
    if (options_.verify_only) return verify_only();
    if (context_.run_state == RunState::done) return after_the_end();
    if (making_backup_.valid()) {
      BALUHOST_CHECK(step("backup", [&]() -> Result<std::string> {
        BALUHOST_TRY(std::string file, making_backup_.get());
        backup_is_sound_ = std::async(std::launch::async,
                                      [file] { return check_backup(file, SqliteCheck::quick); });
        if (is_sqlite_url(options_.from)) backup_file_ = file;
        return file;
      }));
    } else {
      skip("backup", options_.dry_run ? "a dry run changes nothing"
                     : context_.run_state == RunState::none
                         ? "--no-backup"
                         : "made before, when this migration began");
    }
    return options_.dry_run ? dry_run() : migrate();
  }

  /// Runs one step, and puts it into the report whatever becomes of it.
  Result<void> step(const std::string& name, FunctionRef<Result<std::string>()> work) {
    const auto start = std::chrono::steady_clock::now();
    auto done = work();
    report_.steps.push_back(
        {name, done ? "ok" : "failed", seconds_since(start), done ? *done : done.error().detail});
    if (!done) return std::move(done).error();
    return {};
  }
  void skip(const std::string& name, const std::string& why) {
    report_.steps.push_back({name, "skipped", 0, why});
  }

  Result<std::string> open() {
    if (is_sqlite_url(options_.from) == is_sqlite_url(options_.to)) {
      return Error{Errc::invalid_request,
                   "one side must be sqlite:PATH and the other postgresql://…"};
    }
    auto source = open_side(options_.from, false);
    auto target = open_side(options_.to, true);
    // Both are tried before either is complained of.
    if (!source)
      context_.finding("", "", "", "the source cannot be read: " + source.error().detail);
    if (!target)
      context_.finding("", "", "", "the target cannot be reached: " + target.error().detail);
    if (source) source_ = std::move(*source);
    if (target) target_ = std::move(*target);
    if (!source || !target) return Error{Errc::unavailable, report_.findings.front().problem};
    return std::string{};
  }

  /// The backup is made while the rows are looked at; what turns out not to be moved leaves none
  /// behind.
  Result<std::string> look_first() {
    auto looked = preflight(context_, [&] {
      if (!options_.backup || options_.dry_run || options_.verify_only ||
          context_.run_state != RunState::none)
        return;
      making_backup_ = std::async(std::launch::async, [&] { return back_up(options_); });
    });
    if (looked || !making_backup_.valid()) return looked;
    std::error_code failed; // pg_dump may not be installed: then there is no file
    if (const auto made = making_backup_.get(); made) std::filesystem::remove(*made, failed);
    return looked;
  }

  Result<void> copy_table(const Table& table, Progress& progress, std::int64_t& copied) {
    std::optional<std::int64_t> after;
    if (table.growth == Growth::appended) {
      BALUHOST_TRY(const auto least, source_->least_key(table));
      if (least) BALUHOST_CHECK(in_transaction([&] { return target_->drop_below(table, *least); }));
      BALUHOST_TRY(after, target_->greatest_key(table));
    }
    return copy_rows(*source_, *target_, table, after,
                     options_.dry_run ? Transactions::callers : Transactions::own, options_.batch,
                     [&](const Row&) { progress.update(++copied); });
  }

  // A dry run is one transaction around everything.
  Result<void> open_transaction() { return options_.dry_run ? Result<void>{} : target_->begin(); }
  Result<void> close_transaction() { return options_.dry_run ? Result<void>{} : target_->commit(); }
  Result<void> in_transaction(FunctionRef<Result<void>()> work) {
    BALUHOST_CHECK(open_transaction());
    auto done = work();
    if (!done) {
      if (!options_.dry_run) target_->roll_back();
      return done;
    }
    return close_transaction();
  }

  /// The source is in a snapshot.
  Result<std::string> copy() {
    Progress progress{"copying", total_rows(*source_)};
    std::int64_t copied = 0;
    auto work = [&]() -> Result<void> {
      // Without its references a table that is copied whole may be emptied and filled in any order;
      // with them, only together.
      BALUHOST_CHECK(in_transaction([&] { return target_->empty_mutable_tables(); }));
      for (const Table& table : tables()) {
        const auto start = std::chrono::steady_clock::now();
        BALUHOST_CHECK(copy_table(table, progress, copied));
        copy_seconds_[table.name] += seconds_since(start);
      }
      return {};
    };
    auto done = work();
    context_.end_snapshot();
    BALUHOST_CHECK(std::move(done));
    return fmt::format("{} rows", copied);
  }

  Result<std::string> complete() {
    Progress progress{"indexes", 0, "objects"};
    std::int64_t made = 0;
    BALUHOST_TRY(const auto parts, target_->missing_parts());
    for (const SchemaPart& part : parts) {
      progress.update(++made);
      BALUHOST_CHECK(target_->make_part(part));
    }
    BALUHOST_CHECK(target_->finish_schema());
    return fmt::format("{} indexes, references and triggers", made);
  }

  /// The source's rows as they are now: as the preflight saw them, if nothing changed since; else
  /// they are read again.
  Result<Checksums> source_checksums() {
    BALUHOST_TRY(const bool moved, source_->moved());
    if (!moved) return context_.snapshot;
    BALUHOST_CHECK(source_->begin_snapshot());
    auto sums = checksums(*source_, *context_.digester);
    source_->end_snapshot();
    if (!sums) return sums;
    if (*sums != context_.snapshot) context_.source_chain.reset();
    context_.snapshot = *sums;
    return sums;
  }

  /// Both sides, each by itself. `reader` is a connection to the target.
  Result<bool> compare(Store& reader, bool tolerate_later_events) {
    std::map<std::string_view, std::int64_t> up_to;
    if (tolerate_later_events) {
      BALUHOST_TRY(up_to, greatest_keys(*source_));
    }
    auto of_source = std::async(std::launch::async, [&] { return source_checksums(); });
    auto of_target = checksums(reader, *context_.digester, up_to);
    auto source_sums = of_source.get();
    BALUHOST_CHECK(source_sums);
    BALUHOST_CHECK(of_target);
    return same(*source_sums, *of_target, tolerate_later_events);
  }
  /// Puts what both sides hold into the report.
  bool same(const Checksums& of_source, const Checksums& of_target, bool tolerate_later_events) {
    report_.tables.clear();
    bool equal = true;
    for (const Table& table : tables()) {
      const Checksum& a = of_source.at(table.name);
      const Checksum& b = of_target.at(table.name);
      report_.tables.push_back(
          {std::string{table.name}, a.rows, b.rows, a.sha256, b.sha256, copy_seconds_[table.name]});
      // The day's figures of a target that went on hold more than the source's.
      equal = equal && (a == b || (tolerate_later_events && table.name == "audit_daily"));
    }
    source_moved_ = last_source_ != of_source;
    last_source_ = of_source;
    return equal;
  }
  static std::string verdict_on_rows(bool equal) {
    return equal ? "every table is the same" : "the sides differ";
  }
  Result<void> compare_step(Store& reader, bool tolerate_later_events, bool& equal) {
    return step("compare", [&]() -> Result<std::string> {
      BALUHOST_TRY(equal, compare(reader, tolerate_later_events));
      return verdict_on_rows(equal);
    });
  }

  Result<std::string> verify_identities() {
    for (const Table& table : tables()) {
      if (!table.identity) continue;
      BALUHOST_TRY(const auto last, target_->identity(table));
      BALUHOST_TRY(const auto least, source_->identity(table));
      if (last < least && least > 0)
        return Error{Errc::internal,
                     fmt::format("the sequence of {} stands at {}, the source's at {}", table.name,
                                 last, least)};
    }
    return std::string{};
  }

  Result<std::string> verify_references() {
    BALUHOST_TRY(auto found, target_->structure());
    BALUHOST_TRY(const auto damage, target_->damage());
    found.insert(found.end(), damage.begin(), damage.end());
    for (const Finding& item : found)
      context_.finding(item.table, item.column, item.row, item.problem);
    if (!found.empty())
      return Error{Errc::internal,
                   "the target's structure is not what it should be: " + found.front().problem};
    return std::string{};
  }

  std::future<ChainVerdict> verify_in_background(const std::string& url) {
    return std::async(std::launch::async, [this, url] {
      return chain_head(context_.configuration, url, *context_.digester, false);
    });
  }
  /// What the rows that were read proved, or what was found in the background, if that still holds;
  /// else it is verified now.
  ChainVerdict verdict(const std::optional<ChainHead>& proven,
                       std::future<ChainVerdict>& background, const std::string& url) {
    if (proven) return proven;
    return background.valid() ? background.get()
                              : chain_head(context_.configuration, url, *context_.digester, true);
  }

  Result<std::string> verify_chain(bool target_readable) {
    BALUHOST_TRY(const auto of_source,
                 verdict(context_.source_chain, source_chain_, options_.from));
    if (!of_source) return std::string{"there is no seal yet"};
    if (!target_readable)
      return "the source's head is " + of_source->head + "; the target's rows are the same";
    BALUHOST_TRY(const auto of_target, verdict(proven_target_, target_chain_, options_.to));
    if (!of_target || of_target->head != of_source->head)
      return Error{Errc::internal, "the audit chains end in different heads"};
    return "both sides verify to the head " + of_source->head;
  }

  Result<Outcome> lost(const std::string& why) {
    report_.error = why;
    if (!options_.dry_run) BALUHOST_CHECK(target_->set_state(RunState::failed, why));
    return Outcome::lost;
  }

  /// The first pass of all, from a file into PostgreSQL: everything at the same time.
  Result<bool> load_all() {
    const auto start = std::chrono::steady_clock::now();
    if (backup_file_) context_.end_snapshot();
    auto loaded = load(context_, backup_file_);
    if (!backup_file_) context_.end_snapshot();
    if (!loaded) {
      report_.steps.push_back({"copy", "failed", seconds_since(start), loaded.error().detail});
      return std::move(loaded).error();
    }
    report_.steps.push_back({"copy", "ok", loaded->copying, fmt::format("{} rows", loaded->rows)});
    report_.steps.push_back({"indexes", "ok", loaded->indexing,
                             fmt::format("{} keys, indexes and references", loaded->parts)});
    copy_seconds_ = loaded->seconds;
    const Checksums seen = context_.snapshot;
    BALUHOST_TRY(const Checksums of_source, source_checksums());
    if (backup_file_ && of_source == seen) {
      if (loaded->read != seen)
        return Error{Errc::internal, "the backup does not hold what the source holds"};
      backup_compared_ = true;
    }
    const bool equal = same(of_source, loaded->written, false);
    report_.steps.push_back({"compare", "ok", loaded->reading, verdict_on_rows(equal)});
    if (equal) proven_target_ = loaded->chain;
    return equal;
  }

  /// The first pass: copies what the preflight saw, then makes the indexes and reads the target
  /// back, at the same time where the target can.
  Result<bool> first_pass() {
    if (!context_.source_chain) source_chain_ = verify_in_background(options_.from);
    BALUHOST_CHECK(step("copy", [&] { return copy(); }));
    bool equal = false;
    if (options_.dry_run || is_sqlite_url(options_.to)) {
      BALUHOST_CHECK(step("indexes", [&] { return complete(); }));
      BALUHOST_CHECK(compare_step(*target_, false, equal));
      return equal;
    }
    BALUHOST_TRY(const auto reader, open_side(options_.to, true));
    target_chain_ = verify_in_background(options_.to);
    const auto start = std::chrono::steady_clock::now();
    double took = 0;
    auto indexes = std::async(std::launch::async, [&] {
      auto made = complete();
      took = seconds_since(start);
      return made;
    });
    auto compared = compare_step(*reader, false, equal);
    auto made = indexes.get();
    report_.steps.insert(report_.steps.end() - 1, {"indexes", made ? "ok" : "failed", took,
                                                   made ? *made : made.error().detail});
    BALUHOST_CHECK(made);
    BALUHOST_CHECK(std::move(compared));
    return equal;
  }

  /// Copies until both sides are the same; lost if they are not although the source stood still.
  Result<Outcome> copy_and_compare() {
    const bool all_at_once = context_.run_state == RunState::none && !options_.dry_run &&
                             is_sqlite_url(options_.from) &&
                             (backup_file_ || !context_.readers.empty());
    BALUHOST_TRY(bool equal, all_at_once ? load_all() : first_pass());
    for (int pass = 2; !equal && pass <= kPasses; ++pass) {
      // What was verified meanwhile is not what will be there.
      for (auto* verified : {&source_chain_, &target_chain_}) {
        if (verified->valid()) static_cast<void>(verified->get());
      }
      BALUHOST_CHECK(step(fmt::format("catch up {}", pass - 1), [&]() -> Result<std::string> {
        BALUHOST_CHECK(source_->begin_snapshot());
        return copy();
      }));
      BALUHOST_CHECK(compare_step(*target_, false, equal));
      if (!equal && !source_moved_) return lost("rows were lost or changed on the way");
    }
    if (equal) return Outcome::ok;
    return Error{
        Errc::conflict,
        "the source keeps changing: stop the server that uses it, then go on with --resume"};
  }

  Result<Outcome> migrate() {
    if (context_.run_state == RunState::none) {
      BALUHOST_CHECK(step("schema", [&]() -> Result<std::string> {
        BALUHOST_CHECK(in_transaction([&] { return target_->create_schema(report_.source); }));
        return std::string{};
      }));
    } else {
      BALUHOST_CHECK(target_->set_state(RunState::running, ""));
    }
    BALUHOST_TRY(const Outcome copied, copy_and_compare());
    if (copied != Outcome::ok) return copied;
    for (const auto& failed : {step("sequences", [&] { return verify_identities(); }),
                               step("references", [&] { return verify_references(); }),
                               step("audit chain", [&] { return verify_chain(true); })}) {
      if (!failed) return lost(failed.error().detail);
    }
    if (backup_is_sound_.valid()) {
      BALUHOST_CHECK(step("backup check", [&]() -> Result<std::string> {
        BALUHOST_CHECK(backup_is_sound_.get());
        if (backup_compared_)
          return std::string{"the backup is sound, and every row of it is the source's"};
        if (backup_file_) BALUHOST_CHECK(check_backup(*backup_file_, SqliteCheck::full));
        return std::string{"the backup is sound"};
      }));
    }
    BALUHOST_CHECK(finish());
    return Outcome::ok;
  }

  /// Both sides are the same. A run that was killed in here goes on in here.
  Result<void> finish() {
    return step("finish", [&]() -> Result<std::string> {
      std::int64_t rows = report_.tables.empty() ? total_rows(*target_) : 0;
      for (const TableReport& table : report_.tables) rows += table.target_rows;
      BALUHOST_CHECK(target_->set_state(RunState::done, report_.source));
      target_.reset(); // the event goes through the adapter, like every other
      BALUHOST_TRY(std::string recorded,
                   record_migration(context_.configuration, options_.to, report_.source, rows,
                                    static_cast<std::int64_t>(tables().size())));
      BALUHOST_TRY(const auto servers, source_->count(table_named("instances")));
      if (servers > 0)
        recorded +=
            "; a server runs on the source, or died there: stop it, then run this again with "
            "--resume before one starts on the target";
      return recorded;
    });
  }

  /// --resume, of a run that came to its end: there may be a last word to say, or the source went
  /// on since.
  Result<Outcome> after_the_end() {
    context_.end_snapshot();
    if (!context_.source_went_on) {
      BALUHOST_CHECK(finish());
      return Outcome::ok;
    }
    BALUHOST_CHECK(step("empty", [&]() -> Result<std::string> {
      BALUHOST_CHECK(target_->remove_everything());
      return std::string{
          "the source went on since, and nobody used the target: all is moved again"};
    }));
    begins_anew_ = true;
    return Outcome::ok;
  }

  Result<Outcome> dry_run() {
    result_ = "dry_run";
    BALUHOST_CHECK(target_->begin());
    auto outcome = [&]() -> Result<Outcome> {
      BALUHOST_CHECK(step("schema", [&]() -> Result<std::string> {
        BALUHOST_CHECK(target_->create_schema(report_.source));
        return std::string{};
      }));
      BALUHOST_TRY(const Outcome copied, copy_and_compare());
      if (copied != Outcome::ok) return copied;
      BALUHOST_CHECK(step("sequences", [&] { return verify_identities(); }));
      BALUHOST_CHECK(step("references", [&] { return verify_references(); }));
      BALUHOST_CHECK(step("audit chain", [&] { return verify_chain(false); }));
      return Outcome::ok;
    }();
    target_->roll_back();
    return outcome;
  }

  Result<Outcome> verify_only() {
    bool equal = false;
    source_->end_snapshot();
    BALUHOST_CHECK(compare_step(*target_, context_.run_state == RunState::done, equal));
    if (!equal) {
      report_.error = "the two sides are not the same";
      return context_.run_state == RunState::done ? Result<Outcome>{Outcome::lost}
                                                  : lost(report_.error);
    }
    BALUHOST_CHECK(step("sequences", [&] { return verify_identities(); }));
    BALUHOST_CHECK(step("audit chain", [&] { return verify_chain(false); }));
    if (context_.run_state != RunState::done) return Outcome::ok;
    if (auto later = step("later events", [&] { return verify_later_events(); }); !later) {
      report_.error = later.error().detail;
      return Outcome::lost;
    }
    return Outcome::ok;
  }

  /// What the target holds beyond the source was written by this tool or a server there, and so was
  /// sealed.
  Result<std::string> verify_later_events() {
    BALUHOST_TRY(const auto last, source_->greatest_key(table_named("audit_logs")));
    BALUHOST_TRY(const auto head,
                 chain_head(context_.configuration, options_.to, *context_.digester, true));
    if (!head) return std::string{"there is no seal yet"};
    BALUHOST_TRY(const auto odd,
                 unsealed_event(context_.configuration, options_.to, EventId{last.value_or(0)}));
    if (odd)
      return Error{
          Errc::conflict,
          fmt::format("event {} of the target was written by nobody who seals", odd->value)};
    return "the target's audit chain verifies to the head " + head->head;
  }

  Result<Outcome> roll_back() {
    BALUHOST_TRY(const Run found, target_->run());
    if (found.state == RunState::none)
      return Error{Errc::conflict, "the target holds no migration: nothing was removed"};
    if (found.source != report_.source)
      return Error{Errc::conflict, "the target holds a migration of another source, " +
                                       found.source + ": nothing was removed"};
    if (found.state == RunState::done && !options_.yes) {
      return Error{Errc::conflict,
                   "the migration is finished and a server may have used the target since: "
                   "--rollback --yes empties it all the same"};
    }
    BALUHOST_CHECK(step("rollback", [&]() -> Result<std::string> {
      BALUHOST_CHECK(target_->remove_everything());
      return std::string{"the target is empty"};
    }));
    result_ = "rolled_back";
    return Outcome::ok;
  }

  Context& context_;
  const Options& options_;
  Report& report_;
  std::unique_ptr<Store>& source_;
  std::unique_ptr<Store>& target_;
  std::string result_{"ok"};
  std::map<std::string_view, double> copy_seconds_;
  Checksums last_source_;
  bool source_moved_{false};
  bool begins_anew_{false};
  std::future<Result<std::string>> making_backup_;
  std::future<Result<void>> backup_is_sound_;
  std::optional<std::string> backup_file_;
  bool backup_compared_{false};
  std::optional<ChainHead> proven_target_;
  std::future<ChainVerdict> source_chain_;
  std::future<ChainVerdict> target_chain_;
};

} // namespace

Outcome run(const Options& options, const Configuration& configuration, Report& report) {
  {
    Context context{.options = options,
                    .configuration = configuration,
                    .report = report,
                    .digester = make_openssl_digester()};
    Migration migration{context};
    const Outcome outcome = migration.run();
    if (!migration.begins_anew()) return outcome;
  }
  Options anew = options;
  anew.resume = false;
  Context context{.options = anew,
                  .configuration = configuration,
                  .report = report,
                  .digester = make_openssl_digester()};
  return Migration{context}.run();
}

} // namespace baluhost::migrate
