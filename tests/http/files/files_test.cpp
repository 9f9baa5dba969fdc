#include "wire.hpp"

#include <atomic>
#include <cstdint>
#include <mutex>
#include <thread>

using namespace baluhost::test;

TEST_CASE("An upload is recorded with size, type, time and digest, as computed by others",
          "[files][spec-63][spec-71][spec-73]") {
  Server server{{.extra_toml = "files.sha1 = true\n"}};
  Api anna = new_user(server);
  const std::string content = pattern(300'000);
  const std::string path = "/" + anna.username + "/photo.jpeg";
  REQUIRE(anna.put(files(path), content).status == 201);
  const auto events = anna.events("action=upload&user=" + anna.username);
  REQUIRE(events.size() == 1);
  const Json details = events[0]["details"];
  CHECK(events[0]["event_type"].text() == "FILE_ACCESS");
  CHECK(events[0]["resource"].text() == path);
  CHECK(details.keys() == std::vector<std::string>{"duration_ms", "file_size", "mime_type",
                                                   "replaced", "sha1", "sha256",
                                                   "transfer_rate_mbps"});
  CHECK(details["file_size"].integer() == 300'000);
  CHECK(details["mime_type"].text() == "image/jpeg");
  CHECK(details["sha256"].text() == run({"sha256sum"}, {}, content).out.substr(0, 64));
  CHECK(details["sha1"].text() == run({"sha1sum"}, {}, content).out.substr(0, 40));
  CHECK(details["duration_ms"].number() >= 0);
  CHECK_FALSE(details["replaced"].flag());
  REQUIRE(anna.put(files(path) + "?overwrite=true", "x").status == 200);
  CHECK(
      anna.events("action=upload&limit=1&user=" + anna.username)[0]["details"]["replaced"].flag());
}

TEST_CASE("A download is recorded with size, bytes, duration and rate",
          "[files][spec-64][spec-72]") {
  Api anna = new_user(shared_server());
  const std::string content = pattern(200'000);
  const std::string path = "/" + anna.username + "/film.mp4";
  REQUIRE(anna.put(files(path), content).status == 201);
  CHECK(anna.get(files(path)).body == content);
  CHECK(anna.get(files(path), {{"Range", "bytes=100-199"}}).body == content.substr(100, 100));
  REQUIRE(anna.head(files(path)).status == 200);
  REQUIRE(anna.get(files(path), {{"If-None-Match", "*"}}).status == 304);
  // The event of an answer is written when the answer has ended.
  std::vector<Json> events;
  for (int i = 0; i < 100 && events.size() < 2; ++i)
    events = anna.events("action=download&user=" + anna.username);
  REQUIRE(events.size() == 2);
  const Json whole = events[1]["details"];
  CHECK(whole.keys() == std::vector<std::string>{"bytes_sent", "complete", "download_time_ms",
                                                 "duration_ms", "file_size", "sha256",
                                                 "transfer_rate_mbps"});
  CHECK(whole["file_size"].integer() == 200'000);
  CHECK(whole["bytes_sent"].integer() == 200'000);
  CHECK(whole["complete"].flag());
  CHECK(whole["duration_ms"].number() > 0);
  CHECK(whole["transfer_rate_mbps"].number() > 0);
  CHECK(whole["sha256"].text() == hex(digest(Hash::sha256, content)));
  const Json part = events[0]["details"];
  CHECK(part["bytes_sent"].integer() == 100);
  CHECK(part["range"].text() == "100-199");
}

TEST_CASE("A failed operation is recorded with its error", "[files][spec-67]") {
  Api anna = new_user(shared_server(), "user", "\"quota_bytes\":1000");
  const std::string home = "/" + anna.username;
  REQUIRE(anna.put(files(home + "/a"), "x").status == 201);
  check_problem(anna.put(files(home + "/a"), "y"), 409, "already_exists");
  check_problem(anna.put(files(home + "/b"), std::string(2000, 'x')), 413, "quota_exceeded");
  check_problem(anna.put(files(home + "/c"), "x", {{"Repr-Digest", digest_field("y")}}), 400,
                "digest_mismatch");
  check_problem(anna.get(files(home + "/none")), 404, "not_found");
  check_problem(anna.del(files(home + "/none")), 404, "not_found");
  check_problem(anna.post(kApi + "/actions/move",
                          object({{"from", q(home + "/none")}, {"to", q(home + "/n")}})),
                404, "not_found");
  const auto uploads = anna.events("action=upload&success=false&user=" + anna.username);
  REQUIRE(uploads.size() == 3);
  CHECK(uploads[0]["error_message"].text() == "digest_mismatch");
  CHECK(uploads[1]["error_message"].text() == "quota_exceeded");
  CHECK(uploads[1]["details"]["attempted_size"].integer() == 2000);
  CHECK(uploads[2]["error_message"].text() == "already_exists");
  CHECK(anna.events("action=download&success=false&user=" + anna.username).size() == 1);
  CHECK(anna.events("action=delete&success=false&user=" + anna.username).size() == 1);
  CHECK(Json::parse(anna.get(kApi + "/usage").body)["used_bytes"].integer() == 1);
}

TEST_CASE("Parent traversal in every path-taking field is refused", "[files][spec-25]") {
  Api anna = new_user(shared_server());
  const std::string home = "/" + anna.username;
  const auto before = run({"find", shared_server().data_dir() + "/..", "-maxdepth", "1"}).out;
  for (const char* segment : {"..", ".", "%2e%2e", "%2E%2e", "..%2f..%2fetc%2fpasswd", "%2e%2e%2f",
                              "..%5c..", "%c0%ae%c0%ae", "%252e%252e/%2e", "..%00", "%e2%80%ae"}) {
    for (const char* base : {"/files", "/meta", "/dirs"}) {
      INFO(base << " " << segment);
      const Response got = anna.get(kApi + base + home + "/" + segment + "/x");
      CHECK((got.status == 400 || got.status == 404));
      CHECK(anna.put(kApi + "/files" + home + "/" + segment + "/x?parents=true", "x").status !=
            500);
    }
  }
  for (const char* path :
       {"/../x", "/%2e%2e", "..", "/a/../../b", "\\\\..\\\\x", "//etc/passwd", "/./x", ""}) {
    INFO(path);
    check_problem(
        anna.post(kApi + "/actions/move",
                  object({{"from", "\"" + std::string{path} + "\""}, {"to", q(home + "/x")}})),
        400, "invalid_request");
    check_problem(
        anna.post(kApi + "/actions/copy",
                  object({{"from", q(home + "/x")}, {"to", "\"" + std::string{path} + "\""}})),
        400, "invalid_request");
    check_problem(anna.put_json(kApi + "/grants", object({{"path", "\"" + std::string{path} + "\""},
                                                          {"grantee", q("admin")},
                                                          {"rights", "[\"read\"]"}})),
                  400, "invalid_request");
  }
  CHECK(run({"find", shared_server().data_dir() + "/..", "-maxdepth", "1"}).out == before);
}

TEST_CASE("Unsafe file names are refused, odd ones are kept", "[files][spec-27]") {
  Api anna = new_user(shared_server());
  const std::string home = "/" + anna.username + "/";
  for (const std::string& name : {std::string{"a\\b"}, std::string{"a\nb"}, std::string{"a\x7f"},
                                  std::string{"a\xE2\x80\xAE"
                                              "b"},
                                  std::string{"dot."}, std::string{".."}, std::string(256, 'x'),
                                  std::string{"\xff"}, std::string{" a"}, std::string{"a "},
                                  std::string{"\xC2\x85"}, std::string{"a\xE2\x80\xA8"}}) {
    INFO(percent_encode(name));
    check_problem(anna.put(files(home + name), "x"), 400, "invalid_request");
  }
  CHECK(anna.put(kApi + "/files" + home + "a%2Fb", "x").status == 400);
  CHECK(anna.put(files(home + "a") + "/", "x").status == 400);
  std::string deep = home + "d";
  for (int i = 2; i < 63; ++i) deep += "/d";
  CHECK(anna.put(files(deep + "/f") + "?parents=true", "x").status == 201); // 64 segments
  CHECK(anna.put(files(deep + "/f/g") + "?parents=true", "x").status == 400);
  for (const std::string& name :
       {std::string{"\xF0\x9F\x98\x80 emoji"}, std::string{"\"quoted\""}, std::string{"100%"},
        std::string{"a+b"}, std::string{"#1"}, std::string{"what?"}, std::string{"..."} + "x",
        std::string{".hidden"}, std::string{"~tilde"}, std::string{"semi;colon"},
        std::string(255, 'y'), std::string{"a&b=c"}}) {
    INFO(name);
    REQUIRE(anna.put(files(home + name), name).status == 201);
    const Response got = anna.get(files(home + name));
    CHECK(got.body == name);
    CHECK(Json::parse(anna.get(meta(home + name)).body)["name"].text() == name);
  }
}

TEST_CASE("Script in a name stays text in JSON, CSV and Content-Disposition", "[files][spec-23]") {
  Api anna = new_user(shared_server());
  const std::string name = "=cmd()'\"<script>alert(1)</script>,;.csv";
  const std::string path = "/" + anna.username + "/" + name;
  std::string flat = path;
  REQUIRE(
      anna.put(files("/" + anna.username + "/=cmd()'\"<script>alert(1)<\xE2\x88\x95script>,;.csv"),
               "x")
          .status == 201);
  const Response got =
      anna.get(files("/" + anna.username + "/=cmd()'\"<script>alert(1)<\xE2\x88\x95script>,;.csv"));
  const std::string disposition = got.header("Content-Disposition").value_or("");
  CHECK(disposition.starts_with("attachment; filename="));
  CHECK(disposition.find("filename*=UTF-8''") != std::string::npos);
  CHECK(disposition.find("\r") == std::string::npos);
  Api root = admin(shared_server());
  const Response csv =
      root.get(kApi + "/audit/export?format=csv&action=upload&user=" + anna.username);
  CHECK(csv.body.find("\"\"<script>") !=
        std::string::npos); // the quote is doubled inside a quoted cell
  CHECK(csv.body.find(",=cmd") == std::string::npos);
}

TEST_CASE("Conditional requests and ranges follow RFC 9110", "[files]") {
  Api anna = new_user(shared_server());
  const std::string path = "/" + anna.username + "/f.txt";
  const Response put = anna.put(files(path), "0123456789");
  const std::string etag = Json::parse(put.body)["etag"].text();
  const Response got = anna.get(files(path));
  CHECK(got.header("ETag") == etag);
  CHECK(got.header("Accept-Ranges") == "bytes");
  CHECK(got.header("Repr-Digest") == digest_field("0123456789"));
  CHECK(got.header("Cache-Control") == "private, no-cache");
  const std::string modified = got.header("Last-Modified").value_or("");
  struct Case {
    Headers headers;
    int status;
    std::string body;
  };
  for (const Case& c : std::vector<Case>{
           {{{"If-None-Match", etag}}, 304, ""},
           {{{"If-None-Match", "W/" + etag}}, 304, ""},
           {{{"If-None-Match", "\"other\""}}, 200, "0123456789"},
           {{{"If-Modified-Since", modified}}, 304, ""},
           {{{"If-Modified-Since", "Thu, 01 Jan 2015 00:00:00 GMT"}}, 200, "0123456789"},
           {{{"If-Modified-Since", modified}, {"If-None-Match", "\"other\""}}, 200, "0123456789"},
           {{{"Range", "bytes=2-4"}}, 206, "234"},
           {{{"Range", "bytes=-3"}}, 206, "789"},
           {{{"Range", "bytes=7-"}}, 206, "789"},
           {{{"Range", "bytes=7-99"}}, 206, "789"},
           {{{"Range", "bytes=0-1,4-5"}}, 200, "0123456789"},
           {{{"Range", "chapters=1"}}, 200, "0123456789"},
           {{{"Range", "bytes=2-4"}, {"If-Range", etag}}, 206, "234"},
           {{{"Range", "bytes=2-4"}, {"If-Range", "\"other\""}}, 200, "0123456789"},
           {{{"Range", "bytes=2-4"}, {"If-Range", "W/" + etag}}, 200, "0123456789"},
           {{{"Range", "bytes=2-4"}, {"If-None-Match", etag}}, 304, ""}}) {
    INFO(c.headers[0].first << ": " << c.headers[0].second);
    const Response response = anna.get(files(path), c.headers);
    CHECK(response.status == c.status);
    CHECK(response.body == c.body);
    if (c.status == 206) CHECK(response.header("Content-Range").value_or("").ends_with("/10"));
  }
  const Response outside = anna.get(files(path), {{"Range", "bytes=10-"}});
  check_problem(outside, 416, "range_not_satisfiable");
  CHECK(outside.header("Content-Range") == "bytes */10");
  check_problem(anna.get(files(path), {{"If-Match", "\"other\""}}), 412, "precondition_failed");
  check_problem(anna.put(files(path), "new", {{"If-None-Match", "*"}}), 412, "precondition_failed");
  check_problem(anna.put(files(path), "new", {{"If-Match", "\"other\""}}), 412,
                "precondition_failed");
  CHECK(anna.put(files(path), "new", {{"If-Match", etag}}).status == 200);
  const Response head = anna.head(files(path));
  CHECK(head.status == 200);
  CHECK(head.header("Content-Length") == "3");
}

TEST_CASE("100-continue comes after every check only", "[files]") {
  Api anna = new_user(shared_server());
  HttpClient raw = shared_server().client();
  const auto ask = [&](const std::string& path, const std::string& token) {
    raw.connect();
    raw.send("PUT " + path + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + token +
             "\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    return raw.read_response();
  };
  const std::string home = "/" + anna.username;
  CHECK(ask(files(home + "/e.txt"), "garbage").status == 401);
  CHECK(ask(files("/admin/e.txt"), anna.access_token).status == 404);
  CHECK(ask(files(home + "/no/e.txt"), anna.access_token).status == 404);
  REQUIRE(ask(files(home + "/e.txt"), anna.access_token).status == 100);
  raw.send("hello");
  CHECK(raw.read_response().status == 201);
  CHECK(ask(files(home + "/e.txt"), anna.access_token).status == 409);
}

TEST_CASE("Chunked bodies and broken chunks", "[files]") {
  Api anna = new_user(shared_server());
  const std::string home = "/" + anna.username;
  const std::string head = "Host: x\r\nAuthorization: Bearer " + anna.access_token + "\r\n";
  HttpClient raw = shared_server().client();
  raw.send("PUT " + files(home + "/chunked") + " HTTP/1.1\r\n" + head +
           "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1;x=y\r\n!\r\n0\r\n\r\n");
  CHECK(raw.read_response().status == 201);
  CHECK(anna.get(files(home + "/chunked")).body == "hello!");
  raw.connect();
  raw.send("PUT " + files(home + "/broken") + " HTTP/1.1\r\n" + head +
           "Transfer-Encoding: chunked\r\n\r\n5\r\nhelloXX1\r\n");
  CHECK(raw.read_response().status == 400);
  CHECK(anna.get(files(home + "/broken")).status == 404);
}

TEST_CASE("A replaced file is never seen torn by eight readers", "[files]") {
  Api anna = new_user(shared_server());
  const std::string path = "/" + anna.username + "/torn";
  std::vector<std::string> versions; // some are sent in one write, some are not
  for (std::size_t i = 0; i < 6; ++i)
    versions.push_back(pattern(20'000 + 40'000 * (i % 3), static_cast<std::uint32_t>(i)));
  REQUIRE(anna.put(files(path), versions[0]).status == 201);
  std::atomic<int> torn{0}, reads{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < 8; ++i) {
    readers.emplace_back([&] {
      HttpClient reader = shared_server().client();
      while (reads < 3000) {
        const Response got =
            reader.request("GET", files(path), {{"Authorization", "Bearer " + anna.access_token}});
        torn += got.status != 200 || got.header("Repr-Digest") != digest_field(got.body);
        ++reads;
      }
    });
  }
  int written = 0;
  for (std::size_t i = 1; reads < 3000; ++i, ++written)
    CHECK(anna.put(files(path) + "?overwrite=true", versions[i % versions.size()]).status == 200);
  for (auto& reader : readers) reader.join();
  CHECK(torn == 0);
  CHECK(written > 20);
}

TEST_CASE("A quota is exact under concurrency", "[files]") {
  Api quota = new_user(shared_server(), "user", "\"quota_bytes\":100000");
  std::atomic<int> stored{0};
  std::vector<std::thread> writers;
  for (int i = 0; i < 8; ++i) {
    writers.emplace_back([&, i] {
      Api writer{shared_server(), quota.username};
      for (int k = 0; k < 5; ++k) {
        stored += writer
                      .put(files("/" + quota.username + "/" + std::to_string(i) + "-" +
                                 std::to_string(k)),
                           std::string(10'000, 'x'))
                      .status == 201;
      }
    });
  }
  for (auto& writer : writers) writer.join();
  const auto used = Json::parse(quota.get(kApi + "/usage").body)["used_bytes"].integer();
  CHECK(used == stored * 10'000);
  CHECK(stored <= 10);
}

TEST_CASE("What was acknowledged survives kill -9, and nothing half is left", "[files]") {
  Server server;
  Api anna = new_user(server);
  std::atomic<bool> stop{false};
  std::atomic<int> next{0};
  std::vector<std::thread> writers;
  std::mutex mutex;
  std::vector<std::string> acknowledged;
  for (int i = 0; i < 4; ++i) {
    writers.emplace_back([&] {
      try {
        Api writer{server, anna.username};
        while (!stop) {
          const std::string name = std::to_string(next++);
          if (writer.put(files("/" + anna.username + "/" + name), name + std::string(20'000, 'z'))
                  .status == 201) {
            std::lock_guard lock{mutex};
            acknowledged.push_back(name);
          }
        }
      } catch (const std::exception&) { // the server is gone
      }
    });
  }
  while (next < 60) std::this_thread::yield();
  server.kill();
  stop = true;
  for (auto& writer : writers) writer.join();
  REQUIRE(acknowledged.size() > 20);
  server.start();
  Api again{server, anna.username};
  for (const std::string& name : acknowledged)
    CHECK(again.get(files("/" + anna.username + "/" + name)).body ==
          name + std::string(20'000, 'z'));
  const auto uploads = again.events("action=upload&success=true&limit=1000&user=" + anna.username);
  const Json list = Json::parse(again.get(dirs("/" + anna.username) + "?limit=1000").body);
  CHECK(uploads.size() ==
        list["items"].size()); // as many events as files: neither is without the other
  CHECK(uploads.size() >= acknowledged.size());
  CHECK(Json::parse(again.get(kApi + "/usage").body)["file_count"].integer() ==
        static_cast<std::int64_t>(list["items"].size()));
  // On PostgreSQL another server may be at work: what a dead one left is taken up once it was
  // silent for a minute.
  if (database_kind() == "sqlite") CHECK(again.events("action=recovery_completed").size() == 1);
  CHECK(server.ctl({"audit", "verify"}).exit_code == 0);
  CHECK(server.ctl({"files", "scrub"}).exit_code == 0);
}
