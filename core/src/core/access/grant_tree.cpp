#include "access/grant_tree.hpp"

#include <unordered_map>
#include <utility>

// What holds is built from the ground: first the grants of the owner and of administrators, then,
// again and again, what their grantees may give on. So two who gave each other the same rights do
// not hold each other up when the owner takes them away.
namespace baluhost {
namespace {

class GrantTree {
 public:
  GrantTree(const std::vector<PlacedGrant>& grants, const std::optional<UserId>& leaving)
      : grants_(grants), leaving_(leaving), held_(grants.size()) {
    for (std::size_t i = 0; i < grants.size(); ++i) {
      const auto& grant = grants[i].grant;
      if (grant.account && grant.account != leaving_) of_account_[*grant.account].push_back(i);
      if (!grant.given_on) held_[i] = grant.rights;
    }
    while (grow()) {
    }
  }

  /// What is left of the grant at `index`.
  [[nodiscard]] Rights held(std::size_t index) const { return held_[index]; }

 private:
  bool grow() {
    bool grown = false;
    for (std::size_t i = 0; i < grants_.size(); ++i) {
      const auto& grant = grants_[i].grant;
      if (!grant.given_on || held_[i] == grant.rights) continue;
      const Rights has = rights_of_giver(grants_[i]);
      const Rights holds = has.includes(Right::share) ? grant.rights & has : Rights{};
      grown = grown || holds != held_[i];
      held_[i] = holds;
    }
    return grown;
  }

  [[nodiscard]] Rights rights_of_giver(const PlacedGrant& given) const {
    Rights rights;
    const auto found = given.grant.giver ? of_account_.find(*given.grant.giver) : of_account_.end();
    if (found == of_account_.end()) return rights;
    for (const auto index : found->second) {
      if (grants_[index].path.contains(given.path)) rights |= held_[index];
    }
    return rights;
  }

  const std::vector<PlacedGrant>& grants_;
  std::optional<UserId> leaving_;
  std::vector<Rights> held_;
  std::unordered_map<UserId, std::vector<std::size_t>> of_account_;
};

} // namespace

NewAuditEvent about_grant(NewAuditEvent event, const FilePath& path, const Username& grantee,
                          Rights rights) {
  event.resource = path.str();
  return with_details(std::move(event), JsonObject{}
                                            .add("permission", rights.to_text())
                                            .add("resource", path.str())
                                            .add("grantee", grantee.str()));
}

Result<std::vector<NewAuditEvent>> settle_grants(WriteTransaction& tx, UserId owner,
                                                 const AuditLog& audit, const Principal& principal,
                                                 const std::optional<UserId>& leaving) {
  BALUHOST_TRY(const auto grants, tx.grants().tree_of(owner));
  const GrantTree tree(grants, leaving);
  std::vector<NewAuditEvent> events;
  for (std::size_t i = 0; i < grants.size(); ++i) {
    Grant grant = grants[i].grant;
    const Rights gone = grant.rights - tree.held(i);
    if (gone.empty() || (leaving && grant.account == leaving)) continue;
    grant.rights = tree.held(i);
    if (grant.rights.empty()) {
      BALUHOST_CHECK(tx.grants().remove(grant.file, grant.grantee));
    } else {
      BALUHOST_CHECK(tx.grants().put(grant));
    }
    events.push_back(about_grant(audit.draft(Action::permission_revoked, principal), grants[i].path,
                                 grant.grantee, gone));
  }
  return events;
}

} // namespace baluhost
