#pragma once

#include "baluhost/sql_common/argument.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace baluhost::postgres {

/// An array as PostgreSQL reads it (https://www.postgresql.org/docs/15/arrays.html#ARRAYS-IO): a
/// column of rows, or ids.
class Array {
 public:
  void add(std::int64_t number) { next().append(std::to_string(number)); }
  void add(std::string_view text) {
    next() += '"';
    for (const char c : text) {
      if (c == '"' || c == '\\') array_ += '\\';
      array_ += c;
    }
    array_ += '"';
  }
  void add(const std::optional<std::string>& text) {
    if (text)
      add(std::string_view{*text});
    else
      next() += "null";
  }

  /// The whole, which refers to this one. Nothing is added to it afterwards.
  [[nodiscard]] sql::Argument end() {
    if (array_.empty()) array_ = '{';
    return sql::Argument(array_ += '}');
  }

 private:
  std::string& next() { return array_ += array_.empty() ? '{' : ','; }
  std::string array_;
};

} // namespace baluhost::postgres
