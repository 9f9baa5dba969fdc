// Every promise is checked against rows. A pass copies a snapshot of the source; then both sides are read again, independently, and their
// canonical rows hashed. Where they differ because the source went on, the next pass catches up. Only what is equal is called done, and until then the
// target says of itself that it is not usable.

#include "migration.hpp"

#include "backend.hpp"
#include "chain.hpp"
#include "progress.hpp"

#include "baluhost/crypto/openssl_digester.hpp"
#include "baluhost/domain/text.hpp"
#include "baluhost/postgres/postgres_database.hpp"
#include "baluhost/sqlite/sqlite_database.hpp"
#include "baluhost/sqlite/sqlite_maintenance.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <future>
#include <map>

namespace baluhost::migrate {
namespace {

constexpr int kPasses = 3;
constexpr std::size_t kMostFindings = 1000;

bool is_sqlite_url(const std::string& url) { return url.starts_with("sqlite:"); }

std::string path_of(const std::string& url) {
  Configuration configuration;
  configuration.database.url = url;
  return sqlite_path(configuration);
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::string stamp() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y%m%d_%H%M%S", &parts);
  return text.data();
}

struct Checksum {
  std::int64_t rows{};
  std::string sha256;
  bool operator==(const Checksum&) const = default;
};
using Checksums = std::map<std::string_view, Checksum>;

class Migration {
 public:
  Migration(const Options& options, const Configuration& configuration, Report& report)
      : options_(options), configuration_(configuration), report_(report), digester_(make_openssl_digester()) {}

  Outcome run() {
    report_.source = redacted_url(options_.from);
    report_.target = redacted_url(options_.to);
    auto done = steps();
    if (!done) report_.error = done.error().detail.empty() ? std::string{code_of(done.error().code)} : done.error().detail;
    else report_.result = *done == Outcome::ok ? result_ : "failed";
    if (done && *done != Outcome::ok && report_.error.empty()) report_.error = "the two sides are not the same";
    return done ? *done : Outcome::failed;
  }

 private:
  Result<Outcome> steps() {
    BALUHOST_CHECK(step("open", [&]() -> Result<std::string> { return open(); }));
    if (options_.rollback) return roll_back();
    BALUHOST_CHECK(step("preflight", [&]() -> Result<std::string> { return preflight(); }));
    if (options_.verify_only) return verify_only();
    if (options_.backup && !options_.dry_run && run_state_ == RunState::none) {
      BALUHOST_CHECK(step("backup", [&]() -> Result<std::string> { return backup(); }));
    } else {
      skip("backup", options_.dry_run ? "a dry run changes nothing" : run_state_ == RunState::none ? "--no-backup" : "made before, when this migration began");
    }
    return options_.dry_run ? dry_run() : migrate();
  }

  /// Runs one step, and puts it into the report whatever becomes of it.
  Result<void> step(const std::string& name, FunctionRef<Result<std::string>()> work) {
    const auto start = std::chrono::steady_clock::now();
    auto done = work();
    report_.steps.push_back({name, done ? "ok" : "failed", seconds_since(start), done ? *done : done.error().detail});
    if (!done) return std::move(done).error();
    return {};
  }
  void skip(const std::string& name, const std::string& why) { report_.steps.push_back({name, "skipped", 0, why}); }

  Result<std::string> open() {
    if (is_sqlite_url(options_.from) == is_sqlite_url(options_.to)) {
      return Error{Errc::invalid_request, "one side must be sqlite:PATH and the other postgresql://…"};
    }
    const auto side = [&](const std::string& url, bool target) {
      return is_sqlite_url(url) ? open_sqlite_store(path_of(url), target) : open_postgres_store(url);
    };
    auto source = side(options_.from, false);
    auto target = side(options_.to, true);
    // Both are tried before either is complained of.
    if (!source) finding("", "", "", "the source cannot be read: " + source.error().detail);
    if (!target) finding("", "", "", "the target cannot be reached: " + target.error().detail);
    if (!source || !target) return Error{Errc::unavailable, report_.findings.front().problem};
    source_ = std::move(*source);
    target_ = std::move(*target);
    return std::string{};
  }

