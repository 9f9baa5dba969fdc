#pragma once

#include "identity/matrix.hpp"
#include "identity/totp.hpp"

#include <map>
#include <string>

/// The rows of the matrix that are about second factors.
namespace baluhost::test::matrix {

/// The target of a factor on the owner's page where the owner asks, else on somebody else's.
inline std::string factor_on_page(Stage& stage, const Caller& caller) {
  if (caller.is_owner()) return stage.page(caller) + "/totp";
  return kApi + "/users/" + Enrolled{stage.server}.api.username + "/totp";
}

inline std::map<std::string, Row> factor_rows(Stage& stage) {
  return {
      {"POST /api/v1/auth/login/code",
       {200,
        [&](Caller&) {
          const Enrolled user{stage.server};
          return Request{kLoginCode,
                         json_of({{"challenge", user.challenge()}, {"code", user.code()}}), kJson};
        }}},
      {"POST /api/v1/auth/totp",
       {200,
        [](Caller&) {
          return Request{kTotp, json_of({{"current_password", kPassword}}), kJson};
        }}},
      // These need a code, which the callers have none of.
      {"POST /api/v1/auth/totp/confirm",
       {401,
        [](Caller&) {
          return Request{kTotp + "/confirm", json_of({{"code", "none"}}), kJson};
        }}},
      {"POST /api/v1/auth/totp/recovery-codes",
       {409,
        [](Caller&) {
          return Request{kTotp + "/recovery-codes", json_of({{"code", "none"}}), kJson};
        }}},
      {"DELETE /api/v1/auth/totp",
       {404,
        [](Caller&) {
          return Request{kTotp, json_of({{"current_password", kPassword}, {"code", "none"}}),
                         kJson};
        }}},
      {"DELETE /api/v1/users/{username}/totp",
       {204, [&](Caller& caller) { return Request{factor_on_page(stage, caller)}; },
        Needs::account}},
  };
}

} // namespace baluhost::test::matrix
