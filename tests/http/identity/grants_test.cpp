#include "wire.hpp"

#include <algorithm>

// What the contract says of grants, line by line, beside users_test.cpp and matrix_test.cpp.

using namespace baluhost::test;

namespace {

const std::string kGrants = kApi + "/grants";

Response give(Api& who, const std::string& path, const std::string& grantee,
              const std::string& rights) {
  return who.put_json(kGrants,
                      object({{"path", q(path)}, {"grantee", q(grantee)}, {"rights", rights}}));
}

struct Home {
  Api owner = new_user(shared_server());
  std::string path = "/" + owner.username;
};

Home home_with(const std::string& file) {
  Home home;
  REQUIRE(home.owner.put(files(home.path + file) + "?parents=true", "text").status == 201);
  return home;
}

} // namespace

TEST_CASE("Who may share gives on what he has, and no more", "[grants]") {
  Home home = home_with("/box/doc");
  Api bob = new_user(shared_server());
  const std::string carl = make_user(shared_server());
  const std::string box = home.path + "/box";
  REQUIRE(give(home.owner, box, bob.username, R"(["read","share"])").status == 201);
  for (const char* rights :
       {R"(["write"])", R"(["read","delete"])", R"(["read","write","delete","share"])"})
    check_problem(give(bob, box, carl, rights), 403, "forbidden");
  check_problem(give(bob, home.path, carl, R"(["read"])"), 404, "not_found");
  const Response given = give(bob, box + "/doc", carl, R"(["share","read"])");
  REQUIRE(given.status == 201);
  const Json grant = Json::parse(given.body);
  CHECK(grant["path"].text() == box + "/doc");
  CHECK(grant["grantee"].text() == carl);
  CHECK(grant["granted_by"].text() == bob.username);
  CHECK(grant["rights"].dump() == R"(["read","share"])");
  CHECK(grant["created_at"].text().ends_with("Z"));
  const auto denied = bob.events("action=access_denied&user=" + bob.username + "&resource=" + box);
  REQUIRE(denied.size() == 3);
  CHECK(denied[2]["details"]["operation"].text() == "permission_granted");
  CHECK(denied[2]["details"]["required_permission"].text() == "write");
}

TEST_CASE("A grant needs a path that is there, somebody else, and rights by name", "[grants]") {
  Home home = home_with("/doc");
  const std::string doc = home.path + "/doc";
  const std::string bob = make_user(shared_server());
  check_problem(give(home.owner, home.path + "/nothing", bob, R"(["read"])"), 404, "not_found");
  Api root = admin(shared_server());
  check_problem(give(root, doc, "nobody-here", R"(["read"])"), 404,
                "not_found"); // who may list the users is told
  check_invalid(give(home.owner, doc, home.owner.username, R"(["read"])"), "/grantee");
  check_invalid(give(home.owner, doc, "No Name", R"(["read"])"), "/grantee");
  check_invalid(give(home.owner, doc, bob, "[]"), "/rights");
  check_invalid(give(home.owner, doc, bob, R"(["read","own"])"), "/rights/1");
  check_invalid(give(home.owner, doc, bob, R"("read")"), "/rights");
  check_invalid(give(home.owner, "doc", bob, R"(["read"])"), "/path");
  check_invalid(home.owner.del(kGrants + "?path=" + percent_encode(doc)), "/grantee");
  check_invalid(home.owner.del(kGrants + "?grantee=" + bob), "/path");
  check_problem(home.owner.del(kGrants + "?path=" + percent_encode(doc) + "&grantee=" + bob), 404,
                "not_found");
}

