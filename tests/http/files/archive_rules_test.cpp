#include "archive_client.hpp"
#include "tus.hpp"

#include <filesystem>
#include <fstream>

using namespace baluhost::test;

namespace {

/// Turns every bit of the blob's byte `at`.
void damage(const std::string& blob, std::int64_t at) {
  std::fstream file{blob, std::ios::in | std::ios::out | std::ios::binary};
  file.seekg(at);
  const auto byte = static_cast<char>(~file.get());
  file.seekp(at);
  file.put(byte);
  REQUIRE(file.good());
}

/// The only blob of that size.
std::string blob_of(const Server& server, std::uintmax_t size) {
  const std::string blobs = server.data_dir() + "/blobs";
  for (const auto& name : files_below(blobs))
    if (std::filesystem::file_size(blobs + "/" + name) == size) return blobs + "/" + name;
  FAIL("no blob of " << size << " bytes");
  return {};
}

/// A home with /d/a, which is small, and /d/b with `size` bytes, on a server of its own.
struct SmallAndLarge {
  explicit SmallAndLarge(std::size_t size) {
    REQUIRE(anna.put(files(home + "/d/a") + "?parents=true", "first").status == 201);
    REQUIRE(anna.put(files(home + "/d/b"), pattern(size)).status == 201);
  }

  Server server;
  Api anna{new_user(server)};
  const std::string home{"/" + anna.username};
};

} // namespace

