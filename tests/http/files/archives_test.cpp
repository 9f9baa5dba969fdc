#include "archive_client.hpp"

using namespace baluhost::test;

TEST_CASE("An archive of files and trees is one that every tool takes", "[archives]") {
  Api anna = new_user(shared_server());
  const std::string home = "/" + anna.username;
  const std::map<std::string, std::string> contents{
      {"/trip/a.txt", "hello"},
      {"/trip/empty", ""},
      {"/trip/in/b.bin", pattern(300'000)},
      {"/trip/in/deep/c.bin", pattern(70'000, 7)},
      {"/trip/\xC3\xA4\xE4\xB8\xAD\xF0\x9F\x98\x80.txt", "utf-8"},
      {"/notes.md", "# notes"}};
  for (const auto& [path, content] : contents)
    REQUIRE(anna.put(files(home + path) + "?parents=true", content).status == 201);
  REQUIRE(anna.post(dirs(home + "/trip/nothing in it")).status == 201);
  const Json made = make_archive(anna, {home + "/trip", home + "/notes.md"});
  CHECK(made.keys() == std::vector<std::string>{"expires_at", "file_count", "id", "size", "url"});
  CHECK(made["file_count"].integer() == 6);
  CHECK(made["expires_at"].text().ends_with("Z"));
  CHECK(made["url"].text() == kApi + "/archives/" + made["id"].text());
  const Response got = anna.get(made["url"].text());
  REQUIRE(got.status == 200);
  CHECK(got.header("Content-Type") == "application/zip");
  CHECK(got.header("Content-Disposition") == "attachment; filename=\"archive.zip\"");
  CHECK(got.header("Content-Length") == std::to_string(made["size"].integer()));
  CHECK(got.header("ETag") == "\"" + made["id"].text() + "\"");
  CHECK(got.header("Accept-Ranges") == "bytes");
  CHECK(static_cast<std::int64_t>(got.body.size()) == made["size"].integer());
  const Response head = anna.head(made["url"].text());
  CHECK(head.status == 200);
  for (const char* name : {"Content-Type", "Content-Disposition", "Content-Length", "ETag",
                           "Accept-Ranges", "Last-Modified"})
    CHECK(head.header(name) == got.header(name));
  CHECK(anna.get(made["url"].text()).body == got.body);
  const ArchiveFile archive{got.body};
  archive.check_with_tools();
  const auto stored =
      run({"python3", "-c",
           "import sys, zipfile\n"
           "print({i.compress_type for i in zipfile.ZipFile(sys.argv[1]).infolist()}"
           ", {i.flag_bits & 0x800 for i in zipfile.ZipFile(sys.argv[1]).infolist()"
           " if not i.filename.isascii()}, end='')",
           archive.path()});
  CHECK(stored.out == "{0} {2048}"); // as they are, with names in UTF-8
  const auto found = archive.contents();
  std::map<std::string, std::string> wanted{
      {"trip/", ""}, {"trip/in/", ""}, {"trip/in/deep/", ""}, {"trip/nothing in it/", ""}};
  for (const auto& [path, content] : contents)
    wanted[path.substr(1)] = hex(digest(Hash::sha256, content));
  CHECK(found == wanted);
}

TEST_CASE("Times of files come with an archive", "[archives]") {
  Api anna = new_user(shared_server());
  const std::string path = "/" + anna.username + "/a.txt";
  REQUIRE(anna.put(files(path), "x").status == 201);
  const std::string modified = Json::parse(anna.get(meta(path)).body)["modified_at"].text();
  const ArchiveFile archive{anna.get(make_archive(anna, {path})["url"].text()).body};
  const auto listed = run({"env", "TZ=UTC", "unzip", "-ZTs", archive.path()});
  INFO(listed.out);
  std::string stamp = modified.substr(0, 19); // 2026-11-24T02:54:31 as 20261124.025431
  std::erase_if(stamp, [](char c) { return c == '-' || c == ':'; });
  stamp.replace(8, 1, ".");
  CHECK(listed.out.find(stamp) != std::string::npos);
}

TEST_CASE("A download of an archive resumes at any place", "[archives]") {
  Api anna = new_user(shared_server());
  const std::string home = "/" + anna.username;
  for (int i = 0; i < 40; ++i)
    REQUIRE(anna.put(files(home + "/d/" + std::to_string(i)) + "?parents=true",
                     pattern(static_cast<std::size_t>(i * 997), static_cast<std::uint32_t>(i + 1)))
                .status == 201);
  REQUIRE(anna.put(files(home + "/d/large"), pattern(900'000, 99)).status == 201);
  const Json made = make_archive(anna, {home + "/d"});
  const std::string whole = anna.get(made["url"].text()).body;
  const auto size = whole.size();
  std::uint32_t state = 20261127;
  for (int i = 0; i < 100; ++i) {
    const auto at = (state = state * 1664525 + 1013904223) % size;
    INFO("resumed at " << at << " of " << size);
    const ArchiveFile part{whole.substr(0, at)};
    const auto curl = run({"curl", "-sS", "-f", "-C", "-", "-o", part.path(), "-H",
                           "Authorization: Bearer " + anna.access_token,
                           shared_server().url() + made["url"].text()});
    INFO(curl.err);
    CHECK(curl.exit_code == 0);
    CHECK((part.bytes() == whole));
  }
  for (const auto& [range, first, length] :
       {std::tuple{"bytes=0-0", std::size_t{0}, std::size_t{1}},
        {"bytes=-22", size - 22, std::size_t{22}},
        {"bytes=100-599", std::size_t{100}, std::size_t{500}},
        {"bytes=5-", std::size_t{5}, size - 5}}) {
    const Response part = anna.get(made["url"].text(), {{"Range", range}});
    CHECK(part.status == 206);
    CHECK(part.header("Content-Range") == "bytes " + std::to_string(first) + "-" +
                                              std::to_string(first + length - 1) + "/" +
                                              std::to_string(size));
    CHECK((part.body == whole.substr(first, length)));
  }
}

TEST_CASE("Conditions hold for archives as for files", "[archives]") {
  Api anna = new_user(shared_server());
  const std::string path = "/" + anna.username + "/a.txt";
  REQUIRE(anna.put(files(path), "hello").status == 201);
  const Json made = make_archive(anna, {path}, "box");
  const std::string url = made["url"].text();
  const std::string etag = "\"" + made["id"].text() + "\"";
  const Response head = anna.head(url);
  CHECK(head.status == 200);
  CHECK(head.header("Content-Length") == std::to_string(made["size"].integer()));
  CHECK(head.header("Content-Disposition") == "attachment; filename=\"box.zip\"");
  CHECK(anna.get(url, {{"If-None-Match", etag}}).status == 304);
  CHECK(anna.get(url, {{"If-Match", etag}}).status == 200);
  check_problem(anna.get(url, {{"If-Match", "\"other\""}}), 412, "precondition_failed");
  CHECK(anna.get(url, {{"Range", "bytes=1-2"}, {"If-Range", etag}}).status == 206);
  CHECK(anna.get(url, {{"Range", "bytes=1-2"}, {"If-Range", "\"other\""}}).status == 200);
  const Response beyond = anna.get(url, {{"Range", "bytes=99999999-"}});
  check_problem(beyond, 416, "range_not_satisfiable");
  CHECK(beyond.header("Content-Range") == "bytes */" + std::to_string(made["size"].integer()));
}

TEST_CASE("An archive keeps what was there when it was made, until it is over", "[archives]") {
  Server server{{.extra_toml = "files.versions_keep = 0\n"}};
  Api anna = new_user(server);
  const std::string home = "/" + anna.username;
  REQUIRE(anna.put(files(home + "/d/replaced") + "?parents=true", "old").status == 201);
  REQUIRE(anna.put(files(home + "/d/removed"), "gone").status == 201);
  const Json made = make_archive(anna, {home + "/d"});
  REQUIRE(anna.put(files(home + "/d/replaced") + "?overwrite=true", "new").status == 200);
  REQUIRE(anna.put(files(home + "/d/added"), "added").status == 201);
  REQUIRE(anna.del(files(home + "/d/removed") + "?permanent=true").status == 204);
  const std::string blobs = server.data_dir() + "/blobs";
  REQUIRE(soon([&] {
    return sql(server, "select count(*) from doomed_blobs", "select count(*) from doomed_blobs") ==
           "0\n";
  }));
  const ArchiveFile archive{anna.get(made["url"].text()).body};
  const std::map<std::string, std::string> wanted{{"d/", ""},
                                                  {"d/removed", hex(digest(Hash::sha256, "gone"))},
                                                  {"d/replaced", hex(digest(Hash::sha256, "old"))}};
  CHECK(archive.contents() == wanted);
  CHECK(files_below(blobs).size() == 4);
  REQUIRE(anna.post(kApi + "/auth/logout").status == 204);
  Api again{server, anna.username};
  check_problem(again.get(made["url"].text()), 404, "not_found");
  CHECK(soon([&] { return files_below(blobs).size() == 2; }));
  CHECK(sql(server, "select count(*) from archive_entries",
            "select count(*) from archive_entries") == "0\n");
}

TEST_CASE("Each file of an archive is one download on record", "[archives]") {
  Api anna = new_user(shared_server());
  const std::string home = "/" + anna.username;
  for (const char* name : {"a", "b", "empty"})
    REQUIRE(
        anna.put(files(home + "/d/" + name) + "?parents=true", name[0] == 'e' ? "" : name).status ==
        201);
  REQUIRE(anna.put(files(home + "/d/large"), pattern(700'000)).status == 201);
  const Json made = make_archive(anna, {home + "/d"});
  CHECK(anna.events("action=download&user=" + anna.username).empty());
  anna.head(made["url"].text());
  REQUIRE(anna.get(made["url"].text()).status == 200);
  const auto events = [&] { return anna.events("action=download&user=" + anna.username); };
  REQUIRE(soon([&] { return events().size() == 4; }));
  std::map<std::string, std::int64_t> sent;
  for (const auto& event : events()) {
    CHECK(event["success"].flag());
    CHECK(event["details"]["archive"].text() == made["id"].text());
    CHECK(event["details"]["complete"].flag());
    sent[event["resource"].text()] = event["details"]["bytes_sent"].integer();
    CHECK(event["details"]["file_size"].integer() == sent[event["resource"].text()]);
  }
  CHECK(sent == std::map<std::string, std::int64_t>{{home + "/d/a", 1},
                                                    {home + "/d/b", 1},
                                                    {home + "/d/empty", 0},
                                                    {home + "/d/large", 700'000}});
  const std::int64_t size = made["size"].integer();
  REQUIRE(anna.get(made["url"].text(), {{"Range", "bytes=" + std::to_string(size - 40) + "-"}})
              .status == 206);
  REQUIRE(anna.get(made["url"].text(), {{"Range", "bytes=100-300"}}).status == 206);
  REQUIRE(soon([&] { return events().size() > 4; }));
}

TEST_CASE("An archive is its maker's alone", "[archives]") {
  Api anna = new_user(shared_server());
  Api bert = new_user(shared_server());
  Api chief = new_user(shared_server(), "admin");
  const std::string path = "/" + anna.username + "/a.txt";
  REQUIRE(anna.put(files(path), "hello").status == 201);
  const std::string url = make_archive(anna, {path})["url"].text();
  for (Api* other : {&bert, &chief}) {
    check_problem(other->get(url), 404, "not_found");
    CHECK(other->head(url).status == 404);
    CHECK(other->events("action=access_denied&user=" + other->username).size() == 2);
  }
  check_problem(anna.get(kApi + "/archives/" + std::string(32, '0')), 404, "not_found");
  check_problem(anna.get(kApi + "/archives/nonsense"), 404, "not_found");
  Api elsewhere{shared_server(), anna.username};
  CHECK(elsewhere.get(url).status == 200);
}

TEST_CASE("What cannot be archived is refused and on record", "[archives]") {
  Api anna = new_user(shared_server());
  Api bert = new_user(shared_server());
  const std::string path = "/" + anna.username + "/a.txt";
  REQUIRE(anna.put(files(path), "hello").status == 201);
  const auto post = [](Api& api, const std::string& body) {
    return api.post(kApi + "/archives", body);
  };
  std::string many;
  for (int i = 0; i < 1001; ++i) many += (i == 0 ? "" : ",") + q(path);
  check_invalid(post(anna, R"({"paths":[]})"), "/paths");
  check_invalid(post(anna, "{\"paths\":[" + many + "]}"), "/paths");
  check_invalid(post(anna, R"({"paths":["relative"]})"), "/paths/0");
  check_invalid(post(anna, object({{"paths", "[" + q(path) + "]"}, {"name", q("a/b")}})), "/name");
  check_invalid(post(anna, object({{"paths", "[" + q(path) + "]"}, {"other", "1"}})), "/other");
  check_invalid(post(anna, "{}"), "/paths");
  check_problem(post(anna, object({{"paths", "[" + q(path + "x") + "]"}})), 404, "not_found");
  check_problem(post(bert, object({{"paths", "[" + q(path) + "]"}})), 404, "not_found");
  CHECK(anna.events("action=download&success=false&user=" + anna.username).size() == 7);
  CHECK(bert.events("action=access_denied&user=" + bert.username).size() == 1);
}

TEST_CASE("A right that is withdrawn meanwhile breaks an archive off", "[archives]") {
  Api anna = new_user(shared_server());
  Api bert = new_user(shared_server());
  const std::string box = "/" + anna.username + "/box";
  for (const char* name : {"a", "b", "c"})
    REQUIRE(anna.put(files(box + "/" + name) + "?parents=true", pattern(400'000)).status == 201);
  REQUIRE(anna.put_json(kApi + "/grants", object({{"path", q(box)},
                                                  {"grantee", q(bert.username)},
                                                  {"rights", R"(["read"])"}}))
              .status == 201);
  const Json made = make_archive(bert, {box});
  const Response whole = bert.get(made["url"].text());
  CHECK(static_cast<std::int64_t>(whole.body.size()) == made["size"].integer());
  // What was deleted is for its owner alone.
  const Json own = make_archive(anna, {box});
  REQUIRE(anna.del(files(box + "/c") + "?permanent=true").status == 204);
  CHECK((anna.get(own["url"].text()).body == whole.body));
  const Response without = bert.get(made["url"].text());
  CHECK(static_cast<std::int64_t>(without.body.size()) < made["size"].integer());
  CHECK(whole.body.starts_with(without.body));
  REQUIRE(anna.post(kApi + "/actions/move",
                    object({{"from", q(box + "/b")}, {"to", q("/" + anna.username + "/b")}}))
              .status == 200);
  const Response cut = bert.get(made["url"].text());
  CHECK(cut.body.size() < without.body.size());
  CHECK(whole.body.starts_with(cut.body));
  REQUIRE(
      anna.del(kApi + "/grants?path=" + percent_encode(box) + "&grantee=" + bert.username).status ==
      204);
  check_problem(bert.get(made["url"].text()), 403, "forbidden");
  CHECK(bert.events("action=access_denied&user=" + bert.username).size() == 3);
}
