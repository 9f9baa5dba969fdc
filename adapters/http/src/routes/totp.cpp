#include "fields/json_reader.hpp"
#include "routes/routes.hpp"
#include "routes/target.hpp"

#include <string>
#include <utility>
#include <vector>

namespace baluhost::http::totp_routes {
namespace {

Response recovery_codes(const std::vector<Secret>& codes) {
  std::vector<std::string> texts;
  for (const Secret& code : codes) texts.push_back(json_text(code.reveal()));
  return json_response(200, JsonObject{}.add_json("recovery_codes", json_array(texts)).str());
}

Result<Secret> read_code(const Call& call) {
  BALUHOST_TRY(const auto json, JsonReader::parse(call.body, "code"));
  BALUHOST_TRY(auto code, json.text("code"));
  return Secret{std::move(code)};
}

} // namespace

Outcome begin(Call& call) {
  call.resource = call.principal().name();
  BALUHOST_TRY(const auto json, JsonReader::parse(call.body, "current_password"));
  BALUHOST_TRY(auto password, json.text("current_password"));
  BALUHOST_TRY(const auto seed,
               call.services.second_factors.begin(call.principal(), Secret{std::move(password)}));
  return json_response(
      200, JsonObject{}.add("secret", seed.secret.reveal()).add("uri", seed.uri.reveal()).str());
}

Outcome confirm(Call& call) {
  call.resource = call.principal().name();
  BALUHOST_TRY(const auto code, read_code(call));
  BALUHOST_TRY(const auto codes, call.services.second_factors.confirm(call.principal(), code));
  return recovery_codes(codes);
}

Outcome renew_recovery_codes(Call& call) {
  call.resource = call.principal().name();
  BALUHOST_TRY(const auto code, read_code(call));
  BALUHOST_TRY(const auto codes,
               call.services.second_factors.renew_recovery_codes(call.principal(), code));
  return recovery_codes(codes);
}

Outcome remove(Call& call) {
  call.resource = call.principal().name();
  BALUHOST_TRY(const auto json, JsonReader::parse(call.body, "current_password code"));
  BALUHOST_TRY(auto password, json.text("current_password"));
  BALUHOST_TRY(auto code, json.text("code"));
  BALUHOST_CHECK(call.services.second_factors.remove(call.principal(), Secret{std::move(password)},
                                                     Secret{std::move(code)}));
  return no_content();
}

Outcome reset(Call& call) {
  BALUHOST_TRY(const auto name, target_user(call));
  call.resource = name.str();
  BALUHOST_CHECK(call.services.second_factors.reset(call.principal(), name));
  return no_content();
}

} // namespace baluhost::http::totp_routes
