#pragma once

#include "wire.hpp"

#include <string>

// What the tests of share links have in common.
namespace baluhost::test {

inline const std::string kShares = kApi + "/shares";

/// What a share was made with: its JSON, its id and the secret of its link.
struct Link {
  Json json;
  std::string id;
  std::string secret;
  [[nodiscard]] std::string at() const { return kShares + "/" + id; }
};

inline Link read_link(const Response& response) {
  const Json json = Json::parse(response.body);
  const std::string url = json["url"].text();
  return {json, json["id"].text(), url.substr(url.find('#') + 1)};
}

/// `more`: further members, each with a comma in front of it.
inline Response share(Api& who, const std::string& path, const std::string& rights = R"(["read"])",
                      const std::string& more = {}) {
  return who.post(kShares, "{\"path\":" + q(path) + ",\"rights\":" + rights + more + "}");
}

inline Link make_link(Api& who, const std::string& path, const std::string& rights = R"(["read"])",
                      const std::string& more = {}) {
  const Response made = share(who, path, rights, more);
  INFO(made.body);
  REQUIRE(made.status == 201);
  return read_link(made);
}

inline Response open(Api& who, const std::string& id, const std::string& secret,
                     const std::string& more = {}) {
  return who.post(kShares + "/" + id + "/open", "{\"secret\":" + q(secret) + more + "}");
}

/// A guest with the token of a share.
inline Api guest(const Server& server, const Link& link, const std::string& more = {}) {
  Api who{server};
  const Response opened = open(who, link.id, link.secret, more);
  INFO(opened.body);
  REQUIRE(opened.status == 200);
  who.access_token = Json::parse(opened.body)["access_token"].text();
  return who;
}

/// An owner with `/box/doc` ("text"), `/box/deep/note` ("deep") and `/secret` ("mine").
struct Sharer {
  explicit Sharer(const Server& server = shared_server()) : owner(new_user(server)) {
    path = "/" + owner.username;
    for (const auto& [name, text] : {std::pair{"/box/doc", "text"},
                                     {"/box/deep/note", "deep"},
                                     {"/secret", "mine"},
                                     {"/boxes", "beside"}})
      REQUIRE(owner.put(files(path + name) + "?parents=true", text).status == 201);
  }
  Api owner;
  std::string path;
  [[nodiscard]] std::string box() const { return path + "/box"; }

  /// Lets `grantee` do what the JSON list `rights` says, below `where`.
  void grant(const std::string& where, const Api& grantee, const std::string& rights) {
    REQUIRE(owner
                .put_json(kApi + "/grants", object({{"path", q(where)},
                                                    {"grantee", q(grantee.username)},
                                                    {"rights", rights}}))
                .status < 300);
  }
};

} // namespace baluhost::test
