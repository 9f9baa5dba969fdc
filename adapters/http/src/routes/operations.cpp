#include "fields/http_names.hpp"
#include "routes/routes.hpp"

#include "baluhost/domain/details.hpp"
#include "fields/content_types.hpp"

namespace baluhost::http::operation_routes {
namespace {

constexpr std::string_view kOpenApi =
#include "openapi_yaml.inc"
    ;

} // namespace

Outcome live(Call&) { return json_response(200, R"({"status":"alive"})"); }

Outcome ready(Call& call) {
  JsonObject checks;
  bool ready = true;
  for (const ReadinessCheck& check : call.services.readiness) {
    const std::string state = check.state();
    ready = ready && state == "ok";
    checks.add(check.name, state);
  }
  JsonObject json;
  json.add("status", ready ? "ready" : "unavailable").add_json("checks", checks.str());
  auto response = json_response(ready ? 200 : 503, json.str());
  if (!ready) response.add(field_names::kRetryAfter, "5");
  return response;
}

Outcome openapi(Call&) {
  Response response;
  response.content_type = content_types::kYaml;
  response.body = std::string{kOpenApi};
  return response;
}

} // namespace baluhost::http::operation_routes
