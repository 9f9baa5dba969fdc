#include "wire.hpp"

#include <map>
#include <set>

// The Files part of the contract, line by line, where no other area has it.

using namespace baluhost::test;

namespace {

Response act(Api& api, const std::string& action, const std::string& from, const std::string& to) {
  return api.post(kApi + "/actions/" + action, object({{"from", q(from)}, {"to", q(to)}}));
}

/// The name that a browser gives the file it saves: filename* if there, else filename (RFC 6266
/// section 4.3).
std::string saved_name(const std::string& disposition) {
  const std::string extended = "filename*=UTF-8''";
  if (const auto at = disposition.find(extended); at != std::string::npos) {
    std::string name;
    for (std::size_t i = at + extended.size(); i < disposition.size(); ++i) {
      if (disposition[i] == '%') {
        name += static_cast<char>(std::stoi(disposition.substr(i + 1, 2), nullptr, 16));
        i += 2;
      } else {
        name += disposition[i];
      }
    }
    return name;
  }
  const auto from = disposition.find('"') + 1;
  return disposition.substr(from, disposition.rfind('"') - from);
}

} // namespace

TEST_CASE("Odd but valid names go through every operation as they are", "[content][spec-27]") {
  Api anna = new_user(shared_server());
  Api bob = new_user(shared_server());
  const std::string home = "/" + anna.username;
  std::string longest;
  for (int i = 0; i < 63; ++i) longest += "\xF0\x9F\x98\x80";
  longest += "abc"; // 255 bytes
  const std::vector<std::string> names{
      "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x9A\x80 \xF0\x9F\x8E\x89",
      "it's \"quoted\"",
      "100% sure%41",
      "a+b c",
      "#1",
      "what? why?",
      "a&b=c;d,e",
      "in  two spaces",
      "...three",
      "-rf *",
      "~",
      "$(id)`id`",
      "<b>&amp;",
      "C:",
      "con.txt",
      "[x]{y}|z^",
      "\xC3\xA4\xC3\xB6\xC3\xBC\xC3\x9F",
      "\xE4\xB8\xAD\xE6\x96\x87",
      "\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D",
      "%2e%2e",
      "%00",
      "null",
      longest,
      std::string(255, 'y')};
  for (const std::string& name : names) {
    INFO(name);
    const std::string path = home + "/" + name;
    const Response put = anna.put(files(path), name);
    REQUIRE(put.status == 201);
    CHECK(Json::parse(put.body)["path"].text() == path);
    const Response got = anna.get(files(path));
    CHECK(got.body == name);
    CHECK(saved_name(got.header("Content-Disposition").value_or("")) == name);
    CHECK(anna.head(files(path)).header("ETag") == etag_of(name));
    CHECK(Json::parse(anna.get(meta(path)).body)["name"].text() == name);
    REQUIRE(anna.post(dirs(home + "/dir/" + name) + "?parents=true").status == 201);
    REQUIRE(act(anna, "copy", path, home + "/dir/" + name + "/" + name).status == 201);
    REQUIRE(act(anna, "move", path, home + "/dir/" + name + "/moved").status == 200);
    CHECK(anna.get(files(path)).status == 404);
    REQUIRE(act(anna, "move", home + "/dir/" + name + "/moved", path).status == 200);
    const std::string grant =
        object({{"path", q(path)}, {"grantee", q(bob.username)}, {"rights", "[\"read\"]"}});
    REQUIRE(anna.put_json(kApi + "/grants", grant).status == 201);
    CHECK(bob.get(files(path)).body == name);
    CHECK(anna.events("action=copy&limit=1&user=" + anna.username)
              .at(0)["details"]["destination"]
              .text() == home + "/dir/" + name + "/" + name);
  }
  std::set<std::string> listed;
  std::string cursor;
  do {
    const Json page = Json::parse(anna.get(dirs(home) + "?limit=7" + cursor).body);
    for (std::size_t i = 0; i < page["items"].size(); ++i)
      listed.insert(page["items"][i]["name"].text());
    cursor = page["next_cursor"].is_null() ? "" : "&cursor=" + page["next_cursor"].text();
  } while (!cursor.empty());
  for (const std::string& name : names) CHECK(listed.contains(name));
  CHECK(listed.size() == names.size() + 1);
  for (const std::string& name : names)
    CHECK(anna.del(files(home + "/" + name) + "?permanent=true").status == 204);
  REQUIRE(anna.del(files(home + "/dir") + "?recursive=true&permanent=true").status == 204);
  CHECK(usage(anna).bytes == 0);
}

