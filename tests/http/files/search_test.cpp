#include "sharing/link.hpp"
#include "trash/trash_client.hpp"
#include "wire.hpp"

#include <algorithm>
#include <utility>

using namespace baluhost::test;

// What the contract says of `GET /search`, sentence by sentence; beside matrix_test.cpp.

namespace {

using Names = std::vector<std::string>;

Response ask(Api& api, const std::string& words, const std::string& more = {}) {
  return api.get(kApi + "/search?q=" + percent_encode(words) + more);
}

/// The paths that are found, over all pages of `limit`.
Names found(Api& api, const std::string& words, const std::string& more = {}, int limit = 100) {
  Names paths;
  std::string cursor;
  for (int pages = 0; pages < 50; ++pages) {
    const Response answer =
        ask(api, words,
            more + "&limit=" + std::to_string(limit) + (cursor.empty() ? "" : "&cursor=" + cursor));
    INFO(answer.body);
    REQUIRE(answer.status == 200);
    const Json page = Json::parse(answer.body);
    for (std::size_t i = 0; i < page["items"].size(); ++i)
      paths.push_back(page["items"][i]["path"].text());
    if (page["next_cursor"].is_null()) return paths;
    CHECK(page["items"].size() == static_cast<std::size_t>(limit));
    cursor = page["next_cursor"].text();
  }
  FAIL("the pages do not end");
  return paths;
}

struct Home {
  Api owner = new_user(shared_server());
  std::string path = "/" + owner.username;

  void have(const std::string& below, const std::string& content = "x") {
    REQUIRE(owner.put(files(path + below) + "?parents=true", content).status == 201);
  }
  void have_directory(const std::string& below) {
    REQUIRE(owner.post(dirs(path + below) + "?parents=true").status == 201);
  }
  [[nodiscard]] Names at(std::initializer_list<const char*> below) const {
    Names paths;
    for (const char* one : below) paths.push_back(path + one);
    return paths;
  }
};

void give(Home& home, const std::string& below, const Api& grantee, const std::string& rights) {
  const Response given = home.owner.put_json(
      kApi + "/grants",
      object(
          {{"path", q(home.path + below)}, {"grantee", q(grantee.username)}, {"rights", rights}}));
  REQUIRE((given.status == 201 || given.status == 200));
}

} // namespace

TEST_CASE("A search finds names that hold every word, however they are written", "[search]") {
  Home home;
  home.have("/Annual-Report.pdf", "hello");
  home.have("/deep/er/r\xC3\xA9port annuel");
  home.have(
      "/Stra\xC3\x9F"
      "e");
  home.have("/50%_off.txt");
  Api& anna = home.owner;
  CHECK(found(anna, "report") == home.at({"/deep/er/r\xC3\xA9port annuel", "/Annual-Report.pdf"}));
  CHECK(found(anna, "REPORT annual") == home.at({"/Annual-Report.pdf"}));
  CHECK(found(anna, "  annu \xC3\x89PO ") ==
        home.at({"/Annual-Report.pdf", "/deep/er/r\xC3\xA9port annuel"}));
  CHECK(found(anna, "annuel \xC3\x89PO") == home.at({"/deep/er/r\xC3\xA9port annuel"}));
  CHECK(found(anna, "re\xCC\x81port annuel") == home.at({"/deep/er/r\xC3\xA9port annuel"}));
  CHECK(found(anna, "nual-rep") == home.at({"/Annual-Report.pdf"}));
  CHECK(found(anna, "strasse") == home.at({"/Stra\xC3\x9F"
                                           "e"}));
  CHECK(found(anna, "50%_") == home.at({"/50%_off.txt"}));
  CHECK(found(anna, "0_").empty());
  CHECK(found(anna, "report missing").empty());
  // One and two letters.
  CHECK(found(anna, "x") == home.at({"/50%_off.txt"}));
  CHECK(found(anna, "nn el") == home.at({"/deep/er/r\xC3\xA9port annuel"}));
  CHECK(found(anna, "nn").size() == 2);
  CHECK(found(anna, "qq").empty());

  const Json item = Json::parse(ask(anna, "annual-report").body)["items"][0];
  const Json info = Json::parse(anna.get(meta(home.path + "/Annual-Report.pdf")).body);
  CHECK(item.keys() == info.keys());
  for (const char* key : {"path", "name", "kind", "sha256", "mime_type", "etag", "owner",
                          "created_at", "modified_at"})
    CHECK(item[key].text() == info[key].text());
  CHECK(item["size"].integer() == info["size"].integer());
}

