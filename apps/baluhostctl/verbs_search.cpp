#include "output.hpp"
#include "program.hpp"

#include "baluhost/core/json/json_views.hpp"

namespace baluhost::ctl {
namespace {

struct SearchArguments {
  std::string words;
  std::string path;
  std::string kind;
};

Result<int> search(Program& program, const SearchArguments& arguments) {
  BALUHOST_TRY(auto query, argument("WORDS", NameQuery::parse(arguments.words)));
  if (!arguments.kind.empty())
    query.kind = arguments.kind == "directory" ? FileKind::directory : FileKind::file;
  BALUHOST_TRY(const auto root, optional_argument("--path", arguments.path, FilePath::parse));
  BALUHOST_TRY(const auto found, list_all<FileInfo>(program, [&](Host& host, const Principal& who,
                                                                 const PageRequest& page) {
                 return host.files().search(who, query, root, page);
               }));
  if (program.json) {
    print_line(items_json(found, [](const FileInfo& info) { return to_json(info); }));
    return kSuccess;
  }
  for (const auto& info : found) print_line(info.path.str());
  return kSuccess;
}

} // namespace

void add_search_verb(CLI::App& app, Verb& chosen) {
  auto arguments = std::make_shared<SearchArguments>();
  auto* verb = app.add_subcommand("search", "Finds files and directories by words in their names")
                   ->fallthrough();
  verb->add_option("WORDS", arguments->words, "All of them are in a name, with blanks in between")
      ->required();
  verb->add_option("--path", arguments->path, "That and what lies below it only");
  verb->add_option("--kind", arguments->kind, "Only these")
      ->check(CLI::IsMember({"file", "directory"}));
  verb->callback([&chosen, arguments] {
    chosen = [arguments](Program& program) { return search(program, *arguments); };
  });
}

} // namespace baluhost::ctl
