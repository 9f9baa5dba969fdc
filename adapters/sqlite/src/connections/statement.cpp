#include "connections/statement.hpp"

#include <stdexcept>
#include <string>
#include <vector>

/// Not by SOCI, whose statements look for each value by its name, copy each row twice, and keep
/// what they bound after a failure (ADR 0054).
namespace baluhost::sqlite {
namespace {

using namespace sqlite_api;

class SqliteStatement final : public sql::Statement {
 public:
  SqliteStatement(sqlite3* handle, std::string_view sql, std::string_view shape)
      : Statement(shape), handle_(handle) {
    const int code = sqlite3_prepare_v3(handle, sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &statement_, nullptr);
    if (code != SQLITE_OK) fail(code);
    values_.resize(static_cast<std::size_t>(sqlite3_bind_parameter_count(statement_)));
    if (static_cast<std::size_t>(sqlite3_column_count(statement_)) < columns_.size()) {
      sqlite3_finalize(statement_);
      throw std::logic_error("a statement with another number of columns");
    }
  }
  ~SqliteStatement() override { sqlite3_finalize(statement_); }

  bool execute(std::span<const sql::Argument> arguments) override {
    if (arguments.size() != values_.size())
      throw std::logic_error("a statement with another number of values");
    for (std::size_t i = 0; i < arguments.size(); ++i)
      bind(static_cast<int>(i) + 1, arguments[i], values_[i]);
    const bool has_row = step();
    affected_ = sqlite3_changes(handle_);
    return has_row;
  }

  bool fetch() override { return step(); }
  std::int64_t affected() override { return affected_; }
  void end_early() override { sqlite3_reset(statement_); }

 private:
  /// A text is copied: rows are read when the argument is gone. `kept` keeps its room.
  void bind(int number, const sql::Argument& argument, std::string& kept) {
    int code = SQLITE_OK;
    if (argument.is_null()) {
      code = sqlite3_bind_null(statement_, number);
    } else if (!argument.is_text()) {
      code = sqlite3_bind_int64(statement_, number, argument.number());
    } else {
      const auto text = argument.text();
      if (text.find('\0') != std::string_view::npos) throw sql::BrokenRow{};
      kept.assign(text);
      code = sqlite3_bind_text(statement_, number, kept.data(), static_cast<int>(kept.size()),
                               SQLITE_STATIC);
    }
    if (code != SQLITE_OK) fail(code);
  }

  /// A statement at its end is ready for the next time.
  bool step() {
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) {
      for (std::size_t i = 0; i < columns_.size(); ++i) read(static_cast<int>(i), columns_[i]);
      return true;
    }
    if (code != SQLITE_DONE) fail(code);
    sqlite3_reset(statement_);
    return false;
  }

  void read(int column, sql::Slot& slot) {
    if (sqlite3_column_type(statement_, column) == SQLITE_NULL) {
      slot.state = soci::i_null;
      slot.number = 0;
      slot.text.clear();
      return;
    }
    slot.state = soci::i_ok;
    if (!slot.is_text) {
      slot.number = sqlite3_column_int64(statement_, column);
      return;
    }
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    if (text == nullptr) fail(SQLITE_NOMEM);
    slot.text.assign(text, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)));
  }

  /// The statement is ready for the next time.
  [[noreturn]] void fail(int code) {
    const std::string message = sqlite3_errmsg(handle_);
    sqlite3_reset(statement_);
    throw soci::sqlite3_soci_error(message, code);
  }

  sqlite3* const handle_;
  sqlite3_stmt* statement_{};
  std::vector<std::string> values_;
  std::int64_t affected_{};
};

} // namespace

std::unique_ptr<sql::Statement> make_statement(sqlite_api::sqlite3* handle, std::string_view sql,
                                               std::string_view shape) {
  return std::make_unique<SqliteStatement>(handle, sql, shape);
}

} // namespace baluhost::sqlite
