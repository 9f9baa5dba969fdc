#include "wire.hpp"

#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <thread>

// The handshake is tried with the openssl program: it can offer what no sane client library does.

using namespace baluhost::test;

namespace {

struct Pair {
  std::string certificate;
  std::string key;
};

Pair make_pair(const std::string& directory, const std::string& name, const std::string& kind) {
  const Pair made{directory + "/" + name + ".cert", directory + "/" + name + ".key"};
  std::vector<std::string> command{"openssl", "req",         "-x509",          "-nodes", "-keyout",
                                   made.key,  "-out",        made.certificate, "-days",  "30",
                                   "-subj",   "/CN=" + name, "-newkey"};
  if (kind == "rsa")
    command.emplace_back("rsa:2048");
  else
    command.insert(command.end(), {"ec", "-pkeyopt", "ec_paramgen_curve:P-256"});
  const ProcessOutput output = run(command);
  INFO(output.err);
  REQUIRE(output.exit_code == 0);
  return made;
}

std::string configured(const Pair& pair) {
  return "tls.cert_file = \"" + pair.certificate + "\"\ntls.key_file = \"" + pair.key + "\"\n";
}

std::string address(const Server& server) {
  return server.url().substr(server.url().find("://") + 3);
}

ProcessOutput handshake(const Server& server, std::vector<std::string> options) {
  options.insert(options.begin(), {"openssl", "s_client", "-connect", address(server)});
  ProcessOutput output = run(options);
  output.out += output.err;
  return output;
}

/// The subject's name in the certificate that the server shows.
std::string shown_name(const Server& server) {
  const std::string text = handshake(server, {}).out;
  const auto at = text.find("subject=CN = ");
  return at == std::string::npos ? "" : text.substr(at + 13, text.find('\n', at) - at - 13);
}

std::string listener(const Server& server, const std::string& scheme) {
  const std::string line =
      read_file((std::filesystem::path{server.config_file()}.parent_path() / "stdout-1").string());
  const auto at = line.rfind(scheme);
  REQUIRE(at != std::string::npos);
  return line.substr(at, line.find_first_of(",\n", at) - at);
}

std::size_t occurrences(const std::string& text, const std::string& needle) {
  std::size_t count = 0;
  for (auto at = text.find(needle); at != std::string::npos; at = text.find(needle, at + 1))
    ++count;
  return count;
}

void wait_for_log(const Server& server, const std::string& text, std::size_t times) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{20};
  while (occurrences(server.stderr_text(), text) < times) {
    if (std::chrono::steady_clock::now() > deadline) FAIL("the log does not say: " + text);
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
  }
}

} // namespace

TEST_CASE("HTTPS serves with the certificate and key of the configuration", "[tls][spec-45]") {
  const TempDirectory directory;
  for (const char* kind : {"ec", "rsa"}) {
    Server server{{.extra_toml = configured(make_pair(directory.path(), kind, kind))}};
    CHECK(server.url().starts_with("https://"));
    CHECK(shown_name(server) == kind);
    Api anna = new_user(server);
    REQUIRE(anna.put(files("/" + anna.username + "/a.bin"), std::string(3'000'000, 'x')).status ==
            201);
    CHECK(anna.get(files("/" + anna.username + "/a.bin")).body == std::string(3'000'000, 'x'));
  }
}

TEST_CASE("HSTS is sent over TLS and never over plain HTTP", "[tls][spec-43]") {
  Server server{{.tls = true}};
  CHECK(server.client().request("GET", "/livez").header("Strict-Transport-Security") ==
        "max-age=31536000; includeSubDomains");
  CHECK(shared_server().client().request("GET", "/livez").count("Strict-Transport-Security") == 0);
  HttpClient plain_on_tls{"http://" + address(server), std::chrono::seconds{5}};
  CHECK(plain_on_tls.request("GET", "/livez").status == 0);
}

