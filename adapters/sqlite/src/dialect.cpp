#include "dialect.hpp"

#include "baluhost/domain/concat.hpp"
#include "baluhost/domain/text.hpp"
#include "connections/native.hpp"
#include "connections/statement.hpp"
#include "name_index.hpp"

#include <soci/sqlite3/soci-sqlite3.h>

namespace baluhost::sqlite {
namespace {

constexpr std::chrono::seconds kRetryAfter{1};

/// Whether the whole work may run again.
enum class Retry { no, yes };

/// SQLite's own words, without the name of SOCI's function in front of them.
std::string words_of(const soci::soci_error& error) {
  std::string text = printable(error.get_error_message());
  const auto end = text.find(": ");
  if (end != std::string::npos &&
      std::string_view{text}.substr(0, end).find("::") != std::string_view::npos)
    text.erase(0, end + 2);
  return text;
}

/// Locks are no-ops: one transaction writes at a time, from its first statement on.
class SqliteDialect final : public sql::Dialect {
 public:
  sql::Connection::Trouble translate(const soci::soci_error& error) const override {
    const std::string detail = "SQLite: " + words_of(error);
    const auto* native = dynamic_cast<const soci::sqlite3_soci_error*>(&error);
    const auto trouble = [&](Errc code, Retry retry = Retry::no) {
      const bool is_passing = code == Errc::unavailable;
      return sql::Connection::Trouble{
          .retry = retry == Retry::yes,
          .error = Error{.code = code,
                         .detail = detail,
                         .retry_after = is_passing ? kRetryAfter : std::chrono::seconds{0}}};
    };
    switch (native == nullptr ? SQLITE_ERROR : native->result() & 0xFF) {
      case SQLITE_BUSY:
      case SQLITE_LOCKED:
        return trouble(Errc::unavailable, Retry::yes);
      case SQLITE_FULL:
        return trouble(Errc::insufficient_storage);
      case SQLITE_IOERR:
      case SQLITE_CANTOPEN:
      case SQLITE_NOMEM:
      case SQLITE_INTERRUPT:
      case SQLITE_PROTOCOL:
      case SQLITE_READONLY:
      case SQLITE_PERM:
        return trouble(Errc::unavailable);
      default:
        return trouble(Errc::internal);
    }
  }

  std::unique_ptr<sql::Statement> prepare(sql::Connection& db, std::string_view sql,
                                          std::string_view shape) const override {
    return make_statement(handle_of(db), sql, shape);
  }

  void lock_roles(sql::Connection&) const override {}
  void lock_accounts(sql::Connection&, const AccountLocks&) const override {}
  void lock_chain(sql::Connection&) const override {}
  bool lock_home(sql::Connection& db, UserId owner) const override {
    return db.number("select id from users where id = ?", {owner}).has_value();
  }
  bool hold_home(sql::Connection&, UserId) const override { return false; }
  void before_removal(sql::Connection&, std::span<const FileId>) const override {}
  void before_copy(sql::Connection&, FileId) const override {}

  std::string_view next_file_id() const override {
    return "(select seq from sqlite_sequence where name = 'files') + row_number() over (order by "
           "t.depth, t.id)";
  }
  std::string json_integer(std::string_view details, std::string_view key) const override {
    const std::string text{details};
    const std::string path = "'$." + std::string{key} + "'";
    return "case when json_valid(" + text + ") then case json_type(" + text + ", " + path +
           ") when 'integer' then json_extract(" + text + ", " + path + ") else 0 end else 0 end";
  }
  std::string_view settled() const override { return "true"; }
  // There is one writer.
  std::string_view transaction_number() const override { return "random()"; }
  std::string_view is_over() const override { return "true"; }
  std::string_view well_typed() const override {
    // An empty blob is greater than any text and than nothing else.
    return "a.success in (0, 1) and typeof(a.timestamp) = 'integer' and (a.event_type >= x'' or "
           "a.action >= x'' or a.\"user\" >= x''"
           " or a.resource >= x'' or a.error_message >= x'' or a.details >= x'' or a.ip_address >= "
           "x'' or a.user_agent >= x'') is not true";
  }
  std::string_view newest_event() const override {
    return "select seq from sqlite_sequence where name = 'audit_logs'";
  }
  std::string_view last_event_id() const override { return newest_event(); }
  bool is_remote() const override { return false; }
  bool has_ids_in_indexes() const override { return true; }

  std::string contains(std::string_view text, std::string_view part) const override {
    return concat("instr(", text, ", ", part, ") > 0");
  }
  std::optional<std::int64_t> names_read(sql::Connection&, std::span<const std::string>,
                                         std::optional<UserId>) const override {
    return 0; // it brings them one by one
  }
  std::vector<std::string> name_matches(sql::Connection& db, std::span<const std::string> terms,
                                        std::optional<UserId> owner,
                                        const std::optional<IdRange>&) const override {
    const auto match = sqlite::name_match(db, terms, owner);
    return match ? std::vector{*match} : std::vector<std::string>{};
  }
  sql::Query name_lookup(const sql::Columns& columns, const std::string& condition,
                         std::size_t) const override {
    return sql::select(columns,
                       "from files_search s cross join files f on f.id = s.rowid"
                       " where s.files_search match ? and s.rowid >= ? and s.rowid < ? and " +
                           condition + " order by s.rowid desc limit ?");
  }
  // FTS5 calls a table of its own that is gone, or of another version, an error like any other.
  bool is_index_damage(const soci::soci_error& error) const override {
    const auto* native = dynamic_cast<const soci::sqlite3_soci_error*>(&error);
    const int code = native == nullptr ? SQLITE_OK : native->result() & 0xFF;
    return code == SQLITE_CORRUPT || code == SQLITE_ERROR;
  }
  std::optional<sql::Query> waiting_names(const sql::Columns& columns,
                                          const std::string& condition) const override {
    return sql::select(columns,
                       "from (select distinct file_id from files_search_changes"
                       " where is_removal = 0) c cross join files f on f.id = c.file_id"
                       " where c.file_id >= ? and c.file_id < ? and " +
                           condition + " order by f.id desc limit ?");
  }

  std::vector<AuditEvent> audit_page(sql::Connection& db, const AuditFilter& filter,
                                     SortOrder order, const std::optional<EventPosition>& after,
                                     std::size_t limit) const override {
    return sqlite::audit_page(db, filter, order, after, limit);
  }
};

} // namespace

const sql::Dialect& sqlite_dialect() noexcept {
  static const SqliteDialect dialect;
  return dialect;
}

bool is_busy(const sql::Connection::Trouble& trouble) noexcept { return trouble.retry; }

} // namespace baluhost::sqlite
