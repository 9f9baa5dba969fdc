#include "wire.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <thread>

// Ways out of a home, in every field that takes a path, tried as a user and as an administrator
// (whom no missing right stops). Nothing outside of the data directory may change or be read,
// nothing in it but the database and blobs named by chance, and nothing of another user's.

using namespace baluhost::test;

namespace {

namespace fs = std::filesystem;

const std::string kSecret = "top-secret-5f1c9a";
const std::string kPrecious = "what the victim wrote";

template <class List>
const auto& pick(const List& list, std::mt19937& random) {
  return list[random() % list.size()];
}

struct WayOut {
  std::string raw;
  bool in_home; ///< begins below the attacker's home
  bool every_encoding;
};

/// Raw bytes: every kind of dots with every kind of separator, once to just beside the home and
/// once to anywhere.
std::vector<WayOut> ways_out() {
  const std::vector<std::string> dots{"..",
                                      ".",
                                      "...",
                                      "....",
                                      ". .",
                                      ".. ",
                                      " ..",
                                      "..;",
                                      "..:",
                                      "~",
                                      "~root",
                                      "\xc0\xae\xc0\xae",
                                      "\xe0\x80\xae\xe0\x80\xae",
                                      "\xf0\x80\x80\xae.",
                                      "\xef\xbc\x8e\xef\xbc\x8e",
                                      "\xe2\x80\xa5",
                                      "\xe2\x80\xa4\xe2\x80\xa4",
                                      std::string{"..\0", 3},
                                      std::string{"\0..", 3},
                                      "..\n",
                                      "..\x7f",
                                      "\xe2\x80\xae..",
                                      "..\xcc\x88",
                                      "..\xe2\x80\x8b",
                                      "..%",
                                      "%2e%2e",
                                      "%252e%252e",
                                      "%c0%ae%c0%ae",
                                      "%u002e%u002e",
                                      "\xff.."};
  const std::vector<std::string> separators{"/",
                                            "\\",
                                            "//",
                                            "/./",
                                            "\\\\",
                                            "\\/",
                                            ":",
                                            "\xef\xbc\x8f",
                                            "\xe2\x88\x95",
                                            "\xe2\x81\x84",
                                            "\xef\xbc\xbc",
                                            "\xc0\xaf",
                                            "\xe0\x80\xaf",
                                            "\xc1\x9c",
                                            std::string{"/\0/", 3},
                                            "%2f",
                                            "%5c",
                                            "%252f",
                                            "%c0%af",
                                            "%u2215"};
  const std::vector<std::string> tails{"etc/passwd",
                                       "secret.txt",
                                       "outside/secret.txt",
                                       "victim/precious.txt",
                                       "keys/refresh.key",
                                       "baluhost.db",
                                       "x",
                                       ""};
  const std::vector<std::string> prefixes{
      "", "", "", "/", "a/b/", "C:\\", "file://", "\\\\host\\share\\", "/admin/"};
  std::mt19937 random{25};
  std::vector<WayOut> found;
  for (const std::string& dot : dots) {
    for (const std::string& separator : separators) {
      const bool classic = dot == "..";
      found.push_back({dot + separator + "victim" + separator + "precious.txt", true, classic});
      std::string anywhere = pick(prefixes, random);
      for (auto depth = 1 + random() % 8; depth > 0; --depth) anywhere += dot + separator;
      found.push_back({anywhere + pick(tails, random), random() % 4 != 0, classic});
    }
  }
  return found;
}

enum class Encoding { plain, full, twice, mixed };

/// As it can stand in a target: what may not stand there is encoded even if plain.
std::string encoded(const std::string& raw, Encoding encoding) {
  static constexpr auto kLower = "0123456789abcdef";
  static constexpr auto kUpper = "0123456789ABCDEF";
  std::string out;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const auto c = static_cast<unsigned char>(raw[i]);
    const bool may_stand =
        std::isalnum(c) != 0 || std::string_view{"-._~/;:%"}.find(raw[i]) != std::string_view::npos;
    const bool encode = !may_stand || encoding == Encoding::full || encoding == Encoding::twice ||
                        (encoding == Encoding::mixed && i % 2 == 0);
    if (!encode) {
      out += raw[i];
      continue;
    }
    const auto digits = i % 3 == 0 ? kUpper : kLower;
    out += encoding == Encoding::twice ? "%25" : "%";
    out += digits[c >> 4];
    out += digits[c & 15];
  }
  return out;
}

