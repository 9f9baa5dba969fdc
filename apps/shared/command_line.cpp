#include "command_line.hpp"

#include "baluhost/domain/text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <pwd.h>
#include <unistd.h>

#include <iostream>
#include <optional>
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

/// The option or argument that a sentence of CLI11's is about.
std::string_view subject_of(std::string_view sentence) {
  constexpr std::string_view kConversion = "Could not convert: ";
  if (sentence.starts_with(kConversion)) sentence.remove_prefix(kConversion.size());
  return sentence.substr(0, sentence.find_first_of(": "));
}

/// What follows the last `words` of `sentence`, before which a value may stand; none without them.
std::optional<std::string_view> rest_after(std::string_view sentence, std::string_view words) {
  const auto at = sentence.rfind(words);
  if (at == std::string_view::npos) return std::nullopt;
  return sentence.substr(at + words.size());
}

std::string about_type(const Given& given, const std::string& name) {
  for (const CLI::App* verb = given.verb; verb != nullptr; verb = verb->get_parent()) {
    const CLI::Option* option = verb->get_option_no_throw(name);
    if (option != nullptr && option->get_expected_min() == 0) return name + " takes no value";
  }
  return fmt::format("{} must be a whole number{}", name,
                     name == "ID" ? ", as the lists show it" : "");
}

std::string about_value(const std::string& name, std::string_view sentence) {
  if (const auto range = rest_after(sentence, " not in range "))
    return fmt::format("{} must be from {}", name, *range);
  const auto set = rest_after(sentence, " not in {");
  if (!set) return fmt::format("{} has a value that it cannot have", name);
  std::string names;
  for (const char c : set->substr(0, set->rfind('}'))) names += c == ',' ? ", " : std::string{c};
  return fmt::format("{} must be one of {}", name, names);
}

/// What is wrong with one option or argument. CLI11's own sentences repeat values, and say neither
/// which program nor which verb they are about.
std::string about_one(const Given& given, const CLI::ParseError& error) {
  const std::string_view sentence{error.what()};
  const std::string name{subject_of(sentence)};
  if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr)
    return fmt::format("{} is required{}", name, after(given));
  if (dynamic_cast<const CLI::ConversionError*>(&error) != nullptr) return about_type(given, name);
  if (dynamic_cast<const CLI::ValidationError*>(&error) != nullptr)
    return about_value(name, sentence);
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) == nullptr) return std::string{sentence};
  return rest_after(sentence, ": At Most ") ? name + " may be given once only"
                                            : name + " needs a value";
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
  if (dynamic_cast<const CLI::Success*>(&error) == nullptr) return refuse(about_one(given, error));
  return app.exit(error, std::cout, std::cerr);
}

Principal calling_operator() {
  const passwd* entry = ::getpwuid(::geteuid());
  return Principal::local_operator(entry != nullptr ? std::string{entry->pw_name}
                                                    : std::to_string(::geteuid()));
}

} // namespace baluhost
