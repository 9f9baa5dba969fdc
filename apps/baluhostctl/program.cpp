#include "program.hpp"
#include "output.hpp"

#include "baluhost/host/backup.hpp"
#include "baluhost/host/database_kind.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>

namespace baluhost::ctl {

std::optional<std::string> database_directory(const Configuration& configuration) {
  const DatabaseKind* kind = find_database_kind(configuration.database_url);
  const auto file = kind ? kind->file(configuration.database_url) : std::nullopt;
  if (!file) return std::nullopt;
  const std::string directory = std::filesystem::path{*file}.parent_path().string();
  return directory.empty() ? "." : directory;
}

namespace {

/// Mostly it is another directory that was meant.
Error with_directory(Error error, const Configuration& configuration) {
  std::error_code failure;
  const std::string& directory = configuration.data_dir;
  const bool is_readable = ::access(directory.c_str(), R_OK | X_OK) == 0;
  if (error.code != Errc::not_found && is_readable) return error;
  const bool is_there = std::filesystem::exists(directory, failure);
  error.detail += "; the data directory is " + directory +
                  (is_readable ? ""
                   : is_there  ? ", which cannot be read"
                               : ", which does not exist") +
                  ": --data-dir names another";
  return error;
}

} // namespace

void Program::add_flags(CLI::App& app) {
  app.set_version_flag("--version", std::string{"baluhostctl "} + BALUHOST_VERSION);
  app.require_subcommand(1);
  app.fallthrough();
  app.get_formatter()->column_width(34);
  flags_.add_to(app);
  app.add_flag("--json", json, "Results as JSON, with the objects of the HTTP API");
}

CLI::App* add_word(CLI::App& app, const char* word, const char* help) {
  return app.add_subcommand(word, help)->require_subcommand(1)->fallthrough();
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
    if (const auto directory = database_directory(*effective); directory && is_backup(*directory))
      return Error{Errc::conflict,
                   *directory +
                       " is a backup, which this would change so that it could not be restored: "
                       "restore it first (db restore); audit verify reads it where it is"};
    auto opened = Host::open(*effective, HostRole::tool);
    if (!opened) return with_directory(std::move(opened).error(), *effective);
    host_ = *std::move(opened);
  }
  return host_.get();
}

int Program::failed(Error error) const {
  const std::string url = configuration_ ? redacted_url(configuration_->database_url) : "";
  if (error.code == Errc::unavailable && error.detail.find(url) == std::string::npos)
    error.detail += " (the database is " + url + ")";
  print_error(error);
  return is_usage(error) ? kUsage : kFailure;
}

} // namespace baluhost::ctl
