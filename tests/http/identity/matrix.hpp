#pragma once

#include "wire.hpp"

#include <functional>
#include <map>
#include <set>

/// Everyone who could ask for a route, and a request for each route.
namespace baluhost::test::matrix {

struct Caller {
  std::string name;
  std::string role;
  std::set<std::string> rights; ///< on the box and all below it
  Api api;
  bool known{true};               ///< its token is good
  std::string account{};          ///< whose key it is: a caller's name; else its own
  std::set<std::string> scopes{}; ///< of the key
  std::string bound_to{};         ///< the key's path; empty: none
  int refusals{0};

  bool is_key() const { return !account.empty(); }
  bool is_owner() const { return name == "owner" || account == "owner"; }
};

struct Request {
  std::string target;
  std::string body{};
  Headers headers{};
};

enum class Needs {
  route,   ///< no more than what the route declares
  rights,  ///< on the box
  account, ///< the owner's page: the owner's own or an administrator's
  trail,   ///< the owner's events: the owner, or who sees the whole trail; to others they do not
           ///< exist
  filter,  ///< the same, asked for by name: to others forbidden
  creator, ///< the owner alone made it: to others, administrators too, it does not exist
};

struct Row {
  int success;
  std::function<Request(Caller&)> make;
  Needs needs{Needs::route};
  std::set<std::string> rights{};
};

inline const Headers kJson{{"Content-Type", "application/json"}};

/// A home with a box that others have rights on, and everyone who asks.
class Stage {
 public:
  Stage() {
    Api boss = new_user(server, "admin");
    owner_name = make_user(server);
    add("anonymous", "", {}).known = false;
    add("stranger", "user", {});
    for (const char* right : {"read", "write", "delete", "share"}) add(right, "user", {right});
    add("editor", "user", {"read", "write", "delete"});
    add("auditor", "auditor", {});
    add("disabled", "user", {"read", "write", "delete", "share"}).known = false;
    add("logged out", "admin", {}).known = false;
    add("refresh token", "admin", {}).known = false;
    callers.push_back(
        {"owner", "user", {"read", "write", "delete", "share"}, Api{server, owner_name}});
    add("administrator", "admin", {"read", "write", "delete", "share"});

    REQUIRE(owner().put(files(box() + "/file") + "?parents=true", "hello").status == 201);
    event =
        std::to_string(owner().events("action=upload&user=" + owner_name).at(0)["id"].integer());
    for (Caller& caller : callers) {
      if (caller.role.empty() || caller.rights.empty() || caller.name == "owner" ||
          caller.name == "administrator")
        continue;
      std::string rights;
      for (const std::string& right : caller.rights)
        rights += (rights.empty() ? "" : ",") + q(right);
      REQUIRE(owner()
                  .put_json(kApi + "/grants", object({{"path", q(box())},
                                                      {"grantee", q(caller.api.username)},
                                                      {"rights", "[" + rights + "]"}}))
                  .status == 201);
    }
    REQUIRE(boss.patch(kApi + "/users/" + find("disabled").api.username, R"({"enabled":false})")
                .status == 200);
    REQUIRE(find("logged out").api.post(kApi + "/auth/logout").status == 204);
    find("refresh token").api.access_token = find("refresh token").api.refresh_token;
    add_keys();
  }

