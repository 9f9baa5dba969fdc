#pragma once

#include "baluhost/domain/result.hpp"
#include "baluhost/sql_common/connection.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace baluhost::sql {

/// What leads from the version before to `version`.
struct SchemaStep {
  std::int64_t version;
  std::string_view sql;
};

/// The statements of `steps`, each with the row that says that it was made.
std::string script_of(std::span<const SchemaStep> steps);

/// Those of `steps` that lead from `version` to `target`.
std::span<const SchemaStep> steps_between(std::span<const SchemaStep> steps, std::int64_t version,
                                          std::int64_t target);

/// The version of a schema that is there. `unfinished`: of a half-done migration too. conflict: a
/// half-done migration.
Result<std::int64_t> recorded_version(Connection& connection, bool unfinished);

/// What a program says that knows `target` to a database of the later `version`. conflict.
Error too_new(std::int64_t version, std::int64_t target);

} // namespace baluhost::sql