TEST_CASE("A path is decoded once, normalised, and has its limits", "[content][spec-34]") {
  Api anna = new_user(shared_server());
  const std::string home = "/" + anna.username;
  REQUIRE(anna.put(kApi + "/files" + home + "/a%252Fb", "x").status == 201);
  CHECK(anna.get(meta(home + "/a%2Fb")).status == 200);
  REQUIRE(anna.put(kApi + "/files" + home + "/plus+sign", "x").status == 201);
  CHECK(anna.get(meta(home + "/plus sign")).status == 404);
  REQUIRE(anna.put(files(home + "/caf\x65\xCC\x81"), "x").status == 201); // decomposed
  CHECK(Json::parse(anna.get(meta(home + "/caf\xC3\xA9")).body)["name"].text() == "caf\xC3\xA9");
  check_problem(anna.put(files(home + "/caf\xC3\xA9"), "y"), 409, "already_exists");
  REQUIRE(anna.put(files(home + "/Case"), "upper").status == 201);
  REQUIRE(anna.put(files(home + "/case"), "lower").status == 201);
  CHECK(anna.get(files(home + "/Case")).body == "upper");
  std::string path = home;
  while (path.size() + 101 <= 1000) path += "/" + std::string(100, 'd');
  path += "/" + std::string(999 - path.size(), 'e');
  REQUIRE(path.size() == 1000);
  CHECK(anna.put(files(path) + "?parents=true", "x").status == 201);
  check_problem(anna.put(files(path + "e") + "?parents=true", "x"), 400, "invalid_request");
  check_invalid(act(anna, "copy", path, path + "e"), "/to");
  CHECK(anna.get(files(path)).body == "x");
  for (const char* bad : {"/a/", "//a", "/a//b", "", "/."}) {
    INFO(bad);
    for (const char* base : {"/files", "/meta"})
      CHECK(anna.get(kApi + base + home + bad).status == (*bad == '\0' && base[1] == 'm' ? 200
                                                          : *bad == '\0'                 ? 409
                                                                                         : 400));
  }
}

TEST_CASE("A file and a directory are described by the same members", "[content]") {
  Api anna = new_user(shared_server());
  const std::string home = "/" + anna.username;
  const std::vector<std::string> members{"created_at", "etag",  "kind", "mime_type", "modified_at",
                                         "name",       "owner", "path", "sha256",    "size"};
  const Response put = anna.put(files(home + "/song.MP3"), "la la");
  const Json file = Json::parse(put.body);
  CHECK(put.header("ETag") == etag_of("la la"));
  CHECK(file.keys() == members);
  CHECK(file["kind"].text() == "file");
  CHECK(file["size"].integer() == 5);
  CHECK(file["sha256"].text() == hex(digest(Hash::sha256, "la la")));
  CHECK(file["etag"].text() == etag_of("la la"));
  CHECK(file["mime_type"].text() == "audio/mpeg");
  CHECK(file["owner"].text() == anna.username);
  CHECK(file.dump() == Json::parse(anna.get(meta(home + "/song.MP3")).body).dump());
  const Json directory = Json::parse(anna.post(dirs(home + "/d")).body);
  CHECK(directory.keys() == members);
  CHECK(directory["kind"].text() == "directory");
  for (const char* none : {"sha256", "mime_type", "etag"}) CHECK(directory[none].is_null());
  const Json listed = Json::parse(anna.get(dirs(home)).body)["items"];
  REQUIRE(listed.size() == 2);
  CHECK(listed[0].dump() == directory.dump());
  CHECK(listed[1].dump() == file.dump());
  for (const auto& [name, type] :
       std::map<std::string, std::string>{{"a.html", "text/html"},
                                          {"a.svg", "image/svg+xml"},
                                          {"a.tar.gz", "application/gzip"},
                                          {"a", "application/octet-stream"},
                                          {"a.unknown-ending", "application/octet-stream"},
                                          {"a.json", "application/json"},
                                          {"a.pdf", "application/pdf"}}) {
    INFO(name);
    REQUIRE(
        anna.put(files(home + "/" + name), "<html>", {{"Content-Type", "image/x-chosen-by-client"}})
            .status == 201);
    CHECK(anna.get(files(home + "/" + name)).header("Content-Type").value_or("").starts_with(type));
  }
}

TEST_CASE("HEAD is GET without the content, and leaves no event", "[content]") {
  Api anna = new_user(shared_server());
  const std::string path = "/" + anna.username + "/f.txt";
  REQUIRE(anna.put(files(path), "0123456789").status == 201);
  const Response get = anna.get(files(path));
  const Response head = anna.head(files(path));
  CHECK(head.status == 200);
  CHECK(head.body.empty());
  for (const char* name :
       {"ETag", "Last-Modified", "Accept-Ranges", "Repr-Digest", "Content-Disposition",
        "Content-Type", "Content-Length", "Content-Security-Policy", "Cache-Control"}) {
    INFO(name);
    CHECK(head.header(name).has_value());
    CHECK(head.header(name) == get.header(name));
  }
  CHECK(anna.head(files(path), {{"Range", "bytes=2-4"}}).status ==
        200); // RFC 9110 section 14.2: of GET only
  CHECK(anna.head(files(path), {{"If-None-Match", etag_of("0123456789")}}).status == 304);
  CHECK(anna.head(files(path), {{"If-Match", "\"x\""}}).status == 412);
  CHECK(anna.head(files("/" + anna.username + "/none")).status == 404);
  CHECK(anna.head(files("/" + anna.username)).status == 409);
}