TEST_CASE("With TLS a plain listener redirects pages and refuses the API", "[tls][spec-46]") {
  Server server{{.extra_arguments = {"--listen", "127.0.0.1:0", "--listen", "http://127.0.0.1:0"},
                 .tls = true}};
  const std::string port = server.url().substr(server.url().rfind(':'));
  HttpClient plain{listener(server, "http://")};
  for (const char* method : {"GET", "HEAD"}) {
    plain.connect();
    plain.send(std::string{method} + " /shares/a%20b?x=1 HTTP/1.1\r\nHost: LOCALHOST:8080\r\n\r\n");
    const Response response = plain.read_response(std::string{method} == "HEAD");
    CHECK(response.status == 308);
    CHECK(response.header("Location") == "https://localhost" + port + "/shares/a%20b?x=1");
  }
  for (const std::string& target :
       {kApi + "/auth/me", std::string{"/api"}, kApi + "/openapi.yaml", std::string{"/api/v1"},
        std::string{"/api?x=1"}, std::string{"/%61p%69/v1/auth/me"}})
    check_problem(plain.request("GET", target), 403, "forbidden");
  const Response login =
      plain.request("POST", kApi + "/auth/login", {{"Content-Type", "application/json"}},
                    object({{"username", q("admin")}, {"password", q(kAdminPassword)}}));
  check_problem(login, 403, "forbidden");
  CHECK(plain.request("POST", "/form", {}, "x").status == 403);
}

