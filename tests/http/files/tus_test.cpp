#include "files/tus.hpp"

// Resumable uploads as https://tus.io/protocols/resumable-upload has them, version 1.0.0 with
// creation, creation-with-upload, expiration, checksum and termination; and what BaluHost adds:
// where the file goes, whose the upload is, and what a crash leaves.

using namespace baluhost::test;

TEST_CASE("tus says what it speaks, without a login", "[tus]") {
  HttpClient client = shared_server().client();
  const Response response = client.request("OPTIONS", kUploads);
  CHECK(response.status == 204);
  CHECK(response.header("Tus-Resumable") == "1.0.0");
  CHECK(response.header("Tus-Version") == "1.0.0");
  CHECK(response.header("Tus-Extension") ==
        "creation,creation-with-upload,expiration,checksum,termination");
  CHECK(response.header("Tus-Checksum-Algorithm") == "sha256,sha1");
  CHECK(response.count("Tus-Max-Size") == 0);
}

TEST_CASE("A file comes in several requests, and is there with the last one",
          "[tus][spec-63][spec-73]") {
  Api anna = new_user(shared_server());
  const std::string path = "/" + anna.username + "/\xF0\x9F\x8E\xAC film.mp4";
  const std::string content = pattern(300'000);
  const Response made = create(anna, path, content.size());
  REQUIRE(made.status == 201);
  CHECK(made.header("Tus-Resumable") == "1.0.0");
  CHECK(made.header("Upload-Offset") == "0");
  CHECK(made.count("Upload-Expires") == 1);
  CHECK(made.body.empty());
  const std::string location = made.header("Location").value_or("");
  CHECK(location.size() >= (kUploads + "/").size() + 43); // 256 bits, whatever the encoding
  CHECK(location != begin(anna, path + ".2", 1));

  Response head = status(anna, location);
  CHECK(head.status == 200);
  CHECK(head.header("Upload-Offset") == "0");
  CHECK(head.header("Upload-Length") == "300000");
  CHECK(head.header("Upload-Metadata") == metadata(path));
  CHECK(head.header("Cache-Control") == "no-store");

  const Response first = append(anna, location, 0, std::string_view{content}.substr(0, 100'000));
  CHECK(first.status == 204);
  CHECK(first.header("Upload-Offset") == "100000");
  CHECK(first.header("Tus-Resumable") == "1.0.0");
  CHECK(first.count("Upload-Expires") == 1);
  CHECK(offset(anna, location) == "100000");
  check_problem(anna.get(files(path)), 404, "not_found");
  CHECK(usage(anna).bytes == 0);

  const Response last = append(anna, location, 100'000, std::string_view{content}.substr(100'000));
  CHECK(last.status == 204);
  CHECK(last.header("Upload-Offset") == "300000");
  CHECK(anna.get(files(path)).body == content);
  CHECK(usage(anna).bytes == 300'000);
  head = status(anna, location); // a client that lost the last answer asks
  CHECK(head.status == 200);
  CHECK(head.header("Upload-Offset") == "300000");
  check_problem(append(anna, location, 300'000, ""), 409, "conflict");
  CHECK(anna.del(location, tus()).status == 204);
  CHECK(status(anna, location).status == 404);
  CHECK(anna.get(files(path)).status == 200);
  const auto events = anna.events("action=upload&success=true&user=" + anna.username);
  REQUIRE(events.size() == 1);
  CHECK(events[0]["resource"].text() == path);
  CHECK(events[0]["details"]["file_size"].integer() == 300'000);
  CHECK(events[0]["details"]["mime_type"].text() == "video/mp4");
  CHECK(events[0]["details"]["sha256"].text() == hex(digest(Hash::sha256, content)));
}

TEST_CASE("The request that creates an upload may bring its first bytes, or all", "[tus]") {
  Api anna = new_user(shared_server(), "user", "\"quota_bytes\":15");
  const std::string home = "/" + anna.username;
  const auto post = [&](const std::string& path, std::size_t length, std::string_view bytes,
                        Headers more = {{"Content-Type", kOctets}}) {
    more.insert(more.end(),
                {{"Upload-Length", std::to_string(length)}, {"Upload-Metadata", metadata(path)}});
    return anna.send("POST", kUploads, tus(std::move(more)), bytes);
  };
  const Response whole = post(home + "/whole", 5, "hello");
  CHECK(whole.status == 201);
  CHECK(whole.header("Upload-Offset") == "5");
  CHECK(anna.get(files(home + "/whole")).body == "hello");

  const Response part = post(home + "/part", 5, "hel");
  CHECK(part.status == 201);
  CHECK(part.header("Upload-Offset") == "3");
  const std::string location = part.header("Location").value_or("");
  CHECK(append(anna, location, 3, "lo").status == 204);
  CHECK(anna.get(files(home + "/part")).body == "hello");

  CHECK(post(home + "/empty", 0, "").status == 201);
  CHECK(anna.get(files(home + "/empty")).status == 200);
  CHECK(usage(anna).files == 3);

  check_problem(post(home + "/typed", 5, "hello", {{"Content-Type", "text/plain"}}), 415,
                "unsupported_media_type");
  check_problem(post(home + "/long", 5, "hello!"), 413, "payload_too_large");
  Headers wrong = checksum("sha256", "other");
  wrong.emplace_back("Content-Type", kOctets);
  check_problem(post(home + "/sum", 5, "hello", wrong), 460, "digest_mismatch");
  for (const char* name : {"/typed", "/long", "/sum"})
    CHECK(anna.get(meta(home + name)).status == 404);
  CHECK(post(home + "/x", 5, "hello").status == 201); // what failed holds no quota
}

TEST_CASE("A checksum is verified, and bytes that do not fit it do not count", "[tus]") {
  Api anna = new_user(shared_server());
  const std::string path = "/" + anna.username + "/sums";
  const std::string location = begin(anna, path, 10);
  for (const char* algorithm : {"sha256", "sha1"}) {
    INFO(algorithm);
    check_problem(append(anna, location, 0, "01234", checksum(algorithm, "01235")), 460,
                  "digest_mismatch");
    CHECK(offset(anna, location) == "0");
  }
  for (const std::string& bad :
       {std::string{"md5 rL0Y20zC+Fzt72VPzMSk2A=="}, std::string{"sha256"},
        std::string{"sha256 !!"}, std::string{"sha1 AAAA"}, std::string{""}}) {
    INFO(bad);
    check_problem(append(anna, location, 0, "01234", {{"Upload-Checksum", bad}}), 400,
                  "invalid_request");
  }
  CHECK(offset(anna, location) == "0");
  CHECK(append(anna, location, 0, "01234", checksum("sha256", "01234")).status == 204);
  check_problem(append(anna, location, 5, "5678X", checksum("sha1", "56789")), 460,
                "digest_mismatch");
  CHECK(offset(anna, location) == "5");
  CHECK(append(anna, location, 5, "56789", checksum("sha1", "56789")).status == 204);
  CHECK(anna.get(files(path)).body == "0123456789");
}

TEST_CASE("A file whose announced digest is another at the end is not stored", "[tus]") {
  Api anna = new_user(shared_server());
  const std::string path = "/" + anna.username + "/announced";
  const std::string hello = hex(digest(Hash::sha256, "hello"));
  const std::string wrong = begin(anna, path, 5, ",sha256 " + base64(hello));
  CHECK(append(anna, wrong, 0, "HEL").status == 204);
  check_problem(append(anna, wrong, 3, "LO"), 460, "digest_mismatch");
  CHECK(status(anna, wrong).status == 404);
  CHECK(anna.get(meta(path)).status == 404);
  CHECK(usage(anna).bytes == 0);
  CHECK(anna.events("action=upload&success=false&user=" + anna.username)
            .at(0)["error_message"]
            .text() == "digest_mismatch");
  CHECK(append(anna, begin(anna, path, 5, ",sha256 " + base64(hello)), 0, "hello").status == 204);
  CHECK(anna.get(files(path)).header("ETag") == "\"" + hello + "\"");
}

TEST_CASE("Only the right offset, type, version and length are taken", "[tus]") {
  Api anna = new_user(shared_server());
  const std::string path = "/" + anna.username + "/strict";
  const std::string location = begin(anna, path, 10);
  REQUIRE(append(anna, location, 0, "01234").status == 204);
  check_problem(append(anna, location, 0, "01234"), 409, "conflict");
  check_problem(append(anna, location, 4, "4"), 409, "conflict");
  check_problem(append(anna, location, 6, "6"), 409, "conflict");
  check_problem(anna.send("PATCH", location, tus({{"Upload-Offset", "5"}}), "5"), 415,
                "unsupported_media_type");
  check_problem(anna.send("PATCH", location,
                          tus({{"Upload-Offset", "5"}, {"Content-Type", "text/plain"}}), "5"),
                415, "unsupported_media_type");
  for (const char* bad : {"", "-1", "x", "5.0", "0x5", " 5 5", "99999999999999999999"}) {
    INFO(bad);
    check_problem(
        anna.send("PATCH", location, tus({{"Upload-Offset", bad}, {"Content-Type", kOctets}}), "5"),
        400, "invalid_request");
  }
  check_problem(anna.send("PATCH", location, tus({{"Content-Type", kOctets}}), "5"), 400,
                "invalid_request");
  for (const char* version : {"", "0.2.2", "1.0", "1.0.1"}) {
    INFO(version);
    for (const auto& [method, target] : std::vector<std::pair<std::string, std::string>>{
             {"POST", kUploads}, {"PATCH", location}, {"DELETE", location}}) {
      const Response refused = anna.send(
          method, target,
          {{"Tus-Resumable", version}, {"Upload-Offset", "5"}, {"Content-Type", kOctets}}, "");
      check_problem(refused, 412, "precondition_failed");
      CHECK(refused.header("Tus-Version") == "1.0.0");
    }
    CHECK(anna.head(location, {{"Tus-Resumable", version}}).status == 412);
  }
  CHECK(anna.head(location).status == 412);
  for (const std::string& id :
       {std::string{"x"}, std::string(64, '0'), std::string{"..%2f..%2fbaluhost.db"},
        std::string{"%00"}, std::string{"%ff"}, std::string{"%c3%a9"}, std::string(300, 'a')}) {
    INFO(id);
    CHECK(status(anna, kUploads + "/" + id).status == 404);
    CHECK(append(anna, kUploads + "/" + id, 0, "x").status == 404);
  }
  CHECK(offset(anna, location) == "5");
  CHECK(append(anna, location, 5, "56789").status == 204);
  CHECK(anna.get(files(path)).body == "0123456789");
}

TEST_CASE("An upload that is given up is gone, and so are its bytes", "[tus]") {
  Server server;
  Api anna = new_user(server);
  const std::string location = begin(anna, "/" + anna.username + "/dropped", 10);
  REQUIRE(append(anna, location, 0, "01234").status == 204);
  CHECK(files_below(staging(server)).size() == 1);
  const Response gone = anna.del(location, tus());
  CHECK(gone.status == 204);
  CHECK(gone.header("Tus-Resumable") == "1.0.0");
  CHECK(files_below(staging(server)).empty());
  CHECK(status(anna, location).status == 404);
  check_problem(append(anna, location, 5, "56789"), 404, "not_found");
  check_problem(anna.del(location, tus()), 404, "not_found");
  CHECK(files_below(server.data_dir() + "/blobs").empty());
}

TEST_CASE("A client that cannot send PATCH or DELETE names the method in a field, on uploads only",
          "[tus][fault-23]") {
  Api anna = new_user(shared_server());
  const std::string path = "/" + anna.username + "/overridden";
  const std::string location = begin(anna, path, 5);
  const auto as = [&](const std::string& method, const std::string& real, const std::string& target,
                      Headers more, std::string_view body) {
    more.emplace_back("X-HTTP-Method-Override", method);
    return anna.send(real, target, tus(std::move(more)), body);
  };
  const Response head = as("HEAD", "POST", location, {}, "");
  CHECK(head.status == 200);
  CHECK(head.header("Upload-Offset") == "0");
  const Response first =
      as("PATCH", "POST", location, {{"Upload-Offset", "0"}, {"Content-Type", kOctets}}, "hel");
  CHECK(first.status == 204);
  CHECK(first.header("Upload-Offset") == "3");
  check_problem(as("BREW", "POST", location, {}, ""), 501, "not_implemented");
  check_problem(as("PUT", "POST", location, {}, ""), 405, "method_not_allowed");
  check_problem(as("patch", "POST", location, {}, ""), 501, "not_implemented");
  CHECK(as("DELETE", "PATCH", location, {}, "").status == 204); // the real method does not count
  CHECK(status(anna, location).status == 404);
  CHECK(
      as("POST", "GET", kUploads, {{"Upload-Length", "5"}, {"Upload-Metadata", metadata(path)}}, "")
          .status == 201);
  REQUIRE(anna.put(files(path), "x").status == 201);
  check_problem(as("DELETE", "POST", files(path), {}, ""), 405, "method_not_allowed");
  CHECK(as("DELETE", "GET", files(path), {}, "").body == "x");
}