  void finding(std::string table, std::string column, std::string row, std::string problem) {
    if (report_.findings.size() < kMostFindings) {
      report_.findings.push_back({std::move(table), std::move(column), printable(row), std::move(problem)});
    } else {
      ++findings_left_out_;
    }
  }

  Result<std::string> preflight() {
    BALUHOST_CHECK(preflight_target());
    const auto version = source_->schema_version();
    const std::int64_t expected = is_sqlite_url(options_.from) ? sqlite_schema_version() : postgres_schema_version();
    if (!version) finding("", "", "", "the source: " + version.error().detail);
    else if (*version == 0) finding("", "", "", "the source is empty: there is nothing to move");
    else if (*version != expected) {
      finding("schema_version", "version", "", fmt::format("the source has schema version {}, this tool moves {}: {}", *version, expected,
                                                          *version < expected ? "start baluhostd on it once, which upgrades it" : "use a newer baluhost-migrate"));
    } else {
      BALUHOST_TRY(const auto found, source_->structure());
      for (const Finding& item : found) finding(item.table, item.column, item.row, item.problem);
      const bool readable = std::ranges::none_of(found, [](const Finding& item) { return item.problem == "is missing"; });
      if (readable) BALUHOST_CHECK(preflight_rows());
    }
    if (options_.backup && !options_.dry_run && is_sqlite_url(options_.from)) preflight_disk();
    if (findings_left_out_ > 0) report_.findings.back().problem += fmt::format(" (and {} findings more)", findings_left_out_);
    if (!report_.findings.empty()) return Error{Errc::conflict, fmt::format("{} findings; nothing was written", report_.findings.size() + findings_left_out_)};
    return std::string{};
  }

  Result<void> preflight_target() {
    BALUHOST_TRY(const auto missing, target_->rights());
    for (const Finding& item : missing) finding(item.table, item.column, item.row, item.problem);
    const auto version = target_->schema_version();
    if (!version) {
      finding("", "", "", "the target: " + version.error().detail);
      return {};
    }
    BALUHOST_TRY(const Run found, target_->run());
    run_state_ = found.state;
    if (*version == 0) {
      if (options_.resume || options_.verify_only) finding("", "", "", "the target is empty: there is nothing to go on with");
    } else if (found.state == RunState::none) {
      finding("", "", "", "the target holds a BaluHost already, which no migration made");
    } else if (found.source != report_.source) {
      finding("", "", "", "the target holds a migration of another source: " + found.source);
    } else if (!options_.verify_only && found.state == RunState::done) {
      finding("", "", "", "the target holds the finished migration of this source; --verify-only compares, --rollback empties it");
    } else if (!options_.verify_only && !options_.resume) {
      finding("", "", "", "the target holds a half-done migration of this source: --resume goes on with it, --rollback empties it");
    }
    return {};
  }

  Result<void> preflight_rows() {
    BALUHOST_CHECK(source_->begin_snapshot());
    Progress progress{"looking at every row", total_rows(*source_)};
    std::int64_t seen = 0;
    for (const Table& table : tables()) {
      const auto checked = source_->scan(table, std::nullopt, [&](const Row& row) -> Result<void> {
        for (std::size_t i = 0; i < row.size(); ++i) {
          if (auto problem = problem_of(table.columns[i], row[i]); !problem.empty()) {
            finding(std::string{table.name}, std::string{table.columns[i].name}, describe_key(table, row), std::move(problem));
          }
        }
        progress.update(++seen);
        return {};
      });
      if (!checked) {
        source_->end_snapshot();
        return checked;
      }
    }
    source_->end_snapshot();
    return {};
  }

  void preflight_disk() {
    std::error_code failure;
    const auto size = std::filesystem::file_size(path_of(options_.from), failure);
    struct statvfs space {};
    if (::statvfs(options_.backup_dir.c_str(), &space) != 0) {
      finding("", "", "", "the backup directory " + options_.backup_dir + " cannot be used");
    } else if (!failure && space.f_bavail * space.f_frsize < size) {
      finding("", "", "", fmt::format("the backup needs {} bytes in {}, and {} are free", size, options_.backup_dir, space.f_bavail * space.f_frsize));
    }
  }

