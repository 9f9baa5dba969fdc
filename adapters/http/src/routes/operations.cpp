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
    const auto problem = check.problem();
    ready = ready && !problem;
    checks.add(check.name, problem ? *problem : "ok");
  }
  JsonObject json;
  json.add("status", ready ? "ready" : "unavailable").add_json("checks", checks.str());
  auto response = json_response(ready ? 200 : 503, json.str());
  if (!ready) response.add(field_names::kRetryAfter, "5");
  return response;
}

Outcome system(Call& call) {
  const SystemFacts& facts = call.services.system;
  std::string disk = "null";
  if (facts.space) {
    if (const auto space = facts.space()) {
      disk = JsonObject{}
                 .add("free_bytes", space->free_bytes)
                 .add("total_bytes", space->total_bytes)
                 .add("min_free_bytes", facts.min_free_bytes)
                 .str();
    }
  }
  std::vector<std::string> settings;
  for (const auto& [name, value, source] : facts.settings) {
    JsonObject setting;
    setting.add("name", name).add_json("value", value);
    if (source.empty())
      setting.add_json("source", "null");
    else
      setting.add("source", source);
    settings.push_back(setting.str());
  }
  std::vector<std::string> tasks;
  for (const auto& [name, last_run, error] : facts.runs ? facts.runs() : std::vector<TaskRun>{}) {
    JsonObject task;
    task.add("name", name)
        .add_json("last_run", last_run ? json_text(last_run->to_rfc3339()) : "null")
        .add_json("error", error.empty() ? "null" : json_text(error));
    tasks.push_back(task.str());
  }
  JsonObject json;
  json.add("version", facts.version)
      .add("started_at", facts.started_at.to_rfc3339())
      .add("database", facts.database)
      .add_json("disk", disk)
      .add_json("tasks", json_array(tasks))
      .add_json("settings", json_array(settings));
  return json_response(200, json.str());
}

Outcome openapi(Call&) {
  Response response;
  response.content_type = content_types::kYaml;
  response.body = std::string{kOpenApi};
  return response;
}

} // namespace baluhost::http::operation_routes
