#pragma once

#include "dispatch/route.hpp"

/// The handlers, by the part of the contract that they serve.
namespace baluhost::http {

namespace auth_routes {
Outcome login(Call& call);
Outcome login_with_code(Call& call);
Outcome refresh(Call& call);
Outcome logout(Call& call);
Outcome logout_all(Call& call);
Outcome me(Call& call);
Outcome change_password(Call& call);
Outcome list_sessions(Call& call);
Outcome revoke_session(Call& call);
} // namespace auth_routes

namespace key_routes {
Outcome create(Call& call);
Outcome list(Call& call);
Outcome revoke(Call& call);
Outcome list_of_user(Call& call);
Outcome revoke_of_user(Call& call);
} // namespace key_routes

namespace totp_routes {
Outcome begin(Call& call);
Outcome confirm(Call& call);
Outcome renew_recovery_codes(Call& call);
Outcome remove(Call& call);
Outcome reset(Call& call);
} // namespace totp_routes

namespace user_routes {
Outcome list(Call& call);
Outcome create(Call& call);
Outcome get(Call& call);
Outcome update(Call& call);
Outcome remove(Call& call);
Outcome end_sessions(Call& call);
} // namespace user_routes

namespace grant_routes {
Outcome put(Call& call);
Outcome list(Call& call);
Outcome remove(Call& call);
} // namespace grant_routes

namespace share_routes {
Outcome create(Call& call);
Outcome list(Call& call);
Outcome get(Call& call);
Outcome update(Call& call);
Outcome end(Call& call);
Outcome renew_secret(Call& call);
Outcome open(Call& call);
} // namespace share_routes

namespace file_routes {
Outcome get(Call& call);
Outcome put(Call& call);
Outcome remove(Call& call);
Outcome meta(Call& call);
Outcome homes(Call& call);
Outcome list(Call& call);
Outcome search(Call& call);
Outcome make_directory(Call& call);
Outcome move(Call& call);
Outcome copy(Call& call);
Outcome usage(Call& call);
} // namespace file_routes

namespace trash_routes {
Outcome list(Call& call);
Outcome restore(Call& call);
Outcome purge(Call& call);
Outcome empty(Call& call);
} // namespace trash_routes

namespace version_routes {
Outcome get(Call& call);
Outcome restore(Call& call);
Outcome remove(Call& call);
} // namespace version_routes

namespace archive_routes {
Outcome create(Call& call);
Outcome get(Call& call);
} // namespace archive_routes

namespace upload_routes {
Outcome options(Call& call);
Outcome list(Call& call);
Outcome create(Call& call);
Outcome status(Call& call);
Outcome append(Call& call);
Outcome terminate(Call& call);
} // namespace upload_routes

namespace audit_routes {
Outcome query(Call& call);
Outcome find(Call& call);
Outcome prove(Call& call);
Outcome status(Call& call);
Outcome statistics(Call& call);
Outcome export_events(Call& call);
Outcome stream(Call& call);
Outcome seals(Call& call);
Outcome verify(Call& call);
} // namespace audit_routes

namespace operation_routes {
Outcome live(Call& call);
Outcome ready(Call& call);
Outcome system(Call& call);
Outcome openapi(Call& call);
} // namespace operation_routes

} // namespace baluhost::http