  static std::int64_t total_rows(Store& store) {
    std::int64_t total = 0;
    for (const Table& table : tables()) total += store.count(table).value_or(0);
    return total;
  }

  Result<std::string> backup() {
    if (!is_sqlite_url(options_.from)) return dump_postgres();
    const std::string file = options_.backup_dir + "/baluhost_sqlite_" + stamp() + ".db";
    Progress progress{"backing up", 0, "pages"};
    auto made = backup_sqlite(path_of(options_.from), file, [&](std::int64_t done, std::int64_t total) { progress.update(done, total); });
    if (!made) return Error{made.error().code, "the backup " + file + ": " + made.error().detail};
    BALUHOST_TRY(const auto wrong, check_sqlite(file));
  for (const char* left : {"-wal", "-shm"}) std::filesystem::remove(file + left);
    if (!wrong.empty()) return Error{Errc::internal, "the backup " + file + " is not sound: " + wrong.front()};
    return file;
  }

  Result<std::string> dump_postgres() {
    const std::string file = options_.backup_dir + "/baluhost_postgresql_" + stamp() + ".dump";
    const ::pid_t child = ::fork();
    if (child == 0) {
      ::umask(077);
      ::execlp("pg_dump", "pg_dump", "--format=custom", "--file", file.c_str(), "--dbname", options_.from.c_str(), nullptr);
      ::_exit(127);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127) return std::string{"pg_dump is not installed: no backup was made"};
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return Error{Errc::unavailable, "pg_dump failed; --no-backup does without"};
    return file;
  }

