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
  BALUHOST_TRY(const auto path, optional_argument("--path", arguments.path, FilePath::parse));
  BALUHOST_TRY(const auto shares,
               list_all<PlacedShare>(
                   program, [&](Host& host, const Principal& who, const PageRequest& page) {
                     return host.shares().list(who, path, page);
                   }));
  print_list(program.json, shares,
             {"ID", "PATH", "MADE BY", "RIGHTS", "PASSWORD", "USES", "EXPIRES", "LAST USED"},
             [](const PlacedShare& item) -> Row {
               const auto& [share, creator, place, kind] = item;
               return {share.id.value,
                       place.str(),
                       creator.str(),
                       share.rights.to_text(),
                       share.password ? "yes" : "no",
                       std::to_string(share.uses),
                       text_of(share.expires_at),
                       text_of(share.last_used_at)};
             });
  return kSuccess;
}

Result<int> end(Program& program, const ShareArguments& arguments) {
  BALUHOST_TRY(const auto id, argument("ID", ShareId::parse(arguments.id)));
  BALUHOST_TRY(Host * host, program.host());
  BALUHOST_CHECK(host->shares().end(calling_operator(), id));
  return kSuccess;
}

} // namespace

void add_share_verbs(CLI::App& app, Verb& chosen) {
  auto* share = add_word(app, "share", "Links for people without an account");
  auto arguments = std::make_shared<ShareArguments>();
  const auto verb = verbs_of(share, chosen, arguments);
  auto* listing = verb("list", "Lists shares, without their secrets", list);
  listing->add_option("--path", arguments->path, "On this path");
  auto* ending = verb("end", "Ends a share: its link and what was got by it are dead", end);
  ending->add_option("ID", arguments->id, "As the list has it")->required();
}

} // namespace baluhost::ctl
