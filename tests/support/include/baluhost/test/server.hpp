#pragma once

#include "baluhost/test/http_client.hpp"
#include "baluhost/test/json.hpp"
#include "baluhost/test/process.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace baluhost::test {

/// "sqlite" or "postgresql", by BALUHOST_TEST_DATABASE: the same tests run on both.
std::string database_kind();
/// A new, empty database of that kind: its URL. On SQLite below `directory`.
std::string make_database(const std::string& directory);
/// The same for PostgreSQL whatever the kind; needs BALUHOST_TEST_POSTGRES, the file that
/// postgres.sh wrote.
std::string make_postgres_database();
/// A new directory below `directory`, for its owner alone: as a server's data have to lie.
std::string make_data_directory(const TempDirectory& directory);

struct ServerOptions {
  std::string extra_toml; ///< appended to the configuration file
  std::vector<std::string> extra_arguments;
  std::vector<std::string> wrapper; ///< a program that runs it, and its arguments
  Environment environment;
  bool tls{false};          ///< with a certificate made for the occasion
  std::string data_dir;     ///< empty: a fresh one
  std::string database_url; ///< empty: a fresh one
};

/// The real baluhostd as a process, with cheap password hashes and the password "correct horse
/// battery" for admin.
class Server {
 public:
  explicit Server(ServerOptions options = {}); ///< returns when it is ready; throws with its stderr
                                               ///< if it does not get there
  ~Server();

  [[nodiscard]] const std::string& url() const { return url_; }
  [[nodiscard]] const std::string& data_dir() const { return data_dir_; }
  [[nodiscard]] const std::string& database_url() const { return database_url_; }
  [[nodiscard]] const std::string& config_file() const { return config_file_; }
  [[nodiscard]] std::string stderr_text() const;
  [[nodiscard]] int pid() const { return process_->pid(); }
  [[nodiscard]] HttpClient client(std::chrono::milliseconds timeout = std::chrono::seconds{
                                      30}) const {
    return HttpClient{url_, timeout};
  }

  int stop();   ///< SIGTERM; gives the exit code
  void kill();  ///< SIGKILL
  void start(); ///< again, on the same data
  /// baluhostctl on the same data.
  ProcessOutput ctl(std::vector<std::string> arguments, const std::string& input = {}) const;

 private:
  ServerOptions options_;
  std::optional<TempDirectory> directory_;
  std::string data_dir_;
  std::string database_url_;
  std::string config_file_;
  std::string url_;
  int starts_{0};
  std::unique_ptr<Process> process_;
};

/// One for all test cases of this program that do not mind others' users and files.
Server& shared_server();

inline constexpr auto kAdminPassword = "correct horse battery";
inline constexpr auto kPassword = "a fine pass phrase";

/// A logged-in user. Every call is one request on a kept connection.
class Api {
 public:
  explicit Api(const Server& server); ///< not logged in
  Api(const Server& server, const std::string& username, const std::string& password = kPassword);

  Response login(const std::string& username, const std::string& password);
  Response get(const std::string& target, Headers headers = {});
  Response head(const std::string& target, Headers headers = {});
  Response del(const std::string& target, Headers headers = {});
  Response post(const std::string& target, const std::string& json = {}, Headers headers = {});
  Response patch(const std::string& target, const std::string& json, Headers headers = {});
  Response put_json(const std::string& target, const std::string& json, Headers headers = {});
  Response put(const std::string& target, std::string_view body, Headers headers = {});
  Response send(std::string_view method, const std::string& target, Headers headers,
                std::string_view body);

  /// The newest events that fit a query such as "action=upload&user=anna", newest first; asks as
  /// the admin.
  std::vector<Json> events(const std::string& query);

  std::string access_token;
  std::string refresh_token;
  std::string session_id;
  std::string username;

 private:
  const Server* server_;
  HttpClient client_;
};

/// Makes a user with a name nobody has yet and the password `kPassword`.
std::string make_user(const Server& server, const std::string& role = "user",
                      const std::string& extra_json_members = {});
Api admin(const Server& server);
Api new_user(const Server& server, const std::string& role = "user",
             const std::string& extra_json_members = {});

/// "%20" and the like: everything but unreserved characters and slashes.
std::string percent_encode(std::string_view text);

} // namespace baluhost::test
