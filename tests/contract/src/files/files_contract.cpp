#include "files/files_suite.hpp"

namespace baluhost::contract {

void files_contract(const MakeDatabase& make) {
  const auto database = make();
  const auto tree = files_suite::plant(*database);
  files_suite::inserting(tree);
  files_suite::looking_up(tree);
  files_suite::descending(tree);
  files_suite::listing(tree);
  files_suite::sorting(tree);
  files_suite::moving(tree);
  files_suite::copying(tree);
  files_suite::removing(tree);
}

} // namespace baluhost::contract
