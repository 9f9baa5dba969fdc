// What must not compile: one case for each value of CASE; without it, the control compiles.
#include "baluhost/ports/transactions.hpp"

namespace baluhost {

[[nodiscard]] Result<void> control(Database& database) {
  return database.write([](WriteTransaction&) -> Result<AuditEvents> {
    return AuditEvents{NewAuditEvent{.timestamp = {}, .action = Action::server_started}};
  });
}

[[nodiscard]] Result<User> control_record(Database& database, const NewUser& fresh) {
  return record(database, [&](WriteTransaction& tx) -> Result<Recorded<User>> {
    BALUHOST_TRY(auto user, tx.users().insert(fresh));
    return recorded(std::move(user),
                    NewAuditEvent{.timestamp = {}, .action = Action::user_created});
  });
}

inline constexpr auto kControl = Action::custom("acme.report_made2", EventType::system);

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
#elif CASE == 7 // a change that returns a value and no events
Result<User> change(Database& database, const NewUser& fresh) {
  return record(database, [&](WriteTransaction& tx) { return tx.users().insert(fresh); });
}
#elif CASE == 8 // a value that no event is of
auto change(int value) { return recorded(value); }
#elif CASE == 9
Recorded<int> change() { return {.value = 1}; }
#elif CASE == 10 // a value that nobody looks at
void change(Database& database, const NewUser& fresh) { control_record(database, fresh); }
#elif CASE == 11 // a change in a query
Result<bool> change(Database& database, const NewUser& fresh) {
  return query(database, [&](ReadTransaction& tx) -> Result<bool> {
    BALUHOST_CHECK(tx.users().insert(fresh));
    return true;
  });
}
#elif CASE == 12 // a change that sees something and records nothing
void change(Database& database) {
  (void)attempt<int>(database, [](WriteTransaction&, int&) -> Result<void> { return {}; });
}
#elif CASE == 13 // an action of one's own that could be taken for ours
constexpr auto kAction = Action::custom("login_success", EventType::security);
#elif CASE == 14
constexpr auto kAction = Action::custom("baluhost.login", EventType::security);
#elif CASE == 15 // a name that comes from outside
Action action(std::string_view name) { return Action::custom(name, EventType::system); }
#elif CASE == 16 // a name that is none
constexpr auto kAction = Action::custom("acme.Report Made", EventType::system);
#endif

} // namespace baluhost
