#include "wire.hpp"

using namespace baluhost::test;

TEST_CASE("What cannot run is shown in place when that is asked for, and all else is saved",
          "[disposition]") {
  Api anna = new_user(shared_server());
  const auto disposition = [&](const std::string& name, const std::string& query) {
    const std::string target = files("/" + anna.username + "/" + name);
    if (anna.head(target).status == 404) REQUIRE(anna.put(target, "content").status == 201);
    const Response got = anna.get(target + query);
    REQUIRE(got.status == 200);
    CHECK(got.header("Content-Security-Policy") == "default-src 'none'; sandbox");
    CHECK(got.header("X-Content-Type-Options") == "nosniff");
    const auto header = got.header("Content-Disposition").value_or("");
    CHECK(anna.head(target + query).header("Content-Disposition") == header);
    return header.substr(0, header.find(';'));
  };
  for (const char* name :
       {"a.png", "a.JPG", "a.gif", "a.webp", "a.mp3", "a.mp4", "a.webm", "a.txt"}) {
    INFO(name);
    CHECK(disposition(name, "?disposition=inline") == "inline");
    CHECK(disposition(name, "") == "attachment");
    CHECK(disposition(name, "?disposition=attachment") == "attachment");
  }
  for (const char* name : {"a.svg", "a.html", "a.htm", "a.xhtml", "a.xml", "a.pdf", "a.js", "a.css",
                           "a.csv", "a.md", "a.swf", "a", "a.png.html", "a.unknown"}) {
    INFO(name);
    CHECK(disposition(name, "?disposition=inline") == "attachment");
  }
}

TEST_CASE("Another disposition is refused and on record", "[disposition]") {
  Api anna = new_user(shared_server());
  const std::string path = "/" + anna.username + "/a.txt";
  REQUIRE(anna.put(files(path), "content").status == 201);
  check_invalid(anna.get(files(path) + "?disposition=form-data"), "/disposition");
  check_invalid(anna.get(files(path) + "?disposition=Inline"), "/disposition");
  check_problem(anna.get(files(path) + "?disposition=inline&disposition=inline"), 400,
                "invalid_request");
  CHECK(anna.events("action=download&success=false&user=" + anna.username).size() == 3);
}

TEST_CASE("A range and a condition keep the disposition", "[disposition]") {
  Api anna = new_user(shared_server());
  const std::string target = files("/" + anna.username + "/a.png") + "?disposition=inline";
  REQUIRE(anna.put(files("/" + anna.username + "/a.png"), "0123456789").status == 201);
  const Response part = anna.get(target, {{"Range", "bytes=2-4"}});
  CHECK(part.status == 206);
  CHECK(part.body == "234");
  CHECK(part.header("Content-Disposition") == "inline; filename=\"a.png\"");
  CHECK(anna.get(target, {{"If-None-Match", etag_of("0123456789")}}).status == 304);
}
