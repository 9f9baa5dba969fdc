#include "files/tus.hpp"

// What BaluHost adds to resumable uploads: where the file goes, whose the upload is, and its
// limits.

using namespace baluhost::test;

TEST_CASE("The metadata say where the file goes and how", "[upload_rules][spec-25]") {
  Api anna = new_user(shared_server(), "user", "\"quota_bytes\":100");
  const std::string home = "/" + anna.username;
  REQUIRE(anna.put(files(home + "/taken"), "old").status == 201);
  const auto refuse = [&](const std::string& value, int code, const std::string& problem,
                          const std::string& length = "5") {
    INFO(value);
    check_problem(anna.send("POST", kUploads,
                            tus({{"Upload-Length", length}, {"Upload-Metadata", value}}), ""),
                  code, problem);
  };
  refuse("filename " + base64("a"), 400, "invalid_request");
  refuse("path " + base64(home + "/../x"), 400, "invalid_request");
  refuse("path " + base64("relative"), 400, "invalid_request");
  refuse("path", 400, "invalid_request");
  refuse("path !!!", 400, "invalid_request");
  refuse(metadata(home + "/a", ",path " + base64(home + "/b")), 400, "invalid_request");
  refuse(metadata(home + "/a", ",sha256 " + base64("abc")), 400, "invalid_request");
  refuse(metadata(home + "/a", ",overwrite " + base64("maybe")), 400, "invalid_request");
  refuse(metadata(home + std::string{"/a\0b", 4}), 400, "invalid_request");
  refuse(metadata(home + "/taken"), 409, "already_exists");
  refuse(metadata(home + "/no/a"), 404, "not_found");
  refuse(metadata(home + "/taken/a", ",parents"), 409, "conflict");
  refuse(metadata("/admin/a"), 404, "not_found");
  refuse(metadata(home + "/a"), 413, "quota_exceeded", "98");
  for (const char* length : {"", "-5", "x", "99999999999999999999"})
    refuse(metadata(home + "/a"), 400, "invalid_request", length);
  check_problem(
      anna.send("POST", kUploads,
                tus({{"Upload-Defer-Length", "1"}, {"Upload-Metadata", metadata(home + "/a")}}),
                ""),
      400, "invalid_request");
  check_problem(anna.send("POST", kUploads, tus({{"Upload-Length", "5"}}), ""), 400,
                "invalid_request");

  const std::string over =
      begin(anna, home + "/taken", 3,
            ",overwrite " + base64("true") + ",filename " + base64("x") + ",relativePath");
  CHECK(status(anna, over).header("Upload-Metadata") == metadata(home + "/taken", ",overwrite"));
  CHECK(append(anna, over, 0, "new").status == 204);
  CHECK(anna.get(files(home + "/taken")).body == "new");
  CHECK(append(anna, begin(anna, home + "/x/y/z", 3, ",parents"), 0, "new").status == 204);
  CHECK(anna.get(files(home + "/x/y/z")).body == "new");
  // What uploads under way will need is not there for others.
  const std::string big = begin(anna, home + "/big", 90);
  check_problem(anna.put(files(home + "/b"), "12345"), 413, "quota_exceeded");
  CHECK(anna.del(big, tus()).status == 204);
  CHECK(anna.put(files(home + "/b"), "12345").status == 201);
}

TEST_CASE("An upload is its creator's, whatever token they have", "[upload_rules]") {
  Api anna = new_user(shared_server());
  Api bob = new_user(shared_server());
  Api root = admin(shared_server());
  const std::string path = "/" + anna.username + "/mine";
  const std::string location = begin(anna, path, 10);
  REQUIRE(append(anna, location, 0, "012").status == 204);
  for (Api* other : {&bob, &root}) {
    CHECK(status(*other, location).status == 404);
    check_problem(append(*other, location, 3, "x"), 404, "not_found");
  }
  check_problem(bob.del(location, tus()), 404,
                "not_found"); // an administrator may: rights_test.cpp
  CHECK(bob.events("action=access_denied&user=" + bob.username).size() == 3);
  Api stranger{shared_server()};
  check_problem(append(stranger, location, 3, "x"), 401, "unauthenticated");

  Api again{shared_server(), anna.username};
  REQUIRE(anna.post(kApi + "/auth/logout").status == 204);
  check_problem(append(anna, location, 3, "345"), 401, "token_revoked");
  CHECK(offset(again, location) == "3");
  CHECK(append(again, location, 3, "345").status == 204);
  const Json renewed = Json::parse(
      again.post(kApi + "/auth/refresh", object({{"refresh_token", q(again.refresh_token)}})).body);
  again.access_token = renewed["access_token"].text();
  CHECK(append(again, location, 6, "6789").status == 204);
  CHECK(again.get(files(path)).body == "0123456789");
}

