#include "baluhost/test/server.hpp"

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <random>
#include <stdexcept>
#include <thread>

namespace baluhost::test {
namespace {

std::string environment(const char* name, const std::string& otherwise = {}) {
  const char* value = std::getenv(name);
  return value ? value : otherwise;
}

std::string program(const std::string& name) {
  return std::string{BALUHOST_TEST_BIN_DIR} + "/" + name;
}

std::string unique_name(const std::string& prefix) {
  static std::atomic<int> next{0};
  static const auto seed = std::random_device{}() % 100000;
  return prefix + std::to_string(seed) + "x" + std::to_string(next++);
}

} // namespace

std::string database_kind() { return environment("BALUHOST_TEST_DATABASE", "sqlite"); }

std::string make_postgres_database() {
  const std::string file = environment("BALUHOST_TEST_POSTGRES");
  if (file.empty()) throw std::runtime_error{"BALUHOST_TEST_POSTGRES is not set"};
  std::string url = read_file(file);
  url.erase(url.find_last_not_of('\n') + 1);
  const std::string name = unique_name("baluhost_test_" + std::to_string(::getpid()) + "_");
  const auto created = run({"psql", "-q", "-d", url, "-c",
                            "create database " + name + " template template0 encoding 'UTF8'"});
  if (created.exit_code != 0) throw std::runtime_error{"no database: " + created.err};
  return url.substr(0, url.rfind('/') + 1) + name;
}

std::string make_data_directory(const TempDirectory& directory) {
  std::string data = directory.path() + "/data";
  std::filesystem::create_directory(data);
  std::filesystem::permissions(data, std::filesystem::perms::owner_all);
  return data;
}

std::string make_database(const std::string& directory) {
  return database_kind() == "postgresql" ? make_postgres_database()
                                         : "sqlite:" + directory + "/baluhost.db";
}

Server::Server(ServerOptions options) : options_(std::move(options)), directory_(std::in_place) {
  data_dir_ = options_.data_dir.empty() ? directory_->path() + "/data" : options_.data_dir;
  database_url_ = options_.database_url.empty() ? make_database(data_dir_) : options_.database_url;
  config_file_ = directory_->path() + "/baluhost.toml";
  std::string toml = "server.listen = \"127.0.0.1:0\"\nserver.data_dir = \"" + data_dir_ +
                     "\"\ndatabase.url = \"" + database_url_ +
                     "\"\nauth.argon2_memory_kib = 7168\nauth.argon2_iterations = "
                     "1\nfiles.min_free_bytes = \"1MiB\"\n";
  if (options_.tls) {
    const std::string cert = directory_->path() + "/cert.pem",
                      key = directory_->path() + "/key.pem";
    const auto made =
        run({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-keyout", key, "-out", cert, "-days", "30", "-subj", "/CN=localhost",
             "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"});
    if (made.exit_code != 0) throw std::runtime_error{"no certificate: " + made.err};
    toml += "tls.cert_file = \"" + cert + "\"\ntls.key_file = \"" + key + "\"\n";
  }
  // Later tables must not swallow the dotted keys above.
  write_file(config_file_, toml + options_.extra_toml);
  write_file(directory_->path() + "/admin-password", std::string{kAdminPassword} + "\n");
  std::filesystem::permissions(directory_->path() + "/admin-password",
                               std::filesystem::perms::owner_read);
  start();
}

Server::~Server() = default;

void Server::start() {
  const std::string out = directory_->path() + "/stdout-" + std::to_string(++starts_);
  std::vector<std::string> command{program("baluhostd"), "--config", config_file_};
  command.insert(command.begin(), options_.wrapper.begin(), options_.wrapper.end());
  command.insert(command.end(), options_.extra_arguments.begin(), options_.extra_arguments.end());
  Environment environment = options_.environment;
  environment.emplace("BALUHOST_ADMIN_PASSWORD_FILE", directory_->path() + "/admin-password");
  process_ = std::make_unique<Process>(command, environment, out, directory_->path() + "/stderr");
  const std::string marker = " listening on ";
  for (const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{60};
       std::chrono::steady_clock::now() < deadline;) {
    const std::string text = std::filesystem::exists(out) ? read_file(out) : "";
    const auto found = text.find(marker);
    if (found != std::string::npos && text.ends_with('\n')) {
      url_ = text.substr(found + marker.size());
      url_.erase(url_.find_first_of(",\n"));
      return;
    }
    if (const auto code = process_->wait(std::chrono::milliseconds{5})) {
      throw std::runtime_error{"baluhostd ended with " + std::to_string(*code) + ": " +
                               stderr_text()};
    }
  }
  throw std::runtime_error{"baluhostd is not ready after a minute: " + stderr_text()};
}

std::string Server::stderr_text() const {
  const std::string file = directory_->path() + "/stderr";
  return std::filesystem::exists(file) ? read_file(file) : "";
}

int Server::stop() {
  process_->signal(SIGTERM);
  const auto code = process_->wait(std::chrono::seconds{60});
  if (!code) throw std::runtime_error{"baluhostd does not stop"};
  return *code;
}

void Server::kill() {
  process_->signal(SIGKILL);
  process_->wait(std::chrono::seconds{60});
}

ProcessOutput Server::ctl(std::vector<std::string> arguments, const std::string& input) const {
  arguments.insert(arguments.begin(), {program("baluhostctl"), "--config", config_file_});
  return run(arguments, options_.environment, input);
}

Server& shared_server() {
  // All its clients share one address, and many tests fail to log in on purpose.
  static Server server{{.extra_toml = "auth.max_attempts = 100000\n"}};
  return server;
}

Api::Api(const Server& server) : server_(&server), client_(server.client()) {}

Api::Api(const Server& server, const std::string& name, const std::string& password) : Api(server) {
  const Response response = login(name, password);
  if (response.status != 200)
    throw std::runtime_error{"no login for " + name + ": " + response.body};
}

Response Api::login(const std::string& name, const std::string& password) {
  Response response = send("POST", "/api/v1/auth/login", {{"Content-Type", "application/json"}},
                           "{\"username\":\"" + name + "\",\"password\":\"" + password + "\"}");
  if (response.status == 200) {
    const Json reply = Json::parse(response.body);
    access_token = reply["access_token"].text();
    if (reply.has("refresh_token")) refresh_token = reply["refresh_token"].text();
    session_id = reply["session_id"].text();
    username = reply["user"]["username"].text();
  }
  return response;
}

Response Api::send(std::string_view method, const std::string& target, Headers headers,
                   std::string_view body) {
  bool authorised = false;
  for (const auto& header : headers) authorised = authorised || header.first == "Authorization";
  if (!access_token.empty() && !authorised)
    headers.emplace_back("Authorization", "Bearer " + access_token);
  return client_.request(method, target, headers, body);
}

Response Api::get(const std::string& target, Headers headers) {
  return send("GET", target, std::move(headers), {});
}
Response Api::head(const std::string& target, Headers headers) {
  return send("HEAD", target, std::move(headers), {});
}
Response Api::del(const std::string& target, Headers headers) {
  return send("DELETE", target, std::move(headers), {});
}

Response Api::post(const std::string& target, const std::string& json, Headers headers) {
  if (!json.empty()) headers.emplace_back("Content-Type", "application/json");
  return send("POST", target, std::move(headers), json);
}
Response Api::patch(const std::string& target, const std::string& json, Headers headers) {
  headers.emplace_back("Content-Type", "application/json");
  return send("PATCH", target, std::move(headers), json);
}
Response Api::put_json(const std::string& target, const std::string& json, Headers headers) {
  headers.emplace_back("Content-Type", "application/json");
  return send("PUT", target, std::move(headers), json);
}
Response Api::put(const std::string& target, std::string_view body, Headers headers) {
  return send("PUT", target, std::move(headers), body);
}

std::vector<Json> Api::events(const std::string& query) {
  Api reader{*server_, "admin", kAdminPassword};
  const Response response = reader.get("/api/v1/audit/events?" + query);
  if (response.status != 200)
    throw std::runtime_error{"no events for " + query + ": " + response.body};
  const Json page = Json::parse(response.body);
  std::vector<Json> found;
  for (std::size_t i = 0; i < page["items"].size(); ++i) found.push_back(page["items"][i]);
  return found;
}

std::string make_user(const Server& server, const std::string& role, const std::string& extra) {
  Api root = admin(server);
  const std::string name = unique_name("u");
  const Response response =
      root.post("/api/v1/users", "{\"username\":\"" + name + "\",\"password\":\"" + kPassword +
                                     "\",\"role\":\"" + role + "\"" +
                                     (extra.empty() ? "" : "," + extra) + "}");
  if (response.status != 201) throw std::runtime_error{"no user: " + response.body};
  return name;
}

Api admin(const Server& server) { return Api{server, "admin", kAdminPassword}; }
Api new_user(const Server& server, const std::string& role, const std::string& extra) {
  return Api{server, make_user(server, role, extra)};
}

std::string percent_encode(std::string_view text) {
  static constexpr auto kHex = "0123456789ABCDEF";
  std::string out;
  for (const unsigned char c : text) {
    if (std::isalnum(c) || c == '-' || c == '.' || c == '_' || c == '~' || c == '/') {
      out += static_cast<char>(c);
    } else {
      out += '%';
      out += kHex[c >> 4];
      out += kHex[c & 15];
    }
  }
  return out;
}

} // namespace baluhost::test
