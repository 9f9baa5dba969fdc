#pragma once

#include "baluhost/core/identity/user_service.hpp"
#include "baluhost/domain/audit/audit_event.hpp"
#include "baluhost/domain/audit/operation.hpp"
#include "baluhost/domain/function_ref.hpp"
#include "baluhost/domain/identity/user.hpp"

#include <optional>
#include <vector>

/// What the audit trail says of changes of users: `changes`, an array of `{"field","from","to"}`. A
/// password is never among them.
namespace baluhost {

JsonObject changes_of_new(const NewUser& user);
JsonObject changes_of_removed(const User& user);
JsonObject change_of_unlock(const std::optional<Timestamp>& from, Timestamp to);

/// The action of a request as a whole, by which it is refused or fails: of one thing that thing's,
/// of several `user_updated`.
BuiltInAction action_of(const UpdateUser& request);

/// The same for a refusal.
Operation operation_of(const UpdateUser& request);

/// The details known of a request that failed on `user`.
JsonObject details_of(Action action, const User& user, const UpdateUser& request);

/// An event for each kind of change, of all that `changes` sets; `draft` makes them. `user_updated`
/// without changes if there are none.
AuditEvents events_of_update(const User& before, const UserChanges& changes,
                             FunctionRef<NewAuditEvent(Action)> draft);

} // namespace baluhost
