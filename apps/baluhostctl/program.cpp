#include "program.hpp"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

namespace baluhost::ctl {

Result<const Configuration*> Program::configuration() {
  if (!configuration_) {
    ConfigurationSources sources;
    if (!config_file.empty()) sources.file = config_file;
    sources.environment = baluhost_environment();
    if (!data_dir.empty()) sources.flags.emplace_back("server.data_dir", data_dir);
    if (!database_url.empty()) sources.flags.emplace_back("database.url", database_url);
    BALUHOST_TRY(configuration_, load_configuration(sources));
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
