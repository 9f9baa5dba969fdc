#pragma once

#include "support.hpp"

#include <limits>

namespace baluhost::contract::users_suite {

inline constexpr auto kLargest = std::numeric_limits<std::int64_t>::max();

inline std::optional<User> find(Database& database, UserId id) {
  return see(database, [&](ReadTransaction& tx) { return tx.users().find(id); });
}

inline std::vector<std::string> names_after(Database& database,
                                            const std::optional<Username>& after,
                                            std::size_t limit) {
  std::vector<std::string> names;
  for (const auto& user :
       see(database, [&](ReadTransaction& tx) { return tx.users().list(after, limit); })) {
    names.push_back(user.username.str());
  }
  return names;
}

void inserting(Database& database);
void updating(Database& database);
void listing(Database& database);
void hashes(Database& database);
void locking_accounts(Database& database);
void removing(Database& database);
void usage(Database& database);

} // namespace baluhost::contract::users_suite
