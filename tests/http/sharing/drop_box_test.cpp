#include "files/tus.hpp"
#include "sharing/link.hpp"

#include <optional>

// A share with `create` alone: who has it adds files and learns nothing.

using namespace baluhost::test;

namespace {

/// What an answer tells, but for what differs by itself.
std::string told(const Response& response) {
  std::string text = std::to_string(response.status);
  if (response.status < 400) {
    const Json info = Json::parse(response.body);
    return text + info["path"].text() + info["name"].text();
  }
  return text + Json::parse(response.body)["code"].text();
}

} // namespace

TEST_CASE("A name that is taken becomes another, which its answer does not tell", "[drop_box]") {
  Sharer who;
  const Link link = make_link(who.owner, who.box(), R"(["create"])");
  Api stranger = guest(shared_server(), link);
  const auto drop = [&](const std::string& name, const std::string& text) {
    const Response put = stranger.put(files("/~/" + name), text);
    CHECK(told(put) == "201/~/" + name + name);
  };
  REQUIRE(who.owner.put(files(who.box() + "/a.tar.gz"), "0").status == 201);
  for (const char* text : {"1", "2", "3", "4"}) drop("a.tar.gz", text);
  drop("doc", "5");
  drop("deep", "6"); // a directory has that name
  CHECK(who.owner.get(files(who.box() + "/a.tar.gz")).body == "0");
  for (int i = 2; i <= 5; ++i)
    CHECK(who.owner.get(files(who.box() + "/a.tar (" + std::to_string(i) + ").gz")).body ==
          std::to_string(i - 1));
  CHECK(who.owner.get(files(who.box() + "/doc (2)")).body == "5");
  CHECK(who.owner.get(files(who.box() + "/deep (2)")).body == "6");
  const std::string longest(255, 'l');
  drop(longest, "7");
  drop(longest, "8");
  CHECK(who.owner.get(files(who.box() + "/" + std::string(251, 'l') + " (2)")).body == "8");
  CHECK(
      who.owner.events("action=upload&resource=" + percent_encode(who.box() + "/doc (2)")).size() ==
      1);
}

TEST_CASE("A drop box answers alike, whether a name exists or not", "[drop_box]") {
  Sharer who;
  const Link link = make_link(who.owner, who.box(), R"(["create"])");
  Api stranger = guest(shared_server(), link);
  const auto alike = [&](auto&& ask, const std::string& there, const std::string& not_there) {
    const Response one = ask(there);
    const Response other = ask(not_there);
    INFO(one.body << other.body);
    CHECK(one.status == other.status);
    if (one.status >= 400 && !one.body.empty()) CHECK(told(one) == told(other));
    return one.status;
  };
  CHECK(alike([&](const auto& p) { return stranger.get(files(p)); }, "/~/doc", "/~/x") == 403);
  CHECK(alike([&](const auto& p) { return stranger.head(files(p)); }, "/~/doc", "/~/x") == 403);
  CHECK(alike([&](const auto& p) { return stranger.get(meta(p)); }, "/~/doc", "/~/x") == 403);
  CHECK(alike([&](const auto& p) { return stranger.get(dirs(p)); }, "/~/deep", "/~/x") == 403);
  CHECK(stranger.get(dirs("/~")).status == 403);
  CHECK(alike([&](const auto& p) { return stranger.post(dirs(p)); }, "/~/deep", "/~/x") == 403);
  CHECK(alike([&](const auto& p) { return stranger.post(dirs(p) + "?parents=true"); }, "/~/deep",
              "/~/y") == 403);
  CHECK(alike([&](const auto& p) { return stranger.del(files(p)); }, "/~/doc", "/~/x") == 403);
  for (const std::string query : {"", "?parents=true"})
    CHECK(alike([&](const auto& p) { return stranger.put(files(p) + query, "n"); }, "/~/deep/new",
                "/~/x/new") == 403);
  CHECK(alike(
            [&](const auto& p) {
              return stranger.put(files(p), "n", {{"If-None-Match", "*"}});
            },
            "/~/doc", "/~/x1") == 201);
  CHECK(alike(
            [&](const auto& p) {
              return stranger.put(files(p), "n", {{"If-Match", "*"}});
            },
            "/~/doc", "/~/x2") == 412);
  CHECK(alike(
            [&](const auto& p) {
              return stranger.put(files(p), "n", {{"If-Match", etag_of("text")}});
            },
            "/~/doc", "/~/x3") == 412);
  CHECK(alike([&](const auto& p) { return stranger.put(files(p) + "?overwrite=true", "n"); },
              "/~/doc", "/~/x4") == 201);
  CHECK(who.owner.get(files(who.box() + "/doc")).body == "text");
}

