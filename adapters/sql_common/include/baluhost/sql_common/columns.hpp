#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace baluhost::sql {

/// The columns of a query: what SQL calls each, and whether it is a number or a text. The one place
/// that says so, for the query and for whoever reads its rows.
class Columns {
 public:
  enum class Type { number, text };

  Columns(Type type, std::string_view sql)
      : list_(sql), shape_(1, type == Type::text ? 't' : 'n') {}

  Columns operator+(const Columns& more) const {
    Columns both = *this;
    both.list_.append(", ").append(more.list_);
    both.shape_ += more.shape_;
    return both;
  }

  /// As it stands after SELECT.
  [[nodiscard]] const std::string& list() const noexcept { return list_; }
  /// A letter for each: n for a number, t for a text.
  [[nodiscard]] const std::string& shape() const noexcept { return shape_; }
  [[nodiscard]] std::size_t size() const noexcept { return shape_.size(); }

 private:
  std::string list_;
  std::string shape_;
};

template <class... Names>
Columns number(std::string_view first, const Names&... more) {
  return (Columns{Columns::Type::number, first} + ... + Columns{Columns::Type::number, more});
}

template <class... Names>
Columns text(std::string_view first, const Names&... more) {
  return (Columns{Columns::Type::text, first} + ... + Columns{Columns::Type::text, more});
}

/// Whether `condition` holds, as a number.
inline Columns flag(std::string_view condition) {
  return number("case when " + std::string{condition} + " then 1 else 0 end");
}

/// A statement, and the columns of the rows that it returns. Where its text is always the same,
/// keep it: then nothing is put together for each call.
struct Query {
  std::string sql;
  std::string shape;
};

/// "select COLUMNS REST".
inline Query select(const Columns& columns, std::string_view rest) {
  return {"select " + columns.list() + ' ' + std::string{rest}, columns.shape()};
}

/// The same after `with`, a WITH clause.
inline Query select(std::string_view with, const Columns& columns, std::string_view rest) {
  auto query = select(columns, rest);
  query.sql.insert(0, std::string{with} + ' ');
  return query;
}

/// "CHANGE returning COLUMNS".
inline Query returning(std::string_view change, const Columns& columns) {
  return {std::string{change} + " returning " + columns.list(), columns.shape()};
}

} // namespace baluhost::sql
