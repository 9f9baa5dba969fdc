#include "files/tus.hpp"
#include "sharing/link.hpp"

// What a token of a share opens: `/~` and what is below it, as far as its creator's rights go now.

using namespace baluhost::test;

namespace {

/// Its token opens nothing: it was ended, or what it rests on is gone.
bool is_dead(Api& stranger) {
  const int status = stranger.get(files("/~/doc")).status;
  return status == 401 || status == 404;
}

} // namespace

TEST_CASE("A shared directory is read below its virtual home", "[share_files]") {
  Sharer who;
  const Link link = make_link(who.owner, who.box());
  Api stranger = guest(shared_server(), link);
  CHECK(stranger.get(files("/~/doc")).body == "text");
  CHECK(stranger.head(files("/~/deep/note")).status == 200);
  CHECK(stranger.get(files("/~/doc"), {{"Range", "bytes=1-2"}}).body == "ex");
  const Json info = Json::parse(stranger.get(meta("/~/deep/note")).body);
  CHECK(info["path"].text() == "/~/deep/note");
  CHECK(info["owner"].text() == "~");
  const Response listed = stranger.get(dirs("/~"));
  REQUIRE(listed.status == 200);
  CHECK(listed.header("X-Robots-Tag") == "noindex");
  CHECK(Json::parse(listed.body)["items"].size() == 2);
  CHECK(listed.body.find(who.owner.username) == std::string::npos);
  CHECK(Json::parse(stranger.get(meta("/~")).body)["name"].text() == "box");

  const auto downloads = [&] {
    return who.owner.events("action=download&resource=" + who.box() + "/doc");
  };
  REQUIRE(soon([&] { return downloads().size() == 2; }));
  CHECK(downloads()[0]["user"].is_null());
  CHECK(downloads()[0]["details"]["share"].text() == link.id);
}

TEST_CASE("A shared file is the virtual home itself", "[share_files]") {
  Sharer who;
  const Link link = make_link(who.owner, who.box() + "/doc");
  Api stranger = guest(shared_server(), link);
  const Response got = stranger.get(files("/~"));
  CHECK(got.body == "text");
  CHECK(got.header("Content-Disposition").value_or("").find("\"doc\"") != std::string::npos);
  CHECK(stranger.get(dirs("/~")).status == 409);
  check_problem(stranger.get(files("/~/x")), 404, "not_found");
}

TEST_CASE("Nothing but its routes is open to a share, and nothing of them beside `/~`",
          "[share_files]") {
  Sharer who;
  const Link link = make_link(who.owner, who.box(), R"(["read","create"])");
  Api stranger = guest(shared_server(), link);
  for (const auto& target :
       {files(who.box() + "/doc"), meta(who.path), dirs(who.path), kApi + "/dirs/", kApi + "/dirs",
        kApi + "/usage", kApi + "/auth/me", kApi + "/auth/sessions", kApi + "/uploads",
        kApi + "/grants", kShares, link.at(), kEvents, kApi + "/users"}) {
    INFO(target);
    check_problem(stranger.get(target), 403, "forbidden");
  }
  check_problem(
      stranger.post(kApi + "/actions/move", json_of({{"from", "/~/doc"}, {"to", "/~/x"}})), 403,
      "forbidden");
  check_problem(stranger.del(files("/~/doc")), 403, "forbidden");
  check_problem(stranger.post(kShares, json_of({})), 403, "forbidden");
  check_problem(stranger.post(kApi + "/auth/logout"), 403, "forbidden");
  CHECK(who.owner.get(files("/~/doc")).status == 400); // a share's path is no account's
}

TEST_CASE("Who may add makes files and directories, and replaces and deletes nothing",
          "[share_files]") {
  Sharer who;
  const Link link = make_link(who.owner, who.box(), R"(["read","create"])");
  Api stranger = guest(shared_server(), link);
  const Response put = stranger.put(files("/~/new"), "fresh");
  REQUIRE(put.status == 201);
  CHECK(Json::parse(put.body)["path"].text() == "/~/new");
  CHECK(who.owner.get(files(who.box() + "/new")).body == "fresh");
  check_problem(stranger.put(files("/~/doc"), "x"), 409, "already_exists");
  check_problem(stranger.put(files("/~/doc") + "?overwrite=true", "x"), 403, "forbidden");
  CHECK(stranger.post(dirs("/~/made")).status == 201);
  CHECK(who.owner.get(files(who.box() + "/doc")).body == "text");
  const auto events = who.owner.events("action=upload&success=true&resource=" + who.box() + "/new");
  REQUIRE(events.size() == 1);
  CHECK(events[0]["user"].is_null());
  CHECK(events[0]["details"]["share"].text() == link.id);
  Api reader = guest(shared_server(), make_link(who.owner, who.box()));
  check_problem(reader.put(files("/~/other"), "x"), 403, "forbidden");
  check_problem(reader.post(dirs("/~/other")), 403, "forbidden");
}

