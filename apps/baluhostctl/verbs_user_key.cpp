#include "output.hpp"
#include "program.hpp"

#include "baluhost/core/json/json_views.hpp"

namespace baluhost::ctl {
namespace {

Result<int> list(Program& program, const std::string& user) {
  BALUHOST_TRY(const auto keys,
               list_of_user<PlacedKey>(program, user,
                                       [](Host& host) -> KeyService& { return host.user_keys(); }));
  print_list(program.json, keys,
             {"KEY", "NAME", "SCOPES", "PATH", "CREATED", "EXPIRES", "LAST USED", "ADDRESS"},
             [](const PlacedKey& item) -> Row {
               const auto& [key, path] = item;
               return {key.id.value,
                       key.name,
                       key.scopes.to_text(),
                       key.root ? (path ? path->str() : "(gone)") : "-",
                       key.created_at.to_rfc3339(),
                       text_of(key.expires_at),
                       text_of(key.last_used_at),
                       text_of(key.last_used_ip)};
             });
  return kSuccess;
}

/// ID, or USER ID for one of that user's alone.
Result<int> revoke(Program& program, const std::vector<std::string>& words) {
  BALUHOST_TRY(const auto id, argument("ID", KeyId::parse(words.back())));
  const Principal who = calling_operator();
  if (words.size() == 1) {
    BALUHOST_TRY(Host * host, program.host());
    BALUHOST_CHECK(host->user_keys().revoke_any(who, id));
    return kSuccess;
  }
  BALUHOST_TRY(const auto name, argument("USER", Username::parse(words.front())));
  BALUHOST_TRY(Host * host, program.host());
  BALUHOST_CHECK(host->user_keys().revoke_of(who, name, id));
  return kSuccess;
}

} // namespace

void add_user_key_verbs(CLI::App& app, Verb& chosen) {
  auto* key = add_word(app, "key", "Keys of users, by which programs act for them");
  auto user = std::make_shared<std::string>();
  add_verb(key, "list", "Lists a user's keys, never their secrets", chosen, user, list)
      ->add_option("USER", *user, "The user's name")
      ->required();
  auto words = std::make_shared<std::vector<std::string>>();
  add_verb(key, "revoke", "Ends a key", chosen, words, revoke)
      ->add_option("ID", *words, "The key's id; with two words its owner's name and the id")
      ->required()
      ->expected(1, 2);
}

} // namespace baluhost::ctl
