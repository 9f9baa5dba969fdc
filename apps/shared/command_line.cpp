#include "command_line.hpp"

#include "baluhost/domain/text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <iostream>
#include <string>
#include <string_view>
#include <vector>

namespace baluhost {
namespace {

/// The verb that was given, as far as it was: the deepest one, and all of its words; none.
struct Given {
  const CLI::App* verb;
  std::string words;
};

Given given_verb(const CLI::App& app) {
  Given given{&app, {}};
  for (auto below = app.get_subcommands(); !below.empty(); below = given.verb->get_subcommands()) {
    given.verb = below.front();
    if (!given.words.empty()) given.words += ' ';
    given.words += given.verb->get_name();
  }
  return given;
}

std::string verbs_below(const CLI::App& verb) {
  std::vector<std::string> names;
  for (const CLI::App* below : verb.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(below->get_name());
  return fmt::format("{}", fmt::join(names, ", "));
}

bool is_verb_missing(const Given& given) {
  return !given.verb->get_subcommands([](const CLI::App*) { return true; }).empty();
}

std::string after(const Given& given) { return given.words.empty() ? "" : " after " + given.words; }

/// The name of an option without its value, which may stand in the same word.
std::string option_name(std::string_view word) {
  const auto length = word.starts_with("--") ? word.find('=') : std::size_t{2};
  return printable(word.substr(0, length));
}

std::string about_unknown(const Given& given, const std::vector<std::string>& unknown) {
  for (const std::string& word : unknown) {
    if (word.size() > 1 && word.front() == '-') return "there is no " + option_name(word);
  }
  if (is_verb_missing(given))
    return fmt::format("there is no such verb{}; there are {}", after(given),
                       verbs_below(*given.verb));
  return fmt::format(
      "there are more arguments than expected{}: {}, not repeated here. A password is never an "
      "argument: it is asked for, or read with --password-stdin",
      after(given), unknown.size());
}

/// What to do about an argument that is of another type; CLI11's own sentence repeats it.
std::string about_type(std::string_view sentence) {
  constexpr std::string_view kStart = "Could not convert: ";
  if (!sentence.starts_with(kStart)) return std::string{sentence};
  const std::string_view name =
      sentence.substr(kStart.size(), sentence.find(" = ") - kStart.size());
  return fmt::format("{} must be a whole number{}", name,
                     name == "ID" ? ", as the lists show it" : "");
}

} // namespace

int answer_arguments(const CLI::App& app, const CLI::ParseError& error) {
  const auto refuse = [&](const std::string& why) {
    std::cerr << app.get_name() << ": " << why << "\nRun with --help for more information.\n";
    return 2;
  };
  const Given given = given_verb(app);
  const bool is_required = dynamic_cast<const CLI::RequiredError*>(&error) != nullptr;
  const bool is_extra = dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr;
  // An option that nobody knows says more than the verb or the option that is missing for it.
  const auto unknown = app.remaining(true);
  if (!unknown.empty() && (is_required || is_extra)) return refuse(about_unknown(given, unknown));
  if (is_required && is_verb_missing(given))
    return refuse(fmt::format("a verb is missing{}: {}", after(given), verbs_below(*given.verb)));
  if (dynamic_cast<const CLI::ConversionError*>(&error) != nullptr)
    return refuse(about_type(error.what()));
  return app.exit(error, std::cout, std::cerr) == 0 ? 0 : 2;
}

} // namespace baluhost