TEST_CASE("A share is bound to its file: it follows a move in the home and ends when it leaves",
          "[share_files]") {
  Sharer who;
  Api bob = new_user(shared_server());
  const Link link = make_link(who.owner, who.box(), R"(["read","create"])");
  Api stranger = guest(shared_server(), link);
  const std::string upload = begin(stranger, "/~/slow", 4);
  const auto move = [&](const std::string& from, const std::string& to) {
    REQUIRE(who.owner.post(kApi + "/actions/move", json_of({{"from", from}, {"to", to}})).status ==
            200);
  };
  move(who.box(), who.path + "/elsewhere");
  CHECK(stranger.get(files("/~/doc")).body == "text");
  CHECK(append(stranger, upload, 0, "slow").status == 204); // where it is now
  CHECK(who.owner.get(files(who.path + "/elsewhere/slow")).body == "slow");
  REQUIRE(who.owner.put(files(who.path + "/box/doc") + "?parents=true", "another").status == 201);
  CHECK(stranger.get(files("/~/doc")).body == "text"); // the name is not what is shared
  REQUIRE(bob.put_json(kApi + "/grants", object({{"path", q("/" + bob.username)},
                                                 {"grantee", q(who.owner.username)},
                                                 {"rights", R"(["read","write","share"])"}}))
              .status == 201);
  move(who.path + "/elsewhere", "/" + bob.username + "/taken");
  CHECK(is_dead(stranger));
  check_problem(open(stranger, link.id, link.secret), 410, "gone");
}

TEST_CASE("A share is over at once where its file is moved to where its creator may not share",
          "[share_files]") {
  Sharer who;
  Api bob = new_user(shared_server());
  who.grant(who.box(), bob, R"(["read","share"])");
  REQUIRE(who.owner.post(dirs(who.path + "/to read")).status == 201);
  who.grant(who.path + "/to read", bob, R"(["read"])");
  const Link link = make_link(bob, who.box() + "/deep");
  Api stranger = guest(shared_server(), link);
  REQUIRE(stranger.get(files("/~/note")).status == 200);
  REQUIRE(who.owner
              .post(kApi + "/actions/move",
                    json_of({{"from", who.box() + "/deep"}, {"to", who.path + "/to read/deep"}}))
              .status == 200);
  const int status = stranger.get(files("/~/note")).status;
  CHECK((status == 401 || status == 404));
  CHECK(bob.get(files(who.path + "/to read/deep/note")).status == 200);
  check_problem(open(stranger, link.id, link.secret), 410, "gone");
  check_problem(bob.get(link.at()), 404, "not_found");
}

TEST_CASE("A share sleeps while its file is in the trash, and wakes when that comes back",
          "[share_files]") {
  Sharer who;
  for (const std::string& trashed : {who.box(), who.box() + "/deep"}) {
    INFO(trashed);
    const Link link = make_link(who.owner, who.box() + "/deep");
    Api stranger = guest(shared_server(), link);
    REQUIRE(stranger.get(files("/~/note")).status == 200);
    REQUIRE(who.owner.del(files(trashed) + "?recursive=true").status == 204);
    check_problem(stranger.get(files("/~/note")), 404, "not_found");
    check_problem(stranger.get(dirs("/~")), 404, "not_found");
    check_problem(open(stranger, link.id, link.secret), 404, "not_found");
    const Json entry = Json::parse(who.owner.get(kApi + "/trash").body)["items"][0];
    REQUIRE(
        who.owner.post(kApi + "/trash/" + std::to_string(entry["id"].integer()) + "/restore", "")
            .status == 200);
    CHECK(stranger.get(files("/~/note")).body == "deep"); // by the token of before
    CHECK(open(stranger, link.id, link.secret).status == 200);
  }
}

TEST_CASE("A share that sleeps is seen, changed and ended by its owner", "[share_files]") {
  Sharer who;
  Api other = new_user(shared_server());
  const Link link = make_link(who.owner, who.box() + "/deep");
  Api stranger = guest(shared_server(), link);
  REQUIRE(who.owner.del(files(who.box()) + "?recursive=true").status == 204);
  const Response asleep = who.owner.get(link.at());
  REQUIRE(asleep.status == 200);
  CHECK(Json::parse(asleep.body)["path"].text() == who.box() + "/deep");
  const Json own = Json::parse(who.owner.get(kShares).body)["items"];
  REQUIRE(own.size() == 1);
  CHECK(own[0].dump() == Json::parse(asleep.body).dump());
  check_problem(other.get(link.at()), 404, "not_found");
  check_problem(other.del(link.at()), 404, "not_found");
  CHECK(who.owner.patch(link.at(), R"({"note":"later"})").status == 200);
  CHECK(who.owner.del(link.at()).status == 204);
  CHECK(who.owner.events("action=share_ended&resource=" + who.box() + "/deep").size() == 1);
  check_problem(who.owner.get(link.at()), 404, "not_found");
  check_problem(open(stranger, link.id, link.secret), 410, "gone");
  const Json entry = Json::parse(who.owner.get(kApi + "/trash").body)["items"][0];
  REQUIRE(who.owner.post(kApi + "/trash/" + std::to_string(entry["id"].integer()) + "/restore", "")
              .status == 200);
  check_problem(open(stranger, link.id, link.secret), 410, "gone");
  CHECK(is_dead(stranger));
}

