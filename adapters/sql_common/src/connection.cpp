#include "baluhost/sql_common/connection.hpp"

#include "baluhost/sql_common/dialect.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace baluhost::sql {
namespace {

/// Statements that are built per request come in a few hundred shapes at most; a connection that
/// has seen more starts afresh.
constexpr std::size_t kMaxCachedStatements = 512;

} // namespace

const Slot& Row::next(Of what) {
  if (next_ >= columns_.size() || columns_[next_].is_text != (what == Of::text))
    throw std::logic_error("a row does not have the column that is read");
  return columns_[next_++];
}

const Slot& Row::value(Of what) {
  const Slot& slot = next(what);
  if (slot.state == soci::i_null) throw BrokenRow{};
  return slot;
}

std::optional<std::int64_t> Row::maybe_number() {
  const Slot& slot = next(Of::number);
  return slot.state == soci::i_null ? std::nullopt : std::optional<std::int64_t>{slot.number};
}

std::optional<std::string> Row::maybe_text() {
  const Slot& slot = next(Of::text);
  return slot.state == soci::i_null ? std::nullopt : std::optional{slot.text};
}

Statement::Statement(std::string_view shape) : columns_(shape.size()) {
  for (std::size_t i = 0; i < shape.size(); ++i) columns_[i].is_text = shape[i] == 't';
}

Cursor::Cursor(Statement& statement, bool has_row) : statement_(statement), has_row_(has_row) {
  statement_.in_use = true;
}

Cursor::~Cursor() {
  statement_.in_use = false;
  if (has_row_) statement_.end_early();
}

bool Cursor::next() {
  if (is_first_) {
    is_first_ = false;
  } else if (has_row_) {
    has_row_ = statement_.fetch();
  }
  return has_row_;
}

Connection::Connection(const Dialect& dialect, std::unique_ptr<soci::session> soci)
    : dialect_(dialect), soci_(std::move(soci)) {}

Connection::~Connection() { forget_statements(); }

Statement& Connection::prepared(std::string_view sql, std::string_view shape) {
  if (const char* const first = std::exchange(put_off_, nullptr)) execute(first);
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
  known->second.push_back(dialect_.prepare(*this, sql, shape));
  return *known->second.back();
}

Cursor Connection::select(std::string_view sql, std::string_view shape,
                          std::span<const Argument> arguments) {
  const UnderWay under_way(*this);
  Statement& statement = prepared(sql, shape);
  const bool has_row = statement.execute(arguments);
  return Cursor(statement, has_row);
}

std::int64_t Connection::execute(std::string_view sql, std::span<const Argument> arguments) {
  const UnderWay under_way(*this);
  Statement& statement = prepared(sql, "");
  statement.execute(arguments);
  return statement.affected();
}

void Connection::execute_later(std::string_view sql, std::span<const Argument> arguments) {
  const UnderWay under_way(*this);
  prepared(sql, "").execute_later(arguments);
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
    return Error{Errc::internal, error.what()};
  } catch (...) {
    return Error{Errc::internal, "something was thrown that is no exception"};
  }
}

} // namespace baluhost::sql
