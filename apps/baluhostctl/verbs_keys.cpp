#include "output.hpp"
#include "program.hpp"

namespace baluhost::ctl {
namespace {

std::string key_json(const KeyInfo& key) {
  return JsonObject{}
      .add("kind", to_string(key.kind))
      .add("kid", key.kid)
      .add("created_at", key.created_at.to_rfc3339())
      .add("current", key.current)
      .str();
}

std::string use_of(const KeyInfo& key) {
  if (key.kind == KeyKind::factor || key.kind == KeyKind::content)
    return key.current ? "encrypts" : "decrypts";
  return key.current ? "signs" : "verifies";
}

void show(const Program& program, const std::vector<KeyInfo>& keys) {
  if (program.json) return print_line(items_json(keys, key_json));
  std::vector<std::vector<std::string>> rows;
  for (const KeyInfo& key : keys) {
    rows.push_back(
        {std::string{to_string(key.kind)}, key.kid, key.created_at.to_rfc3339(), use_of(key)});
  }
  print_table({"KIND", "KEY", "CREATED", "USE"}, rows);
}

Result<int> list(Program& program) {
  BALUHOST_TRY(Host * host, program.host());
  show(program, host->keys().list());
  return kSuccess;
}

struct Rotation {
  std::vector<KeyInfo> fresh;
  std::int64_t removed{};
  ResealedSeeds seeds;
};

Result<Rotation> replace_keys(Host& host, const Configuration& configuration) {
  Rotation done;
  BALUHOST_TRY(done.fresh, host.keys().rotate());
  // What a replaced key signed has expired once its tokens' life is over; then the key may go.
  const Timestamp now = host.clock().now();
  BALUHOST_TRY(const auto access,
               host.keys().remove_replaced(KeyKind::access, now - configuration.auth.access_ttl));
  BALUHOST_TRY(const auto refresh,
               host.keys().remove_replaced(KeyKind::refresh, now - configuration.auth.refresh_ttl));
  BALUHOST_TRY(done.seeds, host.second_factors().reseal());
  std::vector<KeyInfo> factor;
  if (done.seeds.unreadable == 0) {
    // A server that runs may seal with the replaced key for a moment yet: it goes when it has been
    // replaced for as long as a refresh key.
    BALUHOST_TRY(
        factor, host.keys().remove_replaced(KeyKind::factor, now - configuration.auth.refresh_ttl));
  }
  done.removed = static_cast<std::int64_t>(access.size() + refresh.size() + factor.size());
  return done;
}

Result<int> rotate(Program& program) {
  BALUHOST_TRY(Host * host, program.host());
  BALUHOST_TRY(const Configuration* configuration, program.configuration());
  NewAuditEvent event = host->audit_log().draft(Action::keys_rotated, calling_operator());
  auto done = replace_keys(*host, *configuration);
  if (!done) return host->audit_log().failed(std::move(event), std::move(done).error());
  JsonObject details;
  for (const KeyInfo& key : done->fresh) details.add(to_string(key.kind), key.kid);
  details.add("removed", done->removed).add("resealed", done->seeds.resealed);
  if (done->seeds.unreadable > 0) details.add("unreadable", done->seeds.unreadable);
  BALUHOST_CHECK(host->audit_log().record(with_details(std::move(event), details)));
  show(program, done->fresh);
  if (done->seeds.unreadable == 0) return kSuccess;
  print_error(Error{.code = Errc::internal,
                    .detail = std::to_string(done->seeds.unreadable) +
                              " second factors cannot be decrypted: put the missing factor key "
                              "back from a backup, or run baluhostctl user reset-totp"});
  return kFailure;
}

} // namespace

void add_key_verbs(CLI::App& app, Verb& chosen) {
  auto* keys = add_word(app, "keys", "The keys of tokens, seals, second factors and contents");
  keys->add_subcommand("list", "Lists the keys, never their secrets")
      ->fallthrough()
      ->callback([&chosen] { chosen = list; });
  keys->add_subcommand(
          "rotate",
          "Makes new keys and encrypts second factors anew; what the old ones signed stays "
          "valid until it expires")
      ->fallthrough()
      ->callback([&chosen] { chosen = rotate; });
}

} // namespace baluhost::ctl