TEST_CASE("Spellings of a name are one, in whatever script", "[search]") {
  Home home;
  for (const char* name : {"/\u0130stanbul", "/\uFF21\uFF22\uFF23", "/\uFB01le", "/\uD55C\uAD6D",
                           "/\u30C6\u30B9\u30C8", "/\u03A3\u03AF\u03C3\u03C5\u03C6\u03BF\u03C2",
                           "/A\u030Angstr\u00F6m", "/\u00C6ther", "/it's \"so\" NEAR(*"})
    home.have(name);
  for (const auto& [words, name] : std::vector<std::pair<const char*, const char*>>{
           {"ISTANBUL", "/\u0130stanbul"},
           {"i\u0307stan", "/\u0130stanbul"},
           {"abc", "/\uFF21\uFF22\uFF23"},
           {"FIL", "/\uFB01le"},
           {"\u1112\u1161\u11AB\uAD6D", "/\uD55C\uAD6D"},
           {"\uD55C", "/\uD55C\uAD6D"},
           {"\uFF83\uFF7D\uFF84", "/\u30C6\u30B9\u30C8"},
           {"\u03A3\u0399\u03A3\u03A5\u03A6\u039F\u03A3",
            "/\u03A3\u03AF\u03C3\u03C5\u03C6\u03BF\u03C2"},
           {"\u212Bngstrom", "/\u00C5ngstr\u00F6m"},
           {"\u00E6", "/\u00C6ther"},
           {"near(* it's", "/it's \"so\" NEAR(*"},
           {"\"so\"", "/it's \"so\" NEAR(*"}}) {
    INFO(words);
    CHECK(found(home.owner, words) == home.at({name}));
  }
  for (const char* other : {"\u0131", "aether", "near(x", "ABCD"}) {
    INFO(other);
    CHECK(found(home.owner, other).empty());
  }
}

TEST_CASE("Results come by relevance, then by path, in pages of any size", "[search]") {
  Home home;
  home.have("/z/plan");
  home.have("/a/plan");
  home.have("/a/plan b.txt");
  home.have("/z/plan a.txt");
  home.have("/m/my plan.txt");
  home.have("/a/explanation");
  home.have_directory("/b/Plan");
  const Names all = home.at({"/a/plan", "/b/Plan", "/z/plan", "/a/plan b.txt", "/z/plan a.txt",
                             "/m/my plan.txt", "/a/explanation"});
  for (const int limit : {1, 2, 3, 5, 100}) {
    INFO(limit);
    CHECK(found(home.owner, "plan", "", limit) == all);
  }
  // What comes later hides and repeats nothing.
  const Json begun = Json::parse(ask(home.owner, "plan", "&limit=3").body);
  home.have("/0/plan");
  const Json rest = Json::parse(
      ask(home.owner, "plan", "&cursor=" + percent_encode(begun["next_cursor"].text())).body);
  REQUIRE(rest["items"].size() == all.size() - 3);
  for (std::size_t i = 3; i < all.size(); ++i) CHECK(rest["items"][i - 3]["path"].text() == all[i]);
  // A cursor belongs to its search.
  const std::string cursor =
      Json::parse(ask(home.owner, "plan", "&limit=1").body)["next_cursor"].text();
  for (const std::string other : {"plans", "pla"})
    check_invalid(ask(home.owner, other, "&cursor=" + cursor), "/cursor");
  check_invalid(ask(home.owner, "plan", "&kind=file&cursor=" + cursor), "/cursor");
  // The same search in other letters.
  CHECK(ask(home.owner, "PLAN", "&cursor=" + cursor).status == 200);
}

