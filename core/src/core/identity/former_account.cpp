#include "identity/former_account.hpp"

#include <map>

// The account is looked at and held in the transaction that writes the event, so an event of an
// account that is there gets its id before the account goes, and before one of the same name can be
// made, which begins after every id that was given. Several are held in the order of their ids.
namespace baluhost {

Result<void> mark_former_accounts(WriteTransaction& tx, std::span<NewAuditEvent> events) {
  std::map<UserId, bool> gone;
  for (const auto& event : events) {
    if (event.account) gone.emplace(*event.account, false);
  }
  // One is looked for in any case: how long a refusal takes does not tell whether it is known whose
  // credential that was.
  if (gone.empty()) gone.emplace(UserId{}, true);
  for (auto& [account, is_gone] : gone) {
    BALUHOST_CHECK(tx.users().lock_accounts({.relies_on = account}));
    BALUHOST_TRY(const auto user, tx.users().find(account));
    is_gone = !user;
  }
  for (auto& event : events) event.of_former_account = event.account && gone.at(*event.account);
  return {};
}

} // namespace baluhost
