#include "store.hpp"

#include "baluhost/domain/text.hpp"

#include <fmt/format.h>

namespace baluhost::migrate {

std::string problem_of(const Column& column, const Cell& cell) {
  if (std::holds_alternative<std::monostate>(cell))
    return column.nullable ? "" : "is null and must not be";
  if (column.type == ColumnType::text) {
    const auto* text = std::get_if<std::string_view>(&cell);
    if (!text) return "is not text";
    if (text->find('\0') != std::string_view::npos) return "holds U+0000";
    if (!is_valid_utf8(*text)) return "is not valid UTF-8";
    if (column.limit > 0 && text->size() > column.limit && code_points(*text) > column.limit) {
      return fmt::format("is longer than {} characters", column.limit);
    }
    return "";
  }
  const auto* number = std::get_if<std::int64_t>(&cell);
  if (!number) return "is not an integer";
  if (column.type == ColumnType::boolean && *number != 0 && *number != 1)
    return "is neither 0 nor 1";
  return "";
}

} // namespace baluhost::migrate
