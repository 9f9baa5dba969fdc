#include "baluhost/sql_common/schema_steps.hpp"

#include "baluhost/domain/concat.hpp"

#include <algorithm>

namespace baluhost::sql {

std::string script_of(std::span<const SchemaStep> steps) {
  std::string script;
  for (const SchemaStep& step : steps) {
    script.append(step.sql).append(
        concat("insert into schema_version values (", step.version, ");\n"));
  }
  return script;
}

std::span<const SchemaStep> steps_between(std::span<const SchemaStep> steps, std::int64_t version,
                                          std::int64_t target) {
  const auto after = [&](std::int64_t last) {
    return std::ranges::upper_bound(steps, last, {}, &SchemaStep::version);
  };
  return {after(version), after(std::max(version, target))};
}

Result<std::int64_t> recorded_version(Connection& connection, bool unfinished) {
  if (!unfinished &&
      connection.number("select 1 from migration_runs where state <> 'done' limit 1"))
    return Error{Errc::conflict, "a migration into this database was not finished"};
  return connection.number("select max(version) from schema_version").value_or(0);
}

Error too_new(std::int64_t version, std::int64_t target) {
  return Error{Errc::conflict, concat("the database has schema version ", version,
                                      "; this program knows ", target)};
}

} // namespace baluhost::sql
