#pragma once

#include "wire.hpp"

#include <functional>
#include <set>

/// Everyone who could ask for a route, and what for.
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
  std::set<std::string> share{};  ///< rights of the share by which it comes; empty: by none
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
    add_guest("share", {"read", "create"});
    add_guest("drop box", {"create"});
  }

  /// A share that the owner made; its page, and its secret after a blank.
  std::string fresh_share(const std::string& rights = R"(["read"])") {
    const Response made =
        owner().post(kApi + "/shares", object({{"path", q(box())}, {"rights", rights}}));
    REQUIRE(made.status == 201);
    const Json share = Json::parse(made.body);
    const std::string url = share["url"].text();
    return kApi + "/shares/" + share["id"].text() + " " + url.substr(url.find('#') + 1);
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
  /// What the owner has just deleted.
  std::string fresh_trash() {
    REQUIRE(owner().del(files(fresh_file())).status == 204);
    const Json page = Json::parse(owner().get(kApi + "/trash?limit=1").body);
    return kApi + "/trash/" + std::to_string(page["items"][0]["id"].integer());
  }
  /// The page of a file's versions, and the id of the one beside its present content.
  std::pair<std::string, std::string> fresh_version() {
    const std::string path = fresh_file();
    REQUIRE(owner().put(files(path) + "?overwrite=true", "y").status == 200);
    const std::string target = kApi + "/versions" + percent_encode(path);
    const Json page = Json::parse(owner().get(target).body);
    return {target, page["items"][1]["id"].text()};
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

  void add_guest(const std::string& name, const std::set<std::string>& rights) {
    const std::string share =
        fresh_share(rights.contains("read") ? R"(["read","create"])" : R"(["create"])");
    const auto blank = share.find(' ');
    Caller caller{.name = name, .role = "user", .rights = {}, .api = Api{server}, .share = rights};
    const Response opened = caller.api.post(share.substr(0, blank) + "/open",
                                            json_of({{"secret", share.substr(blank + 1)}}));
    REQUIRE(opened.status == 200);
    caller.api.access_token = Json::parse(opened.body)["access_token"].text();
    callers.push_back(std::move(caller));
  }

  int count_{0};
  std::string victim_;
};

} // namespace baluhost::test::matrix
