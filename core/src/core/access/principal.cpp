#include "baluhost/core/access/principal.hpp"

#include "baluhost/domain/audit/audit_event.hpp"
#include "baluhost/domain/text.hpp"

namespace baluhost {

// No username holds a colon, so that no user can pass for an operator.
Principal Principal::local_operator(const std::string& os_user) {
  return {clamp_text("cli:" + printable(os_user), AuditLimits::user), std::nullopt, Role::admin,
          SessionCredential{}, Client{}};
}

Result<UserId> Principal::account() const {
  if (share() != nullptr) return Error{Errc::not_found, "who came by a share has no account"};
  if (!user_) return Error{Errc::not_found, "a local operator has no account"};
  return *user_;
}

const std::optional<SessionId>& Principal::session() const noexcept {
  static const std::optional<SessionId> none;
  const auto* session = std::get_if<SessionCredential>(&credential_);
  return session != nullptr ? session->id : none;
}

} // namespace baluhost
