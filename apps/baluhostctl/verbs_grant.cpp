#include "output.hpp"
#include "program.hpp"

#include "baluhost/core/json/json_views.hpp"

namespace baluhost::ctl {
namespace {

struct GrantArguments {
  std::string path;
  std::string grantee;
  std::vector<std::string> rights;
};

Result<int> add(Program& program, const GrantArguments& arguments) {
  BALUHOST_TRY(const auto path, argument("PATH", FilePath::parse(arguments.path)));
  BALUHOST_TRY(const auto grantee, argument("GRANTEE", Username::parse(arguments.grantee)));
  Rights rights;
  for (const std::string& text : arguments.rights) {
    BALUHOST_TRY(const auto right, argument("RIGHT", parse_right(text)));
    rights |= right;
  }
  BALUHOST_TRY(Host * host, program.host());
  BALUHOST_TRY(const auto result, host->grants().put(calling_operator(), path, grantee, rights));
  print_line(program.json ? to_json(result.grant)
                          : grantee.str() + " may " + rights.to_text() + " " + path.str());
  return kSuccess;
}

Result<int> list(Program& program, const GrantArguments& arguments) {
  BALUHOST_TRY(const auto path, optional_argument("--path", arguments.path, FilePath::parse));
  BALUHOST_TRY(const auto grantee,
               optional_argument("--grantee", arguments.grantee, Username::parse));
  BALUHOST_TRY(const auto grants, list_all<GrantInfo>(program, [&](Host& host, const Principal& who,
                                                                   const PageRequest& page) {
                 return host.grants().list(who, path, grantee, page);
               }));
  print_list(program.json, grants, {"PATH", "GRANTEE", "RIGHTS", "GRANTED BY", "CREATED"},
             [](const GrantInfo& grant) -> Row {
               return {grant.path.str(), grant.grantee.str(), grant.rights.to_text(),
                       grant.granted_by.value_or("-"), grant.created_at.to_rfc3339()};
             });
  return kSuccess;
}

Result<int> remove(Program& program, const GrantArguments& arguments) {
  BALUHOST_TRY(const auto path, argument("PATH", FilePath::parse(arguments.path)));
  BALUHOST_TRY(const auto grantee, argument("GRANTEE", Username::parse(arguments.grantee)));
  BALUHOST_TRY(Host * host, program.host());
  BALUHOST_CHECK(host->grants().remove(calling_operator(), path, grantee));
  return kSuccess;
}

} // namespace

void add_grant_verbs(CLI::App& app, Verb& chosen) {
  auto* grant = add_word(app, "grant", "Rights in others' homes");
  auto arguments = std::make_shared<GrantArguments>();
  const auto verb = verbs_of(grant, chosen, arguments);
  auto* adding = verb("add", "Gives rights on a path and all below it", add);
  adding->add_option("PATH", arguments->path, "Such as /anna/photos")->required();
  adding->add_option("GRANTEE", arguments->grantee, "The user who gets them")->required();
  adding->add_option("RIGHT", arguments->rights, "read, write, delete, share")->required();
  auto* listing = verb("list", "Lists grants", list);
  listing->add_option("--path", arguments->path, "On this path");
  listing->add_option("--grantee", arguments->grantee, "Of this user");
  auto* removing = verb("remove", "Takes the rights away", remove);
  removing->add_option("PATH", arguments->path, "The path")->required();
  removing->add_option("GRANTEE", arguments->grantee, "The user who had them")->required();
}

} // namespace baluhost::ctl