TEST_CASE("Many results come whole, whatever the pages", "[search]") {
  Home home;
  Names all;
  for (int i = 0; i < 450; ++i) {
    const std::string name = "/d" + std::to_string(i % 7) + "/item-" + std::to_string(1000 + i);
    home.have(name);
    all.push_back(home.path + name);
  }
  std::sort(all.begin(), all.end());
  for (const int limit : {37, 200, 1000}) {
    INFO(limit);
    auto paths = found(home.owner, "item", "", limit);
    std::sort(paths.begin(), paths.end());
    CHECK(paths == all);
  }
  CHECK(found(home.owner, "item-1007") == Names{home.path + "/d0/item-1007"});
}

TEST_CASE("A search is bounded by path, kind, times and sizes", "[search]") {
  Home home;
  home.have("/in/note-1", "1");
  home.have("/in/deep/note-2", "22");
  home.have("/out/note-3", "333");
  home.have_directory("/in/notes");
  Api& anna = home.owner;
  CHECK(found(anna, "note", "&path=" + home.path + "/in") ==
        home.at({"/in/deep/note-2", "/in/note-1", "/in/notes"}));
  CHECK(found(anna, "note", "&path=" + home.path + "/in/note-1") == home.at({"/in/note-1"}));
  CHECK(found(anna, "note", "&path=" + home.path).size() == 4);
  CHECK(found(anna, "note", "&kind=directory") == home.at({"/in/notes"}));
  CHECK(found(anna, "note", "&kind=file&path=" + home.path + "/out") == home.at({"/out/note-3"}));
  CHECK(found(anna, "note", "&min_size=2") == home.at({"/in/deep/note-2", "/out/note-3"}));
  CHECK(found(anna, "note", "&max_size=2") == home.at({"/in/deep/note-2", "/in/note-1"}));
  CHECK(found(anna, "note", "&min_size=2&max_size=2") == home.at({"/in/deep/note-2"}));
  const std::string then =
      Json::parse(anna.get(meta(home.path + "/out/note-3")).body)["modified_at"].text();
  CHECK(found(anna, "note-3", "&modified_from=" + then).size() == 1);
  CHECK(found(anna, "note-3", "&modified_to=" + then).empty());
  CHECK(found(anna, "note", "&modified_from=2999-01-01T00:00:00Z").empty());
  CHECK(found(anna, "note", "&modified_to=2999-01-01T00:00:00Z").size() == 4);
}

TEST_CASE("What cannot be searched is refused, with the member named", "[search]") {
  Home home;
  Api& anna = home.owner;
  check_invalid(anna.get(kApi + "/search"), "/q");
  for (const char* words : {"", " ", "-", "...", "\xCC\x81", "\xE2\x80\x94"}) {
    INFO(words);
    check_invalid(ask(anna, words), "/q");
  }
  check_invalid(ask(anna, std::string(256, 'a')), "/q");
  CHECK(ask(anna, std::string(255, 'a')).status == 200);
  CHECK(ask(anna, "2026").status == 200);
  CHECK(ask(anna, "\xE6\x97\xA5").status == 200);
  for (const auto& [member, value] :
       std::vector<std::pair<std::string, std::string>>{{"kind", "home"},
                                                        {"kind", ""},
                                                        {"modified_from", "today"},
                                                        {"modified_to", "2026-13-01T00:00:00Z"},
                                                        {"min_size", "-1"},
                                                        {"max_size", "1KiB"},
                                                        {"path", "anna"},
                                                        {"path", "/anna/../x"},
                                                        {"limit", "0"},
                                                        {"limit", "1001"},
                                                        {"cursor", "x"}}) {
    INFO(member << "=" << value);
    check_invalid(ask(anna, "a", "&" + member + "=" + value), "/" + member);
  }
  check_problem(ask(anna, "a", "&sort=name"), 400, "invalid_request");
  check_problem(ask(anna, "a", "&path=" + home.path + "/none"), 404, "not_found");
  check_problem(ask(anna, "a", "&path=/admin"), 404, "not_found");
  const auto denied = anna.events("action=access_denied&user=" + anna.username);
  REQUIRE(denied.size() == 1);
  CHECK(denied[0]["details"]["operation"].text() == "search");
  CHECK(denied[0]["details"]["required_permission"].text() == "read");
}

