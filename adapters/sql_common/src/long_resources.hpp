#pragma once

#include "baluhost/sql_common/audit_query.hpp"
#include "baluhost/sql_common/dialect.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

/// Where an index holds no key of any length (`Dialect::has_long_resources`) two have the resources
/// of events: one those of up to `kLongestKey` bytes, the other the rest, by their beginning. Which
/// one, a condition has to say.
namespace baluhost::sql {

/// In bytes: what an index of PostgreSQL holds, as its schema has it.
inline constexpr std::size_t kLongestKey = 2600;

inline constexpr std::string_view kIsShortResource = "octet_length(a.resource) <= 2600";
inline constexpr std::string_view kIsLongResource = "octet_length(a.resource) > 2600";

/// The rest of a condition on `audit_logs a`: in which index `resource` is, if there are two.
std::string in_its_index(std::string_view resource, const Dialect& dialect);

/// That the resource is `text`.
void add_resource(AuditConditions& conditions, const std::string& text, bool long_resources);

/// That the resource is `begin` or after it, and before `end`: the least text after all that begin
/// with `begin`, if there is one.
void add_resource_range(AuditConditions& conditions, const std::string& begin,
                        const std::optional<std::string>& end, bool long_resources);

} // namespace baluhost::sql
