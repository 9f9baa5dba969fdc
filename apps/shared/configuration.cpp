#include "configuration.hpp"

#include "settings.hpp"
#include "toml_file.hpp"

#include "baluhost/domain/ascii.hpp"
#include "baluhost/domain/text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>

extern char** environ;

namespace baluhost {
namespace {

/// The keys that share the section of `name`, or the sections: what to offer instead of an unknown
/// one.
std::string alternatives(std::string_view name) {
  const std::string_view section = name.substr(0, name.find('.'));
  std::vector<std::string_view> names;
  for (const Setting& key : settings()) {
    if (std::string_view{key.name}.starts_with(section) && key.name[section.size()] == '.')
      names.push_back(key.name);
  }
  if (names.empty()) {
    for (const Setting& key : settings()) {
      const auto of_key = std::string_view{key.name}.substr(0, key.name.find('.'));
      if (names.empty() || names.back() != of_key) names.push_back(of_key);
    }
    return fmt::format("the sections are {}", fmt::join(names, ", "));
  }
  return fmt::format("the keys here are {}", fmt::join(names, ", "));
}

Result<void> apply(Configuration& configuration, const std::string& place, const std::string& name,
                   const RawValue& value) {
  const Setting* key = find_setting(name);
  if (!key)
    return Error{Errc::invalid_request,
                 fmt::format("{}: unknown key {}; {}", place, printable(name), alternatives(name))};
  if (auto set = key->set(configuration, value); !set) {
    return Error{Errc::invalid_request,
                 fmt::format("{}: {} must be {}", place, name, set.error().fields.front().detail)};
  }
  configuration.places.insert_or_assign(name, place);
  return {};
}

std::string upper_cased(std::string_view text) {
  std::string name{text};
  std::ranges::transform(name, name.begin(), upper);
  return name;
}

/// What the environment calls a key: "server.data_dir" is BALUHOST_SERVER__DATA_DIR.
std::string variable_of(std::string_view key) {
  const auto dot = key.find('.');
  return upper_cased(fmt::format("baluhost_{}__{}", key.substr(0, dot), key.substr(dot + 1)));
}

/// A variable that no program reads, and which one was meant, if one is near: the section may be
/// left out, and one underscore may stand for two.
std::string unknown_variable(std::string_view variable) {
  const std::string upper = upper_cased(variable);
  std::vector<std::string> near;
  for (const Setting& key : settings()) {
    const std::string right = variable_of(key.name);
    std::string single = right;
    single.replace(right.find("__"), 2, "_");
    const std::string bare = upper_cased("baluhost_" + key.name.substr(key.name.find('.') + 1));
    if (upper == right || upper == single || upper == bare) near.push_back(right);
  }
  return near.empty()
             ? fmt::format(
                   "the environment's {} is no setting, and ignored: settings are "
                   "BALUHOST_SECTION__KEY, with two underscores",
                   printable(variable))
             : fmt::format("the environment's {} is no setting, and ignored: did you mean {}?",
                           printable(variable), fmt::join(near, " or "));
}

Result<void> apply_environment(Configuration& configuration,
                               const std::map<std::string, std::string>& environment) {
  for (const auto& [variable, value] : environment) {
    if (variable == "BALUHOST_ADMIN_PASSWORD_FILE") {
      configuration.admin_password_file = value;
      continue;
    }
    if (!variable.starts_with("BALUHOST_") || variable.find("__") == std::string::npos) {
      configuration.warnings.push_back(unknown_variable(variable));
      continue;
    }
    std::string name = variable.substr(std::string_view{"BALUHOST_"}.size());
    name.replace(name.find("__"), 2, ".");
    std::ranges::transform(name, name.begin(), lower);
    RawValue raw{.kind = RawValue::Kind::text, .texts = {}, .untyped = true};
    const bool list = name == "server.listen" || name == "server.trusted_proxies" ||
                      name == "cors.allowed_origins";
    for (std::size_t begin = 0; list && begin <= value.size();) {
      const auto comma = std::min(value.find(',', begin), value.size());
      std::string item = value.substr(begin, comma - begin);
      item.erase(0, item.find_first_not_of(' '));
      item.erase(item.find_last_not_of(' ') + 1);
      if (!item.empty()) raw.texts.push_back(std::move(item));
      begin = comma + 1;
    }
    if (!list) raw.texts.push_back(value);
    if (list) raw.kind = RawValue::Kind::list;
    BALUHOST_CHECK(apply(configuration, "environment " + variable, name, raw));
  }
  return {};
}

Result<void> check_together(const Configuration& c) {
  const auto refuse = [&](std::string_view key, std::string_view why) {
    return refused_setting(c, key, why);
  };
  if (c.server.listen.empty()) return refuse("server.listen", "must name at least one address");
  if (c.tls.cert_file.empty() != c.tls.key_file.empty()) {
    return c.tls.cert_file.empty()
               ? refuse("tls.key_file", "needs tls.cert_file, which is not set")
               : refuse("tls.cert_file", "needs tls.key_file, which is not set");
  }
  if (c.auth.refresh_ttl < c.auth.access_ttl) {
    return refuse("auth.refresh_ttl", "must not be shorter than auth.access_ttl");
  }
  if (c.auth.argon2_memory_kib < 8 * c.auth.argon2_parallelism) {
    return refuse("auth.argon2_memory_kib", "must be at least 8 times auth.argon2_parallelism");
  }
  if (!c.metrics.listen.empty()) {
    if (auto listen = check_listen(c.metrics.listen); !listen) {
      return refuse("metrics.listen", "must be " + listen.error().fields.front().detail);
    }
  }
  return {};
}

} // namespace

Error refused_setting(const Configuration& configuration, std::string_view key,
                      std::string_view why) {
  const auto place = configuration.places.find(key);
  const std::string where = place == configuration.places.end() ? "" : place->second + ": ";
  return Error{Errc::invalid_request, fmt::format("{}{}: {}", where, key, why)};
}

std::map<std::string, std::string> baluhost_environment() {
  std::map<std::string, std::string> found;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view assignment{*entry};
    const auto equals = assignment.find('=');
    if (equals != std::string_view::npos && upper_cased(assignment.substr(0, 9)) == "BALUHOST_") {
      found.emplace(assignment.substr(0, equals), assignment.substr(equals + 1));
    }
  }
  return found;
}