  /// The target of a key of the user of that page.
  std::string key_on_page(const Caller& caller) {
    const std::string target = page(caller);
    Api user{server, target.substr(target.rfind('/') + 1)};
    return target + "/keys/" + make_key(user, R"(["files:read"])")["id"].text();
  }
  static Json make_key(Api& owner, const std::string& scopes, const std::string& path = {}) {
    const Response made = owner.post(
        kApi + "/auth/keys",
        object(
            {{"name", q("a key")}, {"scopes", scopes}, {"path", path.empty() ? "null" : q(path)}}));
    REQUIRE(made.status == 201);
    return Json::parse(made.body);
  }
  std::string box() const { return "/" + owner_name + "/box"; }
  Api& owner() { return find("owner").api; }
  Caller& find(const std::string& name) { return *std::ranges::find(callers, name, &Caller::name); }
  std::string fresh() { return "n" + std::to_string(++count_); }
  std::string fresh_file() {
    const std::string path = box() + "/" + fresh();
    REQUIRE(owner().put(files(path), "x").status == 201);
    return path;
  }
  std::string fresh_upload() {
    const Response made = owner().send("POST", kApi + "/uploads", upload_headers(), "");
    REQUIRE(made.status == 201);
    return made.header("Location").value_or("");
  }
  Headers upload_headers() {
    const std::string path = run({"base64", "-w0"}, {}, box() + "/" + fresh()).out;
    return {
        {"Tus-Resumable", "1.0.0"}, {"Upload-Length", "1"}, {"Upload-Metadata", "path " + path}};
  }
  /// The page of the owner where the owner asks, else of somebody else who may be deleted.
  std::string page(const Caller& caller) {
    if (caller.is_owner()) return kApi + "/users/" + owner_name;
    if (victim_.empty() || caller.role == "admin") victim_ = make_user(server);
    return kApi + "/users/" + victim_;
  }

  Server& server = shared_server();
  std::vector<Caller> callers;
  std::string owner_name;
  std::string event;
  std::string archive; ///< the owner's, once one was made

 private:
  Caller& add(const std::string& name, const std::string& role, std::set<std::string> rights) {
    callers.push_back(
        {name, role, std::move(rights), role.empty() ? Api{server} : new_user(server, role)});
    return callers.back();
  }

  /// One for each scope, and with all of them: on the box, beside it, and of an administrator; and
  /// one of an administrator's that is for files alone, and so administers nothing.
  void add_keys() {
    const std::set<std::string> all{"files:read", "files:write", "files:delete",
                                    "shares",     "audit:read",  "admin"};
    for (const auto& scope : all) add_key("key of " + scope, "owner", {scope}, "");
    REQUIRE(owner().post(dirs("/" + owner_name + "/beside")).status == 201);
    add_key("key on the box", "owner", all, box());
    add_key("key beside the box", "owner", all, "/" + owner_name + "/beside");
    add_key("key of an administrator", "administrator", all, "");
    add_key("key of an administrator for files", "administrator",
            {"files:read", "files:write", "files:delete"}, "");
  }
  void add_key(const std::string& name, const std::string& account,
               const std::set<std::string>& scopes, const std::string& path) {
    std::string list;
    for (const auto& scope : scopes) list += (list.empty() ? "" : ",") + q(scope);
    Caller& of = find(account);
    const Json key = make_key(of.api, "[" + list + "]", path);
    Caller caller{.name = name, .role = of.role, .rights = {}, .api = Api{server}};
    if (account == "administrator" && !scopes.contains("admin")) caller.role = "user";
    caller.api.username = of.api.username;
    caller.api.access_token = key["secret"].text();
    caller.account = account;
    caller.scopes = scopes;
    caller.bound_to = path;
    callers.push_back(std::move(caller));
  }

  int count_{0};
  std::string victim_;
};

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
      {"POST /api/v1/actions/move",
       {200, to(kApi + "/actions/move", places), Needs::rights, {"write", "delete"}}},
      {"POST /api/v1/actions/copy",
       {201, to(kApi + "/actions/copy", places), Needs::rights, {"read", "write"}}},
      {"GET /api/v1/usage", {200, at(kApi + "/usage")}},

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
      {"GET /api/v1/audit/stats",
       {200, at(kApi + "/audit/stats?user=" + stage.owner_name), Needs::filter}},
      {"GET /api/v1/audit/export",
       {200, at(kApi + "/audit/export?format=csv&user=" + stage.owner_name)}},
      {"GET /api/v1/audit/stream", {200, at(kApi + "/audit/stream")}},
      {"GET /api/v1/audit/seals", {200, at(kApi + "/audit/seals?limit=1")}},
      {"POST /api/v1/audit/verify", {200, at(kApi + "/audit/verify")}},

      {"GET /api/v1/openapi.yaml", {200, at(kApi + "/openapi.yaml")}},
      {"GET /livez", {200, at("/livez")}},
      {"GET /readyz", {200, at("/readyz")}},
      {"GET /healthz", {200, at("/healthz")}},
  };
}

} // namespace baluhost::test::matrix
