#include "migration/target_check.hpp"

#include "baluhost/domain/concat.hpp"

namespace baluhost::migration {

Result<std::string> verify_identities(Context& context) {
  for (const bulk::Table& table : context.tables) {
    if (!table.has_identity) continue;
    BALUHOST_TRY(const auto last, context.target->reader().last_identity(table));
    BALUHOST_TRY(const auto least, context.source.reader().last_identity(table));
    if (last < least && least > 0)
      return Error{Errc::internal, concat("the sequence of ", table.name, " stands at ", last,
                                          ", the source's at ", least)};
  }
  return std::string{};
}

Result<std::string> verify_references(Context& context) {
  BALUHOST_TRY(auto found, context.target->reader().structure());
  BALUHOST_TRY(const auto damage, context.target->reader().damage());
  found.insert(found.end(), damage.begin(), damage.end());
  context.journal.find_all(found);
  if (found.empty()) return std::string{};
  return Error{Errc::internal,
               "the target's structure is not what it should be: " + found.front().problem};
}

} // namespace baluhost::migration
