#pragma once

#include "baluhost/core/trash/trash_service.hpp"
#include "baluhost/domain/files/file_path.hpp"
#include "baluhost/domain/files/tree_record.hpp"
#include "baluhost/ports/clock.hpp"
#include "baluhost/ports/database.hpp"

#include <chrono>
#include <optional>
#include <vector>

/// What becomes of a whole tree in one step is told in one event, and of each file in one more. Of
/// a small tree they are written at once, of a large one afterwards.
namespace baluhost {

struct BegunRecord {
  std::vector<NewAuditEvent> events;   ///< of the files, where they are few
  std::optional<TreeRecord> pending{}; ///< else what is still to be written
};

/// Puts the files below `record.root` on record, now or later.
[[nodiscard]] Result<BegunRecord> begin_record(WriteTransaction& tx, const NewTreeRecord& record,
                                               Timestamp now);

/// Writes the events of one record, or of all of the tree at `root`, some at a time, until none is
/// left. False if some are: `go_on` said no, or another is at it.
[[nodiscard]] Result<bool> write_record(Database& database, const Clock& clock, TreeRecord record,
                                        FunctionRef<bool()> go_on);
[[nodiscard]] Result<bool> write_records_below(Database& database, const Clock& clock, FileId root,
                                               FunctionRef<bool()> go_on);

/// Until when, on the monotonic clock, the client that asks now may be made to wait: all in all, so
/// that the answer comes within a second, however long the counting takes.
[[nodiscard]] std::chrono::microseconds record_deadline(const Clock& clock);

/// The same until then; what goes wrong is left to the housekeeper too.
void write_record_soon(Database& database, const Clock& clock,
                       const std::optional<TreeRecord>& record,
                       std::chrono::microseconds deadline) noexcept;

/// unavailable, for a second: what lies strictly above `path` is a tree whose files are not all on
/// record as restored, so that none of them may change yet.
[[nodiscard]] Result<void> check_recorded(const Resolution& resolution);

} // namespace baluhost
