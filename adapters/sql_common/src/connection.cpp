#include "baluhost/sql_common/connection.hpp"

#include "baluhost/sql_common/dialect.hpp"

#include <algorithm>
#include <stdexcept>

namespace baluhost::sql {
namespace {

/// Statements that are built per request come in a few hundred shapes at most; a session that has
/// seen more starts afresh.
constexpr std::size_t kMaxCachedStatements = 512;

/// SOCI's own placeholders, each with a name of its own: backends number repeated names
/// differently.
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

} // namespace

const Slot& Row::next(bool text) {
  if (next_ >= columns_.size() || columns_[next_].is_text != text)
    throw std::logic_error("a row does not have the column that is read");
  return columns_[next_++];
}

const Slot& Row::value(bool text) {
  const Slot& slot = next(text);
  if (slot.state == soci::i_null) throw BrokenRow{};
  return slot;
}

std::optional<std::int64_t> Row::maybe_number() {
  const Slot& slot = next(false);
  return slot.state == soci::i_null ? std::nullopt : std::optional<std::int64_t>{slot.number};
}

std::optional<std::string> Row::maybe_text() {
  const Slot& slot = next(true);
  return slot.state == soci::i_null ? std::nullopt : std::optional{slot.text};
}

Statement::Statement(soci::session& session, const std::string& sql, std::string_view shape,
                     std::span<const Argument> arguments)
    : inputs_(arguments.size()), columns_(shape.size()), statement_(session) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i].is_text()) {
      statement_.exchange(soci::use(inputs_[i].text, inputs_[i].state));
    } else {
      statement_.exchange(soci::use(inputs_[i].number, inputs_[i].state));
    }
  }
  for (std::size_t i = 0; i < shape.size(); ++i) {
    columns_[i].is_text = shape[i] == 't';
    if (columns_[i].is_text) {
      statement_.exchange(soci::into(columns_[i].text, columns_[i].state));
    } else {
      statement_.exchange(soci::into(columns_[i].number, columns_[i].state));
    }
  }
  statement_.alloc();
  statement_.prepare(sql);
  statement_.define_and_bind();
}

bool Statement::execute(std::span<const Argument> arguments) {
  if (arguments.size() != inputs_.size())
    throw std::logic_error("a statement with another number of values");
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const Argument& argument = arguments[i];
    inputs_[i].state = argument.is_null() ? soci::i_null : soci::i_ok;
    inputs_[i].number = argument.number();
    // PostgreSQL would cut the text there, silently.
    if (argument.text().find('\0') != std::string_view::npos) throw BrokenRow{};
    inputs_[i].text.assign(argument.text());
  }
  try {
    return statement_.execute(true);
  } catch (...) {
    // SOCI frees what it bound only after a success, and for a NULL it binds nothing: the next NULL
    // would be this value.
    statement_.undefine_and_bind();
    statement_.define_and_bind();
    throw;
  }
}

Cursor::Cursor(Connection& connection, Statement& statement, bool has_row)
    : connection_(connection), statement_(statement), has_row_(has_row) {
  statement_.in_use = true;
}

Cursor::~Cursor() {
  statement_.in_use = false;
  if (has_row_) connection_.dialect_.end_early(statement_.native());
}

bool Cursor::next() {
  if (is_first_) {
    is_first_ = false;
  } else if (has_row_) {
    has_row_ = statement_.fetch();
  }
  return has_row_;
}

Connection::Connection(const Dialect& dialect, std::unique_ptr<soci::session> session)
    : dialect_(dialect), session_(std::move(session)) {}

Connection::~Connection() { forget_statements(); }

Statement& Connection::prepared(std::string_view sql, std::string_view shape,
                                std::span<const Argument> arguments) {
  auto known = statements_.find(sql);
  if (known == statements_.end()) {
    if (statements_.size() >= kMaxCachedStatements) {
      std::erase_if(statements_, [](const auto& entry) {
        return std::none_of(entry.second.begin(), entry.second.end(),
                            [](const auto& s) { return s->in_use; });
      });
    }
    known = statements_.try_emplace(std::string{sql}).first;
  }
  // A second copy serves whoever runs the statement again from within its own rows.
  for (const auto& statement : known->second) {
    if (!statement->in_use) return *statement;
  }
  known->second.push_back(
      std::make_unique<Statement>(*session_, with_names(sql), shape, arguments));
  return *known->second.back();
}

Cursor Connection::select(std::string_view sql, std::string_view shape,
                          std::span<const Argument> arguments) {
  const UnderWay under_way(*this);
  Statement& statement = prepared(sql, shape, arguments);
  const bool has_row = statement.execute(arguments);
  return Cursor(*this, statement, has_row);
}

std::int64_t Connection::execute(std::string_view sql, std::span<const Argument> arguments) {
  const UnderWay under_way(*this);
  Statement& statement = prepared(sql, "", arguments);
  statement.execute(arguments);
  return statement.affected();
}

std::optional<std::int64_t> Connection::number(std::string_view sql,
                                               std::span<const Argument> arguments) {
  Cursor cursor = select(sql, "n", arguments);
  return cursor.next() ? cursor.row().maybe_number() : std::nullopt;
}

Error caught(Connection& connection) noexcept {
  try {
    throw;
  } catch (const soci::soci_error& error) {
    // Not what(): it holds every value that was bound, password hashes included.
    auto trouble = connection.dialect().translate(error);
    Error translated = *trouble.error;
    if (!connection.trouble.error) connection.trouble.error = translated;
    connection.trouble.retry = connection.trouble.retry || trouble.retry;
    connection.trouble.lost = connection.trouble.lost || trouble.lost;
    connection.trouble.stale = connection.trouble.stale || trouble.stale;
    return translated;
  } catch (const std::exception& error) {
    return Error{Errc::internal, error.what(), {}, {}, false};
  } catch (...) {
    return Error{Errc::internal, "something was thrown that is no exception", {}, {}, false};
  }
}

} // namespace baluhost::sql
