#pragma once

#include "baluhost/domain/audit/audit_filter.hpp"
#include "baluhost/sql_common/argument.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace baluhost::sql {

/// Conditions on `audit_logs a`, joined by AND, with their values. Borrows texts from the filter it
/// was made of.
struct AuditConditions {
  std::string where{"true"};
  Arguments values;

  void add(std::string_view condition, const Arguments& arguments) {
    where += " and ";
    where += condition;
    values.insert(values.end(), arguments.begin(), arguments.end());
  }
};

/// A condition on `audit_logs a`: of the account that began after the event `?`, not of one before
/// it.
inline constexpr std::string_view kOfPresentAccount =
    "a.id + 0 > ? and not exists (select 1 from audit_former o where o.event_id = a.id)";

/// The least text after all that begin with `prefix`, by code points; none if there is no such
/// text.
std::optional<std::string> after_prefix(std::string_view prefix);

/// All of `filter`, and after `after` in the given order. `prefix_end` keeps a text that the
/// result borrows. `long_resources`: as of `Dialect::has_long_resources`.
AuditConditions conditions_of(const AuditFilter& filter, SortOrder order,
                              const std::optional<EventPosition>& after,
                              std::optional<std::string>& prefix_end, bool long_resources = false);

/// True if no row can match: a text of the filter is none that a column can hold.
bool matches_nothing(const AuditFilter& filter);

} // namespace baluhost::sql
