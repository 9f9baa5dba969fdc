#pragma once

#include "baluhost/ports/repositories.hpp"
#include "baluhost/sql_common/argument.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace baluhost::sql {

/// Conditions on `audit_logs a`, joined by AND, with their values. Borrows texts from the filter it was made of.
struct AuditConditions {
  std::string where{"true"};
  Arguments values;

  void add(std::string_view condition, std::initializer_list<Argument> arguments) {
    where += " and ";
    where += condition;
    values.insert(values.end(), arguments.begin(), arguments.end());
  }
};

/// The least text behind all that begin with `prefix`, by code points; none if there is no such text.
std::optional<std::string> behind_prefix(std::string_view prefix);

/// All of `filter`, and behind `after` in the given order. `prefix_end` keeps a text that the result borrows. Of resources the first
/// `indexed` characters are in the index; 0: all.
AuditConditions conditions_of(const AuditFilter& filter, SortOrder order, const std::optional<EventPosition>& after,
                              std::optional<std::string>& prefix_end, std::size_t indexed = 0);

/// True if no row can match: a text of the filter is none that a column can hold.
bool matches_nothing(const AuditFilter& filter);

} // namespace baluhost::sql
