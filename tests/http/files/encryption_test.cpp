#include "archive_client.hpp"
#include "tus.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

// Contents at rest with `files.encryption`: what clients see is the same, what lies on the disk is
// not.

using namespace baluhost::test;

namespace {

namespace fs = std::filesystem;

const std::string kMarker = "a line that nobody may find on the disk\n";

/// Whether one of the files below the blob directory holds `text`.
bool lies_on_disk(const Server& server, std::string_view text) {
  const auto below = fs::recursive_directory_iterator{server.data_dir() + "/blobs"};
  return std::any_of(fs::begin(below), fs::end(below), [&](const fs::directory_entry& entry) {
    return entry.is_regular_file() &&
           read_file(entry.path().string()).find(text) != std::string::npos;
  });
}

/// The blob of that many bytes and what encryption adds.
std::string blob_of(const Server& server, std::uintmax_t size) {
  for (const auto& entry : fs::recursive_directory_iterator{server.data_dir() + "/blobs"}) {
    if (entry.is_regular_file() && entry.file_size() > size && entry.file_size() < size + 2000)
      return entry.path().string();
  }
  FAIL("no blob of " << size << " bytes");
  return {};
}

void flip(const std::string& blob, std::size_t at) {
  auto bytes = read_file(blob);
  bytes.at(at) = static_cast<char>(~bytes.at(at));
  write_file(blob, bytes);
}

std::string marked(std::size_t lines) {
  std::string text;
  for (std::size_t i = 0; i < lines; ++i) text += std::to_string(i) + " " + kMarker;
  return text;
}

} // namespace

TEST_CASE("Encrypted contents are the same over the wire, in ranges too, and not on the disk",
          "[encryption]") {
  Server server{{.extra_toml = "files.encryption = true\n"}};
  Api anna = new_user(server);
  const std::string target = files("/" + anna.username + "/notes");
  const std::string content = marked(5000);
  REQUIRE(anna.put(target, content).status == 201);
  const bool is_same = anna.get(target).body == content;
  CHECK(is_same);
  CHECK(anna.head(target).header("Content-Length") == std::to_string(content.size()));
  const Response range = anna.get(target, {{"Range", "bytes=65530-65545"}});
  CHECK(range.status == 206);
  CHECK(range.body == content.substr(65530, 16));
  CHECK(anna.get(target, {{"Range", "bytes=-7"}}).body == content.substr(content.size() - 7));
  CHECK_FALSE(lies_on_disk(server, kMarker));
  CHECK(server.ctl({"files", "scrub"}).exit_code == 0);
  CHECK(server.ctl({"db", "check"}).exit_code == 0);
}

