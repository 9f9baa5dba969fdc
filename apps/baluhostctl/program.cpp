#include "program.hpp"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

namespace baluhost::ctl {

void Program::add_flags(CLI::App& app) {
  app.set_version_flag("--version", std::string{"baluhostctl "} + BALUHOST_VERSION);
  app.require_subcommand(1);
  app.fallthrough();
  app.get_formatter()->column_width(34);
  flags_.add_to(app);
  app.add_flag("--json", json, "Results as JSON, with the objects of the HTTP API");
}

Result<const Configuration*> Program::configuration() {
  if (!configuration_) {
    BALUHOST_TRY(configuration_, load_configuration(flags_.sources()));
  }
  return &*configuration_;
}

Result<Host*> Program::host() {
  if (!host_) {
    BALUHOST_TRY(const Configuration* effective, configuration());
    BALUHOST_TRY(host_, Host::open(*effective, HostRole::tool));
  }
  return host_.get();
}

Principal Program::operator_principal() const {
  const passwd* entry = getpwuid(geteuid());
  return Principal::local_operator(entry ? std::string{entry->pw_name} : std::to_string(geteuid()));
}

} // namespace baluhost::ctl
