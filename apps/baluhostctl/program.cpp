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

Result<Backend*> Program::backend() {
  if (!backend_) {
    BALUHOST_TRY(const Configuration* effective, configuration());
    BALUHOST_TRY(backend_, open_backend(*effective, OpenMode::existing));
  }
  return backend_.get();
}

Result<Services*> Program::services() {
  if (!services_) {
    BALUHOST_TRY(Backend * opened, backend());
    BALUHOST_TRY(auto instance, make_instance_id(*opened->random));
    services_ = std::make_unique<Services>(*opened, *configuration_, std::move(instance));
  }
  return services_.get();
}

Principal Program::operator_principal() const {
  const passwd* entry = getpwuid(geteuid());
  return Principal::local_operator(entry ? std::string{entry->pw_name} : std::to_string(geteuid()));
}

} // namespace baluhost::ctl