TEST_CASE("Grants are listed by path and by grantee, and a grantee may give one back", "[grants]") {
  Home home = home_with("/box/doc");
  Api bob = new_user(shared_server());
  Api carl = new_user(shared_server());
  Api root = admin(shared_server());
  REQUIRE(give(home.owner, home.path + "/box", bob.username, R"(["read"])").status == 201);
  REQUIRE(give(home.owner, home.path + "/box", carl.username, R"(["read","share"])").status == 201);
  REQUIRE(give(home.owner, home.path + "/box/doc", bob.username, R"(["write"])").status == 201);
  const auto paths = [](Api& who, const std::string& query) {
    const Response response = who.get(kGrants + "?" + query);
    REQUIRE(response.status == 200);
    std::string out;
    const Json page = Json::parse(response.body);
    for (std::size_t i = 0; i < page["items"].size(); ++i)
      out += page["items"][i]["path"].text() + "=" + page["items"][i]["grantee"].text() + " ";
    return out;
  };
  const std::string of_box = "path=" + percent_encode(home.path + "/box");
  const std::string box_bob = home.path + "/box=" + bob.username + " ",
                    box_carl = home.path + "/box=" + carl.username + " ";
  CHECK(paths(home.owner, of_box) ==
        box_bob + box_carl + home.path + "/box/doc=" + bob.username + " "); // and all below
  CHECK(paths(root, of_box) == paths(home.owner, of_box));
  CHECK(paths(carl, of_box) == box_bob + box_carl);
  check_problem(bob.get(kGrants + "?" + of_box), 403, "forbidden");
  for (Api* who : {&bob, &root})
    CHECK(paths(*who, "grantee=" + bob.username) ==
          box_bob + home.path + "/box/doc=" + bob.username + " ");
  check_problem(carl.get(kGrants + "?grantee=" + bob.username), 403, "forbidden");
  CHECK(paths(bob, of_box + "&grantee=" + bob.username) == box_bob);
  // Bob gives back what is his, and no other's.
  check_problem(bob.del(kGrants + "?" + of_box + "&grantee=" + carl.username), 403, "forbidden");
  CHECK(bob.del(kGrants + "?" + of_box + "&grantee=" + bob.username).status == 204);
  check_problem(bob.get(dirs(home.path + "/box")), 404, "not_found");
  const auto revoked = root.events("action=permission_revoked&user=" + bob.username);
  REQUIRE(revoked.size() == 1);
  CHECK(revoked[0]["resource"].text() == home.path + "/box");
  CHECK(revoked[0]["details"]["permission"].text() == "read");
  CHECK(revoked[0]["details"]["grantee"].text() == bob.username);
}

TEST_CASE("Each right lets one do its own operations and no others", "[grants]") {
  Home home = home_with("/box/doc");
  const std::string box = home.path + "/box";
  const auto with_right = [&](const char* right) {
    Api api = new_user(shared_server());
    REQUIRE(give(home.owner, box, api.username, "[" + q(right) + "]").status == 201);
    return api;
  };
  const auto move = [&](const std::string& name) {
    return object({{"from", q(box + "/" + name)}, {"to", q(box + "/" + name + "2")}});
  };
  Api reader = with_right("read"), writer = with_right("write"), remover = with_right("delete"),
      sharer = with_right("share");
  for (Api* blind : {&writer, &remover, &sharer}) {
    check_problem(blind->get(files(box + "/doc")), 403, "forbidden");
    check_problem(blind->get(meta(box + "/doc")), 403, "forbidden");
    check_problem(blind->get(dirs(box)), 403, "forbidden");
  }
  CHECK(writer.put(files(box + "/written"), "x").status == 201);
  CHECK(writer.put(files(box + "/doc") + "?overwrite=true", "new").status == 200);
  CHECK(writer.post(dirs(box + "/made")).status == 201);
  check_problem(writer.post(kApi + "/actions/move", move("written")), 403,
                "forbidden"); // it takes something away
  check_problem(writer.del(files(box + "/written")), 403, "forbidden");
  CHECK(remover.del(files(box + "/written")).status == 204);
  check_problem(remover.put(files(box + "/doc") + "?overwrite=true", "x"), 403, "forbidden");
  CHECK(reader.get(files(box + "/doc")).body == "new");
  // A right on a directory is none beside or above it.
  for (Api* who : {&reader, &writer, &remover, &sharer})
    check_problem(who->get(dirs(home.path)), 404, "not_found");
  CHECK(Json::parse(reader.get(kApi + "/dirs/").body)["items"].size() >= 1);
}

