#include "baluhost/domain/files/space_use.hpp"

#include <catch2/catch.hpp>

using namespace baluhost;

namespace {

NewAuditEvent done(Action action) { return {.timestamp = {}, .action = action}; }

NewAuditEvent failed(Action action, const char* code) {
  auto event = done(action);
  event.success = false;
  event.error_message = code;
  return event;
}

} // namespace

TEST_CASE("what ends access or removes something frees, what a server lives by too",
          "[fault-09b]") {
  for (const auto action :
       {Action::remove, Action::user_disabled, Action::user_deleted, Action::session_revoked,
        Action::permission_revoked, Action::share_ended, Action::audit_pruned,
        Action::server_started, Action::server_stopped, Action::disk_space_low}) {
    CHECK(space_use(done(action)) == SpaceUse::frees);
  }
  CHECK(space_use(done(Action::login_success)) == SpaceUse::signs_in);
  CHECK(space_use(done(Action::token_refresh)) == SpaceUse::signs_in);
}

TEST_CASE(
    "each step of a login with a second factor signs in, that it is not the last among them") {
  CHECK(space_use(failed(Action::login_failed, "second_factor_required")) == SpaceUse::signs_in);
  CHECK(space_use(failed(Action::second_factor_failed, "invalid_credentials")) ==
        SpaceUse::signs_in);
  CHECK(space_use(done(Action::recovery_code_used)) == SpaceUse::signs_in);
  CHECK(space_use(done(Action::totp_enabled)) == SpaceUse::signs_in);
  CHECK(space_use(done(Action::totp_disabled)) == SpaceUse::frees);
  CHECK(space_use(failed(Action::totp_enabled, "invalid_credentials")) == SpaceUse::grows);
}

TEST_CASE("what fails or is refused only grows the record", "[fault-09b]") {
  for (const auto action : {Action::access_denied, Action::remove, Action::login_failed,
                            Action::invalid_token, Action::user_deleted, Action::download}) {
    CHECK(space_use(failed(action, "not_found")) == SpaceUse::grows);
  }
}

TEST_CASE("the end of a download that had begun takes the place of its beginning", "[fault-09b]") {
  CHECK(space_use(done(Action::download)) == SpaceUse::frees);
  CHECK(space_use(failed(Action::download, "interrupted")) == SpaceUse::frees);
  CHECK(space_use(failed(Action::download, "client_disconnected")) == SpaceUse::frees);
}

TEST_CASE("one event that grows makes a whole transaction one that grows", "[fault-09b]") {
  CHECK(space_use(AuditEvents{done(Action::remove), {done(Action::remove)}}) == SpaceUse::frees);
  CHECK(space_use(AuditEvents{done(Action::remove), {done(Action::copy)}}) == SpaceUse::grows);
}
