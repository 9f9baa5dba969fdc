#include "users/users_suite.hpp"

namespace baluhost::contract {

void users_contract(const MakeDatabase& make) {
  const auto database = make();
  users_suite::inserting(*database);
  users_suite::updating(*database);
  users_suite::listing(*database);
  users_suite::hashes(*database);
  users_suite::removing(*database);
  users_suite::usage(*database);
  users_suite::locking_accounts(*database);
}

} // namespace baluhost::contract