TEST_CASE(
    "A right ends with the name that it is for: neither a longer name beside it nor the home of a "
    "longer user name has it",
    "[grants]") {
  Home home = home_with("/box/doc");
  Api root = admin(shared_server());
  Api bob = new_user(shared_server());
  const std::string longer = home.owner.username + "x";
  REQUIRE(root.post(kApi + "/users", object({{"username", q(longer)}, {"password", q(kPassword)}}))
              .status == 201);
  Api neighbour{shared_server(), longer};
  REQUIRE(neighbour.put(files("/" + longer + "/doc"), "text").status == 201);
  const auto has_no_right_at_all = [](Api& who, const std::string& directory) {
    INFO(who.username << " at " << directory);
    check_problem(who.get(files(directory + "/doc")), 404, "not_found");
    check_problem(who.get(dirs(directory)), 404, "not_found");
    check_problem(who.put(files(directory + "/new"), "x"), 404, "not_found");
    check_problem(who.del(files(directory + "/doc")), 404, "not_found");
    check_problem(
        who.post(kApi + "/actions/copy", object({{"from", q(directory + "/doc")},
                                                 {"to", q("/" + who.username + "/taken")}})),
        404, "not_found");
    check_problem(give(who, directory, "admin", R"(["read"])"), 404, "not_found");
  };
  has_no_right_at_all(home.owner, "/" + longer);
  has_no_right_at_all(neighbour, home.path);

  const std::string all = R"(["read","write","delete","share"])";
  REQUIRE(give(home.owner, home.path + "/box", bob.username, all).status == 201);
  for (const char* beside : {"/bo", "/boxes", "/box2", "/Box"}) {
    REQUIRE(home.owner.put(files(home.path + beside + "/doc") + "?parents=true", "text").status ==
            201);
    has_no_right_at_all(bob, home.path + beside);
  }
  CHECK(bob.get(files(home.path + "/box/doc")).body == "text");
}

TEST_CASE("What a grantee writes counts against the owner's quota", "[grants]") {
  Api root = admin(shared_server());
  Home home = home_with("/box/doc");
  Api bob = new_user(shared_server());
  const std::string box = home.path + "/box";
  REQUIRE(give(home.owner, box, bob.username, R"(["read","write","delete"])").status == 201);
  REQUIRE(root.patch(kApi + "/users/" + home.owner.username, R"({"quota_bytes":1000})").status ==
          200);
  REQUIRE(bob.put(files(box + "/bobs"), std::string(900, 'x')).status == 201);
  CHECK(Json::parse(home.owner.get(kApi + "/usage").body)["used_bytes"].integer() == 904);
  CHECK(Json::parse(bob.get(kApi + "/usage").body)["used_bytes"].integer() == 0);
  check_problem(bob.put(files(box + "/more"), std::string(97, 'x')), 413, "quota_exceeded");
  CHECK(Json::parse(home.owner.get(meta(box + "/bobs")).body)["owner"].text() ==
        home.owner.username);
  CHECK(bob.del(files(box + "/bobs") + "?permanent=true").status == 204);
  CHECK(Json::parse(home.owner.get(kApi + "/usage").body)["used_bytes"].integer() == 4);
}

TEST_CASE("A grant goes with its file, its grantee and its home", "[grants]") {
  Api root = admin(shared_server());
  Home home = home_with("/box/doc");
  Api bob = new_user(shared_server());
  const std::string box = home.path + "/box";
  REQUIRE(give(home.owner, box, bob.username, R"(["read"])").status == 201);
  REQUIRE(home.owner.del(files(box) + "?recursive=true&permanent=true").status == 204);
  REQUIRE(home.owner.put(files(box + "/doc") + "?parents=true", "again").status == 201);
  check_problem(bob.get(files(box + "/doc")), 404,
                "not_found"); // another directory of the same name
  REQUIRE(give(home.owner, box, bob.username, R"(["read"])").status == 201);
  REQUIRE(root.del(kApi + "/users/" + bob.username).status == 204);
  CHECK(
      Json::parse(home.owner.get(kGrants + "?path=" + percent_encode(box)).body)["items"].size() ==
      0);
  REQUIRE(root.post(kApi + "/users",
                    object({{"username", q(bob.username)}, {"password", q(kPassword)}}))
              .status == 201);
  Api another{shared_server(), bob.username};
  check_problem(another.get(files(box + "/doc")), 404, "not_found");
}

