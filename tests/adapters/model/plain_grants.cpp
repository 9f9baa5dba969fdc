#include "model/plain_host.hpp"

#include <vector>

namespace baluhost::test {

PlainHost::Failure PlainHost::grant(const Actor& who, const std::string& path,
                                    const std::string& grantee, Rights rights) {
  const auto found = look(who, path);
  if (const auto no = lacks(found.rights, Right::share)) return no;
  if (const auto no = lacks(found.rights, rights)) return no;
  auto* node = found.there();
  if (node == nullptr) return Errc::not_found;
  if (grantee == home_of(path) || grantee == who) return Errc::invalid_request;
  const auto before = node->grants.find(grantee);
  if (before != node->grants.end() && !found.has_all_say && before->second.giver != who)
    return Errc::forbidden;
  node->grants[grantee] = {.rights = rights, .giver = who, .given_on = !found.has_all_say};
  tell("permission_granted", path);
  settle(home_of(path));
  return {};
}

PlainHost::Failure PlainHost::revoke(const Actor& who, const std::string& path,
                                     const std::string& grantee) {
  const auto found = look(who, path);
  const bool is_own = grantee == who;
  if (const auto no = lacks(found.rights, is_own ? Rights{} : Rights{Right::share})) return no;
  auto* node = found.there();
  if (node == nullptr) return Errc::not_found;
  const auto there = node->grants.find(grantee);
  if (there == node->grants.end()) return Errc::not_found;
  if (!is_own && !found.has_all_say && there->second.giver != who) return Errc::forbidden;
  node->grants.erase(there);
  tell("permission_revoked", path);
  settle(home_of(path));
  return {};
}

/// What was given on holds as far as its giver's own grants do: built from the ground.
void PlainHost::settle(const std::string& home) {
  struct Given {
    PlainNode* node;
    std::string path;
    std::string grantee;
    PlainGrant grant;
    Rights held;
  };
  std::vector<Given> all;
  walk(*homes.at(home).root, "/" + home, [&](PlainNode& node, const std::string& path) {
    for (const auto& [grantee, grant] : node.grants)
      all.push_back({&node, path, grantee, grant, grant.given_on ? Rights{} : grant.rights});
  });
  for (bool has_grown = true; has_grown;) {
    has_grown = false;
    for (auto& given : all) {
      if (!given.grant.given_on) continue;
      Rights of_giver;
      for (const auto& other : all) {
        if (other.grantee == given.grant.giver && lies_in(given.path, other.path))
          of_giver |= other.held;
      }
      const auto held = of_giver.includes(Right::share) ? given.grant.rights & of_giver : Rights{};
      has_grown = has_grown || held != given.held;
      given.held = held;
    }
  }
  for (const auto& given : all) {
    if (given.held == given.grant.rights) continue;
    tell("permission_revoked", given.path);
    given.node->grants[given.grantee].rights = given.held;
    if (given.held.empty()) given.node->grants.erase(given.grantee);
  }
}

} // namespace baluhost::test
