#pragma once

#include "baluhost/domain/audit/audit_event.hpp"
#include "baluhost/domain/audit/audit_filter.hpp"
#include "baluhost/domain/concat.hpp"
#include "baluhost/domain/error.hpp"
#include "baluhost/domain/identity/user.hpp"
#include "baluhost/domain/ids.hpp"
#include "baluhost/sql_common/connection.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace baluhost::sql {

/// Where SQLite and PostgreSQL truly differ. Every method may throw what SOCI throws.
class Dialect {
 public:
  virtual ~Dialect() = default;

  /// What a failure of the database means; `detail` without any bound value.
  [[nodiscard]] virtual Connection::Trouble translate(const soci::soci_error& error) const = 0;
  [[nodiscard]] virtual std::unique_ptr<Statement> prepare(Connection& connection,
                                                           std::string_view sql,
                                                           std::string_view shape) const = 0;

  virtual void lock_roles(Connection& connection) const = 0;
  virtual void lock_accounts(Connection& connection, const AccountLocks& locks) const = 0;

  /// From here to the end of the transaction none of `accounts`, sorted, goes. Returns those that
  /// are there, sorted.
  virtual std::vector<UserId> hold_accounts(Connection& connection,
                                            std::span<const UserId> accounts) const;
  virtual void lock_chain(Connection& connection) const = 0;

  /// False if there is no such user.
  virtual bool lock_home(Connection& connection, UserId owner) const = 0;

  /// The same for a change of the tree whose caller may not have locked it. True if others may have
  /// changed it until now.
  virtual bool hold_home(Connection& connection, UserId owner) const = 0;

  /// Before contents of `files` may become unused: two who remove the last two references must see
  /// each other.
  virtual void before_removal(Connection& connection, std::span<const FileId> files) const = 0;

  /// Before the subtree is copied: nobody removes it meanwhile.
  virtual void before_copy(Connection& connection, FileId root) const = 0;

  /// An expression for the id of a new row of `files`, in a query over t(id, depth).
  [[nodiscard]] virtual std::string_view next_file_id() const = 0;

  /// An expression for the integer member of a JSON text: `key` of the text `details`, 0 where it
  /// has none.
  [[nodiscard]] virtual std::string json_integer(std::string_view details,
                                                 std::string_view key) const = 0;

  /// A condition on `audit_logs a`: true for events before which no other can still appear. One
  /// that follows the last id at once needs none.
  [[nodiscard]] virtual std::string_view settled() const = 0;

  /// An expression: a number that no other transaction has; a later one has a greater where others
  /// write at the same time.
  [[nodiscard]] virtual std::string_view transaction_number() const = 0;

  /// A condition on such a number `run`: all who began to write before its transaction have ended.
  [[nodiscard]] virtual std::string_view is_over() const = 0;

  /// A condition on `audit_logs a`: false for a row with a value that is not of its column's type,
  /// though it may be read as if it were.
  [[nodiscard]] virtual std::string_view well_typed() const = 0;

  /// A query for the greatest event id given so far.
  [[nodiscard]] virtual std::string_view newest_event() const = 0;

  /// The same, and those of transactions that are not over count too.
  [[nodiscard]] virtual std::string_view last_event_id() const = 0;

  /// Inserts `events` in their order, and returns the ids of their rows in any order.
  virtual std::vector<std::int64_t> insert_events(Connection& connection,
                                                  std::span<const AuditEvent> events) const;

  /// Whether a statement costs a round trip, so that one that does much beats several plain ones.
  [[nodiscard]] virtual bool is_remote() const = 0;

  /// Before a statement that takes longer to plan than to run, whatever its values: the rest of the
  /// transaction uses plans made before.
  virtual void keep_plans(Connection&) const {}
  /// Whether an index of its own has the events whose resource is longer than 2600 bytes, by its
  /// first 600 characters.
  [[nodiscard]] virtual bool has_long_resources() const { return false; }
  /// Whether an index has the id of each row, so that ids are read without the rows.
  [[nodiscard]] virtual bool has_ids_in_indexes() const { return false; }
  [[nodiscard]] virtual std::vector<AuditEvent> audit_page(
      Connection& connection, const AuditFilter& filter, SortOrder order,
      const std::optional<EventPosition>& after, std::size_t limit) const = 0;

  /// The rest of a condition: what stands before it is one of those that `query` brings. For rows
  /// that an index has for each of them, of which there may be many.
  [[nodiscard]] virtual std::string among(std::string_view query) const {
    return concat("in (", query, ")");
  }
  /// A condition: `text` holds `part`.
  [[nodiscard]] virtual std::string contains(std::string_view text,
                                             std::string_view part) const = 0;

  /// Ids from the first on, before the second.
  struct IdRange {
    FileId from;
    FileId before;
  };
  /// How many names a lookup reads, whatever its limit: about as many as have the rarest of
  /// `terms`. None if that is not known.
  [[nodiscard]] virtual std::optional<std::int64_t> names_read(
      Connection&, std::span<const std::string> terms, std::optional<UserId> owner) const = 0;

  /// What `name_lookup` takes for names that have every one of `terms`, three letters each or fewer
  /// with which three begin, in the home of `owner`, or in any; nothing if there are none. With a
  /// `range` no others have to be read for it.
  [[nodiscard]] virtual std::vector<std::string> name_matches(
      Connection& connection, std::span<const std::string> terms, std::optional<UserId> owner,
      const std::optional<IdRange>& range) const = 0;

  /// An id of the `range` from which on to its end few names have `terms`, though they are many;
  /// its end if that is not known.
  [[nodiscard]] virtual FileId few_from(Connection&, std::span<const std::string>,
                                        std::optional<UserId>, const IdRange& range) const {
    return range.before;
  }
  /// A query for `columns` of rows of `files f` that the index of names finds and for which
  /// `condition` holds, the greatest id first. Takes as many matches as `matches`, their range,
  /// what the condition takes, and how many at most.
  [[nodiscard]] virtual Query name_lookup(const Columns& columns, const std::string& condition,
                                          std::size_t matches) const = 0;

  /// Whether a lookup failed for what the index of names is, and the rest of the transaction reads
  /// on.
  [[nodiscard]] virtual bool is_index_damage(const soci::soci_error&) const { return false; }
  /// The same as a lookup, without a match, for names that changed and wait for the index; none
  /// where nothing ever waits.
  [[nodiscard]] virtual std::optional<Query> waiting_names(const Columns&,
                                                           const std::string&) const {
    return std::nullopt;
  }
  /// Around each statement that may wait for the database.
  virtual void statement_begins(Connection&) const {}
  virtual void statement_ends(Connection&) const {}
};

/// A statement that is under way, as the dialect is told.
class UnderWay {
 public:
  explicit UnderWay(Connection& connection) : connection_(connection) {
    connection_.dialect().statement_begins(connection_);
  }
  UnderWay(const UnderWay&) = delete;
  UnderWay& operator=(const UnderWay&) = delete;
  ~UnderWay() { connection_.dialect().statement_ends(connection_); }

 private:
  Connection& connection_;
};

} // namespace baluhost::sql
