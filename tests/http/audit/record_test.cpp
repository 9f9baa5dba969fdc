#include "audit/walk.hpp"
#include "identity/totp.hpp"
#include "sharing/link.hpp"

#include <chrono>
#include <map>
#include <set>
#include <thread>

// No operation without its record: every route leaves an event when it succeeds, when it is refused
// and when it fails; what cannot be recorded does not happen; and what a crash cut short is on
// record after the next start.

using namespace baluhost::test;

TEST_CASE(
    "Every operation of the contract leaves its event when it succeeds, when it is refused and "
    "when it fails",
    "[record]") {
  Walk walk;
  Api& anna = walk.anna;
  Api& bob = walk.bob;
  Api& root = walk.root;
  const std::string home = walk.home, file = home + "/dir/file.txt", gone = home + "/no-such";
  const std::string victim = make_user(walk.server), fresh = make_user(walk.server);
  Api leaver = new_user(walk.server), leaver_of_all = new_user(walk.server),
      ender = new_user(walk.server), denied = new_user(walk.server);
  Api ended{walk.server, ender.username};
  REQUIRE(anna.put_json(kApi + "/grants", object({{"path", q(home + "/dir")},
                                                  {"grantee", q(victim)},
                                                  {"rights", "[\"read\"]"}}))
              .status == 201);
  const auto grant = [&](const std::string& grantee) {
    return object({{"path", q(home + "/dir")}, {"grantee", q(grantee)}, {"rights", "[\"read\"]"}});
  };
  const auto revoke = [&](const std::string& grantee) {
    return kApi + "/grants?path=" + percent_encode(home + "/dir") + "&grantee=" + grantee;
  };
  const auto metadata = [&](const std::string& path) { return "path " + base64(path); };
  const Headers chunk =
      tus({{"Upload-Offset", "0"}, {"Content-Type", "application/offset+octet-stream"}});
  const std::string one = walk.upload_of(anna), two = walk.upload_of(anna),
                    three = walk.upload_of(anna);
  const std::string new_key = R"({"name":"a key","scopes":["files:read"]})";
  const std::string keys = kApi + "/auth/keys", one_of = keys + "/";
  const auto key = [&] { return Json::parse(anna.post(keys, new_key).body)["id"].text(); };
  const std::string users = kApi + "/users", sessions = kApi + "/auth/sessions/",
                    nobody = users + "/nobody-here";
  const auto keys_of = [&](const Api& user) { return users + "/" + user.username + "/keys"; };
  const std::string annas = keys_of(anna), bobs = keys_of(bob);
  const Enrolled enrolled{walk.server};
  Enrolled renewer{walk.server}, remover{walk.server};
  const std::string challenge = enrolled.challenge();
  Api half = new_user(walk.server);
  const std::string half_secret =
      Json::parse(half.post(kTotp, json_of({{"current_password", kPassword}})).body)["secret"]
          .text();
  const std::string no_upload = kApi + "/uploads/" + std::string(64, '0');
  const Link kept = make_link(anna, home + "/dir"), renewed = make_link(anna, home + "/dir"),
             opened = make_link(anna, home + "/dir"), over = make_link(anna, home + "/dir");
  const std::string no_share = kShares + "/none";
  const auto share_of = [](const std::string& path) {
    return object({{"path", q(path)}, {"rights", "[\"read\"]"}});
  };
  const std::string archives = kApi + "/archives";
  const auto archive_of = [](const std::string& path) {
    return object({{"paths", "[" + q(path) + "]"}});
  };
  const std::string archive =
      archives + "/" + Json::parse(anna.post(archives, archive_of(file)).body)["id"].text();

  const std::string kTrash = kApi + "/trash";
  Api emptier = new_user(walk.server);
  const auto deleted = [&](const std::string& name) {
    REQUIRE(anna.put(files(home + name), "x").status == 201);
    REQUIRE(anna.del(files(home + name)).status == 204);
    return kTrash + "/" +
           std::to_string(
               Json::parse(anna.get(kTrash + "?limit=1").body)["items"][0]["id"].integer());
  };
  const std::string emptied = "/" + emptier.username + "/gone";
  REQUIRE(emptier.put(files(emptied), "x").status == 201);
  REQUIRE(emptier.del(files(emptied)).status == 204);
  for (const char* text : {"one", "two", "three"})
    REQUIRE(anna.put(files(home + "/versions") + "?overwrite=true", text).status < 300);
  const std::string versions = kApi + "/versions" + percent_encode(home + "/versions");
  const Json kept_versions = Json::parse(anna.get(versions).body)["items"];
  const std::string older = kept_versions[1]["id"].text(), oldest = kept_versions[2]["id"].text();

  std::map<std::string, Row> rows{
      {"POST /api/v1/auth/login",
       {{nullptr, kApi + "/auth/login",
         json_of({{"username", bob.username}, {"password", kPassword}})},
        "login_success",
        Request{nullptr, kApi + "/auth/login", "{}"},
        "login_failed",
        {},
        true}},
      {"POST /api/v1/auth/login/code",
       {{nullptr, kLoginCode, json_of({{"challenge", challenge}, {"code", enrolled.code()}})},
        "login_success",
        Request{nullptr, kLoginCode, json_of({{"challenge", "none"}, {"code", "none"}})},
        "second_factor_failed",
        {},
        true}},
      {"POST /api/v1/auth/totp",
       {{&anna, kTotp, json_of({{"current_password", kPassword}})},
        "user_updated",
        Request{&anna, kTotp, json_of({{"current_password", "wrong"}})},
        "totp_enabled"}},
      {"POST /api/v1/auth/totp/confirm",
       {{&half, kTotp + "/confirm", json_of({{"code", totp_at(half_secret, now_in_seconds())}})},
        "totp_enabled",
        Request{&bob, kTotp + "/confirm", json_of({{"code", "none"}})},
        "totp_enabled"}},
      {"POST /api/v1/auth/totp/recovery-codes",
       {{&renewer.api, kTotp + "/recovery-codes", json_of({{"code", renewer.code()}})},
        "user_updated",
        Request{&renewer.api, kTotp + "/recovery-codes", json_of({{"code", "none"}})},
        "second_factor_failed"}},
      {"DELETE /api/v1/auth/totp",
       {{&remover.api, kTotp, json_of({{"current_password", kPassword}, {"code", remover.code()}})},
        "totp_disabled",
        Request{&remover.api, kTotp,
                json_of({{"current_password", "wrong"}, {"code", remover.code()}})},
        "totp_disabled"}},
      {"DELETE /api/v1/users/{username}/totp",
       {{&root, users + "/" + enrolled.api.username + "/totp"},
        "totp_disabled",
        Request{&root, nobody + "/totp"},
        "totp_disabled",
        Request{&anna, users + "/" + bob.username + "/totp"}}},
      {"POST /api/v1/auth/refresh",
       {{nullptr, kApi + "/auth/refresh", json_of({{"refresh_token", bob.refresh_token}})},
        "token_refresh",
        Request{nullptr, kApi + "/auth/refresh", "{\"x\":1}"},
        "token_refresh",
        {},
        true}},
      {"POST /api/v1/auth/logout",
       {{&leaver, kApi + "/auth/logout"},
        "logout",
        Request{&anna, kApi + "/auth/logout?x=1"},
        "logout"}},
      {"POST /api/v1/auth/logout-all",
       {{&leaver_of_all, kApi + "/auth/logout-all"},
        "logout_all",
        Request{&anna, kApi + "/auth/logout-all?x=1"},
        "logout_all"}},
      {"GET /api/v1/auth/me", {{&anna, kApi + "/auth/me"}, ""}},
      {"POST /api/v1/auth/password",
       {{&ended, kApi + "/auth/password",
         json_of({{"current_password", kPassword}, {"new_password", "another fine pass phrase"}})},
        "password_changed",
        Request{
            &anna, kApi + "/auth/password",
            json_of({{"current_password", "wrong"}, {"new_password", "another fine pass phrase"}})},
        "password_change_failed"}},
      {"GET /api/v1/auth/sessions", {{&anna, kApi + "/auth/sessions"}, ""}},
      {"DELETE /api/v1/auth/sessions/{id}",
       {{&anna, sessions + Api(walk.server, anna.username).session_id},
        "session_revoked",
        Request{&anna, sessions + "none"},
        "session_revoked",
        Request{&bob, sessions + anna.session_id}}},
      {"POST /api/v1/auth/keys",
       {{&anna, keys, new_key}, "key_created", Request{&anna, keys, "{}"}, "key_created"}},
      {"GET /api/v1/auth/keys", {{&anna, keys}, ""}},
      {"DELETE /api/v1/auth/keys/{id}",
       {{&anna, one_of + key()},
        "key_revoked",
        Request{&anna, one_of + "none"},
        "key_revoked",
        Request{&bob, one_of + key()}}},
      {"GET /api/v1/users/{username}/keys", {{&root, annas}, "", {}, "", Request{&anna, bobs}}},
      {"DELETE /api/v1/users/{username}/keys/{id}",
       {{&root, annas + "/" + key()},
        "key_revoked",
        Request{&root, annas + "/none"},
        "key_revoked",
        Request{&anna, bobs + "/none"}}},
      {"GET /api/v1/users", {{&root, users}, "", {}, "", Request{&anna, users}}},
      {"POST /api/v1/users",
       {{&root, users, json_of({{"username", fresh + "-new"}, {"password", kPassword}})},
        "user_created",
        Request{&root, users, json_of({{"username", fresh}, {"password", kPassword}})},
        "user_created",
        Request{&anna, users, json_of({{"username", "other"}, {"password", kPassword}})}}},
      {"GET /api/v1/users/{username}",
       {{&anna, users + "/" + anna.username},
        "",
        {},
        "",
        Request{&anna, users + "/" + bob.username}}},
      {"PATCH /api/v1/users/{username}",
       {{&root, users + "/" + fresh, "{\"quota_bytes\":5}"},
        "user_updated",
        Request{&root, nobody, "{\"quota_bytes\":5}"},
        "user_updated",
        Request{&anna, users + "/" + fresh, "{\"quota_bytes\":5}"}}},
      {"DELETE /api/v1/users/{username}",
       {{&root, users + "/" + fresh},
        "user_deleted",
        Request{&root, nobody},
        "user_deleted",
        Request{&anna, users + "/" + bob.username}}},
      {"DELETE /api/v1/users/{username}/sessions",
       {{&root, users + "/" + ender.username + "/sessions"},
        "logout_all",
        Request{&root, nobody + "/sessions"},
        "logout_all",
        Request{&anna, users + "/" + bob.username + "/sessions"}}},
      {"PUT /api/v1/grants",
       {{&anna, kApi + "/grants", grant(bob.username)},
        "permission_granted",
        Request{
            &anna, kApi + "/grants",
            object({{"path", q(gone)}, {"grantee", q(bob.username)}, {"rights", "[\"read\"]"}})},
        "permission_granted",
        Request{&denied, kApi + "/grants", grant(bob.username)}}},
      {"GET /api/v1/grants",
       {{&anna, kApi + "/grants"},
        "",
        {},
        "",
        Request{&anna, kApi + "/grants?grantee=" + bob.username}}},
      {"DELETE /api/v1/grants",
       {{&anna, revoke(victim)},
        "permission_revoked",
        Request{&anna, revoke("nobody-here")},
        "permission_revoked",
        Request{&denied, revoke(bob.username)}}},
      {"POST /api/v1/shares",
       {{&anna, kShares, share_of(home + "/dir")},
        "share_created",
        Request{&anna, kShares, share_of(gone)},
        "share_created",
        Request{&denied, kShares, share_of(home + "/dir")}}},
      {"GET /api/v1/shares",
       {{&anna, kShares}, "", {}, "", Request{&denied, kShares + "?path=" + home + "/dir"}}},
      {"GET /api/v1/shares/{id}", {{&anna, kept.at()}, "", {}, "", Request{&denied, kept.at()}}},
      {"PATCH /api/v1/shares/{id}",
       {{&anna, kept.at(), R"({"note":"a note"})"},
        "share_changed",
        Request{&anna, no_share, R"({"note":"a note"})"},
        "share_changed",
        Request{&denied, kept.at(), R"({"note":"a note"})"}}},
      {"DELETE /api/v1/shares/{id}",
       {{&anna, over.at()},
        "share_ended",
        Request{&anna, no_share},
        "share_ended",
        Request{&denied, over.at()}}},
      {"POST /api/v1/shares/{id}/secret",
       {{&anna, renewed.at() + "/secret"},
        "share_changed",
        Request{&anna, no_share + "/secret"},
        "share_changed",
        Request{&denied, renewed.at() + "/secret"}}},
      {"POST /api/v1/shares/{id}/open",
       {{nullptr, opened.at() + "/open", json_of({{"secret", opened.secret}})},
        "share_opened",
        Request{nullptr, opened.at() + "/open", json_of({{"secret", "none"}})},
        "share_opened",
        {},
        true}},
      {"GET /api/v1/trash", {{&anna, kTrash}, ""}},
      {"DELETE /api/v1/trash",
       {{&emptier, kTrash}, "purge", Request{&anna, kTrash + "?x=1"}, "purge"}},
      {"POST /api/v1/trash/{id}/restore",
       {{&anna, deleted("/r1") + "/restore"},
        "restore",
        Request{&anna, kTrash + "/0/restore"},
        "restore",
        Request{&denied, deleted("/r2") + "/restore"}}},
      {"DELETE /api/v1/trash/{id}",
       {{&anna, deleted("/r3")},
        "purge",
        Request{&anna, kTrash + "/0"},
        "purge",
        Request{&denied, deleted("/r4")}}},
      {"GET /api/v1/versions/{path}", {{&anna, versions}, "", {}, "", Request{&denied, versions}}},
      {"POST /api/v1/versions/{path}/restore",
       {{&anna, versions + "/restore", json_of({{"id", older}})},
        "version_restored",
        Request{&anna, versions + "/restore", json_of({{"id", "1.1"}})},
        "version_restored",
        Request{&denied, versions + "/restore", json_of({{"id", older}})}}},
      {"DELETE /api/v1/versions/{path}",
       {{&anna, versions + "?id=" + oldest},
        "version_removed",
        Request{&anna, versions + "?id=1.1"},
        "version_removed",
        Request{&denied, versions + "?id=" + oldest}}},
      {"POST /api/v1/archives",
       {{&anna, archives, archive_of(file)},
        "",
        Request{&anna, archives, archive_of(gone)},
        "download",
        Request{&denied, archives, archive_of(file)}}},
      {"GET /api/v1/archives/{id}",
       {{&anna, archive}, "download", {}, "", Request{&denied, archive}}},
      {"GET /api/v1/files/{path}",
       {{&anna, files(file)},
        "download",
        Request{&anna, files(gone)},
        "download",
        Request{&denied, files(file)}}},
      {"PUT /api/v1/files/{path}",
       {{&anna, files(home + "/new"), "hello"},
        "upload",
        Request{&anna, files(file), "hello"},
        "upload",
        Request{&denied, files(file), "hello"}}},
      {"DELETE /api/v1/files/{path}",
       {{&anna, files(home + "/gone")},
        "trash",
        Request{&anna, files(gone)},
        "delete",
        Request{&denied, files(file)}}},
      {"GET /api/v1/meta/{path}", {{&anna, meta(file)}, "", {}, "", Request{&denied, meta(file)}}},
      {"GET /api/v1/dirs", {{&anna, kApi + "/dirs"}, ""}},
      {"GET /api/v1/dirs/", {{&anna, kApi + "/dirs/"}, ""}},
      {"GET /api/v1/dirs/{path}", {{&anna, dirs(home)}, "", {}, "", Request{&denied, dirs(home)}}},
      {"GET /api/v1/search",
       {{&anna, kApi + "/search?q=file"},
        "",
        {},
        "",
        Request{&denied, kApi + "/search?q=file&path=" + percent_encode(home)}}},
      {"POST /api/v1/dirs/{path}",
       {{&anna, dirs(home + "/made")},
        "create_directory",
        Request{&anna, dirs(home + "/dir")},
        "create_directory",
        Request{&denied, dirs(home + "/theirs")}}},
      {"POST /api/v1/actions/move",
       {{&anna, kApi + "/actions/move",
         json_of({{"from", home + "/moved"}, {"to", home + "/dir/moved"}})},
        "move",
        Request{&anna, kApi + "/actions/move", json_of({{"from", gone}, {"to", home + "/dir/x"}})},
        "move",
        Request{&denied, kApi + "/actions/move", json_of({{"from", file}, {"to", home + "/x"}})}}},
      {"POST /api/v1/actions/copy",
       {{&anna, kApi + "/actions/copy",
         json_of({{"from", home + "/copied"}, {"to", home + "/copy"}})},
        "copy",
        Request{&anna, kApi + "/actions/copy", json_of({{"from", gone}, {"to", home + "/x"}})},
        "copy",
        Request{&denied, kApi + "/actions/copy", json_of({{"from", file}, {"to", home + "/x"}})}}},
      {"GET /api/v1/usage", {{&anna, kApi + "/usage"}, ""}},
      {"OPTIONS /api/v1/uploads", {{nullptr, kApi + "/uploads", "", kTus}, "", {}, "", {}, true}},
      // An upload of several requests is one operation: its event comes when it ends, well or not.
      {"POST /api/v1/uploads",
       {{&anna, kApi + "/uploads", "",
         tus({{"Upload-Length", "0"}, {"Upload-Metadata", metadata(home + "/empty")}})},
        "upload",
        Request{&anna, kApi + "/uploads", "",
                tus({{"Upload-Length", "5"}, {"Upload-Metadata", metadata(file)}})},
        "upload",
        Request{&denied, kApi + "/uploads", "",
                tus({{"Upload-Length", "5"}, {"Upload-Metadata", metadata(home + "/x")}})}}},
      {"GET /api/v1/uploads",
       {{&anna, kApi + "/uploads"}, "", {}, "", Request{&denied, kApi + "/uploads?path=" + home}}},
      {"HEAD /api/v1/uploads/{id}",
       {{&anna, one, "", kTus}, "", {}, "", Request{&denied, one, "", kTus}}},
      {"PATCH /api/v1/uploads/{id}",
       {{&anna, one, "hello", chunk},
        "upload",
        Request{&anna, no_upload, "hello", chunk},
        "upload",
        Request{&denied, two, "hello", chunk}}},
      {"DELETE /api/v1/uploads/{id}",
       {{&anna, two, "", kTus},
        "upload",
        Request{&anna, no_upload, "", kTus},
        "upload",
        Request{&denied, three, "", kTus}}},
      {"GET /api/v1/audit/events",
       {{&anna, kEvents}, "", {}, "", Request{&anna, kEvents + "?user=admin"}}},
      {"GET /api/v1/audit/events/{id}",
       {{&anna, kEvents + "/" + walk.event},
        "",
        {},
        "",
        Request{&denied, kEvents + "/" + walk.event}}},
      {"GET /api/v1/audit/events/{id}/proof",
       {{&anna, kEvents + "/" + walk.event + "/proof"},
        "",
        {},
        "",
        Request{&denied, kEvents + "/" + walk.event + "/proof"}}},
      {"GET /api/v1/audit/status",
       {{&root, kApi + "/audit/status"}, "", {}, "", Request{&anna, kApi + "/audit/status"}}},
      {"GET /api/v1/audit/stats",
       {{&anna, kApi + "/audit/stats"},
        "",
        {},
        "",
        Request{&anna, kApi + "/audit/stats?user=admin"}}},
      {"GET /api/v1/audit/export",
       {{&root, kApi + "/audit/export?format=csv&user=none"},
        "audit_exported",
        Request{&root, kApi + "/audit/export?format=xml"},
        "audit_exported",
        Request{&anna, kApi + "/audit/export?format=csv"}}},
      {"GET /api/v1/audit/stream",
       {{&root, kApi + "/audit/stream"}, "", {}, "", Request{&anna, kApi + "/audit/stream"}}},
      {"GET /api/v1/audit/seals",
       {{&root, kApi + "/audit/seals"}, "", {}, "", Request{&anna, kApi + "/audit/seals"}}},
      {"POST /api/v1/audit/verify",
       {{&root, kApi + "/audit/verify"},
        "audit_verified",
        Request{&root, kApi + "/audit/verify?x=1"},
        "audit_verified",
        Request{&anna, kApi + "/audit/verify"}}},
      {"GET /api/v1/system",
       {{&root, kApi + "/system"}, "", {}, "", Request{&anna, kApi + "/system"}}},
      {"GET /api/v1/openapi.yaml", {{nullptr, kApi + "/openapi.yaml"}, "", {}, "", {}, true}},
      {"GET /livez", {{nullptr, "/livez"}, "", {}, "", {}, true}},
      {"GET /readyz", {{nullptr, "/readyz"}, "", {}, "", {}, true}},
      {"GET /healthz", {{nullptr, "/healthz"}, "", {}, "", {}, true}},
  };
  std::set<std::string> walked;
  const auto is_one = [](const std::vector<Json>& events, const std::string& action, bool success) {
    for (const Json& event : events) INFO(event.dump());
    REQUIRE(events.size() == 1);
    CHECK(events[0]["action"].text() == action);
    CHECK(events[0]["success"].flag() == success);
  };
  for (const Operation& operation : operations(walk.server)) {
    const std::string name = operation.method + " " + operation.path;
    INFO(name);
    const auto found = rows.find(name);
    REQUIRE(found != rows.end()); // a new route needs its row here
    walked.insert(name);
    const Row& row = found->second;
    int status = 0;
    if (!row.open) {
      const auto events = walk.send(operation.method, row.success, false, 1, status);
      CHECK(status == 401);
      is_one(events, "invalid_token", false);
    }
    if (row.refusal) {
      const auto events = walk.send(operation.method, *row.refusal, true, 1, status);
      CHECK((status == 403 || status == 404));
      is_one(events, "access_denied", false);
    }
    if (row.failure) {
      const auto events = walk.send(operation.method, *row.failure, true, 1, status);
      CHECK(status >= 400);
      is_one(events, row.failed, false);
    }
    const auto events =
        walk.send(operation.method, row.success, true, row.done.empty() ? 0 : 1, status);
    CHECK(status >= 200);
    CHECK(status < 300);
    if (row.done.empty()) {
      CHECK(events.empty());
    } else {
      bool is_there = false;
      for (const Json& event : events)
        is_there = is_there || (event["action"].text() == row.done &&
                                event["success"].flag() == (name != "DELETE /api/v1/uploads/{id}"));
      CHECK(is_there);
    }
  }
  CHECK(walked.size() == rows.size());
}