TEST_CASE("Empty files, single bytes and ranges of them", "[content]") {
  Api anna = new_user(shared_server());
  const std::string path = "/" + anna.username + "/empty";
  REQUIRE(anna.put(files(path), "").status == 201);
  const Response empty = anna.get(files(path));
  CHECK(empty.status == 200);
  CHECK(empty.header("Content-Length") == "0");
  CHECK(empty.header("ETag") == etag_of(""));
  CHECK(anna.get(files(path), {{"Range", "bytes=0-"}}).header("Content-Range") == "bytes */0");
  const std::string large = pattern(300'000, 3); // beyond what is sent in one write
  REQUIRE(anna.put(files(path + "-not"), large).status == 201);
  for (const auto& [range, first, last] :
       std::vector<std::tuple<std::string, std::size_t, std::size_t>>{
           {"0-0", 0, 0},
           {"299999-", 299'999, 299'999},
           {"-1", 299'999, 299'999},
           {"0-", 0, 299'999},
           {"100-250000", 100, 250'000},
           {"-999999", 0, 299'999},
           {"65535-65536", 65'535, 65'536}}) {
    INFO(range);
    const Response part = anna.get(files(path + "-not"), {{"Range", "bytes=" + range}});
    CHECK(part.status == 206);
    CHECK(part.header("Content-Range") ==
          "bytes " + std::to_string(first) + "-" + std::to_string(last) + "/300000");
    CHECK(part.body == large.substr(first, last - first + 1));
  }
}

TEST_CASE("What one may not see is not there, what one may not do is forbidden", "[content]") {
  Api anna = new_user(shared_server());
  Api bob = new_user(shared_server());
  const std::string home = "/" + anna.username;
  REQUIRE(anna.put(files(home + "/d/f") + "?parents=true", "x").status == 201);
  const auto all = [&](int status, const std::string& code) {
    check_problem(bob.put(files(home + "/d/f") + "?overwrite=true", "y"), status, code);
    check_problem(bob.put(files(home + "/d/new"), "y"), status, code);
    check_problem(bob.del(files(home + "/d/f")), status, code);
    check_problem(bob.post(dirs(home + "/d/e")), status, code);
    check_problem(act(bob, "move", home + "/d/f", home + "/d/g"), status, code);
  };
  check_problem(bob.get(files(home + "/d/f")), 404, "not_found");
  check_problem(bob.get(dirs(home + "/d")), 404, "not_found");
  all(404, "not_found");
  REQUIRE(anna.put_json(kApi + "/grants", object({{"path", q(home + "/d")},
                                                  {"grantee", q(bob.username)},
                                                  {"rights", "[\"read\"]"}}))
              .status == 201);
  CHECK(bob.get(files(home + "/d/f")).body == "x");
  all(403, "forbidden");
  check_problem(bob.get(dirs(home)), 404, "not_found");
  const Json homes = Json::parse(bob.get(kApi + "/dirs/").body);
  CHECK(homes["items"].size() == 2);
  CHECK(anna.get(files(home + "/d/f")).body == "x");
}

TEST_CASE("A form is no content, and says what to send instead", "[content][fault-29]") {
  Api anna = new_user(shared_server());
  const std::string url = files("/" + anna.username + "/form");
  const Response refused =
      anna.put(url, "--x\r\n\r\n--x--\r\n", {{"Content-Type", "Multipart/Form-Data; boundary=x"}});
  check_problem(refused, 415, "unsupported_media_type");
  CHECK(Json::parse(refused.body)["detail"].text().find("curl -T") != std::string::npos);
  CHECK(anna.get(meta("/" + anna.username + "/form")).status == 404);
  CHECK(anna.put(url, "x", {{"Content-Type", "multipart/mixed; boundary=x"}}).status == 201);
}

TEST_CASE("A file whose own time lies ahead was never modified later than now",
          "[content][fault-29]") {
  Api anna = new_user(shared_server());
  const TempDirectory place;
  write_file(place.path() + "/ahead", "x");
  REQUIRE(run({"touch", "-d", "2100-01-01", place.path() + "/ahead"}).exit_code == 0);
  REQUIRE(shared_server()
              .ctl({"files", "import", place.path(), "/" + anna.username + "/in"})
              .exit_code == 0);
  CHECK(Json::parse(anna.get(meta("/" + anna.username + "/in/ahead")).body)["modified_at"]
            .text()
            .starts_with("2100-01-01"));
  const Response head = anna.head(files("/" + anna.username + "/in/ahead"));
  REQUIRE(head.status == 200);
  CHECK(head.header("Last-Modified").value().find("2100") == std::string::npos);
}
