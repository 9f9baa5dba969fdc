#include "keys/key_ending.hpp"

#include <utility>

namespace baluhost {

NewAuditEvent about_key(NewAuditEvent event, const Key& key) {
  event.resource = key.id.value;
  return with_details(std::move(event), JsonObject{}.add("name", key.name));
}

Result<std::vector<NewAuditEvent>> end_keys(WriteTransaction& tx, UserId owner,
                                            const AuditLog& audit, const Principal& principal) {
  std::vector<NewAuditEvent> events;
  BALUHOST_TRY(const auto keys, tx.keys().list(owner, std::nullopt, KeyLimits::keys_of_account));
  for (const auto& placed : keys)
    events.push_back(about_key(audit.draft(Action::key_revoked, principal), placed.key));
  BALUHOST_CHECK(tx.keys().remove_all(owner));
  return events;
}

} // namespace baluhost