TEST_CASE("A share whose file is deleted is gone for who has its secret", "[share_files]") {
  Sharer who;
  const Link link = make_link(who.owner, who.box());
  Api stranger = guest(shared_server(), link);
  SECTION("for good at once") {
    REQUIRE(who.owner.del(files(who.box()) + "?recursive=true&permanent=true").status == 204);
  }
  SECTION("by way of the trash") {
    REQUIRE(who.owner.del(files(who.box()) + "?recursive=true").status == 204);
    REQUIRE(who.owner.del(kApi + "/trash").status == 204);
  }
  CHECK(is_dead(stranger));
  check_problem(open(stranger, link.id, link.secret), 410, "gone");
  check_problem(open(stranger, link.id, "wrong"), 404, "not_found");
  CHECK(who.owner.events("action=share_ended&resource=" + who.box()).size() == 1);
}

TEST_CASE("A share whose file is replaced by another that comes back is gone", "[share_files]") {
  Sharer who;
  const std::string doc = who.box() + "/doc";
  REQUIRE(who.owner.del(files(doc)).status == 204);
  REQUIRE(who.owner.put(files(doc), "another").status == 201);
  const Link link = make_link(who.owner, doc);
  Api stranger = guest(shared_server(), link);
  const Json entry = Json::parse(who.owner.get(kApi + "/trash").body)["items"][0];
  REQUIRE(who.owner
              .post(kApi + "/trash/" + std::to_string(entry["id"].integer()) + "/restore",
                    R"({"overwrite":true})")
              .status == 200);
  CHECK(is_dead(stranger));
  check_problem(open(stranger, link.id, link.secret), 410, "gone");
}

TEST_CASE("What the creator loses, the share loses with the next request", "[share_files]") {
  Sharer who;
  Api boss = admin(shared_server());
  Api bob = new_user(shared_server());
  who.grant(who.box(), bob, R"(["read","write","share"])");
  const Link link = make_link(bob, who.box());
  Api stranger = guest(shared_server(), link);

  SECTION("the grant is withdrawn") {
    REQUIRE(
        who.owner
            .del(kApi + "/grants?path=" + percent_encode(who.box()) + "&grantee=" + bob.username)
            .status == 204);
    CHECK(is_dead(stranger));
    check_problem(open(stranger, link.id, link.secret), 410, "gone");
    CHECK(bob.get(link.at()).status == 404);
  }
  SECTION("the right to share is") {
    who.grant(who.box(), bob, R"(["read","write"])");
    CHECK(is_dead(stranger));
  }
  SECTION("the creator is disabled") {
    REQUIRE(boss.patch(kApi + "/users/" + bob.username, R"({"enabled":false})").status == 200);
    check_problem(stranger.get(files("/~/doc")), 401, "token_revoked");
    check_problem(open(stranger, link.id, link.secret), 404, "not_found");
  }
  SECTION("the creator is deleted") {
    REQUIRE(boss.del(kApi + "/users/" + bob.username).status == 204);
    check_problem(stranger.get(files("/~/doc")), 401, "token_revoked");
    CHECK(open(stranger, link.id, link.secret).status == 404);
  }
  SECTION("an administrator who made one is demoted") {
    Api chief = new_user(shared_server(), "admin");
    const Link by_role = make_link(chief, who.box());
    Api other = guest(shared_server(), by_role);
    REQUIRE(other.get(files("/~/doc")).status == 200);
    REQUIRE(boss.patch(kApi + "/users/" + chief.username, R"({"role":"user"})").status == 200);
    check_problem(other.get(files("/~/doc")), 401, "token_revoked");
  }
}

TEST_CASE("An upload belongs to the share that it came by", "[share_files]") {
  Sharer who;
  const Link link = make_link(who.owner, who.box(), R"(["read","create"])");
  Api stranger = guest(shared_server(), link);
  Api other = guest(shared_server(), make_link(who.owner, who.box(), R"(["create"])"));
  const std::string upload = begin(stranger, "/~/mine", 4);
  CHECK(status(stranger, upload).status == 200);
  CHECK(status(other, upload).status == 404);
  CHECK(status(who.owner, upload).status == 404);
  CHECK(who.owner.get(kUploads).body.find(who.box() + "/mine") != std::string::npos);
  CHECK(who.owner.send("DELETE", upload, tus(), "").status == 204);
  CHECK(status(stranger, upload).status == 404);
}
