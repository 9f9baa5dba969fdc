#include "wire.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <thread>

// Resumable uploads as https://tus.io/protocols/resumable-upload has them, version 1.0.0 with
// creation, creation-with-upload, expiration, checksum and termination; and what BaluHost adds:
// where the file goes, whose the upload is, and what a crash leaves.

using namespace baluhost::test;

namespace {

using namespace std::chrono_literals;

const std::string kUploads = kApi + "/uploads";
const std::string kOctets = "application/offset+octet-stream";

/// The headers of tus in front of others.
Headers tus(Headers more = {}) {
  more.insert(more.begin(), {"Tus-Resumable", "1.0.0"});
  return more;
}

std::string metadata(const std::string& path, const std::string& more = {}) {
  return "path " + base64(path) + more;
}

Response create(Api& api, const std::string& path, std::size_t length,
                const std::string& more_metadata = {}) {
  return api.send("POST", kUploads,
                  tus({{"Upload-Length", std::to_string(length)},
                       {"Upload-Metadata", metadata(path, more_metadata)}}),
                  "");
}

/// A fresh upload's location.
std::string begin(Api& api, const std::string& path, std::size_t length,
                  const std::string& more_metadata = {}) {
  const Response made = create(api, path, length, more_metadata);
  REQUIRE(made.status == 201);
  const std::string location = made.header("Location").value_or("");
  REQUIRE(location.starts_with(kUploads + "/"));
  return location;
}

Response append(Api& api, const std::string& location, std::size_t offset, std::string_view bytes,
                Headers more = {}) {
  more.insert(more.end(), {{"Upload-Offset", std::to_string(offset)}, {"Content-Type", kOctets}});
  return api.send("PATCH", location, tus(std::move(more)), bytes);
}

Response status(Api& api, const std::string& location) { return api.head(location, tus()); }
std::string offset(Api& api, const std::string& location) {
  return status(api, location).header("Upload-Offset").value_or("none");
}

Headers checksum(const std::string& algorithm, std::string_view bytes) {
  return {
      {"Upload-Checksum",
       algorithm + " " + base64(digest(algorithm == "sha1" ? Hash::sha1 : Hash::sha256, bytes))}};
}

/// A PATCH whose body does not come to its end.
HttpClient half_append(const Server& server, const Api& api, const std::string& location,
                       std::size_t offset, std::size_t announced, std::string_view bytes) {
  HttpClient client = server.client();
  client.send("PATCH " + location + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " +
              api.access_token + "\r\nTus-Resumable: 1.0.0\r\nContent-Type: " + kOctets +
              "\r\nUpload-Offset: " + std::to_string(offset) +
              "\r\nContent-Length: " + std::to_string(announced) + "\r\n\r\n");
  client.send(bytes);
  return client;
}

/// A port that nobody listens on, below those that the system gives away by itself.
std::string free_port() {
  for (int port = 20'000 + ::getpid() % 10'000;; ++port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(static_cast<std::uint16_t>(port));
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool free = ::bind(fd, reinterpret_cast<const sockaddr*>(&where), sizeof where) == 0;
    ::close(fd);
    if (free) return std::to_string(port);
  }
}

std::string staging(const Server& server) { return server.data_dir() + "/blobs/staging"; }

} // namespace

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

