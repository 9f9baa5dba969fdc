#pragma once

#include "identity/stage.hpp"

#include <map>
#include <string>

/// A request for each route.
namespace baluhost::test::matrix {

inline std::map<std::string, Row> rows(Stage& stage) {
  const auto at = [](std::string target) { return [=](Caller&) { return Request{target}; }; };
  const auto in_box = [&stage](const std::string& area, const std::string& query = {}) {
    return [=, &stage](Caller&) {
      return Request{kApi + "/" + area + percent_encode(stage.box()) + "/" + stage.fresh() + query};
    };
  };
  const auto login = [](const std::string& name) {
    return object({{"username", q(name)}, {"password", q(kPassword)}});
  };
  const auto places = [&stage](Caller&) {
    return Request{
        "", object({{"from", q(stage.fresh_file())}, {"to", q(stage.box() + "/" + stage.fresh())}}),
        kJson};
  };
  const auto to = [](const std::string& target, auto make) {
    return [=](Caller& caller) {
      Request request = make(caller);
      request.target = target;
      return request;
    };
  };
  const auto of_share = [&stage](const std::string& below, const std::string& body = {}) {
    return [=, &stage](Caller&) {
      const std::string share = stage.fresh_share();
      return Request{share.substr(0, share.find(' ')) + below, body,
                     body.empty() ? Headers{} : kJson};
    };
  };
  const auto upload = [&stage](Headers headers, std::string body = {}) {
    headers.emplace_back("Tus-Resumable", "1.0.0");
    return [=, &stage](Caller&) { return Request{stage.fresh_upload(), body, headers}; };
  };
  const auto archive_of = [](const std::string& path) {
    return Request{kApi + "/archives", object({{"paths", "[" + q(path) + "]"}}), kJson};
  };
  return {
      {"POST /api/v1/auth/login",
       {200,
        [&, login](Caller&) {
          return Request{kApi + "/auth/login", login(stage.owner_name), kJson};
        }}},
      {"POST /api/v1/auth/refresh",
       {200,
        [&](Caller&) {
          Api session{stage.server, stage.owner_name};
          return Request{kApi + "/auth/refresh",
                         object({{"refresh_token", q(session.refresh_token)}}), kJson};
        }}},
      {"POST /api/v1/auth/logout", {204, at(kApi + "/auth/logout")}},
      {"POST /api/v1/auth/logout-all", {204, at(kApi + "/auth/logout-all")}},
      {"GET /api/v1/auth/me", {200, at(kApi + "/auth/me")}},
      {"POST /api/v1/auth/password",
       {204,
        [](Caller&) {
          return Request{kApi + "/auth/password",
                         object({{"current_password", q(kPassword)},
                                 {"new_password", q(kPassword)},
                                 {"keep_keys", "true"}}),
                         kJson};
        }}},
      {"GET /api/v1/auth/sessions", {200, at(kApi + "/auth/sessions")}},
      {"DELETE /api/v1/auth/sessions/{id}",
       {204,
        [&](Caller&) {
          return Request{kApi + "/auth/sessions/" + Api{stage.server, stage.owner_name}.session_id};
        },
        Needs::creator}},

      {"POST /api/v1/auth/keys",
       {201,
        [](Caller&) {
          return Request{kApi + "/auth/keys", R"({"name":"k","scopes":["files:read"]})", kJson};
        }}},
      {"GET /api/v1/auth/keys", {200, at(kApi + "/auth/keys")}},
      {"DELETE /api/v1/auth/keys/{id}",
       {204,
        [&](Caller&) {
          Api session{stage.server, stage.owner_name};
          return Request{kApi + "/auth/keys/" +
                         Stage::make_key(session, R"(["files:read"])")["id"].text()};
        },
        Needs::creator}},
      {"GET /api/v1/users/{username}/keys",
       {200, [&](Caller& caller) { return Request{stage.page(caller) + "/keys"}; },
        Needs::account}},
      {"DELETE /api/v1/users/{username}/keys/{id}",
       {204, [&](Caller& caller) { return Request{stage.key_on_page(caller)}; }, Needs::account}},

      {"GET /api/v1/users", {200, at(kApi + "/users")}},
      {"POST /api/v1/users",
       {201,
        [&, login](Caller&) {
          return Request{kApi + "/users", login(stage.owner_name + stage.fresh()), kJson};
        }}},
      {"GET /api/v1/users/{username}",
       {200, [&](Caller& caller) { return Request{stage.page(caller)}; }, Needs::account}},
      {"PATCH /api/v1/users/{username}",
       {200,
        [&](Caller& caller) {
          return Request{stage.page(caller), R"({"quota_bytes":1000000})", kJson};
        },
        Needs::account}},
      {"DELETE /api/v1/users/{username}",
       {204, [&](Caller& caller) { return Request{stage.page(caller)}; }, Needs::account}},
      {"DELETE /api/v1/users/{username}/sessions",
       {204, [&](Caller& caller) { return Request{stage.page(caller) + "/sessions"}; },
        Needs::account}},

      {"PUT /api/v1/grants",
       {201,
        [&](Caller&) {
          return Request{kApi + "/grants",
                         object({{"path", q(stage.fresh_file())},
                                 {"grantee", q(stage.find("disabled").api.username)},
                                 {"rights", R"(["share"])"}}),
                         kJson};
        },
        Needs::rights,
        {"share"}}},
      {"GET /api/v1/grants",
       {200, at(kApi + "/grants?path=" + percent_encode(stage.box())), Needs::rights, {"share"}}},
      {"DELETE /api/v1/grants",
       {204,
        [&](Caller& caller) {
          const std::string path = stage.fresh_file();
          const std::string& grantee = stage.find("disabled").api.username;
          Api& giver = caller.known && caller.rights.contains("share")
                           ? caller.api
                           : stage.owner(); // what one gave, one takes back
          REQUIRE(giver
                      .put_json(kApi + "/grants", object({{"path", q(path)},
                                                          {"grantee", q(grantee)},
                                                          {"rights", R"(["share"])"}}))
                      .status == 201);
          const Request request{kApi + "/grants?path=" + percent_encode(path) +
                                "&grantee=" + grantee};
          return request;
        },
        Needs::rights,
        {"share"}}},

      {"POST /api/v1/shares",
       {201,
        [&](Caller&) {
          return Request{kApi + "/shares",
                         object({{"path", q(stage.box() + "/file")}, {"rights", R"(["read"])"}}),
                         kJson};
        },
        Needs::rights,
        {"read", "share"}}},
      {"GET /api/v1/shares", {200, at(kApi + "/shares")}},
      {"GET /api/v1/shares/{id}", {200, of_share(""), Needs::account}},
      {"PATCH /api/v1/shares/{id}", {200, of_share("", R"({"note":"changed"})"), Needs::account}},
      {"DELETE /api/v1/shares/{id}", {204, of_share(""), Needs::account}},
      {"POST /api/v1/shares/{id}/secret", {200, of_share("/secret"), Needs::account}},
      {"POST /api/v1/shares/{id}/open",
       {200,
        [&](Caller&) {
          const std::string share = stage.fresh_share();
          const auto blank = share.find(' ');
          return Request{share.substr(0, blank) + "/open",
                         json_of({{"secret", share.substr(blank + 1)}}), kJson};
        }}},

      {"GET /api/v1/files/{path}",
       {200, at(files(stage.box() + "/file")), Needs::rights, {"read"}}},
      {"PUT /api/v1/files/{path}", {201, in_box("files"), Needs::rights, {"write"}}},
      {"DELETE /api/v1/files/{path}",
       {204,
        [&](Caller&) { return Request{files(stage.fresh_file())}; },
        Needs::rights,
        {"delete"}}},
      {"GET /api/v1/meta/{path}", {200, at(meta(stage.box() + "/file")), Needs::rights, {"read"}}},
      {"GET /api/v1/dirs", {200, at(kApi + "/dirs")}},
      {"GET /api/v1/dirs/", {200, at(kApi + "/dirs/")}},
      {"GET /api/v1/dirs/{path}", {200, at(dirs(stage.box())), Needs::rights, {"read"}}},
      {"POST /api/v1/dirs/{path}", {201, in_box("dirs"), Needs::rights, {"write"}}},
      {"GET /api/v1/search",
       {200,
        at(kApi + "/search?q=file&path=" + percent_encode(stage.box())),
        Needs::rights,
        {"read"}}},
      {"POST /api/v1/actions/move",
       {200, to(kApi + "/actions/move", places), Needs::rights, {"write", "delete"}}},
      {"POST /api/v1/actions/copy",
       {201, to(kApi + "/actions/copy", places), Needs::rights, {"read", "write"}}},
      {"GET /api/v1/usage", {200, at(kApi + "/usage")}},

      {"GET /api/v1/trash", {200, at(kApi + "/trash")}},
      {"DELETE /api/v1/trash", {204, at(kApi + "/trash")}},
      {"POST /api/v1/trash/{id}/restore",
       {200, [&](Caller&) { return Request{stage.fresh_trash() + "/restore"}; }, Needs::account}},
      {"DELETE /api/v1/trash/{id}",
       {204, [&](Caller&) { return Request{stage.fresh_trash()}; }, Needs::account}},
      {"GET /api/v1/versions/{path}",
       {200,
        at(kApi + "/versions" + percent_encode(stage.box() + "/file")),
        Needs::rights,
        {"read"}}},
      {"POST /api/v1/versions/{path}/restore",
       {200,
        [&](Caller&) {
          const auto [target, id] = stage.fresh_version();
          return Request{target + "/restore", object({{"id", q(id)}}), kJson};
        },
        Needs::rights,
        {"write"}}},
      {"DELETE /api/v1/versions/{path}",
       {204,
        [&](Caller&) {
          const auto [target, id] = stage.fresh_version();
          return Request{target + "?id=" + id};
        },
        Needs::rights,
        {"delete"}}},

      {"POST /api/v1/archives",
       {201,
        [=, &stage](Caller&) { return archive_of(stage.box() + "/file"); },
        Needs::rights,
        {"read"}}},
      {"GET /api/v1/archives/{id}",
       {200,
        [=, &stage](Caller&) {
          if (stage.archive.empty()) {
            const Request wanted = archive_of(stage.box() + "/file");
            const Response made = stage.owner().post(wanted.target, wanted.body);
            REQUIRE(made.status == 201);
            stage.archive = Json::parse(made.body)["url"].text();
          }
          return Request{stage.archive};
        },
        Needs::creator}},

      {"GET /api/v1/uploads", {200, at(kApi + "/uploads")}},
      {"OPTIONS /api/v1/uploads", {204, at(kApi + "/uploads")}},
      {"POST /api/v1/uploads",
       {201,
        [&](Caller&) {
          return Request{kApi + "/uploads", "", stage.upload_headers()};
        },
        Needs::rights,
        {"write"}}},
      {"HEAD /api/v1/uploads/{id}", {200, upload({}), Needs::creator}},
      {"PATCH /api/v1/uploads/{id}",
       {204,
        upload({{"Upload-Offset", "0"}, {"Content-Type", "application/offset+octet-stream"}}, "x"),
        Needs::creator}},
      {"DELETE /api/v1/uploads/{id}", {204, upload({}), Needs::account}},

      {"GET /api/v1/audit/events",
       {200, at(kEvents + "?limit=1&user=" + stage.owner_name), Needs::filter}},
      {"GET /api/v1/audit/events/{id}", {200, at(kEvents + "/" + stage.event), Needs::trail}},
      {"GET /api/v1/audit/events/{id}/proof",
       {200,
        [&stage](Caller&) {
          wait_until_sealed(stage.server, std::stoll(stage.event));
          return Request{kEvents + "/" + stage.event + "/proof"};
        },
        Needs::trail}},
      {"GET /api/v1/audit/status", {200, at(kApi + "/audit/status")}},
      {"GET /api/v1/audit/stats",
       {200, at(kApi + "/audit/stats?user=" + stage.owner_name), Needs::filter}},
      {"GET /api/v1/audit/export",
       {200, at(kApi + "/audit/export?format=csv&user=" + stage.owner_name)}},
      {"GET /api/v1/audit/stream", {200, at(kApi + "/audit/stream")}},
      {"GET /api/v1/audit/seals", {200, at(kApi + "/audit/seals?limit=1")}},
      {"POST /api/v1/audit/verify", {200, at(kApi + "/audit/verify")}},

      {"GET /api/v1/system", {200, at(kApi + "/system")}},
      {"GET /api/v1/openapi.yaml", {200, at(kApi + "/openapi.yaml")}},
      {"GET /livez", {200, at("/livez")}},
      {"GET /readyz", {200, at("/readyz")}},
      {"GET /healthz", {200, at("/healthz")}},
  };
}

} // namespace baluhost::test::matrix
