#include "dispatch/problem.hpp"
#include "fields/json_reader.hpp"
#include "fields/whole_number.hpp"
#include "routes/members.hpp"
#include "routes/routes.hpp"

#include "baluhost/core/json/json_views.hpp"
#include "baluhost/core/trash/trash_service.hpp"

namespace baluhost::http::trash_routes {
namespace {

/// What is no id is not there.
Result<TrashId> id_of(Call& call) {
  call.resource = "/api/v1/trash/" + call.parameters.front();
  const auto number = parse_whole_number(call.parameters.front());
  if (!number) return Error{Errc::not_found, "no id of the trash"};
  return TrashId{*number};
}

} // namespace

Outcome list(Call& call) {
  BALUHOST_TRY(const auto request, call.query.page());
  BALUHOST_TRY(const auto page, call.services.trash.list(call.principal(), request));
  return json_response(200,
                       page_json(page, [](const TrashEntry& entry) { return to_json(entry); }));
}

Outcome restore(Call& call) {
  BALUHOST_TRY(const auto id, id_of(call));
  RestoreRequest request;
  if (!call.body.empty()) {
    BALUHOST_TRY(const auto json, JsonReader::parse(call.body, "to overwrite"));
    BALUHOST_TRY(request.overwrite, json.flag("overwrite", false));
    BALUHOST_TRY(const auto to, json.optional_text("to"));
    BALUHOST_TRY(request.to, optional_at("/to", to, FilePath::parse));
  }
  BALUHOST_TRY(const auto info, call.services.trash.restore(call.principal(), id, request));
  return json_response(200, to_json(info));
}

Outcome purge(Call& call) {
  BALUHOST_TRY(const auto id, id_of(call));
  BALUHOST_CHECK(call.services.trash.purge(call.principal(), id));
  return no_content();
}

Outcome empty(Call& call) {
  BALUHOST_CHECK(call.services.trash.empty(call.principal()));
  return no_content();
}

} // namespace baluhost::http::trash_routes
