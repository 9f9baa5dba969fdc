#include "dispatch/problem.hpp"
#include "fields/json_reader.hpp"
#include "routes/content/content_reply.hpp"
#include "routes/content/download_request.hpp"
#include "routes/routes.hpp"
#include "routes/target.hpp"

#include "baluhost/core/json/json_views.hpp"
#include "baluhost/core/versions/version_service.hpp"

#include <string>

namespace baluhost::http::version_routes {
namespace {

Result<VersionId> read_id(std::string_view text) { return at("/id", VersionId::parse(text)); }

Outcome list(Call& call, const FilePath& path) {
  BALUHOST_TRY(const auto request, call.query.page());
  BALUHOST_TRY(const auto page, call.services.versions.list(call.principal(), path, request));
  return json_response(200,
                       page_json(page, [](const Version& version) { return to_json(version); }));
}

} // namespace

/// With an id its content; without one the list.
Outcome get(Call& call) {
  BALUHOST_TRY(const auto path, target_path(call));
  const auto text = call.query.text("id");
  if (!text) return list(call, path);
  call.fails_as = Action::download;
  BALUHOST_TRY(const auto disposition, read_disposition(call.query));
  BALUHOST_TRY(auto request, read_download(call));
  BALUHOST_TRY(request.version, read_id(*text));
  BALUHOST_TRY(auto download, call.services.files.open(call.principal(), path, request));
  return answer_with(call, std::move(download), disposition);
}

Outcome restore(Call& call) {
  BALUHOST_TRY(const auto path, target_path(call));
  BALUHOST_TRY(const auto json, JsonReader::parse(call.body, "id"));
  BALUHOST_TRY(const auto text, json.text("id"));
  BALUHOST_TRY(const auto id, read_id(text));
  BALUHOST_TRY(const auto info, call.services.versions.restore(call.principal(), path, id));
  return json_response(200, to_json(info));
}

Outcome remove(Call& call) {
  BALUHOST_TRY(const auto path, target_path(call));
  const auto text = call.query.text("id");
  if (!text) return invalid("is needed").at("/id");
  BALUHOST_TRY(const auto id, read_id(*text));
  BALUHOST_CHECK(call.services.versions.remove(call.principal(), path, id));
  return no_content();
}

} // namespace baluhost::http::version_routes
