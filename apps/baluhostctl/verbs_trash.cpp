#include "output.hpp"
#include "program.hpp"

#include "baluhost/core/json/json_views.hpp"

#include <charconv>

namespace baluhost::ctl {
namespace {

struct TrashArguments {
  std::string home;
  std::string id;
  std::string to;
  std::string path;
  bool overwrite{false};
};

Result<std::optional<UserId>> read_home(Host& host, const std::string& name) {
  if (name.empty()) return std::optional<UserId>{};
  BALUHOST_TRY(const auto username, argument("--home", Username::parse(name)));
  BALUHOST_TRY(const auto user, host.users().get(calling_operator(), username));
  return std::optional{user.id};
}

Result<int> list(Program& program, const TrashArguments& arguments) {
  BALUHOST_TRY(Host * host, program.host());
  const Principal who = calling_operator();
  BALUHOST_TRY(const auto home, read_home(*host, arguments.home));
  BALUHOST_TRY(const auto entries, all_pages<TrashEntry>([&](const PageRequest& page) {
                 return host->trash().list(who, page, home);
               }));
  print_list(program.json, entries,
             {"ID", "PATH", "KIND", "SIZE", "FILES", "DELETED BY", "DELETED", "EXPIRES"},
             [](const TrashEntry& entry) -> Row {
               return {std::to_string(entry.id.value),     entry.path.str(),
                       std::string{to_string(entry.kind)}, std::to_string(entry.size),
                       std::to_string(entry.file_count),   entry.deleted_by,
                       entry.deleted_at.to_rfc3339(),      entry.expires_at.to_rfc3339()};
             });
  return kSuccess;
}

Result<int> restore(Program& program, const TrashArguments& arguments) {
  TrashId id;
  const auto* const end = arguments.id.data() + arguments.id.size();
  const auto [stop, error] = std::from_chars(arguments.id.data(), end, id.value);
  if (error != std::errc{} || stop != end) return usage("ID must be a whole number");
  RestoreRequest request{.to = std::nullopt, .overwrite = arguments.overwrite};
  if (!arguments.to.empty()) {
    BALUHOST_TRY(request.to, argument("--to", FilePath::parse(arguments.to)));
  }
  BALUHOST_TRY(Host * host, program.host());
  BALUHOST_TRY(const auto info, host->trash().restore(calling_operator(), id, request));
  print_line(program.json ? to_json(info) : info.path.str());
  return kSuccess;
}

Result<int> empty(Program& program, const TrashArguments& arguments) {
  BALUHOST_TRY(Host * host, program.host());
  BALUHOST_TRY(const auto home, read_home(*host, arguments.home));
  BALUHOST_CHECK(host->trash().empty(calling_operator(), home));
  return kSuccess;
}

Result<int> list_versions(Program& program, const TrashArguments& arguments) {
  BALUHOST_TRY(const auto path, argument("PATH", FilePath::parse(arguments.path)));
  BALUHOST_TRY(const auto versions, list_all<Version>(program, [&](Host& host, const Principal& who,
                                                                   const PageRequest& page) {
                 return host.versions().list(who, path, page);
               }));
  print_list(program.json, versions, {"ID", "SIZE", "MADE", "MADE BY", "", "SHA-256"},
             [](const Version& version) -> Row {
               return {version.id.value,
                       std::to_string(version.content.size),
                       version.created_at.to_rfc3339(),
                       version.created_by.value_or("-"),
                       version.is_current ? "present" : "",
                       version.content.sha256.hex()};
             });
  return kSuccess;
}

Result<int> restore_version(Program& program, const TrashArguments& arguments) {
  BALUHOST_TRY(const auto path, argument("PATH", FilePath::parse(arguments.path)));
  BALUHOST_TRY(const auto id, argument("ID", VersionId::parse(arguments.id)));
  BALUHOST_TRY(Host * host, program.host());
  BALUHOST_TRY(const auto info, host->versions().restore(calling_operator(), path, id));
  if (program.json) print_line(to_json(info));
  return kSuccess;
}

} // namespace

void add_trash_verbs(CLI::App& app, Verb& chosen) {
  auto* trash = add_word(app, "trash", "What was deleted and can be brought back");
  auto* versions = add_word(app, "versions", "Contents that files had");
  auto arguments = std::make_shared<TrashArguments>();
  const auto verb = [&](CLI::App* of, const char* name, const char* help, auto run) {
    return add_verb(of, name, help, chosen, arguments, run);
  };
  auto* listing = verb(trash, "list", "Lists it, newest first", list);
  listing->add_option("--home", arguments->home, "Of this user's home only");
  auto* restoring = verb(trash, "restore", "Brings an entry back", restore);
  restoring->add_option("ID", arguments->id, "As the list has it")->required();
  restoring->add_option("--to", arguments->to, "Where it goes; else where it lay");
  restoring->add_flag("--overwrite", arguments->overwrite,
                      "A file that is in the way becomes a version");
  auto* emptying = verb(trash, "empty", "Removes all of it for good", empty);
  emptying->add_option("--home", arguments->home, "Of this user's home only");
  auto* of_file =
      verb(versions, "list", "Lists the contents of a file, newest first", list_versions);
  of_file->add_option("PATH", arguments->path, "Of the file")->required();
  auto* back = verb(versions, "restore", "Makes a version the present content", restore_version);
  back->add_option("PATH", arguments->path, "Of the file")->required();
  back->add_option("ID", arguments->id, "As the list has it")->required();
}

} // namespace baluhost::ctl