std::string json_text(const std::string& raw) {
  std::string out = "\"";
  for (const char c : raw) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20)
      out += std::string{"\\u00"} + (c < 16 ? '0' : '1') + "0123456789abcdef"[c & 15];
    else
      out += c;
  }
  return out + "\"";
}

struct Attempt {
  std::string method;
  std::string target;
  Headers headers;
  std::string body;
};

/// A field that takes a path: how to put one into it. `way` is raw for a body, encoded once more
/// for a target.
struct Field {
  std::string name;
  std::function<Attempt(const std::string& home, const std::string& way,
                        const std::string& in_target)>
      with;
};

Attempt json(const std::string& method, const std::string& target, const std::string& body) {
  return {method, target, {{"Content-Type", "application/json"}}, body};
}

/// A request with the way in its target, between `before` and `after`.
auto in_target(const std::string& method, const std::string& before, const std::string& after = "",
               const std::string& body = "") {
  return [=](const std::string& home, const std::string&, const std::string& way) {
    return Attempt{method, kApi + before + home + way + after, {}, body};
  };
}

/// A move or a copy; the end that is left empty is the way.
auto relocation(const std::string& verb, const std::string& from, const std::string& to) {
  return [=](const std::string& home, const std::string& way, const std::string&) {
    const auto end = [&](const std::string& given) {
      return given.empty() ? json_text("/" + home + way) : q(given);
    };
    return json("POST", kApi + "/actions/" + verb,
                object({{"from", end(from)}, {"to", end(to)}, {"overwrite", "true"}}));
  };
}

const std::vector<Field> kFields{
    {"GET files", in_target("GET", "/files/")},
    {"HEAD files", in_target("HEAD", "/files/")},
    {"PUT files", in_target("PUT", "/files/", "?parents=true&overwrite=true", "x")},
    {"DELETE files", in_target("DELETE", "/files/", "?recursive=true")},
    {"GET meta", in_target("GET", "/meta/")},
    {"GET dirs", in_target("GET", "/dirs/")},
    {"POST dirs", in_target("POST", "/dirs/", "?parents=true")},
    {"move from", relocation("move", "", "/attacker/loot")},
    {"move to", relocation("move", "/attacker/d/f", "")},
    {"copy from", relocation("copy", "", "/attacker/loot")},
    {"copy to", relocation("copy", "/attacker/d/g", "")},
    {"grant path",
     [](const std::string& home, const std::string& way, const std::string&) {
       return json("PUT", kApi + "/grants",
                   object({{"path", json_text("/" + home + way)},
                           {"grantee", q("attacker")},
                           {"rights", "[\"read\",\"write\"]"}}));
     }},
    {"grants of a path", in_target("GET", "/grants?path=/")},
    {"DELETE grant", in_target("DELETE", "/grants?grantee=attacker&path=/")},
    {"Upload-Metadata",
     [](const std::string& home, const std::string& way, const std::string&) {
       return Attempt{
           "POST",
           kApi + "/uploads",
           {{"Tus-Resumable", "1.0.0"},
            {"Upload-Length", "1"},
            {"Content-Type", "application/offset+octet-stream"},
            {"Upload-Metadata", "path " + base64("/" + home + way) + ",parents,overwrite"}},
           "x"};
     }},
    {"upload id",
     [](const std::string&, const std::string&, const std::string& way) {
       return Attempt{"HEAD", kApi + "/uploads/" + way, {{"Tus-Resumable", "1.0.0"}}, ""};
     }},
    {"audit resource", in_target("GET", "/audit/events?limit=1&resource=/")},
    {"audit prefix", in_target("GET", "/audit/events?limit=1&resource_prefix=/")},
};

