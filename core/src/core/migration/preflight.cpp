#include "migration/preflight.hpp"

#include "migration/backup_task.hpp"
#include "migration/finished_target.hpp"
#include "migration/rows/row_check.hpp"

#include "baluhost/domain/concat.hpp"

#include <algorithm>

namespace baluhost::migration {
namespace {

using bulk::RunState;

/// What the run that the target holds, if any, has against this one.
void look_at_run(Context& context, const bulk::Run& found) {
  Journal& journal = context.journal;
  if (found.state == RunState::none) {
    journal.find("the target holds a BaluHost already, which no migration made");
  } else if (found.source != context.given.source.name) {
    journal.find("the target holds a migration of another source: " + found.source);
  } else if (context.is(Mode::compare) || context.is(Mode::resume)) {
    // Of a finished one it depends on whether the source went on since.
    return;
  } else if (found.state == RunState::done) {
    journal.find(kFinished);
  } else {
    journal.find(
        "the target holds a half-done migration of this source: --resume goes on with it, "
        "--rollback empties it");
  }
}

Result<void> look_at_target(Context& context) {
  BALUHOST_TRY(const auto obstacles, context.target->obstacles());
  context.journal.find_all(obstacles);
  const auto version = context.target->reader().schema_version();
  if (!version) {
    context.journal.find("the target: " + version.error().detail);
    return {};
  }
  BALUHOST_TRY(const bulk::Run found, context.target->run());
  context.run_state = found.state;
  if (*version != 0) {
    look_at_run(context, found);
  } else if (context.is(Mode::compare)) {
    // Killed before its first row, a run left nothing behind: to resume is to begin.
    context.journal.find("the target is empty: there is nothing to compare");
  }
  return {};
}

/// Without the public keys the copy of a sealed trail could not be proved, without the private ones
/// the event of the migration would name nobody.
Result<void> look_at_keys(Context& context) {
  BALUHOST_TRY(const auto seals,
               context.source.reader().count(context.table(bulk::Content::seals)));
  if (seals > 0) {
    if (const auto keys = context.given.seal_keys(); !keys) {
      context.journal.find(keys.error().detail);
      return {};
    }
  }
  if (const auto keys = context.given.seal_signer(); !keys)
    context.journal.find(keys.error().detail);
  return {};
}

/// False if the version is not the one that moves.
bool look_at_version(Context& context) {
  const auto version = context.source.reader().schema_version();
  const auto needed = context.given.source.rows.needed_version();
  if (!version) {
    context.journal.find("the source: " + version.error().detail);
  } else if (*version == 0) {
    context.journal.find("the source is empty: there is nothing to move");
  } else if (*version != needed) {
    context.journal.find(bulk::Finding{
        .table = "schema_version",
        .column = "version",
        .problem =
            concat("the source has schema version ", *version, ", this tool moves ", needed, ": ",
                   *version < needed ? "start baluhostd on it once, which upgrades it"
                                     : "use a newer baluhost-migrate")});
  }
  return version && *version == needed;
}

Result<void> look_at_source(Context& context, BackupTask& backup) {
  BALUHOST_CHECK(context.source.begin_snapshot());
  if (!look_at_version(context)) return {};
  BALUHOST_TRY(const auto found, context.source.reader().structure());
  context.journal.find_all(found);
  const bool readable = std::ranges::none_of(
      found, [](const bulk::Finding& item) { return item.problem == "is missing"; });
  if (!readable) return {};
  BALUHOST_CHECK(look_at_keys(context));
  if (!context.journal.has_findings()) backup.start();
  return check_contents(context);
}

/// What stops a look is a finding too, so that the others are not lost for it.
void look(Context& context, std::string_view at, FunctionRef<Result<void>()> work) {
  const auto before = context.journal.findings();
  const auto done = work();
  if (!done && context.journal.findings() == before)
    context.journal.find(concat(at, ": ", done.error().detail));
}

} // namespace

Result<std::string> preflight(Context& context, BackupTask& backup) {
  if (context.target) look(context, "the target", [&] { return look_at_target(context); });
  if (backup.is_wanted()) context.journal.find_all(context.given.backup->obstacles());
  if (context.source.is_open())
    look(context, "the source", [&] { return look_at_source(context, backup); });
  Journal& journal = context.journal;
  if (!journal.has_findings() && context.is(Mode::resume) && context.run_state == RunState::done)
    look(context, "the target", [&] { return look_at_finished_target(context); });
  if (!journal.has_findings()) return std::string{};
  if (backup.is_started()) backup.discard();
  journal.close_findings();
  return Error{Errc::conflict, concat(journal.findings(), " findings; nothing was written")};
}

} // namespace baluhost::migration