TEST_CASE(
    "A redirect leads to a name of the certificate or to the configured URL, never to what a "
    "stranger wrote",
    "[tls][fault-25b]") {
  const std::vector<std::string> listeners{"--listen", "127.0.0.1:0", "--listen",
                                           "http://127.0.0.1:0"};
  const auto location = [](const Server& server, const std::string& line, const std::string& host) {
    HttpClient plain{listener(server, "http://")};
    plain.connect();
    plain.send("GET " + line + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
    return plain.read_response().header("Location").value_or("none");
  };
  {
    Server server{{.extra_arguments = listeners, .tls = true}};
    const std::string port = server.url().substr(server.url().rfind(':'));
    CHECK(location(server, "/a", "127.0.0.1") == "https://127.0.0.1" + port + "/a");
    CHECK(location(server, "/a", "evil.example") == "https://localhost" + port + "/a");
    CHECK(location(server, "http://evil.example/a?b", "localhost") ==
          "https://localhost" + port + "/a?b");
    CHECK(location(server, "//evil.example/a", "localhost") ==
          "https://localhost" + port + "//evil.example/a");
  }
  Server server{{.extra_toml = "server.public_url = \"https://Files.Example:443\"\n",
                 .extra_arguments = listeners,
                 .tls = true}};
  for (const char* host : {"evil.example", "localhost:8080", "files.example"})
    CHECK(location(server, "/a?b=c", host) == "https://files.example/a?b=c");
  const auto start = [](const std::string& url) {
    return Server({.extra_toml = "server.public_url = \"" + url + "\"\n", .tls = true});
  };
  CHECK_THROWS_WITH(start("http://files.example"), Catch::Contains("server.public_url"));
  for (const char* bad : {"https://files.example/path", "files.example", "*"}) {
    INFO(bad);
    CHECK_THROWS_WITH(start(bad),
                      Catch::Contains("baluhost.toml:") && Catch::Contains("server.public_url"));
  }
}

TEST_CASE("A bad, unreadable or mismatched certificate stops the start with a clear error",
          "[tls][spec-47]") {
  const TempDirectory directory;
  const Pair good = make_pair(directory.path(), "good", "ec"),
             other = make_pair(directory.path(), "other", "ec"),
             rsa = make_pair(directory.path(), "rsa", "rsa");
  const std::string missing = directory.path() + "/missing",
                    garbage = directory.path() + "/garbage", empty = directory.path() + "/empty",
                    locked = directory.path() + "/locked";
  write_file(garbage, "-----BEGIN CERTIFICATE-----\nnot base64!\n-----END CERTIFICATE-----\n");
  write_file(empty, "");
  REQUIRE(run({"openssl", "pkey", "-in", good.key, "-aes256", "-passout", "pass:secret", "-out",
               locked})
              .exit_code == 0);
  const auto refused = [](const std::string& toml, const std::string& key, const std::string& file,
                          const std::string& code = "1") {
    INFO(toml);
    CHECK_THROWS_WITH(Server({.extra_toml = toml}),
                      Catch::StartsWith("baluhostd ended with " + code + ": ") &&
                          Catch::Contains(key) && Catch::Contains(file));
  };
  for (const std::string& bad : {missing, garbage, empty, directory.path(), good.key})
    refused(configured({bad, good.key}), "tls.cert_file", bad);
  for (const std::string& bad :
       {missing, garbage, empty, directory.path(), good.certificate, locked})
    refused(configured({good.certificate, bad}), "tls.key_file", bad);
  refused(configured({good.certificate, other.key}), "tls.key_file", other.key);
  refused(configured({good.certificate, rsa.key}), "tls.key_file", rsa.key);
  refused("tls.cert_file = \"" + good.certificate + "\"\n", "tls.key_file", "", "2");
  refused("tls.key_file = \"" + good.key + "\"\n", "tls.cert_file", "", "2");
}

TEST_CASE("TLS 1.0 and 1.1 are refused, 1.2 and 1.3 are spoken", "[tls][spec-48]") {
  Server server{{.tls = true}};
  for (const char* version : {"-tls1", "-tls1_1"}) {
    INFO(version);
    const ProcessOutput output = handshake(server, {version, "-cipher", "ALL:@SECLEVEL=0"});
    CHECK(output.exit_code != 0);
    CHECK(output.out.find("alert protocol version") != std::string::npos);
  }
  for (const char* version : {"-tls1_2", "-tls1_3"})
    CHECK(handshake(server, {version}).exit_code == 0);
}

TEST_CASE("Weak cipher suites are refused", "[tls][spec-49]") {
  const TempDirectory directory;
  Server server{{.extra_toml = configured(make_pair(directory.path(), "rsa", "rsa"))}};
  for (const char* suite :
       {"AES128-SHA", "AES256-SHA256", "AES128-GCM-SHA256", "AES256-GCM-SHA384",
        "ECDHE-RSA-AES128-SHA", "ECDHE-RSA-AES256-SHA", "ECDHE-RSA-AES128-SHA256",
        "ECDHE-RSA-AES256-SHA384", "DHE-RSA-AES128-SHA", "DHE-RSA-AES256-GCM-SHA384",
        "CAMELLIA128-SHA", "aNULL", "eNULL", "NULL-SHA256"}) {
    INFO(suite);
    const ProcessOutput output =
        handshake(server, {"-tls1_2", "-cipher", std::string{suite} + ":@SECLEVEL=0"});
    INFO(output.out);
    CHECK(output.exit_code != 0);
    CHECK(output.out.find("alert handshake failure") != std::string::npos);
  }
  for (const char* suite : {"ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384",
                            "ECDHE-RSA-CHACHA20-POLY1305"})
    CHECK(handshake(server, {"-tls1_2", "-cipher", suite}).exit_code == 0);
}

TEST_CASE("SIGHUP brings a new certificate while requests run, and none is lost",
          "[tls][spec-45]") {
  const TempDirectory directory;
  const Pair used = make_pair(directory.path(), "first", "ec");
  Server server{{.extra_toml = configured(used)}};
  REQUIRE(shown_name(server) == "first");
  const auto replace = [&](const Pair& pair) {
    std::filesystem::copy_file(pair.certificate, used.certificate,
                               std::filesystem::copy_options::overwrite_existing);
    std::filesystem::copy_file(pair.key, used.key,
                               std::filesystem::copy_options::overwrite_existing);
  };
  const std::vector<Pair> next{make_pair(directory.path(), "second", "ec"),
                               make_pair(directory.path(), "third", "rsa")};

  std::atomic<bool> done{false};
  std::atomic<int> answered{0}, lost{0};
  std::vector<std::thread> threads;
  for (const bool fresh : {true, true, false}) {
    threads.emplace_back([&, fresh] {
      HttpClient client = server.client();
      client.connect();
      while (!done) {
        try {
          if (fresh) client.connect();
          client.send(
              "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"); // `request` would try again by itself
          client.read_response().status == 200 ? ++answered : ++lost;
        } catch (const std::exception&) {
          ++lost;
        }
      }
    });
  }
  std::size_t reloads = 0;
  std::string last;
  for (int round = 0; round < 6; ++round) {
    replace(next[static_cast<std::size_t>(round % 2)]);
    const int before = answered;
    ::kill(server.pid(), SIGHUP);
    wait_for_log(server, "the certificate was reloaded", ++reloads);
    while (answered < before + 20 && lost == 0) std::this_thread::yield();
    last = shown_name(server);
    if (last != (round % 2 == 0 ? "second" : "third")) break;
  }
  done = true;
  for (std::thread& thread : threads) thread.join();
  CHECK(last == "third");
  CHECK(lost == 0);
  CHECK(answered >= 120);

  write_file(used.certificate, "garbage");
  ::kill(server.pid(), SIGHUP);
  wait_for_log(server, "the certificate was not reloaded", 1);
  CHECK(shown_name(server) == "third");
  CHECK(server.client().request("GET", "/livez").status == 200);
}
