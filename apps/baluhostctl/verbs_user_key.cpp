#include "output.hpp"
#include "program.hpp"

#include "baluhost/core/json/json_views.hpp"

namespace baluhost::ctl {
namespace {

std::string text_of(const std::optional<Timestamp>& time) {
  return time ? time->to_rfc3339() : "-";
}

Result<int> list(Program& program, const std::string& user) {
  BALUHOST_TRY(const auto name, argument("USER", Username::parse(user)));
  BALUHOST_TRY(Host * host, program.host());
  const Principal who = program.operator_principal();
  BALUHOST_TRY(const auto keys, all_pages<PlacedKey>([&](const PageRequest& page) {
                 return host->user_keys().list_of(who, name, page);
               }));
  if (program.json) {
    print_line(items_json(keys, [](const PlacedKey& key) { return to_json(key); }));
    return kSuccess;
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& [key, path] : keys) {
    rows.push_back({key.id.value, key.name, key.scopes.to_text(),
                    key.root ? (path ? path->str() : "(gone)") : "-", key.created_at.to_rfc3339(),
                    text_of(key.expires_at), text_of(key.last_used_at),
                    key.last_used_ip.value_or("-")});
  }
  print_table({"KEY", "NAME", "SCOPES", "PATH", "CREATED", "EXPIRES", "LAST USED", "ADDRESS"},
              rows);
  return kSuccess;
}

/// ID, or USER ID for one of that user's alone.
Result<int> revoke(Program& program, const std::vector<std::string>& words) {
  BALUHOST_TRY(const auto id, argument("ID", KeyId::parse(words.back())));
  const Principal who = program.operator_principal();
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
  auto* key = app.add_subcommand("key", "Keys of users, by which programs act for them")
                  ->require_subcommand(1)
                  ->fallthrough();
  auto user = std::make_shared<std::string>();
  auto* listing = key->add_subcommand("list", "Lists a user's keys, never their secrets");
  listing->fallthrough()->add_option("USER", *user, "The user's name")->required();
  listing->callback(
      [&chosen, user] { chosen = [user](Program& program) { return list(program, *user); }; });
  auto words = std::make_shared<std::vector<std::string>>();
  auto* revoking = key->add_subcommand("revoke", "Ends a key");
  revoking->fallthrough()
      ->add_option("ID", *words, "The key's id; with two words its owner's name and the id")
      ->required()
      ->expected(1, 2);
  revoking->callback(
      [&chosen, words] { chosen = [words](Program& program) { return revoke(program, *words); }; });
}

} // namespace baluhost::ctl
