#include "baluhost/test/server.hpp"

#include <catch2/catch.hpp>

using namespace baluhost::test;

TEST_CASE("A file goes in, is listed, comes back, moves and goes, and the trail says so",
          "[slice]") {
  Api anna = new_user(shared_server());
  const std::string home = "/api/v1/files/" + anna.username;

  const Response put = anna.put(home + "/notes.txt", "hello\n");
  REQUIRE(put.status == 201);
  const Json info = Json::parse(put.body);
  CHECK(info["path"].text() == "/" + anna.username + "/notes.txt");
  CHECK(info["size"].integer() == 6);
  CHECK(info["sha256"].text() ==
        "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03");
  CHECK(info["mime_type"].text() == "text/plain");

  const Json list = Json::parse(anna.get("/api/v1/dirs/" + anna.username).body);
  REQUIRE(list["items"].size() == 1);
  CHECK(list["items"][0]["name"].text() == "notes.txt");

  const Response got = anna.get(home + "/notes.txt");
  CHECK(got.status == 200);
  CHECK(got.body == "hello\n");
  CHECK(got.header("ETag") ==
        "\"5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03\"");

  CHECK(anna.post("/api/v1/actions/move", R"({"from":"/)" + anna.username +
                                              R"(/notes.txt","to":"/)" + anna.username +
                                              R"(/kept.txt"})")
            .status == 200);
  CHECK(anna.get(home + "/notes.txt").status == 404);
  CHECK(anna.del(home + "/kept.txt?permanent=true").status == 204);

  for (const char* action : {"upload", "download", "rename", "delete"}) {
    INFO(action);
    const auto events = anna.events("user=" + anna.username + "&success=true&action=" + action);
    REQUIRE(events.size() == 1);
    CHECK(events[0]["event_type"].text() == "FILE_ACCESS");
    CHECK(events[0]["ip_address"].text() == "127.0.0.1");
  }
}