TEST_CASE("Resumable uploads drop too, and repeat the name that was sent", "[drop_box]") {
  Sharer who;
  const Link link = make_link(who.owner, who.box(), R"(["create"])");
  Api stranger = guest(shared_server(), link);
  const std::string upload = begin(stranger, "/~/doc", 4);
  const Response progress = status(stranger, upload);
  CHECK(progress.header("Upload-Metadata").value_or("").find(base64("/~/doc")) !=
        std::string::npos);
  REQUIRE(append(stranger, upload, 0, "drop").status == 204);
  CHECK(who.owner.get(files(who.box() + "/doc")).body == "text");
  CHECK(who.owner.get(files(who.box() + "/doc (2)")).body == "drop");
  CHECK(create(stranger, "/~/deep/new", 4).status == 403);
  CHECK(create(stranger, who.box() + "/new", 4).status == 403);
}

TEST_CASE("The uploads of a share together have at most its `max_bytes`", "[drop_box]") {
  Sharer who;
  const Link link = make_link(who.owner, who.box(), R"(["create"])", R"(,"max_bytes":10)");
  Api stranger = guest(shared_server(), link);
  REQUIRE(stranger.put(files("/~/a"), "123456").status == 201);
  check_problem(stranger.put(files("/~/b"), "12345"), 413, "payload_too_large");
  CHECK(create(stranger, "/~/c", 5).status == 413);
  const std::string upload = begin(stranger, "/~/d", 3);
  CHECK(create(stranger, "/~/e", 2).status == 413); // what waits counts
  REQUIRE(append(stranger, upload, 0, "123").status == 204);
  check_problem(stranger.send("PUT", files("/~/f"), {{"Transfer-Encoding", "chunked"}},
                              "2\r\n12\r\n0\r\n\r\n"),
                413, "payload_too_large");
  CHECK(stranger.put(files("/~/g"), "1").status == 201);
  REQUIRE(who.owner.patch(link.at(), R"({"max_bytes":null})").status == 200);
  CHECK(stranger.put(files("/~/h"), "123456").status == 201);
}

TEST_CASE("What is dropped belongs to the owner of the home and counts against the quota",
          "[drop_box]") {
  Api boss = admin(shared_server());
  Sharer who;
  const Link link = make_link(who.owner, who.box(), R"(["create"])");
  Api stranger = guest(shared_server(), link);
  REQUIRE(boss.patch(kApi + "/users/" + who.owner.username, R"({"quota_bytes":20})").status == 200);
  check_problem(stranger.put(files("/~/big"), "twelve bytes"), 413, "quota_exceeded");
  CHECK(stranger.put(files("/~/ok"), "1").status == 201);
  CHECK(Json::parse(who.owner.get(meta(who.box() + "/ok")).body)["owner"].text() ==
        who.owner.username);
}

TEST_CASE("An unfinished upload of a guest's is no account's", "[drop_box][fault-16]") {
  Sharer who;
  const Link link = make_link(who.owner, who.box(), R"(["create"])");
  Api stranger = guest(shared_server(), link);
  const std::string location = begin(stranger, "/~/big", 10);
  const std::string own = begin(who.owner, who.box() + "/mine", 10);
  const auto listed = [&](const std::string& at) {
    const Json items = Json::parse(who.owner.get(kUploads).body)["items"];
    for (std::size_t i = 0; i < items.size(); ++i)
      if (at.ends_with(items[i]["id"].text())) return std::optional{items[i]};
    return std::optional<Json>{};
  };
  REQUIRE(listed(location));
  CHECK((*listed(location))["creator"].is_null());
  CHECK((*listed(location))["share"].text() == link.id);
  REQUIRE(listed(own));
  CHECK((*listed(own))["creator"].text() == who.owner.username);
  CHECK((*listed(own))["share"].is_null());

  CHECK(who.owner.del(location, tus()).status == 204);
  CHECK_FALSE(listed(location));
  const auto ended = who.owner.events("action=upload&success=false&user=" + who.owner.username);
  REQUIRE(ended.size() == 1);
  CHECK(ended[0]["details"]["share"].text() == link.id);
  CHECK(ended[0]["details"]["ended_by"].text() == who.owner.username);
  CHECK_FALSE(ended[0]["details"].has("creator"));
}