TEST_CASE("Only what the caller may read is found, and pages are full all the same", "[search]") {
  Home home;
  Api bob = new_user(shared_server());
  const std::string bobs = "/" + bob.username;
  for (int i = 0; i < 6; ++i) {
    home.have("/private/secret-" + std::to_string(i));
    home.have("/box/deep/shared-secret-" + std::to_string(i));
  }
  CHECK(found(bob, "secret").empty());
  CHECK(found(bob, home.owner.username).empty());
  give(home, "/box", bob, R"(["read"])");
  REQUIRE(bob.put(files(bobs + "/own secret"), "x").status == 201);
  const auto seen = found(bob, "secret", "", 2);
  CHECK(seen.size() == 7);
  CHECK(seen.size() == found(bob, "secret").size());
  CHECK(found(bob, "box") == home.at({"/box"}));
  CHECK(found(bob, "private").empty());
  CHECK(found(bob, "secret", "&path=" + home.path + "/box").size() == 6);
  check_problem(ask(bob, "secret", "&path=" + home.path + "/private"), 404, "not_found");
  check_problem(ask(bob, "secret", "&path=" + home.path), 404, "not_found");
  // Rights other than read find nothing.
  give(home, "/private", bob, R"(["write"])");
  CHECK(found(bob, "secret").size() == 7);
  check_problem(ask(bob, "secret", "&path=" + home.path + "/private"), 403, "forbidden");
  // Homes are not found, not by an administrator either, who finds all else.
  Api root = admin(shared_server());
  CHECK(found(root, home.owner.username).empty());
  CHECK(found(root, "shared-secret", "&path=" + home.path).size() == 6);
  const auto all = found(root, "own secret");
  CHECK(std::find(all.begin(), all.end(), bobs + "/own secret") != all.end());
  // An auditor may read nothing by that alone.
  Api rita = new_user(shared_server(), "auditor");
  CHECK(found(rita, "shared-secret").empty());
  check_problem(ask(rita, "secret", "&path=" + home.path), 404, "not_found");
  // What moves away is out of sight at once.
  REQUIRE(home.owner
              .post(kApi + "/actions/move",
                    json_of({{"from", home.path + "/box/deep"}, {"to", home.path + "/deep"}}))
              .status == 200);
  CHECK(found(bob, "secret") == Names{bobs + "/own secret"});
}

TEST_CASE("A search sees renames, moves, copies and removals at once", "[search]") {
  Home home;
  Api& anna = home.owner;
  home.have("/one/before");
  REQUIRE(anna.post(kApi + "/actions/move", json_of({{"from", home.path + "/one/before"},
                                                     {"to", home.path + "/one/later"}}))
              .status == 200);
  CHECK(found(anna, "before").empty());
  CHECK(found(anna, "later") == home.at({"/one/later"}));
  REQUIRE(anna.post(kApi + "/actions/copy",
                    json_of({{"from", home.path + "/one"}, {"to", home.path + "/two"}}))
              .status == 201);
  CHECK(found(anna, "later") == home.at({"/one/later", "/two/later"}));
  REQUIRE(anna.put(files(home.path + "/two/later") + "?overwrite=true", "other").status == 200);
  CHECK(found(anna, "later", "&min_size=5") == home.at({"/two/later"}));
  REQUIRE(anna.del(files(home.path + "/two") + "?recursive=true").status == 204);
  CHECK(found(anna, "later") == home.at({"/one/later"}));
  REQUIRE(anna.del(files(home.path + "/one/later")).status == 204);
  CHECK(found(anna, "later").empty());
}

TEST_CASE("What is in the trash is not found until it is restored", "[search]") {
  Home home;
  Api& anna = home.owner;
  Api root = admin(shared_server());
  home.have("/box/deep/Relic");
  home.have("/box/relics.txt");
  REQUIRE(anna.del(files(home.path + "/box") + "?recursive=true").status == 204);
  for (const char* words : {"relic", "box", "deep", "r"}) {
    INFO(words);
    CHECK(found(anna, words).empty());
    CHECK(found(root, words, "&path=" + home.path).empty());
  }
  REQUIRE(anna.post(trash_of(newest_trash(anna)) + "/restore",
                    json_of({{"to", home.path + "/back/renamed"}}))
              .status == 200);
  CHECK(found(anna, "relic") == home.at({"/back/renamed/deep/Relic", "/back/renamed/relics.txt"}));
  CHECK(found(anna, "renamed") == home.at({"/back/renamed"}));
  CHECK(found(anna, "box").empty());
  // A file in the way leaves its content as a version, and is found no more.
  home.have("/one");
  home.have("/two");
  REQUIRE(anna.del(files(home.path + "/one")).status == 204);
  REQUIRE(anna.post(trash_of(newest_trash(anna)) + "/restore",
                    object({{"to", q(home.path + "/two")}, {"overwrite", "true"}}))
              .status == 200);
  CHECK(found(anna, "two") == home.at({"/two"}));
  CHECK(found(anna, "one").empty());
}

