#include "output.hpp"
#include "program.hpp"

#include "baluhost/core/json/json_views.hpp"

namespace baluhost::ctl {
namespace {

struct ShareArguments {
  std::string path;
  std::string id;
};

Result<int> list(Program& program, const ShareArguments& arguments) {
  std::optional<FilePath> path;
  if (!arguments.path.empty()) {
    BALUHOST_TRY(path, argument("--path", FilePath::parse(arguments.path)));
  }
  BALUHOST_TRY(Host * host, program.host());
  const Principal who = program.operator_principal();
  BALUHOST_TRY(const auto shares, all_pages<PlacedShare>([&](const PageRequest& page) {
                 return host->shares().list(who, path, page);
               }));
  if (program.json) {
    print_line(items_json(shares, [](const PlacedShare& share) { return to_json(share); }));
    return kSuccess;
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& [share, creator, place, kind] : shares) {
    rows.push_back({share.id.value, place.str(), creator.str(), share.rights.to_text(),
                    share.password ? "yes" : "no", std::to_string(share.uses),
                    share.expires_at ? share.expires_at->to_rfc3339() : "-",
                    share.last_used_at ? share.last_used_at->to_rfc3339() : "-"});
  }
  print_table({"ID", "PATH", "MADE BY", "RIGHTS", "PASSWORD", "USES", "EXPIRES", "LAST USED"},
              rows);
  return kSuccess;
}

Result<int> end(Program& program, const ShareArguments& arguments) {
  BALUHOST_TRY(const auto id, argument("ID", ShareId::parse(arguments.id)));
  BALUHOST_TRY(Host * host, program.host());
  BALUHOST_CHECK(host->shares().end(program.operator_principal(), id));
  return kSuccess;
}

} // namespace

void add_share_verbs(CLI::App& app, Verb& chosen) {
  auto* share = app.add_subcommand("share", "Links for people without an account")
                    ->require_subcommand(1)
                    ->fallthrough();
  auto arguments = std::make_shared<ShareArguments>();
  const auto verb = [&](const char* name, const char* help, auto run) {
    auto* sub = share->add_subcommand(name, help)->fallthrough();
    sub->callback([&chosen, arguments, run] {
      chosen = [arguments, run](Program& program) { return run(program, *arguments); };
    });
    return sub;
  };
  auto* listing = verb("list", "Lists shares, without their secrets", list);
  listing->add_option("--path", arguments->path, "On this path");
  auto* ending = verb("end", "Ends a share: its link and what was got by it are dead", end);
  ending->add_option("ID", arguments->id, "As the list has it")->required();
}

} // namespace baluhost::ctl