TEST_CASE("An archive has encrypted contents as they were uploaded, at any byte", "[encryption]") {
  Server server{{.extra_toml = "files.encryption = true\n"}};
  Api anna = new_user(server);
  const std::string home = "/" + anna.username;
  const std::string content = marked(5000);
  REQUIRE(anna.put(files(home + "/d/a") + "?parents=true", content).status == 201);
  REQUIRE(anna.put(files(home + "/d/b"), "short").status == 201);
  const std::string url = make_archive(anna, {home + "/d"})["url"].text();
  const std::string whole = anna.get(url).body;
  CHECK(whole.find(content) != std::string::npos);
  CHECK((anna.get(url, {{"Range", "bytes=70000-"}}).body == whole.substr(70'000)));
  const ArchiveFile zip{whole};
  CHECK(run({"unzip", "-tq", zip.path()}).exit_code == 0);
}

TEST_CASE("Of an encrypted content that was changed on the disk no other byte is ever sent",
          "[encryption]") {
  Server server{{.extra_toml = "files.encryption = true\n"}};
  Api anna = new_user(server);
  const std::string target = files("/" + anna.username + "/notes");
  const std::string content = marked(20'000);
  REQUIRE(anna.put(target, content).status == 201);
  const std::string blob = blob_of(server, content.size());
  const auto sound = read_file(blob);

  flip(blob, 56 + 3 * (65'536 + 40) + 100); // of the fourth piece
  const Response cut = anna.get(target);
  CHECK(cut.body.size() < content.size());
  CHECK((cut.body == content.substr(0, cut.body.size())));
  CHECK((anna.get(target, {{"Range", "bytes=0-99999"}}).body == content.substr(0, 100'000)));
  const Response damaged = anna.get(target, {{"Range", "bytes=200000-200010"}});
  CHECK(damaged.status == 503);
  CHECK(damaged.body.find("damaged") == std::string::npos);
  const auto scrub = server.ctl({"files", "scrub"});
  CHECK(scrub.exit_code == 3);

  // Its beginning says no more that it is encrypted, or its end what belongs to it.
  for (const auto at : {std::size_t{3}, sound.size() - 1, sound.size() - 40}) {
    write_file(blob, sound);
    flip(blob, at);
    const Response refused = anna.get(target);
    INFO(at);
    CHECK(refused.status == 500);
    CHECK(refused.body.find(marked(1)) == std::string::npos);
    CHECK(refused.body.find("blob") == std::string::npos);
  }
  write_file(blob, sound);
  CHECK((anna.get(target).body == content));
  CHECK(server.ctl({"files", "scrub"}).exit_code == 0);
}

TEST_CASE("A resumable upload is encrypted from its first piece, and goes on after a restart",
          "[encryption][tus]") {
  Server server{{.extra_toml = "files.encryption = true\n"}};
  Api anna = new_user(server);
  const std::string path = "/" + anna.username + "/film";
  const std::string content = marked(4000);
  const std::string location = begin(anna, path, content.size());
  REQUIRE(append(anna, location, 0, content.substr(0, 70'001)).status == 204);
  CHECK_FALSE(lies_on_disk(server, kMarker));
  REQUIRE(server.stop() == 0);
  server.start();
  Api again{server, anna.username};
  CHECK(offset(again, location) == "70001");
  REQUIRE(append(again, location, 70'001, content.substr(70'001, 3)).status == 204);
  REQUIRE(append(again, location, 70'004, content.substr(70'004)).status == 204);
  const bool is_same = again.get(files(path)).body == content;
  CHECK(is_same);
  CHECK_FALSE(lies_on_disk(server, kMarker));
  CHECK(server.ctl({"files", "scrub"}).exit_code == 0);
}

TEST_CASE("A download of damaged encrypted content failed here, and not at the client",
          "[encryption]") {
  Server server{{.extra_toml = "files.encryption = true\n"}};
  Api anna = new_user(server);
  const auto put = [&](const std::string& name, std::size_t size) {
    REQUIRE(anna.put(files("/" + anna.username + "/" + name), std::string(size, 'x')).status ==
            201);
  };
  put("small", 1000);
  put("large", 3'000'000);
  for (const auto& entry : fs::recursive_directory_iterator{server.data_dir() + "/blobs"}) {
    if (!entry.is_regular_file()) continue;
    auto bytes = read_file(entry.path().string());
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
    write_file(entry.path().string(), bytes);
  }
  CHECK(anna.get(files("/" + anna.username + "/small")).status == 503);
  std::string broken;
  try {
    broken = anna.get(files("/" + anna.username + "/large")).body;
  } catch (const std::exception&) {
  }
  CHECK(broken.size() < 3'000'000);
  for (const char* name : {"small", "large"}) {
    INFO(name);
    const auto events =
        admin(server).events("action=download&resource=/" + anna.username + "/" + name);
    REQUIRE(events.size() == 1);
    CHECK_FALSE(events[0]["success"].flag());
    CHECK(events[0]["error_message"].text() == "unavailable");
  }
  CHECK(server.stderr_text().find("a download of the blob ") != std::string::npos);
}

TEST_CASE(
    "Contents of before and after a change of the setting are read, and a lost key is an "
    "error that the scrub reports",
    "[encryption]") {
  const std::string on = "files.encryption = true\n";
  const std::string off_line = "files.encryption = false\n";
  Server server{{.extra_toml = off_line}};
  const auto set = [&](const std::string& from, const std::string& to) {
    REQUIRE(server.stop() == 0);
    std::string toml = read_file(server.config_file());
    toml.replace(toml.find(from), from.size(), to);
    write_file(server.config_file(), toml);
    server.start();
  };
  Api anna = new_user(server);
  const std::string plain = files("/" + anna.username + "/plain");
  const std::string hidden = files("/" + anna.username + "/hidden");
  REQUIRE(anna.put(plain, kMarker).status == 201);
  CHECK(lies_on_disk(server, kMarker));
  set(off_line, on);
  Api again{server, anna.username};
  CHECK(again.get(plain).body == kMarker);
  REQUIRE(again.put(hidden, "hidden").status == 201);
  set(on, off_line);
  Api off{server, anna.username};
  CHECK(off.get(hidden).body == "hidden");
  REQUIRE(server.stop() == 0);

  for (const auto& entry : fs::directory_iterator{server.data_dir() + "/keys"}) {
    if (entry.path().filename().string().starts_with("content-")) fs::remove(entry.path());
  }
  server.start();
  Api without{server, anna.username};
  const Response refused = without.get(hidden);
  CHECK(refused.status == 503);
  CHECK(refused.body.find("hidden\"") == std::string::npos);
  CHECK(without.get(plain).body == kMarker);

  // One lost key hides no other damage.
  for (const auto& entry : fs::recursive_directory_iterator{server.data_dir() + "/blobs"}) {
    if (entry.is_regular_file() && read_file(entry.path().string()) == kMarker)
      write_file(entry.path().string(), kMarker + "?");
  }
  const auto scrub = server.ctl({"files", "scrub"});
  CHECK(scrub.exit_code == 3);
  CHECK(scrub.out.find("/plain") != std::string::npos);
  CHECK(scrub.out.find("/hidden") != std::string::npos);
  CHECK(scrub.out.find("is not in the keys' directory") != std::string::npos);
  const auto check = server.ctl({"db", "check"});
  INFO(check.out);
  CHECK(check.exit_code == 3);
  CHECK(check.out.find("is missing") == std::string::npos);
  CHECK(check.out.find("was found damaged by a scrub") != std::string::npos);
  CHECK(check.out.find("DAMAGED: 3 problems") != std::string::npos);
}
