// What must not compile: one case for each value of CASE; without it, the control compiles.
#include "baluhost/ports/database.hpp"

namespace baluhost {

[[nodiscard]] Result<void> control(Database& database) {
  return database.write([](WriteTransaction&) -> Result<AuditEvents> {
    return AuditEvents{NewAuditEvent{.timestamp = {}, .action = Action::server_started}};
  });
}

#if CASE == 1 // no events
AuditEvents nothing() { return AuditEvents{}; }
#elif CASE == 2 // a change without a record
Result<void> change(Database& database) {
  return database.write([](WriteTransaction&) -> Result<void> { return {}; });
}
#elif CASE == 3
void change(Database& database) {
  (void)database.write([](WriteTransaction&) {});
}
#elif CASE == 4
void change(Database& database) {
  (void)database.write([](WriteTransaction&) -> Result<AuditEvents> { return {}; });
}
#elif CASE == 5 // a change in a transaction that reads
void change(Database& database) {
  (void)database.read(
      [](ReadTransaction& tx) -> Result<void> { return tx.users().remove(UserId{1}); });
}
#elif CASE == 6 // a failure that nobody looks at
void change(Database& database) { control(database); }
#endif

} // namespace baluhost
