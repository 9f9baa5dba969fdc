// Who verifies needs no more than to read. In place the verification is an event, but a backup with
// one event more is no longer the one that its description names, and would not be restored.

#include "verification.hpp"

#include "output.hpp"

#include "baluhost/core/json/json_views.hpp"
#include "baluhost/core/seals/verify.hpp"
#include "baluhost/host/backup.hpp"
#include "baluhost/host/database_kind.hpp"
#include "baluhost/host/offline.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>

namespace baluhost::ctl {
namespace {

Error unreadable(const std::string& path) {
  const int why = errno;
  return Error{why == ENOENT ? Errc::not_found : Errc::unavailable,
               path + " cannot be read: " + std::strerror(why)};
}

/// Whether an anchor was there to say which seal is the newest.
enum class End { known, unknown };

/// With the member `end_known` after those of the API.
std::string to_json(const VerifyReport& report, End end) {
  std::string json = to_json(report);
  json.pop_back();
  return json + (end == End::known ? ",\"end_known\":true}" : ",\"end_known\":false}");
}

int report(const Program& program, const VerifyReport& report, End end) {
  if (program.json) {
    print_line(to_json(report, end));
  } else {
    for (const VerifyProblem& problem : report.problems) {
      print_line(fmt::format("{}{}{}: {}", to_string(problem.kind),
                             problem.seal ? fmt::format(", seal {}", problem.seal->value) : "",
                             problem.event ? fmt::format(", event {}", problem.event->value) : "",
                             problem.detail));
    }
    print_line(fmt::format("{}: {} events in {} seals, {} not sealed yet; head {}",
                           report.ok ? "verified" : "NOT AS IT WAS SEALED", report.events,
                           report.seals, report.unsealed, report.head.hex()));
    if (report.ok && end == End::unknown)
      print_line(
          "the end is not known: without an anchor, events and seals after these may be gone"
          " (--anchor FILE)");
  }
  return report.ok ? kSuccess : kFound;
}

/// With nothing but the export and the public key.
Result<int> verify_file(Program& program, const VerifyArguments& arguments) {
  if (arguments.public_key.empty()) return usage("--file needs --public-key");
  BALUHOST_TRY(const std::string pem, read_whole(arguments.public_key));
  BALUHOST_TRY(const auto keys, make_seal_verifier(pem));
  const auto digester = make_digester();
  std::ifstream file{arguments.file, std::ios::binary};
  if (!file) return unreadable(arguments.file);
  std::optional<Anchor> anchor;
  if (!arguments.anchor_file.empty()) {
    BALUHOST_TRY(anchor, newest_anchor(arguments.anchor_file));
  }
  Progress progress{"verifying", 0, "events"};
  BALUHOST_TRY(const auto found,
               verify_export(file, *keys, *digester, anchor,
                             [&](std::int64_t events) { progress.update(events); }));
  return report(program, found, anchor ? End::known : End::unknown);
}

/// Whether nothing may be written where the database of the configuration lies, and what to say of
/// it then: it is a backup, or a right is missing.
std::optional<std::string> why_only_read(const Configuration& configuration) {
  const auto directory = database_directory(configuration);
  if (!directory) return std::nullopt;
  if (is_backup(*directory)) return *directory + " is a backup";
  const auto file =
      find_database_kind(configuration.database_url)->file(configuration.database_url);
  const bool may_write = ::faccessat(AT_FDCWD, file->c_str(), R_OK | W_OK, AT_EACCESS) == 0 &&
                         ::faccessat(AT_FDCWD, directory->c_str(), W_OK | X_OK, AT_EACCESS) == 0;
  if (may_write || errno == ENOENT) return std::nullopt;
  return *directory + " cannot be written: " + std::strerror(errno);
}

Result<std::unique_ptr<Database>> open_left_alone(const DatabaseOptions& options) {
  BALUHOST_TRY(const auto backup, find_database_tools(options.url)->backup(options));
  auto opened = backup->open_copy(*find_database_kind(options.url)->file(options.url));
  if (opened) return opened;
  return Error{opened.error().code,
               "the database " + redacted_url(options.url) + ": " + opened.error().detail};
}

Result<std::unique_ptr<SealVerifier>> keys_of(const VerifyArguments& arguments,
                                              const Configuration& configuration) {
  if (arguments.public_key.empty()) {
    BALUHOST_TRY(auto signer, open_seal_signer(configuration));
    return std::unique_ptr<SealVerifier>{std::move(signer)};
  }
  BALUHOST_TRY(const std::string pem, read_whole(arguments.public_key));
  return make_seal_verifier(pem);
}

/// Without an event: what is verified stays as it is.
Result<int> verify_only_reading(Program& program, const VerifyArguments& arguments,
                                Database& database) {
  BALUHOST_TRY(const Configuration* configuration, program.configuration());
  BALUHOST_TRY(const auto keys, keys_of(arguments, *configuration));
  std::optional<Anchor> anchor;
  if (!arguments.no_anchor) {
    BALUHOST_TRY(anchor,
                 newest_anchor(arguments.anchor_file.empty() ? configuration->audit.anchor_file
                                                             : arguments.anchor_file));
  }
  Progress progress{"verifying", 0, "events"};
  BALUHOST_TRY(const auto found,
               verify_trail(database, *keys, *make_digester(), anchor,
                            arguments.no_anchor ? MissingAnchor::allowed : MissingAnchor::finding,
                            [&](std::int64_t events) { progress.update(events); }));
  const int code = report(program, found, anchor ? End::known : End::unknown);
  if (!arguments.public_key.empty() && !program.json && found.unsealed > 0)
    print_line("the tags of what is not sealed yet were not checked: that takes the server's keys");
  return code;
}

} // namespace

Result<std::string> read_whole(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  if (!file) return unreadable(path);
  return std::string{std::istreambuf_iterator<char>{file}, {}};
}

Result<int> verify(Program& program, const VerifyArguments& arguments) {
  if (!arguments.file.empty()) return verify_file(program, arguments);
  BALUHOST_TRY(const Configuration* configuration, program.configuration());
  const DatabaseOptions options = database_options(*configuration);
  if (const auto why = why_only_read(*configuration)) {
    BALUHOST_TRY(const auto database, open_left_alone(options));
    std::cerr << "baluhostctl: " << *why << ": no event of this verification is written there\n";
    return verify_only_reading(program, arguments, *database);
  }
  if (!arguments.public_key.empty()) {
    BALUHOST_TRY(const auto database, open_database(options, DatabaseAccess::read));
    return verify_only_reading(program, arguments, *database);
  }
  BALUHOST_TRY(Host * host, program.host());
  Progress progress{"verifying", 0, "events"};
  BALUHOST_TRY(const auto found,
               host->audit_queries().verify(
                   calling_operator(), arguments.no_anchor ? AnchorUse::ignore : AnchorUse::compare,
                   [&](std::int64_t events) { progress.update(events); }));
  return report(program, found, arguments.no_anchor ? End::unknown : End::known);
}

} // namespace baluhost::ctl