TEST_CASE("Whether a name has an account is told to nobody who may not list them",
          "[grants][fault-15]") {
  Home home = home_with("/doc");
  const std::string doc = home.path + "/doc";
  const std::string known = make_user(shared_server()), unknown = known + "-not";
  const std::string of_doc = kGrants + "?path=" + percent_encode(doc) + "&grantee=";
  const auto alike = [&](const Response& a, const Response& b) {
    CHECK(a.status == b.status);
    const auto plain = [&](std::string body, const std::string& name) {
      for (auto at = body.find(name); at != std::string::npos; at = body.find(name))
        body.replace(at, name.size(), "NAME");
      for (const char* member : {"\"created_at\":\"", "\"request_id\":\""}) {
        if (const auto at = body.find(member); at != std::string::npos)
          body.erase(at, body.find('"', at + std::string_view{member}.size()) - at);
      }
      return body;
    };
    CHECK(plain(a.body, unknown) == plain(b.body, known));
    return a.status;
  };
  CHECK(alike(home.owner.get(of_doc + unknown), home.owner.get(of_doc + known)) == 200);
  CHECK(alike(home.owner.del(of_doc + unknown), home.owner.del(of_doc + known)) == 404);
  CHECK(alike(give(home.owner, doc, unknown, R"(["read"])"),
              give(home.owner, doc, known, R"(["read"])")) == 201);
  CHECK(alike(give(home.owner, doc, unknown, R"(["read","write"])"),
              give(home.owner, doc, known, R"(["read","write"])")) == 200);
  CHECK(alike(home.owner.get(of_doc + unknown), home.owner.get(of_doc + known)) == 200);
  CHECK(alike(home.owner.get(kGrants + "?grantee=" + unknown),
              home.owner.get(kGrants + "?grantee=" + known)) == 403);
  const auto grants =
      Json::parse(home.owner.get(kGrants + "?path=" + percent_encode(doc)).body)["items"];
  CHECK(grants.size() == 2);

  // Who is given the name later is somebody else.
  Api root = admin(shared_server());
  REQUIRE(root.post(kApi + "/users", object({{"username", q(unknown)}, {"password", q(kPassword)}}))
              .status == 201);
  Api late{shared_server(), unknown};
  check_problem(late.get(files(doc)), 404, "not_found");
  CHECK(Json::parse(late.get(kGrants + "?grantee=" + unknown).body)["items"].size() == 0);
  CHECK(alike(home.owner.del(of_doc + unknown), home.owner.del(of_doc + known)) == 204);
}

TEST_CASE("What was given on ends with what it hangs on, and nobody changes what another gave",
          "[grants][fault-14]") {
  Home home = home_with("/box/doc");
  Api root = admin(shared_server());
  Api bob = new_user(shared_server()), carl = new_user(shared_server()),
      dora = new_user(shared_server());
  const std::string box = home.path + "/box", doc = box + "/doc";
  const auto of = [](const std::string& path, Api& grantee) {
    return kGrants + "?path=" + percent_encode(path) + "&grantee=" + grantee.username;
  };
  const auto count = [&](Api& who) {
    return Json::parse(who.get(kGrants + "?path=" + percent_encode(home.path)).body)["items"]
        .size();
  };
  REQUIRE(give(home.owner, box, bob.username, R"(["read","write","share"])").status == 201);
  REQUIRE(give(home.owner, box, dora.username, R"(["read","write"])").status == 201);
  REQUIRE(give(bob, box, carl.username, R"(["read","write","share"])").status == 201);
  REQUIRE(give(carl, doc, dora.username, R"(["read"])").status == 201);
  CHECK(count(home.owner) == 4);
  CHECK(count(root) == 4);

  check_problem(give(bob, box, dora.username, R"(["read"])"), 403, "forbidden");
  check_problem(bob.del(of(box, dora)), 403, "forbidden");
  check_problem(give(carl, box, bob.username, R"(["read"])"), 403, "forbidden");
  CHECK(dora.put(files(box + "/new"), "x").status == 201);

  // The right to write goes, and with it what of it was given on.
  REQUIRE(give(home.owner, box, bob.username, R"(["read","share"])").status == 200);
  CHECK(carl.get(files(doc)).status == 200);
  check_problem(carl.put(files(box + "/more"), "x"), 403, "forbidden");
  REQUIRE(home.owner.del(of(box, bob)).status == 204);
  for (Api* who : {&bob, &carl}) check_problem(who->get(files(doc)), 404, "not_found");
  CHECK(dora.get(files(doc)).status == 200); // by the owner's
  CHECK(count(home.owner) == 1);
  const auto revoked =
      root.events("action=permission_revoked&order=asc&user=" + home.owner.username);
  REQUIRE(revoked.size() == 4);
  const auto text = [](const Json& event) {
    return event["resource"].text() + " " + event["details"]["grantee"].text() + " " +
           event["details"]["permission"].text();
  };
  CHECK(text(revoked[0]) == box + " " + carl.username + " write");
  std::vector<std::string> rest{text(revoked[1]), text(revoked[2]), text(revoked[3])};
  std::ranges::sort(rest);
  std::vector<std::string> wanted{box + " " + bob.username + " read,share",
                                  box + " " + carl.username + " read,share",
                                  doc + " " + dora.username + " read"};
  std::ranges::sort(wanted);
  CHECK(rest == wanted);
}