/// What a way out could change, by name: kind, size, times and content.
std::map<std::string, std::string> state_of(const fs::path& outside) {
  std::map<std::string, std::string> found;
  for (auto at = fs::recursive_directory_iterator{outside};
       at != fs::recursive_directory_iterator{}; ++at) {
    const std::string name = at->path().lexically_relative(outside).string();
    if (name == "data/blobs") at.disable_recursion_pending();
    // The server's own: the database grows, its anchors too; directories of theirs have new times.
    if (name == "data" || name.starts_with("data/baluhost.db") || name == "data/audit.anchor")
      continue;
    struct stat info {};
    REQUIRE(::lstat(at->path().c_str(), &info) == 0);
    std::string state = std::to_string(info.st_mode) + " " + std::to_string(info.st_ino);
    if (name != "data/blobs")
      state += " " + std::to_string(info.st_mtim.tv_sec) + "." +
               std::to_string(info.st_mtim.tv_nsec) + " " + std::to_string(info.st_size);
    if (S_ISREG(info.st_mode))
      state += " " + hex(digest(Hash::sha256, read_file(at->path().string())));
    found[name] = state;
  }
  return found;
}

/// Sends every `stride`-th attempt, several ahead of their answers.
class Prober {
 public:
  Prober(const Server& server, std::string token)
      : client_(server.client()), host_(server.url().substr(7)), token_(std::move(token)) {}

  void run(const std::vector<const Attempt*>& attempts) {
    constexpr std::size_t kAhead = 16;
    for (std::size_t next = 0; next < attempts.size();) {
      const std::size_t end = std::min(next + kAhead, attempts.size());
      std::string batch;
      for (std::size_t i = next; i < end; ++i) batch += request(*attempts[i]);
      client_.send(batch);
      const std::size_t begin = next;
      while (next < end) {
        const Response response = client_.read_response(attempts[next]->method == "HEAD");
        if (response.status == 0 && next > begin) break; // an answer before closed the connection
        look_at(*attempts[next++], response);
        if (response.header("Connection") == "close") break;
      }
      if (next < end) client_.close();
    }
  }

  std::vector<std::string> bad;
  std::map<int, int> statuses;

 private:
  std::string request(const Attempt& attempt) const {
    std::string text = attempt.method + " " + attempt.target + " HTTP/1.1\r\nHost: " + host_ +
                       "\r\nAuthorization: Bearer " + token_ + "\r\n";
    for (const auto& [name, value] : attempt.headers) text += name + ": " + value + "\r\n";
    if (!attempt.body.empty())
      text += "Content-Length: " + std::to_string(attempt.body.size()) + "\r\n";
    return text + "\r\n" + attempt.body;
  }

  void look_at(const Attempt& attempt, const Response& response) {
    ++statuses[response.status];
    bool leaks = false;
    for (const char* sign :
         {kSecret.c_str(), "root:x:0", "PRIVATE KEY", "SQLite format 3", kPrecious.c_str()}) {
      leaks = leaks ||
              (attempt.target.find("/audit/") == std::string::npos && attempt.method == "GET" &&
               response.status < 300 && response.body.find(sign) != std::string::npos);
    }
    if (response.status == 0 || response.status >= 500 || leaks)
      bad.push_back(attempt.method + " " + attempt.target + " " + attempt.body + " -> " +
                    std::to_string(response.status));
  }

  HttpClient client_;
  std::string host_;
  std::string token_;
};

} // namespace

