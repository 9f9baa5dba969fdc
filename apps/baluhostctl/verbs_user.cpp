#include "output.hpp"
#include "program.hpp"
#include "units.hpp"

#include "baluhost/core/json/json_views.hpp"
#include "baluhost/core/operations/sweep.hpp"

#include <thread>

namespace baluhost::ctl {
namespace {

struct UserArguments {
  std::string name;
  std::string role{"user"};
  std::string email;
  std::string quota;
  bool password_stdin{false};
  bool purge{false};
  bool keep_keys{false};
};

const Row kHeader{"NAME", "ROLE", "ENABLED", "E-MAIL", "USED", "QUOTA", "CREATED"};

Row row_of(const User& user) {
  return {user.username.str(),
          std::string{to_string(user.role)},
          user.enabled ? "yes" : "no",
          user.email ? user.email->str() : "-",
          std::to_string(user.used_bytes),
          user.quota_bytes ? format_size(*user.quota_bytes) : "-",
          user.created_at.to_rfc3339()};
}

void show(const Program& program, const User& user) {
  if (program.json) return print_line(to_json(user));
  print_table(kHeader, {row_of(user)});
}

Result<Username> name_of(const UserArguments& arguments) {
  return argument("NAME", Username::parse(arguments.name));
}

Result<int> add(Program& program, const UserArguments& arguments) {
  BALUHOST_TRY(auto name, name_of(arguments));
  BALUHOST_TRY(const auto role, argument("--role", parse_role(arguments.role)));
  std::optional<Email> email;
  if (!arguments.email.empty()) {
    BALUHOST_TRY(email, argument("--email", Email::parse(arguments.email)));
  }
  std::optional<std::int64_t> quota;
  if (!arguments.quota.empty()) {
    BALUHOST_TRY(quota, argument("--quota must be", parse_size(arguments.quota)));
  }
  BALUHOST_TRY(const auto password, read_password(arguments.password_stdin));
  BALUHOST_TRY(Host * host, program.host());
  BALUHOST_TRY(const User user,
               host->users().create(calling_operator(), {name, password, email, role, quota}));
  show(program, user);
  return kSuccess;
}

Result<int> list(Program& program) {
  BALUHOST_TRY(const auto users, list_all<User>(program, [&](Host& host, const Principal& who,
                                                             const PageRequest& page) {
                 return host.users().list(who, page);
               }));
  print_list(program.json, users, kHeader, row_of);
  return kSuccess;
}

Result<int> change(Program& program, const UserArguments& arguments, const UpdateUser& request) {
  BALUHOST_TRY(const auto name, name_of(arguments));
  BALUHOST_TRY(Host * host, program.host());
  BALUHOST_TRY(const User user, host->users().update(calling_operator(), name, request));
  show(program, user);
  return kSuccess;
}

Result<int> passwd(Program& program, const UserArguments& arguments) {
  BALUHOST_TRY(const auto password, read_password(arguments.password_stdin));
  UpdateUser request;
  request.password = password;
  request.keep_keys = arguments.keep_keys;
  return change(program, arguments, request);
}

Result<int> set_role(Program& program, const UserArguments& arguments) {
  UpdateUser request;
  BALUHOST_TRY(request.role, argument("ROLE", parse_role(arguments.role)));
  return change(program, arguments, request);
}

Result<int> enable(Program& program, const UserArguments& arguments) {
  return change(program, arguments, {.enabled = true});
}

Result<int> disable(Program& program, const UserArguments& arguments) {
  return change(program, arguments, {.enabled = false});
}

Result<int> show_one(Program& program, const UserArguments& arguments) {
  BALUHOST_TRY(const auto name, name_of(arguments));
  BALUHOST_TRY(Host * host, program.host());
  BALUHOST_TRY(const User user, host->users().get(calling_operator(), name));
  show(program, user);
  return kSuccess;
}

Result<int> unlock(Program& program, const UserArguments& arguments) {
  BALUHOST_TRY(const auto name, name_of(arguments));
  BALUHOST_TRY(Host * host, program.host());
  BALUHOST_CHECK(host->users().unlock(calling_operator(), name));
  return kSuccess;
}

Result<int> reset_totp(Program& program, const UserArguments& arguments) {
  BALUHOST_TRY(const auto name, name_of(arguments));
  BALUHOST_TRY(Host * host, program.host());
  BALUHOST_CHECK(host->second_factors().reset(calling_operator(), name));
  return kSuccess;
}

/// The user is gone. The rows that are left are removed here, since no server may be running; one
/// that is may do its part, and whoever comes next does what was not possible now.
void clear_rows(Host& host) {
  constexpr int kAttempts = 10;
  for (int attempt = 1;; ++attempt) {
    const auto cleared = clear_removed_trees(host.database(), host.clock(), std::chrono::seconds{0},
                                             [] { return true; });
    if (cleared) return;
    if (cleared.error().code != Errc::unavailable || attempt == kAttempts)
      return print_error(cleared.error());
    std::this_thread::sleep_for(cleared.error().retry_after);
  }
}

Result<int> remove(Program& program, const UserArguments& arguments) {
  BALUHOST_TRY(const auto name, name_of(arguments));
  BALUHOST_TRY(Host * host, program.host());
  BALUHOST_CHECK(
      host->users().remove(calling_operator(), name, arguments.purge ? Purge::yes : Purge::no));
  clear_rows(*host);
  return kSuccess;
}

} // namespace

void add_user_verbs(CLI::App& app, Verb& chosen) {
  auto* user = add_word(app, "user", "Users and their passwords");
  auto arguments = std::make_shared<UserArguments>();
  const auto verb_of_all = [&](const char* name, const char* help, auto run) {
    return add_verb(user, name, help, chosen, arguments, run);
  };
  const auto verb = [&](const char* name, const char* help, auto run) {
    auto* sub = verb_of_all(name, help, run);
    sub->add_option("NAME", arguments->name, "The user's name")->required();
    return sub;
  };
  auto* adding = verb("add", "Adds a user; asks for the password", add);
  adding->add_option("--role", arguments->role, "admin, auditor or user (default)");
  adding->add_option("--email", arguments->email, "E-mail address");
  adding->add_option("--quota", arguments->quota,
                     "Room for files, such as 10GiB (default: no limit)");
  adding->add_flag("--password-stdin", arguments->password_stdin,
                   "Reads the password from the first line of stdin");
  verb_of_all("list", "Lists all users",
              [](Program& program, const UserArguments&) { return list(program); });
  verb("show", "Shows one user", show_one);
  auto* setting = verb("passwd", "Sets a password and ends the user's sessions and keys", passwd);
  setting->add_flag("--password-stdin", arguments->password_stdin,
                    "Reads the password from the first line of stdin");
  setting->add_flag("--keep-keys", arguments->keep_keys, "Leaves the user's keys as they are");
  verb("role", "Sets a role", set_role)
      ->add_option("ROLE", arguments->role, "admin, auditor or user")
      ->required();
  verb("enable", "Lets a user log in again", enable);
  verb("disable", "Ends all sessions and keys of a user and refuses new ones", disable);
  verb("unlock", "Forgives a user's failed logins", unlock);
  verb("reset-totp", "Takes a user's second factor and recovery codes away", reset_totp);
  verb("delete", "Deletes a user who owns no files", remove)
      ->add_flag("--purge", arguments->purge, "Deletes the user's files too");
}

} // namespace baluhost::ctl