TEST_CASE("The metadata say where the file goes and how", "[tus][spec-25]") {
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

TEST_CASE("An upload is its creator's, whatever token they have", "[tus]") {
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

TEST_CASE("Rights are asked for again at the end, and without them nothing is stored", "[tus]") {
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

TEST_CASE("What came before a connection broke is kept", "[tus]") {
  Api anna = new_user(shared_server());
  const std::string path = "/" + anna.username + "/broken";
  const std::string content = pattern(400'000, 7);
  const std::string location = begin(anna, path, content.size());
  {
    HttpClient cut = half_append(shared_server(), anna, location, 0, content.size(),
                                 std::string_view{content}.substr(0, 300'000));
  }
  std::size_t kept = 0;
  for (int i = 0; i < 1000 && kept == 0; ++i, std::this_thread::sleep_for(5ms))
    kept = std::stoul(offset(anna, location));
  REQUIRE(kept > 0);
  REQUIRE(kept <= 300'000);
  CHECK(append(anna, location, kept, std::string_view{content}.substr(kept)).status == 204);
  CHECK(anna.get(files(path)).body == content);
}

TEST_CASE("Of two requests for one offset one is refused while the other brings its bytes",
          "[tus]") {
  Api anna = new_user(shared_server());
  const std::string path = "/" + anna.username + "/twice";
  const std::string location = begin(anna, path, 100'000);
  HttpClient slow =
      half_append(shared_server(), anna, location, 0, 100'000, std::string(50'000, 'a'));
  const std::string staged = staging(shared_server()) + location.substr(location.rfind('/'));
  for (int i = 0; i < 2000 && !std::filesystem::exists(staged); ++i)
    std::this_thread::sleep_for(5ms);
  check_problem(append(anna, location, 0, ""), 409, "conflict");
  slow.send(std::string(50'000, 'a'));
  CHECK(slow.read_response().status == 204);
  CHECK(anna.get(files(path)).body == std::string(100'000, 'a'));
}

TEST_CASE("Content beyond the declared length is refused, and nothing of it counts",
          "[tus][fault-22]") {
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
          "[tus][fault-29]") {
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

TEST_CASE("A directory that goes while a file is on its way costs no more than one byte",
          "[tus][fault-29]") {
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

TEST_CASE("The newest request of an upload goes on where a silent connection left it",
          "[tus][fault-21]") {
  Api anna = new_user(shared_server());
  const std::string path = "/" + anna.username + "/silent";
  const std::string content = pattern(400'000, 21);
  const std::string_view all{content};
  const std::string location = begin(anna, path, content.size());
  HttpClient silent =
      half_append(shared_server(), anna, location, 0, content.size(), all.substr(0, 300'000));
  const std::string staged = staging(shared_server()) + location.substr(location.rfind('/'));
  for (int i = 0; i < 2000 && !std::filesystem::exists(staged); ++i)
    std::this_thread::sleep_for(5ms);
  check_problem(append(anna, location, 0, all), 409, "conflict");

  // As a client does: it asks for the offset and goes on there, again and again until it may.
  const auto begun = std::chrono::steady_clock::now();
  Response went_on;
  std::size_t at = 0;
  while (went_on.status != 204 && std::chrono::steady_clock::now() - begun < 9s) {
    at = std::stoul(offset(anna, location));
    went_on = append(anna, location, at, all.substr(at));
    if (went_on.status != 204) check_problem(went_on, 409, "conflict");
    if (went_on.status != 204) std::this_thread::sleep_for(100ms);
  }
  CHECK(went_on.status == 204);
  CHECK(at > 0); // what had arrived was not lost
  CHECK(silent.closed_by_server());
  CHECK(anna.get(files(path)).body == content);
}

TEST_CASE("A silent connection does not keep its creator from giving an upload up",
          "[tus][fault-21]") {
  Api anna = new_user(shared_server());
  const std::string location = begin(anna, "/" + anna.username + "/silent", 10);
  HttpClient silent = half_append(shared_server(), anna, location, 0, 10, "01234");
  const std::string staged = staging(shared_server()) + location.substr(location.rfind('/'));
  for (int i = 0; i < 2000 && !std::filesystem::exists(staged); ++i)
    std::this_thread::sleep_for(5ms);
  Response gone;
  for (int i = 0; i < 90 && gone.status != 204; ++i, std::this_thread::sleep_for(100ms))
    gone = anna.del(location, tus());
  CHECK(gone.status == 204);
  CHECK(silent.closed_by_server());
  CHECK(status(anna, location).status == 404);
  CHECK_FALSE(std::filesystem::exists(staged));
}

TEST_CASE("An upload that nobody goes on with expires, and one beyond the limit is refused",
          "[tus]") {
  Server server{
      {.extra_toml = "files.upload_expiry = \"1s\"\nfiles.max_upload_bytes = \"1MiB\"\n"}};
  Api anna = new_user(server, "user", "\"quota_bytes\":100");
  CHECK(anna.send("OPTIONS", kUploads, {}, "").header("Tus-Max-Size") == "1048576");
  const std::string path = "/" + anna.username + "/late";
  Api root = admin(server);
  check_problem(create(root, "/admin/big", (1 << 20) + 1), 413, "payload_too_large");
  const std::string location = begin(anna, path, 100);
  REQUIRE(append(anna, location, 0, "01234").status == 204);
  REQUIRE(files_below(staging(server)).size() == 1);
  int found = 200;
  for (int i = 0; i < 500 && found == 200; ++i, std::this_thread::sleep_for(10ms))
    found = status(anna, location).status;
  CHECK(found == 404);
  check_problem(append(anna, location, 5, "5"), 404, "not_found");
  // Its bytes and its room in the quota go with the next round, which a start brings at once.
  CHECK(server.stop() == 0);
  server.start();
  Api again{server, anna.username};
  for (int i = 0; i < 500 && !files_below(staging(server)).empty(); ++i)
    std::this_thread::sleep_for(10ms);
  CHECK(files_below(staging(server)).empty());
  CHECK(again.put(files(path), std::string(100, 'x')).status == 201);
  const auto events = again.events("action=upload&success=false&resource=" + percent_encode(path));
  REQUIRE(events.size() == 1);
  CHECK(events[0]["error_message"].text() == "client_disconnected");
  CHECK(events[0]["user"].text() == anna.username);
  CHECK(events[0]["details"]["attempted_size"].integer() == 100);
}

TEST_CASE("An upload goes on after kill -9 of the server and ends byte-identical", "[tus]") {
  Server server;
  std::optional<Api> anna{new_user(server)};
  const std::string name = anna->username;
  const std::string path = "/" + name + "/survivor";
  const std::string content = pattern(3'000'000, 99);
  const std::string_view all{content};
  const std::string location =
      begin(*anna, path, content.size(), ",sha256 " + base64(hex(digest(Hash::sha256, content))));
  std::size_t at = 0;
  for (int round = 0; round < 3; ++round) {
    REQUIRE(append(*anna, location, at, all.substr(at, 400'000)).status == 204);
    const std::size_t acknowledged = at + 400'000;
    HttpClient torn = half_append(server, *anna, location, acknowledged,
                                  content.size() - acknowledged, all.substr(acknowledged, 300'000));
    std::this_thread::sleep_for(10ms * round); // the kill hits it at one time or another
    server.kill();
    server.start();
    anna.emplace(server, name);
    at = std::stoul(offset(*anna, location));
    CHECK(at >= acknowledged);
    CHECK(at <= acknowledged + 300'000);
  }
  const std::string_view next = all.substr(at, (content.size() - at) / 2);
  REQUIRE(append(*anna, location, at, next, checksum("sha256", next)).status == 204);
  CHECK(append(*anna, location, at + next.size(), all.substr(at + next.size())).status == 204);
  CHECK(anna->get(files(path)).body == content);
  CHECK(usage(*anna).bytes == static_cast<std::int64_t>(content.size()));
  CHECK(anna->events("action=upload&success=true&user=" + name).size() == 1);
  CHECK(files_below(staging(server)).empty());
  CHECK(server.ctl({"audit", "verify"}).exit_code == 0);
}

TEST_CASE(
    "tus-js-client uploads, pauses, and goes on when the server was killed or a connection died",
    "[tus][fault-21]") {
  const char* modules = std::getenv("BALUHOST_TEST_NPM");
  if (modules == nullptr || !std::filesystem::exists(std::string{modules} + "/installed")) {
    WARN("tus-js-client is not installed: it is not tested");
    return;
  }
  Server server{{.extra_arguments = {"--listen", "127.0.0.1:" + free_port()}}};
  Api anna = new_user(server);
  const std::string home = "/" + anna.username;
  const TempDirectory place;
  const std::string content = pattern(1'000'000, 4);
  write_file(place.path() + "/content", content);
  for (const char* file : {"/out", "/err"}) write_file(place.path() + file, "");
  Process client{{"node", BALUHOST_TEST_HTTP_DIR "/npm/tus.mjs", modules, server.url() + kUploads,
                  anna.access_token, home, place.path()},
                 {},
                 place.path() + "/out",
                 place.path() + "/err"};
  const auto told = [&] {
    return read_file(place.path() + "/out") + read_file(place.path() + "/err");
  };
  for (const std::string& name : {std::string{"paused"}, std::string{"killed"}}) {
    while (!std::filesystem::exists(place.path() + "/" + name + ".reached")) {
      const auto ended = client.wait(5ms);
      INFO(told());
      REQUIRE_FALSE(ended);
    }
    server.kill();
    server.start();
    write_file(place.path() + "/" + name + ".go", "");
  }
  const auto code = client.wait(60s);
  INFO(told());
  REQUIRE(code == 0);
  for (const char* name : {"/at-once", "/paused", "/killed", "/silenced"})
    CHECK(anna.get(files(home + name)).body == content);
  CHECK(anna.get(meta(home + "/given-up")).status == 404);
  CHECK(usage(anna).files == 4);
  CHECK(files_below(staging(server)).empty());
}