  Result<void> copy_table(const Table& table, Progress& progress, std::int64_t& copied) {
    std::optional<std::int64_t> after;
    if (table.growth == Growth::appended) {
      BALUHOST_TRY(const auto least, source_->least_key(table));
      if (least) BALUHOST_CHECK(in_transaction([&] { return target_->drop_below(table, *least); }));
      BALUHOST_TRY(after, target_->greatest_key(table));
    }
    const bool batched = table.growth == Growth::appended && !options_.dry_run;
    std::int64_t in_batch = 0;
    BALUHOST_CHECK(open_transaction());
    auto work = [&]() -> Result<void> {
      BALUHOST_CHECK(target_->begin_rows(table));
      BALUHOST_CHECK(source_->scan(table, after, [&](const Row& row) -> Result<void> {
        if (batched && in_batch == options_.batch) {
          BALUHOST_CHECK(target_->end_rows());
          BALUHOST_CHECK(close_transaction());
          BALUHOST_CHECK(open_transaction());
          BALUHOST_CHECK(target_->begin_rows(table));
          in_batch = 0;
        }
        ++in_batch;
        progress.update(++copied);
        return target_->put(table, row);
      }));
      BALUHOST_CHECK(target_->end_rows());
      if (table.identity) {
        BALUHOST_TRY(const auto last, source_->identity(table));
        BALUHOST_CHECK(target_->set_identity(table, last));
      }
      return close_transaction();
    };
    auto done = work();
    if (!done && !options_.dry_run) target_->roll_back();
    if (!done) return Error{done.error().code, fmt::format("copying {}: {}", table.name, done.error().detail)};
    return {};
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

  Result<std::string> copy() {
    BALUHOST_CHECK(source_->begin_snapshot());
    Progress progress{"copying", total_rows(*source_)};
    std::int64_t copied = 0;
    auto work = [&]() -> Result<void> {
      // Without its references a table that is copied whole may be emptied and filled in any order; with them, only together.
      BALUHOST_CHECK(in_transaction([&] { return target_->empty_mutable_tables(); }));
      for (const Table& table : tables()) {
        const auto start = std::chrono::steady_clock::now();
        BALUHOST_CHECK(copy_table(table, progress, copied));
        copy_seconds_[table.name] += seconds_since(start);
      }
      return {};
    };
    auto done = work();
    source_->end_snapshot();
    BALUHOST_CHECK(std::move(done));
    return fmt::format("{} rows", copied);
  }

  Result<std::string> complete() {
    Progress progress{"indexes", 0, "objects"};
    std::int64_t made = 0;
    BALUHOST_CHECK(target_->complete_schema([&](std::string_view) { progress.update(++made); }));
    return fmt::format("{} indexes, references and triggers", made);
  }

  /// Reads every row of one side. With `up_to`, of appended tables only what the other side has.
  Result<Checksums> checksums(Store& store, const std::map<std::string_view, std::int64_t>& up_to = {}) {
    Checksums sums;
    for (const Table& table : tables()) {
      const auto hash = digester_->sha256_stream();
      std::string buffer;
      Checksum sum;
      const auto limit = up_to.find(table.name);
      BALUHOST_CHECK(store.scan(table, std::nullopt, [&](const Row& row) -> Result<void> {
        if (limit != up_to.end() && std::get<std::int64_t>(row.front()) > limit->second) return {};
        append_canonical(buffer, table, row);
        if (buffer.size() > 64 * 1024) {
          hash->update(buffer);
          buffer.clear();
        }
        ++sum.rows;
        return {};
      }));
      hash->update(buffer);
      sum.sha256 = hash->digest().hex();
      sums[table.name] = sum;
    }
    return sums;
  }

  /// Both sides at the same time, each by itself.
  Result<bool> compare(bool tolerate_later_events) {
    BALUHOST_CHECK(source_->begin_snapshot());
    std::map<std::string_view, std::int64_t> up_to;
    if (tolerate_later_events) {
      for (const Table& table : tables()) {
        if (table.growth != Growth::appended) continue;
        BALUHOST_TRY(const auto greatest, source_->greatest_key(table));
        up_to[table.name] = greatest.value_or(0);
      }
    }
    auto of_source = std::async(std::launch::async, [&] { return checksums(*source_); });
    auto of_target = checksums(*target_, up_to);
    auto source_sums = of_source.get();
    source_->end_snapshot();
    BALUHOST_CHECK(source_sums);
    BALUHOST_CHECK(of_target);
    report_.tables.clear();
    bool equal = true;
    for (const Table& table : tables()) {
      const Checksum& a = (*source_sums)[table.name];
      const Checksum& b = (*of_target)[table.name];
      report_.tables.push_back({std::string{table.name}, a.rows, b.rows, a.sha256, b.sha256, copy_seconds_[table.name]});
      // The day's figures of a target that went on hold more than the source's.
      equal = equal && (a == b || (tolerate_later_events && table.name == "audit_daily"));
    }
    std::swap(last_source_, *source_sums);
    source_moved_ = last_source_ != *source_sums;
    return equal;
  }

  Result<std::string> verify_identities() {
    for (const Table& table : tables()) {
      if (!table.identity) continue;
      BALUHOST_TRY(const auto last, target_->identity(table));
      BALUHOST_TRY(const auto least, source_->identity(table));
      if (last < least && least > 0) return Error{Errc::internal, fmt::format("the sequence of {} stands at {}, the source's at {}", table.name, last, least)};
    }
    return std::string{};
  }

  Result<std::string> verify_references() {
    BALUHOST_TRY(const auto found, target_->structure());
    for (const Finding& item : found) finding(item.table, item.column, item.row, item.problem);
    if (!found.empty()) return Error{Errc::internal, "the target's structure is not what it should be: " + found.front().problem};
    return std::string{};
  }

  Result<std::string> verify_chain(bool target_readable) {
    BALUHOST_TRY(const auto of_source, chain_head(configuration_, options_.from, *digester_));
    if (!of_source) return std::string{"there is no seal yet"};
    if (!target_readable) return "the source's head is " + of_source->head + "; the target's rows are the same";
    BALUHOST_TRY(const auto of_target, chain_head(configuration_, options_.to, *digester_));
    if (!of_target || of_target->head != of_source->head) return Error{Errc::internal, "the audit chains end in different heads"};
    return "both sides verify to the head " + of_source->head;
  }

  Result<Outcome> lost(const std::string& why) {
    report_.error = why;
    if (!options_.dry_run) BALUHOST_CHECK(target_->set_state(RunState::failed, why));
    return Outcome::lost;
  }

  /// Copies until both sides are the same; lost if they are not although the source stood still.
  Result<Outcome> copy_and_compare() {
    for (int pass = 1; pass <= kPasses; ++pass) {
      BALUHOST_CHECK(step(pass == 1 ? "copy" : fmt::format("catch up {}", pass - 1), [&] { return copy(); }));
      if (pass == 1) BALUHOST_CHECK(step("indexes", [&] { return complete(); }));
      bool equal = false;
      BALUHOST_CHECK(step("compare", [&]() -> Result<std::string> {
        BALUHOST_TRY(equal, compare(false));
        return std::string{equal ? "every table is the same" : "the sides differ"};
      }));
      if (equal) return Outcome::ok;
      if (pass > 1 && !source_moved_) return lost("rows were lost or changed on the way");
    }
    return Error{Errc::conflict, "the source keeps changing: stop the server that uses it, then go on with --resume"};
  }

  Result<Outcome> migrate() {
    if (run_state_ == RunState::none) {
      BALUHOST_CHECK(step("schema", [&]() -> Result<std::string> {
        BALUHOST_CHECK(in_transaction([&] { return target_->create_schema(report_.source); }));
        return std::string{};
      }));
    } else {
      BALUHOST_CHECK(target_->set_state(RunState::running, ""));
    }
    BALUHOST_TRY(const Outcome copied, copy_and_compare());
    if (copied != Outcome::ok) return copied;
    const auto verified = [&](const char* name, FunctionRef<Result<std::string>()> work) { return step(name, work); };
    for (const auto& failed : {verified("sequences", [&] { return verify_identities(); }), verified("references", [&] { return verify_references(); }),
                               verified("audit chain", [&] { return verify_chain(true); })}) {
      if (!failed) return lost(failed.error().detail);
    }
    BALUHOST_CHECK(step("finish", [&]() -> Result<std::string> {
      BALUHOST_CHECK(target_->set_state(RunState::done, report_.source));
      std::int64_t rows = 0;
      for (const TableReport& table : report_.tables) rows += table.target_rows;
      target_.reset(); // the event goes through the adapter, like every other
      return record_migration(configuration_, options_.to, report_.source, rows, static_cast<std::int64_t>(report_.tables.size()));
    }));
    result_ = "ok";
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
    BALUHOST_CHECK(step("compare", [&]() -> Result<std::string> {
      BALUHOST_TRY(equal, compare(run_state_ == RunState::done));
      return std::string{equal ? "every table is the same" : "the sides differ"};
    }));
    if (!equal) {
      report_.error = "the two sides are not the same";
      return run_state_ == RunState::done ? Result<Outcome>{Outcome::lost} : lost(report_.error);
    }
    BALUHOST_CHECK(step("sequences", [&] { return verify_identities(); }));
    BALUHOST_CHECK(step("audit chain", [&] { return verify_chain(false); }));
    result_ = "ok";
    return Outcome::ok;
  }

  Result<Outcome> roll_back() {
    BALUHOST_TRY(const Run found, target_->run());
    if (found.state == RunState::none) return Error{Errc::conflict, "the target holds no migration: nothing was removed"};
    if (found.source != report_.source) return Error{Errc::conflict, "the target holds a migration of another source, " + found.source + ": nothing was removed"};
    if (found.state == RunState::done && !options_.yes) {
      return Error{Errc::conflict, "the migration is finished and a server may have used the target since: --rollback --yes empties it all the same"};
    }
    BALUHOST_CHECK(step("rollback", [&]() -> Result<std::string> {
      BALUHOST_CHECK(target_->remove_everything());
      return std::string{"the target is empty"};
    }));
    result_ = "rolled_back";
    return Outcome::ok;
  }

  const Options& options_;
  const Configuration& configuration_;
  Report& report_;
  std::unique_ptr<Digester> digester_;
  std::unique_ptr<Store> source_;
  std::unique_ptr<Store> target_;
  RunState run_state_{RunState::none};
  std::string result_{"ok"};
  std::size_t findings_left_out_{0};
  std::map<std::string_view, double> copy_seconds_;
  Checksums last_source_;
  bool source_moved_{false};
};

} // namespace

Outcome run(const Options& options, const Configuration& configuration, Report& report) { return Migration{options, configuration, report}.run(); }

} // namespace baluhost::migrate
