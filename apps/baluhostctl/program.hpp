#pragma once

#include "command_line.hpp"
#include "configuration.hpp"
#include "configuration_flags.hpp"
#include "output.hpp"

#include "baluhost/core/access/principal.hpp"
#include "baluhost/domain/error.hpp"
#include "baluhost/host/host.hpp"

#include <CLI/CLI.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace baluhost::ctl {

/// Exit codes, as docs say them.
enum Exit : int { kSuccess = 0, kFailure = 1, kUsage = 2, kFound = 3 };

/// The options that every verb has, and what they lead to.
class Program {
 public:
  bool json{false};

  void add_flags(CLI::App& app);

  /// The effective configuration. An error is a usage error for the person at the terminal.
  Result<const Configuration*> configuration();

  /// Opened at the first call. Errors as of `Host::open`. conflict: what lies there is a backup,
  /// which could not be restored after a change.
  Result<Host*> host();

  /// Prints what a verb failed with, and which database did not answer; returns the exit code.
  [[nodiscard]] int failed(Error error) const;

 private:
  ConfigurationFlags flags_;
  std::optional<Configuration> configuration_;
  std::unique_ptr<Host> host_;
};

/// The directory of the file that the database of `configuration` is; none where it is no file.
std::optional<std::string> database_directory(const Configuration& configuration);

/// What the chosen verb does; returns the exit code, or an error to print.
using Verb = std::function<Result<int>(Program&)>;

/// Every item of a list, of which `fetch(host, who, request)` returns a page.
template <class T, class Fetch>
Result<std::vector<T>> list_all(Program& program, Fetch fetch) {
  BALUHOST_TRY(Host * host, program.host());
  const Principal who = calling_operator();
  return all_pages<T>([&](const PageRequest& page) { return fetch(*host, who, page); });
}

/// The same of one user, by the service that `service_of(host)` names.
template <class T, class ServiceOf>
Result<std::vector<T>> list_of_user(Program& program, const std::string& user,
                                    ServiceOf service_of) {
  BALUHOST_TRY(const auto name, argument("USER", Username::parse(user)));
  return list_all<T>(program, [&](Host& host, const Principal& who, const PageRequest& page) {
    return service_of(host).list_of(who, name, page);
  });
}

/// A word of the command line that verbs come after.
CLI::App* add_word(CLI::App& app, const char* word, const char* help);

/// Adds a verb below `word` that runs `run(program, *arguments)` when it is the chosen one.
template <class Arguments, class Run>
CLI::App* add_verb(CLI::App* word, const char* name, const char* help, Verb& chosen,
                   const std::shared_ptr<Arguments>& arguments, Run run) {
  auto* verb = word->add_subcommand(name, help)->fallthrough();
  verb->callback([&chosen, arguments, run] {
    chosen = [arguments, run](Program& program) { return run(program, *arguments); };
  });
  return verb;
}

/// The same for all verbs of one word: to be called with name, help and `run` of each.
template <class Arguments>
auto verbs_of(CLI::App* word, Verb& chosen, const std::shared_ptr<Arguments>& arguments) {
  return [word, &chosen, arguments](const char* name, const char* help, auto run) {
    return add_verb(word, name, help, chosen, arguments, run);
  };
}

// Each adds its verbs to `app`; the one that is chosen sets `chosen` while the command line is
// parsed.
void add_user_verbs(CLI::App& app, Verb& chosen);
void add_session_verbs(CLI::App& app, Verb& chosen);
void add_grant_verbs(CLI::App& app, Verb& chosen);
void add_share_verbs(CLI::App& app, Verb& chosen);
void add_trash_verbs(CLI::App& app, Verb& chosen);
void add_search_verb(CLI::App& app, Verb& chosen);
void add_audit_verbs(CLI::App& app, Verb& chosen);
void add_db_verbs(CLI::App& app, Verb& chosen);
void add_files_verbs(CLI::App& app, Verb& chosen);
void add_key_verbs(CLI::App& app, Verb& chosen);
void add_user_key_verbs(CLI::App& app, Verb& chosen);

} // namespace baluhost::ctl
