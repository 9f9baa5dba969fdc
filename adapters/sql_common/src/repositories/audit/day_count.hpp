#pragma once

#include "baluhost/domain/audit/day_figures.hpp"
#include "baluhost/sql_common/connection.hpp"

#include <cstddef>

namespace baluhost::sql {

inline constexpr std::size_t kKeptResources = 200;

/// Counts the events of a day.
DayFigures count_day(Connection& db, std::int64_t day);

/// Of failed logins that `condition` on `audit_logs a` lets through, by the name of the account, or
/// the one that was attempted where there is none.
std::map<std::string, AuditCount> failed_login_names(Connection& db, const std::string& condition,
                                                     const Arguments& values);

/// A condition: a failed login. By an expression: the index of types has the times as well, that of
/// actions has not, and a short range would read every such event of the trail.
inline constexpr const char* kIsFailedLogin =
    "a.event_type = 'SECURITY' and a.action || '' = 'login_failed'";

} // namespace baluhost::sql
