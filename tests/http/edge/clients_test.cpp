#include "wire.hpp"

#include <chrono>
#include <filesystem>
#include <thread>

// Clients that know nothing of BaluHost, as they are.

using namespace baluhost::test;

namespace {

namespace fs = std::filesystem;

/// Whether `program` is there; says so where it is not.
bool is_tested(const std::string& program) {
  if (run({"sh", "-c", "command -v " + program}).exit_code == 0) return true;
  WARN(program << " is not installed: it is not tested");
  return false;
}

/// curl on the API with a user's token.
class Curl {
 public:
  explicit Curl(const Api& api) : bearer_("Authorization: Bearer " + api.access_token) {}

  ProcessOutput operator()(std::vector<std::string> arguments,
                           const std::string& input = {}) const {
    arguments.insert(arguments.begin(),
                     {"curl", "--silent", "--show-error", "--max-time", "60", "--header", bearer_});
    return run(arguments, {}, input);
  }
  /// The status alone.
  std::string status(std::vector<std::string> arguments, const std::string& input = {}) const {
    arguments.insert(arguments.end(), {"--output", "/dev/null", "--write-out", "%{http_code}"});
    return (*this)(std::move(arguments), input).out;
  }

 private:
  std::string bearer_;
};

} // namespace

TEST_CASE("curl sends, fetches and resumes", "[clients]") {
  Api anna = new_user(shared_server());
  const Curl curl{anna};
  const TempDirectory place;
  const std::string content = pattern(3'000'000, 11);
  const std::string local = place.path() + "/local.bin", fetched = place.path() + "/fetched.bin";
  write_file(local, content);
  const std::string url = shared_server().url() + files("/" + anna.username + "/remote.bin");

  CHECK(curl.status({"--upload-file", local, url}) ==
        "201"); // beyond a mebibyte curl expects 100-continue by itself
  CHECK(curl.status({"--upload-file", local, url}) == "409");
  CHECK(curl.status({"--upload-file", local, "--header", "Repr-Digest: " + digest_field(content),
                     url + "?overwrite=true"}) == "200");
  CHECK(curl.status({"--upload-file", local, "--header", "Repr-Digest: " + digest_field("other"),
                     url + "?overwrite=true"}) == "400");
  CHECK(curl.status({"--upload-file", "-", url + ".stdin"}, content) == "201"); // chunked
  CHECK(curl.status({"--upload-file", local, "--http1.0", url + ".http10"}) == "201");
  CHECK(curl.status({"--upload-file", local, "--continue-at", "1000", url + ".rest"}) ==
        "400"); // half a file is no file
  for (const char* name : {"", ".stdin", ".http10"}) CHECK(curl({url + name}).out == content);

  write_file(fetched, content.substr(0, 1'234'567));
  const auto resumed = curl({"--continue-at", "-", "--output", fetched, "--write-out",
                             "%{http_code} %{size_download}", url});
  CHECK(resumed.out == "206 " + std::to_string(content.size() - 1'234'567));
  CHECK(read_file(fetched) == content);
  CHECK(curl({"--range", "5-9", url}).out == content.substr(5, 5));
  CHECK(curl({"--range", "-7", url}).out == content.substr(content.size() - 7));
  CHECK(curl({"--http1.0", url}).out == content);
  CHECK(curl({"--compressed", url}).out == content);
  CHECK(curl({"--head", url}).out.find("Content-Length: 3000000\r\n") != std::string::npos);

  const std::string tag = place.path() + "/tag";
  CHECK(curl.status({"--etag-save", tag, url}) == "200");
  CHECK(curl.status({"--etag-compare", tag, url}) == "304");
  CHECK(curl.status({"--time-cond", fetched, url}) == "304"); // as new as what is here
  fs::last_write_time(fetched, fs::last_write_time(fetched) - std::chrono::hours{24});
  CHECK(curl.status({"--time-cond", fetched, url}) == "200");
  // It saves under the name that the server tells.
  const std::string odd =
      shared_server().url() + files("/" + anna.username + "/two words; and 'more'.txt");
  CHECK(curl.status({"--upload-file", local, odd}) == "201");
  CHECK(curl({"--remote-name", "--remote-header-name", "--output-dir", place.path(), odd})
            .exit_code == 0);
  CHECK(read_file(place.path() + "/two words; and 'more'.txt") == content);
  CHECK(curl.status({"--request", "DELETE", odd}) == "204");
  CHECK(curl.status({odd}) == "404");
  CHECK(curl({"--fail", odd}).exit_code == 22);
}

TEST_CASE("curl goes on with a download after kill -9 of the server", "[clients]") {
  Server server;
  Api anna = new_user(server);
  const TempDirectory place;
  const std::string content = pattern(40'000'000, 12), fetched = place.path() + "/fetched";
  const std::string target = files("/" + anna.username + "/large");
  REQUIRE(anna.put(target, content).status == 201);
  Process slow{
      {"curl", "--silent", "--limit-rate", "20M", "--header",
       "Authorization: Bearer " + anna.access_token, "--output", fetched, server.url() + target},
      {},
      "/dev/null",
      "/dev/null"};
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{30};
  while ((!fs::exists(fetched) || fs::file_size(fetched) == 0) &&
         std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  server.kill();
  REQUIRE(slow.wait(std::chrono::seconds{30}).value_or(0) != 0);
  REQUIRE(fs::file_size(fetched) < content.size());
  server.start();
  CHECK(Curl{anna}({"--continue-at", "-", "--output", fetched, "--write-out", "%{http_code}",
                    server.url() + target})
            .out == "206");
  CHECK(read_file(fetched) == content);
}

TEST_CASE("rclone copies a file by its URL, in several streams", "[clients]") {
  if (!is_tested("rclone")) return;
  Api anna = new_user(shared_server());
  const TempDirectory place;
  const std::string content = pattern(2'000'000, 13);
  REQUIRE(anna.put(files("/" + anna.username + "/remote.bin"), content).status == 201);
  const auto copied =
      run({"rclone", "copyurl", shared_server().url() + files("/" + anna.username + "/remote.bin"),
           place.path() + "/local.bin", "--config", "/dev/null", "--header",
           "Authorization: Bearer " + anna.access_token, "--multi-thread-cutoff", "100k",
           "--multi-thread-streams", "4"});
  INFO(copied.err);
  CHECK(copied.exit_code == 0);
  CHECK(read_file(place.path() + "/local.bin") == content);
}

TEST_CASE("The fetch of browsers plays a file by ranges", "[clients]") {
  if (!is_tested("node")) return;
  Api anna = new_user(shared_server());
  const TempDirectory place;
  const std::string content = pattern(3'000'000, 14);
  write_file(place.path() + "/content", content);
  const std::string target = files("/" + anna.username + "/film.mp4");
  REQUIRE(anna.put(target, content).status == 201);
  const auto played =
      run({"node", BALUHOST_TEST_HTTP_DIR "/npm/range.mjs", shared_server().url() + target,
           anna.access_token, place.path() + "/content"});
  INFO(played.err);
  CHECK(played.exit_code == 0);
}
