#include "connections/lost_commit.hpp"

#include "connections/native.hpp"

namespace baluhost::postgres {

// Not `pg_xact_status`: after a crash the server may give the number of a transaction that left no
// trace to another one.
TagOutcome outcome_of(sql::Connection& other, const LostCommit& commit) {
  // Until it ends it may still commit, and nobody would be told.
  const auto ended = script_value(other,
                                  "select pg_terminate_backend(pid) from pg_stat_activity "
                                  "where pid = " +
                                      commit.process + " and backend_xid = '" + commit.transaction +
                                      "'::xid8::xid");
  if (!ended.empty()) return TagOutcome::unknown;
  const auto found = other.number("select 1 from audit_logs where id = ? and timestamp = ?",
                                  {commit.event.id, commit.event.timestamp});
  return found ? TagOutcome::committed : TagOutcome::undone;
}

} // namespace baluhost::postgres