TEST_CASE("Twenty thousand ways out of a home lead nowhere", "[traversal][spec-25][spec-26]") {
  const TempDirectory base;
  const std::string outside = base.path() + "/outside";
  fs::create_directories(outside + "/dir");
  write_file(outside + "/secret.txt", kSecret);
  write_file(outside + "/dir/secret.txt", kSecret);
  fs::create_symlink(outside + "/secret.txt", outside + "/link");
  Server server{{.extra_toml = "auth.max_attempts = 100000\n", .data_dir = outside + "/data"}};
  Api root = admin(server);
  for (const char* name : {"attacker", "victim"}) {
    REQUIRE(root.post(kApi + "/users", object({{"username", q(name)}, {"password", q(kPassword)}}))
                .status == 201);
  }
  Api victim{server, "victim"};
  Api attacker{server, "attacker"};
  REQUIRE(victim.put(files("/victim/precious.txt"), kPrecious).status == 201);
  for (const char* name : {"/attacker/d/f", "/attacker/d/g"})
    REQUIRE(attacker.put(files(name) + "?parents=true", "mine").status == 201);
  const Json before_victim = Json::parse(victim.get(meta("/victim/precious.txt")).body);
  const std::string homes = root.get(kApi + "/dirs/").body;
  const auto before = state_of(outside);
  REQUIRE(before.contains("secret.txt"));
  REQUIRE(before.contains("data/keys"));

  std::vector<Attempt> attempts;
  std::set<std::string> different;
  const auto ways = ways_out();
  for (const Field& field : kFields) {
    for (std::size_t i = 0; i < ways.size(); ++i) {
      for (int k = 0; k < (ways[i].every_encoding ? 4 : 1); ++k) {
        const auto encoding = static_cast<Encoding>((i + static_cast<std::size_t>(k)) % 4);
        const std::string in_target = encoded(ways[i].raw, encoding);
        const std::string raw = encoding == Encoding::plain ? ways[i].raw : in_target;
        attempts.push_back(field.with(ways[i].in_home ? "attacker/" : "", raw, in_target));
        const Attempt& made = attempts.back();
        different.insert(field.name + made.target + made.body +
                         (made.headers.empty() ? "" : made.headers.back().second));
      }
    }
  }
  REQUIRE(different.size() >= 20'000);
  // Almost all are refused before the database is asked: there, where each refusal's event costs
  // more, a third of them will do.
  if (database_kind() == "postgresql") {
    std::shuffle(attempts.begin(), attempts.end(), std::mt19937{3});
    attempts.resize(attempts.size() / 3);
  }

  constexpr std::size_t kProbers = 16;
  std::vector<std::thread> threads;
  std::mutex mutex;
  std::vector<std::string> bad;
  std::map<int, int> statuses;
  for (std::size_t i = 0; i < kProbers; ++i) {
    threads.emplace_back([&, i] {
      std::vector<const Attempt*> mine;
      for (std::size_t k = i; k < attempts.size(); k += kProbers) mine.push_back(&attempts[k]);
      Prober prober{server, i % 2 == 0 ? root.access_token : attacker.access_token};
      prober.run(mine);
      const std::lock_guard lock{mutex};
      bad.insert(bad.end(), prober.bad.begin(), prober.bad.end());
      for (const auto& [status, count] : prober.statuses) statuses[status] += count;
    });
  }
  for (auto& thread : threads) thread.join();

  for (std::size_t i = 0; i < std::min<std::size_t>(bad.size(), 10); ++i) UNSCOPED_INFO(bad[i]);
  CHECK(bad.empty());
  int answered = 0;
  for (const auto& [status, count] : statuses) answered += count;
  CHECK(answered == static_cast<int>(attempts.size()));
  CHECK(statuses[400] > answered / 3);
  CHECK(state_of(outside) == before);
  for (const std::string& blob : files_below(outside + "/data/blobs")) {
    INFO(blob);
    CHECK(blob.find_first_not_of("0123456789abcdef/") == std::string::npos);
  }
  CHECK(root.get(kApi + "/dirs/").body == homes);
  CHECK(victim.get(files("/victim/precious.txt")).body == kPrecious);
  CHECK(Json::parse(victim.get(meta("/victim/precious.txt")).body).dump() == before_victim.dump());
  CHECK(Json::parse(victim.get(dirs("/victim")).body)["items"].size() == 1);
  CHECK(victim.get(kApi + "/grants?path=/victim").body.find("attacker") == std::string::npos);
  CHECK(root.get("/readyz").status == 200);
}
