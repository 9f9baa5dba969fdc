#include "audit/audit_suite.hpp"

namespace baluhost::contract {

void audit_contract(const MakeDatabase& make) {
  const auto database = make();
  audit_suite::storing(*database);
  audit_suite::querying(*database);
  audit_suite::querying_for_an_account(*database);
  audit_suite::figures(*database);
  audit_suite::busiest_of_equals(*database);
}

} // namespace baluhost::contract
