#include "identity/user_changes.hpp"

#include "baluhost/core/audit/audit_log.hpp"
#include "json/field_changes.hpp"

#include <string>
#include <utility>

namespace baluhost {
namespace {

std::string json(Role role) { return json_text(to_string(role)); }
std::string json(bool flag) { return flag ? "true" : "false"; }
std::string json(std::int64_t number) { return std::to_string(number); }
std::string json(const Email& email) { return json_text(email.str()); }
std::string json(const Username& name) { return json_text(name.str()); }
std::string json(Timestamp time) { return json_text(time.to_rfc3339()); }
template <class T>
std::string json(const std::optional<T>& value) {
  return value ? json(*value) : "null";
}
constexpr std::nullopt_t kNone = std::nullopt;
std::string json(std::nullopt_t) { return "null"; }

template <class From, class To>
void add(FieldChanges& changes, std::string_view field, const From& from, const To& to) {
  changes.add(field, json(from), json(to));
}

JsonObject role_change(Role from, Role to) {
  return std::move(JsonObject{}.add("old_role", to_string(from)).add("new_role", to_string(to)));
}

/// Of what has no event of its own: e-mail and quota.
template <class Source>
FieldChanges plain_changes(const User& before, const Source& source) {
  FieldChanges changes;
  if (source.email) add(changes, "email", before.email, *source.email);
  if (source.quota_bytes) add(changes, "quota_bytes", before.quota_bytes, *source.quota_bytes);
  return changes;
}

} // namespace

JsonObject changes_of_new(const NewUser& user) {
  FieldChanges changes;
  add(changes, "username", kNone, user.username);
  if (user.email) add(changes, "email", kNone, user.email);
  add(changes, "role", kNone, user.role);
  add(changes, "enabled", kNone, user.enabled);
  if (user.quota_bytes) add(changes, "quota_bytes", kNone, user.quota_bytes);
  return changes.details();
}

JsonObject changes_of_removed(const User& user) {
  FieldChanges changes;
  add(changes, "username", user.username, kNone);
  if (user.email) add(changes, "email", user.email, kNone);
  add(changes, "role", user.role, kNone);
  add(changes, "enabled", user.enabled, kNone);
  if (user.quota_bytes) add(changes, "quota_bytes", user.quota_bytes, kNone);
  return changes.details();
}

JsonObject change_of_unlock(const std::optional<Timestamp>& from, Timestamp to) {
  return FieldChanges{}.add("unlocked_at", json(from), json(to)).details();
}

BuiltInAction action_of(const UpdateUser& request) {
  const int members = static_cast<int>(request.role.has_value()) +
                      static_cast<int>(request.enabled.has_value()) +
                      static_cast<int>(request.email || request.quota_bytes) +
                      static_cast<int>(request.password.has_value());
  if (members != 1) return Action::user_updated;
  if (request.role) return Action::role_changed;
  if (request.enabled) return *request.enabled ? Action::user_enabled : Action::user_disabled;
  return request.password ? Action::password_changed : Action::user_updated;
}

Operation operation_of(const UpdateUser& request) {
  switch (action_of(request)) {
    case Action::role_changed:
      return Operation::role_changed;
    case Action::user_enabled:
      return Operation::user_enabled;
    case Action::user_disabled:
      return Operation::user_disabled;
    case Action::password_changed:
      return Operation::password_changed;
    default:
      return Operation::user_updated;
  }
}

JsonObject details_of(Action action, const User& user, const UpdateUser& request) {
  if (action == Action::password_changed) return {};
  if (action == Action::role_changed) return role_change(user.role, *request.role);
  auto changes = plain_changes(user, request);
  if (request.role) add(changes, "role", user.role, *request.role);
  if (request.enabled) add(changes, "enabled", user.enabled, *request.enabled);
  return changes.details();
}

AuditEvents events_of_update(const User& before, const UserChanges& changes,
                             FunctionRef<NewAuditEvent(Action)> draft) {
  std::vector<NewAuditEvent> events;
  if (changes.role)
    events.push_back(
        with_details(draft(Action::role_changed), role_change(before.role, *changes.role)));
  if (changes.enabled) {
    events.push_back(with_details(
        draft(*changes.enabled ? Action::user_enabled : Action::user_disabled),
        FieldChanges{}.add("enabled", json(before.enabled), json(*changes.enabled)).details()));
  }
  if (changes.password) events.push_back(draft(Action::password_changed));
  const auto plain = plain_changes(before, changes);
  if (!plain.empty() || events.empty())
    events.push_back(with_details(draft(Action::user_updated), plain.details()));
  auto last = std::move(events.back());
  events.pop_back();
  return AuditEvents{std::move(last), std::move(events)};
}

} // namespace baluhost