TEST_CASE("Who comes by a share searches nothing", "[search]") {
  Sharer sharer;
  Api stranger = guest(shared_server(), make_link(sharer.owner, sharer.box()));
  for (const char* more : {"", "&path=/~", "&path=/~/deep"})
    check_problem(ask(stranger, "note", more), 403, "forbidden");
}

TEST_CASE("A grant within a grant, and a tree that moves into or out of one, decide at once",
          "[search]") {
  Home home;
  Home other;
  Api bob = new_user(shared_server());
  home.have("/box/closed/gem-1");
  home.have("/box/closed/open/gem-2");
  home.have("/aside/gem-3");
  give(home, "/box/closed/open", bob, R"(["read"])");
  CHECK(found(bob, "gem") == home.at({"/box/closed/open/gem-2"}));
  give(home, "/box", bob, R"(["write"])");
  CHECK(found(bob, "gem") == home.at({"/box/closed/open/gem-2"}));
  give(home, "/box", bob, R"(["read"])");
  CHECK(found(bob, "gem") == home.at({"/box/closed/gem-1", "/box/closed/open/gem-2"}));
  const auto move = [&](Api& who, const std::string& from, const std::string& to) {
    REQUIRE(who.post(kApi + "/actions/move", json_of({{"from", from}, {"to", to}})).status == 200);
  };
  move(home.owner, home.path + "/aside", home.path + "/box/aside");
  CHECK(found(bob, "gem-3") == home.at({"/box/aside/gem-3"}));
  // What moves takes its grants along within a home.
  move(home.owner, home.path + "/box/closed/open", home.path + "/open");
  CHECK(found(bob, "gem-2") == home.at({"/open/gem-2"}));
  Api root = admin(shared_server());
  move(root, home.path + "/open", other.path + "/open");
  CHECK(found(bob, "gem-2").empty());
  CHECK(found(home.owner, "gem-2").empty());
  CHECK(found(other.owner, "gem-2") == other.at({"/open/gem-2"}));
  REQUIRE(home.owner
              .del(kApi + "/grants?path=" + percent_encode(home.path + "/box") +
                   "&grantee=" + bob.username)
              .status == 204);
  CHECK(found(bob, "gem").empty());
}

TEST_CASE("A key finds what its scopes and its path let it read", "[search]") {
  Home home;
  home.have("/in/report-in");
  home.have("/out/report-out");
  const auto key = [&](const std::string& scopes, const std::string& path) {
    const Response made = home.owner.post(
        kApi + "/auth/keys", R"({"name":"k","scopes":)" + scopes +
                                 (path.empty() ? "" : ",\"path\":" + q(home.path + path)) + "}");
    REQUIRE(made.status == 201);
    Api program{shared_server()};
    program.access_token = Json::parse(made.body)["secret"].text();
    return program;
  };
  Api reader = key(R"(["files:read"])", "");
  CHECK(found(reader, "report").size() == 2);
  Api bound = key(R"(["files:read"])", "/in");
  CHECK(found(bound, "report") == home.at({"/in/report-in"}));
  CHECK(found(bound, "report", "&path=" + home.path + "/in") == home.at({"/in/report-in"}));
  check_problem(ask(bound, "report", "&path=" + home.path + "/out"), 403, "forbidden");
  check_problem(ask(bound, "report", "&path=" + home.path), 403, "forbidden");
  Api writer = key(R"(["files:write"])", "");
  check_problem(ask(writer, "report"), 403, "forbidden");
  Api nobody{shared_server()};
  check_problem(ask(nobody, "report"), 401, "unauthenticated");
}