Result<Configuration> load_configuration(const ConfigurationSources& sources) {
  Configuration configuration;
  if (sources.file) {
    BALUHOST_TRY(const auto entries, read_toml_file(*sources.file));
    for (const TomlEntry& entry : entries) {
      BALUHOST_CHECK(apply(configuration, fmt::format("{}:{}", *sources.file, entry.line),
                           entry.key, entry.value));
    }
  }
  BALUHOST_CHECK(apply_environment(configuration, sources.environment));
  bool listens = false;
  for (const auto& [name, value] : sources.flags) {
    RawValue raw{RawValue::Kind::text, {value}, true};
    if (name == "server.listen" && listens) { // --listen may be repeated
      raw.texts.insert(raw.texts.begin(), configuration.server.listen.begin(),
                       configuration.server.listen.end());
    }
    listens = listens || name == "server.listen";
    BALUHOST_CHECK(apply(configuration, "command line", name, raw));
  }
  fill_in_paths(configuration);
  BALUHOST_CHECK(check_together(configuration));
  return configuration;
}

std::string to_toml(const Configuration& configuration) {
  std::string out;
  std::string section;
  for (const Setting& key : settings()) {
    const auto dot = key.name.find('.');
    if (key.name.substr(0, dot) != section) {
      section = key.name.substr(0, dot);
      out += fmt::format("{}[{}]\n", out.empty() ? "" : "\n", section);
    }
    out += fmt::format("{} = {}\n", key.name.substr(dot + 1), key.show(configuration));
  }
  return out;
}

} // namespace baluhost