TEST_CASE("A damaged content is never made whole, whatever part is asked for", "[archive_rules]") {
  const auto size = GENERATE(std::size_t{50'000}, std::size_t{900'001});
  SmallAndLarge scene(size);
  Api& anna = scene.anna;
  REQUIRE(anna.put(files(scene.home + "/d/c"), "last").status == 201);
  const Json made = make_archive(anna, {scene.home + "/d"});
  const std::string url = made["url"].text();
  const std::string whole = anna.get(url).body;
  const auto end = whole.find("last") - 60;
  damage(blob_of(scene.server, size), 1000);
  const Response cut = anna.get(url);
  CHECK(cut.body.size() < end);
  if (size == 50'000) CHECK(whole.starts_with(cut.body)); // else the damage went, but not the end
  // A browser resumes by itself: it does not get the rest either.
  const Response rest =
      anna.get(url, {{"Range", "bytes=" + std::to_string(cut.body.size()) + "-"}});
  CHECK(cut.body.size() + rest.body.size() < end);
  const Response late = anna.get(url, {{"Range", "bytes=" + std::to_string(end - 30'000) + "-"}});
  CHECK(late.body.size() < 30'000);
  const auto failed = [&] {
    return anna.events("action=download&success=false&user=" + anna.username +
                       "&resource=" + percent_encode(scene.home + "/d/b"));
  };
  REQUIRE(soon([&] { return failed().size() == 3; }));
  CHECK(failed().at(0)["error_message"].text() == "internal");
  CHECK(failed().at(0)["details"]["archive"].text() == made["id"].text());
}

TEST_CASE("The checksum of a content is there with its upload, also of one that was resumed",
          "[archive_rules]") {
  Server server;
  Api anna = new_user(server);
  const std::string home = "/" + anna.username;
  const std::string content = pattern(700'000);
  REQUIRE(anna.put(files(home + "/put"), content).status == 201);
  const std::string upload = begin(anna, home + "/tus", content.size());
  REQUIRE(append(anna, upload, 0, content.substr(0, 300'000)).status == 204);
  server.stop();
  server.start();
  Api again{server, anna.username};
  REQUIRE(append(again, upload, 300'000, content.substr(300'000)).status == 204);
  const std::string different =
      "select count(*), count(distinct crc32) from files where kind = 'file' and crc32 is not null";
  CHECK(sql(server, different, different) == "2|1\n");
  const Json made = make_archive(again, {home + "/put", home + "/tus"});
  ArchiveFile{again.get(made["url"].text()).body}.check_with_tools();
}

TEST_CASE("A content that is missing breaks an archive off", "[archive_rules]") {
  const auto size = GENERATE(std::size_t{50'000}, std::size_t{900'001});
  SmallAndLarge scene(size);
  Api& anna = scene.anna;
  const Json made = make_archive(anna, {scene.home + "/d"});
  const std::string whole = anna.get(made["url"].text()).body;
  std::filesystem::remove(blob_of(scene.server, size));
  HttpClient client = scene.server.client();
  client.connect();
  client.send("GET " + made["url"].text() +
              " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + anna.access_token +
              "\r\n\r\n");
  const std::string got = client.read_until_closed();
  CHECK(client.closed_by_server());
  CHECK(got.find("first") != std::string::npos);
  CHECK(got.find("d/b") == std::string::npos);
  const auto failed =
      anna.events("action=download&success=false&resource=" + percent_encode(scene.home + "/d/b"));
  REQUIRE(failed.size() == 1);
  CHECK(failed.at(0)["details"]["archive"].text() == made["id"].text());
}

TEST_CASE("A thousand long paths make an archive, and a body that is longer is refused",
          "[archive_rules]") {
  Api anna = new_user(shared_server());
  std::string directory = "/" + anna.username;
  for (int i = 0; i < 4; ++i) directory += "/" + std::string(200, static_cast<char>('a' + i));
  REQUIRE(anna.put(files(directory + "/f") + "?parents=true", "x").status == 201);
  std::string list;
  for (int i = 0; i < 1000; ++i) list += (i == 0 ? "" : ",") + q(directory + "/f");
  const Response made = anna.post(kApi + "/archives", "{\"paths\":[" + list + "]}");
  REQUIRE(made.status == 201);
  CHECK(Json::parse(made.body)["file_count"].integer() == 1);
  check_problem(
      anna.post(kApi + "/archives", "{\"paths\":[" + q(std::string(6'000'000, 'x')) + "]}"), 413,
      "payload_too_large");
  Api nobody{shared_server()};
  check_problem(nobody.post(kApi + "/archives", "{\"paths\":[" + list + "]}"), 401,
                "unauthenticated");
}

TEST_CASE("The checksum of an older content is computed when it is needed, and kept",
          "[archive_rules]") {
  Server server;
  Api anna = new_user(server);
  const std::string home = "/" + anna.username;
  REQUIRE(anna.put(files(home + "/d/small") + "?parents=true", "hello").status == 201);
  REQUIRE(anna.put(files(home + "/d/empty"), "").status == 201);
  REQUIRE(anna.put(files(home + "/d/large"), pattern(3'000'000)).status == 201);
  const std::string without = "select count(*) from files where kind = 'file' and crc32 is null";
  CHECK(sql(server, without, without) == "0\n");
  const std::string forget = "update files set crc32 = null";
  sql(server, forget, forget);
  const Json made = make_archive(anna, {home + "/d"});
  // From the end: the central directory comes first.
  const std::string tail = anna.get(made["url"].text(), {{"Range", "bytes=-250"}}).body;
  CHECK(tail.size() == 250);
  const ArchiveFile archive{anna.get(made["url"].text()).body};
  archive.check_with_tools();
  CHECK(archive.bytes().ends_with(tail));
  CHECK(archive.contents().size() == 4);
  CHECK(sql(server, without, without) == "0\n");
}

TEST_CASE("Names that clash or that Windows forbids are made safe, and the comment tells",
          "[archive_rules]") {
  Api anna = new_user(shared_server());
  const std::string home = "/" + anna.username;
  for (const char* name : {"/a/same.txt", "/b/same.txt", "/b/SAME.TXT", "/b/con.txt", "/b/what?",
                           "/b/what_", "/b/a:b", "/b/LPT1", "/b/fine.txt"})
    REQUIRE(anna.put(files(home + name) + "?parents=true", name).status == 201);
  const Json made =
      make_archive(anna, {home + "/b", home + "/a/same.txt", home + "/b/same.txt"}, "x.zip");
  const Response got = anna.get(made["url"].text());
  CHECK(got.header("Content-Disposition") == "attachment; filename=\"x.zip\"");
  const ArchiveFile archive{got.body};
  archive.check_with_tools();
  std::map<std::string, std::string> wanted;
  for (const auto& [name, content] :
       std::vector<std::pair<std::string, std::string>>{{"b/SAME.TXT", "/b/SAME.TXT"},
                                                        {"b/same (2).txt", "/b/same.txt"},
                                                        {"b/_con.txt", "/b/con.txt"},
                                                        {"b/what_", "/b/what?"},
                                                        {"b/what_ (2)", "/b/what_"},
                                                        {"b/a_b", "/b/a:b"},
                                                        {"b/_LPT1", "/b/LPT1"},
                                                        {"b/fine.txt", "/b/fine.txt"},
                                                        {"same.txt", "/a/same.txt"},
                                                        {"same (2).txt", "/b/same.txt"}})
    wanted[name] = hex(digest(Hash::sha256, content));
  wanted["b/"] = "";
  CHECK(archive.contents() == wanted);
  const std::string comment = archive.comment();
  for (const char* line :
       {"same (2).txt <- same.txt\r\n", "b/same (2).txt <- b/same.txt\r\n",
        "b/_con.txt <- b/con.txt\r\n", "b/what_ <- b/what?\r\n", "b/what_ (2) <- b/what_\r\n"}) {
    INFO(line);
    CHECK(comment.find(line) != std::string::npos);
  }
  CHECK(comment.find("fine.txt") == std::string::npos);
}

TEST_CASE("An account has so many archives of so many entries", "[archive_rules]") {
  Server server{{.extra_toml = "files.max_archives = 2\nfiles.max_archive_entries = 5\n"}};
  Api anna = new_user(server);
  const std::string home = "/" + anna.username;
  for (int i = 0; i < 5; ++i)
    REQUIRE(anna.put(files(home + "/d/" + std::to_string(i)) + "?parents=true", "x").status == 201);
  const auto post = [&](const std::string& path) {
    return anna.post(kApi + "/archives", "{\"paths\":[" + q(path) + "]}");
  };
  check_problem(post(home + "/d"), 413, "quota_exceeded");
  const auto left = [&] {
    return sql(server, "select count(*) from archive_entries",
               "select count(*) from archive_entries");
  };
  CHECK(soon([&] { return left() == "0\n"; }));
  CHECK(post(home + "/d/1").status == 201);
  CHECK(post(home + "/d/2").status == 201);
  check_problem(post(home + "/d/3"), 413, "quota_exceeded");
  CHECK(anna.events("action=download&success=false&user=" + anna.username).size() == 2);
}

TEST_CASE("An archive that nobody used for an hour is gone", "[archive_rules]") {
  Server server;
  Api anna = new_user(server);
  const std::string path = "/" + anna.username + "/a.txt";
  REQUIRE(anna.put(files(path), "x").status == 201);
  const Json made = make_archive(anna, {path});
  const std::string older = "update archives set used_at = used_at - 3000000000";
  sql(server, older, older);
  REQUIRE(anna.get(made["url"].text()).status == 200);
  // Its use counts from then.
  sql(server, older, older);
  CHECK(anna.get(made["url"].text()).status == 200);
  const std::string over = "update archives set used_at = used_at - 3600000000";
  sql(server, over, over);
  check_problem(anna.get(made["url"].text()), 404, "not_found");
  const std::string count = "select count(*) from archives";
  CHECK(soon([&] { return sql(server, count, count) == "0\n"; }));
}