TEST_CASE("Rights are asked for again at the end, and without them nothing is stored",
          "[upload_rules]") {
  Api anna = new_user(shared_server());
  Api bob = new_user(shared_server());
  const std::string place = "/" + anna.username + "/shared";
  REQUIRE(anna.post(dirs(place)).status == 201);
  REQUIRE(anna.put_json(kApi + "/grants", object({{"path", q(place)},
                                                  {"grantee", q(bob.username)},
                                                  {"rights", "[\"write\"]"}}))
              .status == 201);
  const std::string location = begin(bob, place + "/gift", 5);
  REQUIRE(append(bob, location, 0, "hel").status == 204);
  REQUIRE(anna.del(kApi + "/grants?path=" + percent_encode(place) + "&grantee=" + bob.username)
              .status == 204);
  check_problem(append(bob, location, 3, "lo"), 404, "not_found");
  CHECK(status(bob, location).status == 404);
  CHECK(anna.get(meta(place + "/gift")).status == 404);
  CHECK(usage(anna).bytes == 0);
  const auto ended = anna.events("action=upload&success=false&user=" + anna.username);
  REQUIRE(ended.size() == 1);
  CHECK(ended[0]["details"]["creator"].text() == bob.username);
}

TEST_CASE("Content beyond the declared length is refused, and nothing of it counts",
          "[upload_rules][fault-22]") {
  Api anna = new_user(shared_server());
  const std::string path = "/" + anna.username + "/exact";
  const std::string location = begin(anna, path, 500'000);
  REQUIRE(append(anna, location, 0, "01234").status == 204);
  const std::string rest = pattern(499'995);
  check_problem(append(anna, location, 5, rest + "X"), 413, "payload_too_large");
  CHECK(offset(anna, location) == "5");
  // Announced, it is refused before it is asked for; of a chunked one what came before its end is
  // taken back.
  HttpClient client = shared_server().client();
  const std::string head =
      "PATCH " + location + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + anna.access_token +
      "\r\nTus-Resumable: 1.0.0\r\nContent-Type: " + kOctets + "\r\nUpload-Offset: 5\r\n";
  client.connect();
  client.send(head + "Expect: 100-continue\r\nContent-Length: 499996\r\n\r\n");
  check_problem(client.read_response(), 413, "payload_too_large");
  client.connect();
  client.send(head + "Transfer-Encoding: chunked\r\n\r\n7a11b\r\n" + rest +
              "\r\n1\r\nX\r\n0\r\n\r\n");
  check_problem(client.read_response(), 413, "payload_too_large");
  CHECK(offset(anna, location) == "5");
  CHECK(anna.get(meta(path)).status == 404);
  CHECK(append(anna, location, 5, rest).status == 204);
  CHECK(anna.get(files(path)).body == "01234" + rest);
  const auto post = [&](std::size_t length, const std::string& bytes) {
    return anna.send("POST", kUploads,
                     tus({{"Upload-Length", std::to_string(length)},
                          {"Upload-Metadata", metadata(path + "2")},
                          {"Content-Type", kOctets}}),
                     bytes);
  };
  check_problem(post(5, "hello!"), 413, "payload_too_large");
  check_problem(post(0, "x"), 413, "payload_too_large");
  CHECK(anna.get(meta(path + "2")).status == 404);
}

TEST_CASE("A length of more digits than a file system has is too large, not no number",
          "[upload_rules][fault-29]") {
  Api anna = new_user(shared_server(), "user", "\"quota_bytes\":100");
  const auto post = [&](const std::string& length) {
    return anna.send("POST", kUploads,
                     tus({{"Upload-Length", length},
                          {"Upload-Metadata", metadata("/" + anna.username + "/big")}}),
                     "");
  };
  check_problem(post("4611686018427387904"), 413, "quota_exceeded");
  check_problem(post("9223372036854775807"), 413, "quota_exceeded");
  const Response larger = post("9223372036854775808");
  check_invalid(larger, "/Upload-Length");
  CHECK(larger.body.find("must not be larger than 9223372036854775807") != std::string::npos);
  CHECK(post("1e3").body.find("must be a whole number") != std::string::npos);
}

TEST_CASE("A directory that goes while a file is on its way costs no more than one byte",
          "[upload_rules][fault-29]") {
  Api anna = new_user(shared_server());
  const std::string directory = "/" + anna.username + "/target", path = directory + "/film";
  REQUIRE(anna.post(dirs(directory)).status == 201);
  const std::string content = pattern(200'000, 5);
  const std::string location =
      begin(anna, path, content.size(), ",sha256 " + base64(hex(digest(Hash::sha256, content))));
  REQUIRE(append(anna, location, 0, std::string_view{content}.substr(0, 100'000)).status == 204);
  REQUIRE(anna.del(dirs(directory)).status == 405);
  REQUIRE(anna.del(files(directory)).status == 204);
  check_problem(append(anna, location, 100'000, std::string_view{content}.substr(100'000)), 409,
                "conflict");
  CHECK(offset(anna, location) == "199999");
  REQUIRE(anna.post(dirs(directory)).status == 201);
  CHECK(append(anna, location, 199'999, std::string_view{content}.substr(199'999)).status == 204);
  CHECK(anna.get(files(path)).body == content);
  CHECK(usage(anna).bytes == 200'000);
}