TEST_CASE("What a giver's account gave on ends with the account", "[grants][fault-14][fault-07]") {
  Home home = home_with("/box/doc");
  Api root = admin(shared_server());
  Api bob = new_user(shared_server()), carl = new_user(shared_server());
  const std::string box = home.path + "/box";
  REQUIRE(give(home.owner, box, bob.username, R"(["read","share"])").status == 201);
  REQUIRE(give(bob, box, carl.username, R"(["read"])").status == 201);
  REQUIRE(root.del(kApi + "/users/" + bob.username).status == 204);
  check_problem(carl.get(files(box + "/doc")), 404, "not_found");
  CHECK(root.events("action=permission_revoked&resource=" + percent_encode(box)).size() == 1);

  Api boss = new_user(shared_server(), "admin");
  REQUIRE(give(boss, box, carl.username, R"(["read"])").status == 201);
  REQUIRE(root.del(kApi + "/users/" + boss.username).status == 204);
  REQUIRE(root.post(kApi + "/users",
                    object({{"username", q(boss.username)}, {"password", q(kPassword)}}))
              .status == 201);
  const Json left =
      Json::parse(home.owner.get(kGrants + "?path=" + percent_encode(box)).body)["items"];
  REQUIRE(left.size() == 1);
  CHECK(left[0]["granted_by"].is_null());
  CHECK(carl.get(files(box + "/doc")).status == 200);
}

TEST_CASE("A move gives what a read gives, and needs it", "[grants][fault-13]") {
  Home home = home_with("/box/doc");
  REQUIRE(home.owner.put(files(home.path + "/out/other") + "?parents=true", "x").status == 201);
  Api bob = new_user(shared_server());
  const std::string box = home.path + "/box";
  REQUIRE(give(home.owner, box, bob.username, R"(["write","delete"])").status == 201);
  const auto move = [&](const std::string& from, const std::string& to, bool overwrite = false) {
    return bob.post(
        kApi + "/actions/move",
        object({{"from", q(from)}, {"to", q(to)}, {"overwrite", overwrite ? "true" : "false"}}));
  };
  check_problem(move(box + "/doc", "/" + bob.username + "/mine"), 403, "forbidden");
  REQUIRE(bob.put(files("/" + bob.username + "/mine"), "x").status == 201);
  check_problem(move(box + "/doc", "/" + bob.username + "/mine", true), 403, "forbidden");
  const auto denied = bob.events("action=access_denied&user=" + bob.username);
  REQUIRE(denied.size() == 2);
  CHECK(denied[0]["details"]["required_permission"].text() == "read,write,delete");
  // Where the mover may read, in the same home, it is the same.
  REQUIRE(give(home.owner, home.path + "/out", bob.username, R"(["read","write"])").status == 201);
  check_problem(move(box + "/doc", home.path + "/out/doc"), 403, "forbidden");
  check_problem(bob.post(kApi + "/actions/copy", object({{"from", q(box + "/doc")},
                                                         {"to", q("/" + bob.username + "/copy")}})),
                403, "forbidden");
  // Within what one may not read, a move tells nothing of the content.
  const Response renamed = move(box + "/doc", box + "/renamed");
  REQUIRE(renamed.status == 200);
  CHECK(Json::parse(renamed.body)["sha256"].is_null());
  CHECK(Json::parse(renamed.body)["etag"].is_null());
  REQUIRE(give(home.owner, box, bob.username, R"(["read","write","delete"])").status == 200);
  const Response moved = move(box + "/renamed", "/" + bob.username + "/doc");
  REQUIRE(moved.status == 200);
  CHECK(Json::parse(moved.body)["sha256"].text().size() == 64);
}
