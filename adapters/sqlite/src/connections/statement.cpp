#include "connections/statement.hpp"

#include <soci/sqlite3/soci-sqlite3.h>

#include <deque>
#include <stdexcept>
#include <string>

namespace baluhost::sqlite {
namespace {

/// SOCI's own placeholders, each with a name of its own.
std::string with_names(std::string_view sql) {
  std::string named;
  named.reserve(sql.size() + 32);
  int number = 0;
  for (const char c : sql) {
    if (c == '?') {
      named += ":p" + std::to_string(++number);
    } else {
      named += c;
    }
  }
  return named;
}

class SqliteStatement final : public sql::Statement {
 public:
  SqliteStatement(soci::session& session, std::string_view sql, std::string_view shape,
                  std::span<const sql::Argument> arguments)
      : Statement(shape), inputs_(arguments.size()), statement_(session) {
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      if (arguments[i].is_text()) {
        statement_.exchange(soci::use(inputs_[i].text, inputs_[i].state));
      } else {
        statement_.exchange(soci::use(inputs_[i].number, inputs_[i].state));
      }
    }
    for (auto& column : columns_) {
      if (column.is_text) {
        statement_.exchange(soci::into(column.text, column.state));
      } else {
        statement_.exchange(soci::into(column.number, column.state));
      }
    }
    statement_.alloc();
    statement_.prepare(with_names(sql));
    statement_.define_and_bind();
  }

  bool execute(std::span<const sql::Argument> arguments) override {
    if (arguments.size() != inputs_.size())
      throw std::logic_error("a statement with another number of values");
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      const sql::Argument& argument = arguments[i];
      inputs_[i].state = argument.is_null() ? soci::i_null : soci::i_ok;
      inputs_[i].number = argument.number();
      if (argument.text().find('\0') != std::string_view::npos) throw sql::BrokenRow{};
      inputs_[i].text.assign(argument.text());
    }
    try {
      return statement_.execute(true);
    } catch (...) {
      // SOCI frees what it bound only after a success, and for a NULL it binds nothing: the next
      // NULL would be this value.
      statement_.undefine_and_bind();
      statement_.define_and_bind();
      throw;
    }
  }

  bool fetch() override { return statement_.fetch(); }
  std::int64_t affected() override { return statement_.get_affected_rows(); }
  void end_early() override {
    sqlite_api::sqlite3_reset(
        static_cast<soci::sqlite3_statement_backend*>(statement_.get_backend())->stmt_);
  }

 private:
  std::deque<sql::Slot> inputs_;
  soci::statement statement_;
};

} // namespace

std::unique_ptr<sql::Statement> make_statement(soci::session& session, std::string_view sql,
                                               std::string_view shape,
                                               std::span<const sql::Argument> arguments) {
  return std::make_unique<SqliteStatement>(session, sql, shape, arguments);
}

} // namespace baluhost::sqlite
