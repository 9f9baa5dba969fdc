#include "output.hpp"
#include "program.hpp"

#include "command_line.hpp"
#include "log.hpp"
#include "standard_streams.hpp"

#include <iostream>

namespace {

using namespace baluhost;
using namespace baluhost::ctl;

void add_verbs(CLI::App& app, Verb& chosen) {
  add_user_verbs(app, chosen);
  add_session_verbs(app, chosen);
  add_grant_verbs(app, chosen);
  add_share_verbs(app, chosen);
  add_trash_verbs(app, chosen);
  add_search_verb(app, chosen);
  add_audit_verbs(app, chosen);
  add_files_verbs(app, chosen);
  add_db_verbs(app, chosen);
  add_key_verbs(app, chosen);
  add_user_key_verbs(app, chosen);
}

int run(int argc, char** argv) {
  CLI::App app{
      "Looks after a BaluHost: users, sessions, grants, shares, the audit trail, files, keys and "
      "backups.\n"
      "Works on the data directory and database, while the server runs too. Every change is in the "
      "audit trail as cli:<os user>.",
      "baluhostctl"};
  Program program;
  Verb chosen;
  program.add_flags(app);
  add_verbs(app, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return answer_arguments(app, error);
  }
  start_log(Severity::warn, LogFormat::text);
  const auto configuration = program.configuration();
  if (!configuration) {
    print_error(configuration.error());
    return kUsage;
  }
  for (const std::string& warning : (*configuration)->warnings)
    std::cerr << "baluhostctl: " << warning << '\n';
  auto outcome = chosen(program);
  return outcome ? *outcome : program.failed(std::move(outcome).error());
}

} // namespace

int main(int argc, char** argv) {
  return baluhost::run_program("baluhostctl", [&] {
    return baluhost::exit_code_after_output("baluhostctl", run(argc, argv));
  });
}
