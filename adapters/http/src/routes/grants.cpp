#include "fields/json_reader.hpp"
#include "routes/routes.hpp"
#include "routes/target.hpp"

#include "baluhost/core/json/json_views.hpp"

namespace baluhost::http::grant_routes {
namespace {

Result<Rights> read_rights(const std::vector<std::string>& texts) {
  Rights rights;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    BALUHOST_TRY(const auto right, at("/rights/" + std::to_string(i), parse_right(texts[i])));
    rights |= right;
  }
  if (rights.empty()) return invalid("names at least one right").at("/rights");
  return rights;
}

Result<std::string> required(const Call& call, std::string_view name) {
  auto value = call.query.text(name);
  if (!value) return invalid("is required").at("/" + std::string{name});
  return *std::move(value);
}

} // namespace

Outcome put(Call& call) {
  BALUHOST_TRY(const auto json, JsonReader::parse(call.body, "path grantee rights"));
  BALUHOST_TRY(const auto path_text, json.text("path"));
  BALUHOST_TRY(const auto path, named_path(call, path_text));
  BALUHOST_TRY(const auto grantee_text, json.text("grantee"));
  BALUHOST_TRY(const auto grantee, at("/grantee", Username::parse(grantee_text)));
  BALUHOST_TRY(const auto texts, json.texts("rights"));
  BALUHOST_TRY(const auto rights, read_rights(texts));
  BALUHOST_TRY(const auto result,
               call.services.grants.put(call.principal(), path, grantee, rights));
  return json_response(result.created ? 201 : 200, to_json(result.grant));
}

Outcome list(Call& call) {
  BALUHOST_TRY(const auto request, call.query.page());
  BALUHOST_TRY(const auto path, path_of_query(call));
  BALUHOST_TRY(const auto grantee,
               optional_at("/grantee", call.query.text("grantee"), Username::parse));
  BALUHOST_TRY(const auto page,
               call.services.grants.list(call.principal(), path, grantee, request));
  return json_response(200, page_json(page, [](const GrantInfo& grant) { return to_json(grant); }));
}

Outcome remove(Call& call) {
  BALUHOST_TRY(const auto path_text, required(call, "path"));
  BALUHOST_TRY(const auto path, named_path(call, path_text));
  BALUHOST_TRY(const auto grantee_text, required(call, "grantee"));
  BALUHOST_TRY(const auto grantee, at("/grantee", Username::parse(grantee_text)));
  BALUHOST_CHECK(call.services.grants.remove(call.principal(), path, grantee));
  return no_content();
}

} // namespace baluhost::http::grant_routes
