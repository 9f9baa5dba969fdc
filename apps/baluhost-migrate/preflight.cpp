#include "preflight.hpp"

#include "chain_stream.hpp"
#include "finished_target.hpp"
#include "progress.hpp"

#include "baluhost/postgres/postgres_database.hpp"
#include "baluhost/sqlite/sqlite_database.hpp"

#include <fmt/format.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <future>

namespace baluhost::migrate {
namespace {

Result<void> look_at_target(Context& context) {
  const Options& options = context.options;
  BALUHOST_TRY(const auto missing, context.target->rights());
  for (const Finding& item : missing)
    context.finding(item.table, item.column, item.row, item.problem);
  const auto version = context.target->schema_version();
  if (!version) {
    context.finding("", "", "", "the target: " + version.error().detail);
    return {};
  }
  BALUHOST_TRY(const Run found, context.target->run());
  context.run_state = found.state;
  if (*version == 0) {
    // Killed before its first row, a run left nothing behind: to resume is to begin.
    if (options.verify_only)
      context.finding("", "", "", "the target is empty: there is nothing to compare");
  } else if (found.state == RunState::none) {
    context.finding("", "", "", "the target holds a BaluHost already, which no migration made");
  } else if (found.source != context.report.source) {
    context.finding("", "", "", "the target holds a migration of another source: " + found.source);
  } else if (!options.verify_only && found.state == RunState::done) {
    // With --resume it depends on whether the source went on since.
    if (!options.resume) context.finding("", "", "", kFinished);
  } else if (!options.verify_only && !options.resume) {
    context.finding("", "", "",
                    "the target holds a half-done migration of this source: --resume goes on with "
                    "it, --rollback empties it");
  }
  return {};
}

/// Looks at every row of one table, and hashes it on the way.
Result<Checksum> look_at_table(Context& context, Store& store, const Table& table,
                               FunctionRef<void(const Row&)> seen) {
  TableHash hash{*context.digester};
  BALUHOST_CHECK(store.scan(table, std::nullopt, [&](const Row& row) -> Result<void> {
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (auto problem = problem_of(table.columns[i], row[i]); !problem.empty()) {
        context.finding(std::string{table.name}, std::string{table.columns[i].name},
                        describe_key(table, row), std::move(problem));
      }
    }
    hash.add(table, row);
    seen(row);
    return {};
  }));
  return hash.checksum();
}

Result<void> look_at_rows(Context& context) {
  Progress progress{"looking at every row", total_rows(*context.source)};
  std::int64_t seen = 0;
  for (const Table& table : tables()) {
    BALUHOST_TRY(context.snapshot[table.name],
                 look_at_table(context, *context.source, table,
                               [&](const Row&) { progress.update(++seen); }));
  }
  return {};
}

/// The events by one connection, all else by another, and the audit chain from what both read.
Result<void> look_at_rows_in_parallel(Context& context) {
  Progress progress{"looking at every row", total_rows(*context.source)};
  std::atomic<std::int64_t> seen{0};
  Store& other = *context.readers.front();
  ChainStream chain{context.configuration, *context.digester, other};
  auto events = std::async(std::launch::async, [&]() -> Result<Checksum> {
    auto sum =
        look_at_table(context, *context.source, table_named("audit_logs"), [&](const Row& row) {
          chain.event(row);
          progress.update(++seen);
        });
    chain.end_of_events();
    return sum;
  });
  auto others = [&]() -> Result<void> {
    BALUHOST_TRY(context.snapshot["audit_leaves"],
                 look_at_table(context, other, table_named("audit_leaves"), [&](const Row& row) {
                   chain.leaf(row);
                   ++seen;
                 }));
    context.source_chain = chain.finish();
    for (const Table& table : tables()) {
      if (table.name == "audit_logs" || table.name == "audit_leaves") continue;
      BALUHOST_TRY(context.snapshot[table.name],
                   look_at_table(context, other, table, [&](const Row&) { ++seen; }));
    }
    return {};
  }();
  if (!others) chain.give_up();
  auto of_events = events.get();
  BALUHOST_CHECK(std::move(others));
  BALUHOST_TRY(context.snapshot["audit_logs"], std::move(of_events));
  return {};
}

/// The rows, and beside them the file and its references.
Result<void> look_at_contents(Context& context) {
  const bool parallel = context.readers.size() > 1;
  std::unique_ptr<Store> another;
  if (!parallel) {
    BALUHOST_TRY(another, open_side(context.options.from, false));
  }
  Store& other = parallel ? *context.readers.back() : *another;
  auto damage = std::async(std::launch::async, [&] { return other.damage(); });
  auto looked = parallel ? look_at_rows_in_parallel(context) : look_at_rows(context);
  BALUHOST_TRY(const auto found, damage.get());
  for (const Finding& item : found)
    context.finding(item.table, item.column, item.row, item.problem);
  return looked;
}

/// Without the public keys the copy of a sealed trail could not be proved, without the private ones
/// the event of the migration would be nobody's.
Result<void> look_at_keys(Context& context) {
  BALUHOST_TRY(const auto count, context.source->count(table_named("audit_seals")));
  if (count > 0) {
    if (const auto keys = seal_keys(context.configuration); !keys) {
      context.finding("", "", "", keys.error().detail);
      return {};
    }
  }
  if (const auto keys = private_keys(context.configuration); !keys) {
    context.finding("", "", "", keys.error().detail);
  }
  return {};
}

Result<void> look_at_source(Context& context, FunctionRef<void()> rows_are_next) {
  BALUHOST_CHECK(context.begin_snapshot());
  const auto version = context.source->schema_version();
  const std::int64_t expected =
      is_sqlite_url(context.options.from) ? sqlite_schema_version() : postgres_schema_version();
  if (!version) {
    context.finding("", "", "", "the source: " + version.error().detail);
  } else if (*version == 0) {
    context.finding("", "", "", "the source is empty: there is nothing to move");
  } else if (*version != expected) {
    context.finding(
        "schema_version", "version", "",
        fmt::format("the source has schema version {}, this tool moves {}: {}", *version, expected,
                    *version < expected ? "start baluhostd on it once, which upgrades it"
                                        : "use a newer baluhost-migrate"));
  } else {
    BALUHOST_TRY(const auto found, context.source->structure());
    for (const Finding& item : found)
      context.finding(item.table, item.column, item.row, item.problem);
    const bool readable = std::ranges::none_of(
        found, [](const Finding& item) { return item.problem == "is missing"; });
    if (!readable) return {};
    BALUHOST_CHECK(look_at_keys(context));
    if (context.report.findings.empty()) rows_are_next();
    BALUHOST_CHECK(look_at_contents(context));
  }
  return {};
}

void look_at_disk(Context& context) {
  const Options& options = context.options;
  std::error_code failure, ignored;
  const auto size = std::filesystem::file_size(path_of(options.from), failure);
  struct statvfs space {};
  // What is not there yet is made when the backup is.
  std::filesystem::path there =
      std::filesystem::absolute(options.backup_dir, ignored).lexically_normal();
  while (there.has_relative_path() &&
         !std::filesystem::exists(std::filesystem::symlink_status(there, ignored))) {
    there = there.parent_path();
  }
  if (!std::filesystem::is_directory(there, ignored) || ::access(there.c_str(), W_OK | X_OK) != 0 ||
      ::statvfs(there.c_str(), &space) != 0) {
    context.finding(
        "", "", "",
        fmt::format("the backup directory {} cannot be {}: {} is {}", options.backup_dir,
                    there == std::filesystem::path{options.backup_dir} ? "used" : "made",
                    there.string(),
                    std::filesystem::is_directory(there, ignored) ? "not to be written to"
                                                                  : "no directory"));
  } else if (!failure && space.f_bavail * space.f_frsize < size) {
    context.finding("", "", "",
                    fmt::format("the backup needs {} bytes in {}, and {} are free", size,
                                options.backup_dir, space.f_bavail * space.f_frsize));
  }
}

/// What stops a look is a finding too, so that the others are not lost for it.
void look(Context& context, std::string_view at, FunctionRef<Result<void>(Context&)> work) {
  const auto before = context.report.findings.size();
  const auto done = work(context);
  if (!done && context.report.findings.size() == before)
    context.finding("", "", "", fmt::format("{}: {}", at, done.error().detail));
}

} // namespace

Result<std::string> preflight(Context& context, FunctionRef<void()> rows_are_next) {
  const Options& options = context.options;
  if (context.target) look(context, "the target", [](Context& at) { return look_at_target(at); });
  const bool makes_backup = options.backup && !options.dry_run && !options.verify_only &&
                            context.run_state == RunState::none;
  if (makes_backup && is_sqlite_url(options.from)) look_at_disk(context);
  if (context.source)
    look(context, "the source", [&](Context&) { return look_at_source(context, rows_are_next); });
  auto& findings = context.report.findings;
  if (findings.empty() && options.resume && context.run_state == RunState::done)
    look(context, "the target", [](Context& at) { return look_at_finished_target(at); });
  if (findings.empty()) return std::string{};
  if (context.findings_left_out > 0)
    findings.back().problem += fmt::format(" (and {} findings more)", context.findings_left_out);
  return Error{Errc::conflict, fmt::format("{} findings; nothing was written",
                                           findings.size() + context.findings_left_out)};
}

} // namespace baluhost::migrate
