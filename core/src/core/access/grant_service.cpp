#include "baluhost/core/access/grant_service.hpp"

#include "access/grant_tree.hpp"
#include "access/path_access.hpp"
#include "access/permission_gate.hpp"
#include "access/share_ends.hpp"
#include "baluhost/ports/transactions.hpp"
#include "transfers/upload_rights.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <utility>
#include <vector>

/// A grant is found by its node and its grantee's name. Lists are paged by whichever of the two
/// varies, or by both, and an operator's list of all grants by the home too. Who asks is told apart
/// by the account, never by the name: the name may be another's by now.
namespace baluhost {
namespace {

/// What a grant that is gone or lowered leaves of uploads below `path`.
UploadFilter uploads_below(const FilePath& path) {
  auto home = Username::parse(path.home());
  return {
      .creator = {}, .home = home ? std::optional{*std::move(home)} : std::nullopt, .below = path};
}

/// Ends the grants, unfinished uploads and shares that nothing permits any more, after a grant on
/// `path`, in the home of `owner`, was given or taken away; returns their events.
Result<std::vector<NewAuditEvent>> end_what_hung_on(WriteTransaction& tx, UserId owner,
                                                    const FilePath& path, AuditLog& audit,
                                                    const Principal& principal) {
  BALUHOST_TRY(auto ended, settle_grants(tx, owner, audit, principal));
  BALUHOST_TRY(auto uploads, end_unpermitted_uploads(tx, uploads_below(path),
                                                     audit.draft(Action::upload, principal)));
  std::ranges::move(uploads, std::back_inserter(ended));
  BALUHOST_TRY(auto shares, end_unpermitted_shares(tx, {.home = owner}, audit, principal));
  std::ranges::move(shares, std::back_inserter(ended));
  return ended;
}

bool is_oneself(const Principal& principal, const User& user) {
  return principal.user() == user.id;
}

/// Who is to be given rights on what `access` found; none where no account has the name, which only
/// an administrator is told: not_found. invalid_request at "/grantee".
Result<std::optional<User>> find_grantee(ReadTransaction& tx, const Principal& principal,
                                         const Username& grantee, const PathAccess& access) {
  BALUHOST_TRY(auto user, tx.users().find(grantee));
  if (!user && permits(access.standing.role, Permission::administer))
    return Error{Errc::not_found, "no such grantee"};
  if (user && user->id == access.resolution.found.back().owner)
    return invalid("must not be the owner, who has all rights").at("/grantee");
  if (user && is_oneself(principal, *user)) return invalid("must not be oneself").at("/grantee");
  return user;
}

Result<std::int64_t> parse_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return invalid_cursor();
  return number;
}

GrantInfo info_of(const Grant& grant, const FilePath& path) {
  const bool is_known = !grant.granted_by.empty();
  return GrantInfo{path, grant.grantee, grant.rights,
                   is_known ? std::optional{grant.granted_by} : std::nullopt, grant.created_at};
}

/// Grants with their keys while a page is made of them.
struct Row {
  GrantInfo info;
  std::string key;
};

std::optional<Page<GrantInfo>> page_of(std::vector<Row> rows, std::size_t limit,
                                       std::string_view list) {
  auto keyed = make_page(std::move(rows), limit, list, [](const Row& row) { return row.key; });
  Page<GrantInfo> page{{}, std::move(keyed.next_cursor)};
  for (auto& row : keyed.items) page.items.push_back(std::move(row.info));
  return page;
}

/// None where the caller may not see what was asked for.
using FoundPage = Result<std::optional<Page<GrantInfo>>>;

FoundPage page_of_node(ReadTransaction& tx, const FileEntry& node, const FilePath& path,
                       const PageRequest& request) {
  const auto limit = page_limit(request);
  const auto list = "grants on " + std::to_string(node.id.value);
  std::optional<Username> after;
  if (request.cursor) {
    BALUHOST_TRY(const auto key, read_cursor(list, *request.cursor));
    auto name = Username::parse(key);
    if (!name) return invalid_cursor();
    after = *std::move(name);
  }
  BALUHOST_TRY(const auto grants, tx.grants().list_of_file(node.id, after, limit + 1));
  std::vector<Row> rows;
  for (const auto& grant : grants) rows.push_back({info_of(grant, path), grant.grantee.str()});
  return page_of(std::move(rows), limit, list);
}

std::string key_of(const Grant& grant) {
  return std::to_string(grant.file.value) + "/" + grant.grantee.str();
}

Result<GrantPosition> parse_position(std::string_view key) {
  const auto slash = key.find('/');
  if (slash == std::string_view::npos) return invalid_cursor();
  BALUHOST_TRY(const auto file, parse_number(key.substr(0, slash)));
  return GrantPosition{FileId{file}, std::string{key.substr(slash + 1)}};
}

FoundPage page_below(ReadTransaction& tx, FileId root, const PageRequest& request) {
  const auto limit = page_limit(request);
  const auto list = "grants below " + std::to_string(root.value);
  std::optional<GrantPosition> after;
  if (request.cursor) {
    BALUHOST_TRY(const auto key, read_cursor(list, *request.cursor));
    BALUHOST_TRY(after, parse_position(key));
  }
  BALUHOST_TRY(const auto grants, tx.grants().list_below(root, after, limit + 1));
  std::vector<Row> rows;
  for (const auto& [grant, path] : grants) rows.push_back({info_of(grant, path), key_of(grant)});
  return page_of(std::move(rows), limit, list);
}

FoundPage page_of_grantee(ReadTransaction& tx, UserId grantee, const PageRequest& request) {
  const auto limit = page_limit(request);
  const auto list = "grants to " + std::to_string(grantee.value);
  FileId after;
  if (request.cursor) {
    BALUHOST_TRY(const auto key, read_cursor(list, *request.cursor));
    BALUHOST_TRY(after.value, parse_number(key));
  }
  BALUHOST_TRY(const auto grants, tx.grants().list_of_grantee(grantee, after, limit + 1));
  std::vector<Row> rows;
  for (const auto& [grant, path] : grants) {
    rows.push_back({info_of(grant, path), std::to_string(grant.file.value)});
  }
  return page_of(std::move(rows), limit, list);
}

/// All grants there are. One query for each home: an operator's question, seldom asked.
FoundPage page_of_all(ReadTransaction& tx, const PageRequest& request) {
  constexpr std::string_view list = "grants";
  constexpr std::size_t homes_at_once = 500;
  const auto limit = page_limit(request);
  std::vector<Row> rows;
  const auto add = [&](const FileEntry& home,
                       const std::optional<GrantPosition>& after) -> Result<void> {
    if (rows.size() > limit) return {};
    BALUHOST_TRY(const auto grants,
                 tx.grants().list_below(home.id, after, limit + 1 - rows.size()));
    for (const auto& [grant, path] : grants) {
      rows.push_back({info_of(grant, path), home.name.str() + "/" + key_of(grant)});
    }
    return {};
  };
  std::optional<FileName> last;
  if (request.cursor) {
    BALUHOST_TRY(const auto key, read_cursor(list, *request.cursor));
    const auto slash = key.find('/');
    auto name = FileName::parse(std::string_view{key}.substr(0, slash));
    if (slash == std::string::npos || !name) return invalid_cursor();
    BALUHOST_TRY(const auto position, parse_position(std::string_view{key}.substr(slash + 1)));
    last = *std::move(name);
    BALUHOST_TRY(const auto path, FilePath::parse("/" + last->str()));
    BALUHOST_TRY(const auto home, tx.files().resolve(path));
    if (home.complete) BALUHOST_CHECK(add(home.found.back(), position));
  }
  while (rows.size() <= limit) {
    BALUHOST_TRY(const auto homes, tx.files().homes(last, homes_at_once));
    for (const auto& home : homes) BALUHOST_CHECK(add(home, std::nullopt));
    if (homes.size() < homes_at_once) break;
    last = homes.back().name;
  }
  return page_of(std::move(rows), limit, list);
}

/// By owner or administrator: of whatever is given there. Others have a say in what they gave
/// alone.
bool has_all_say(const PathAccess& access) {
  return access.standing.owns_home || permits(access.standing.role, Permission::administer);
}

/// On a path; with a grantee the one grant, which that grantee may see too.
FoundPage page_at(ReadTransaction& tx, PathGate& gate, const Principal& principal,
                  const FilePath& path, const std::optional<Username>& grantee,
                  const PageRequest& page) {
  std::optional<User> user;
  if (grantee) {
    BALUHOST_TRY(user, tx.users().find(*grantee));
  }
  const bool of_oneself = user && is_oneself(principal, *user);
  BALUHOST_TRY(const auto access,
               gate.admit(tx, path, of_oneself ? Rights{} : Rights{Right::share}));
  if (!access.resolution.complete) return Error{Errc::not_found, "nothing is at the path"};
  const auto& node = access.resolution.found.back();
  if (!grantee && has_all_say(access)) return page_below(tx, node.id, page);
  if (!grantee) return page_of_node(tx, node, path, page);
  BALUHOST_TRY(const auto grant, tx.grants().find(node.id, *grantee));
  Page<GrantInfo> one;
  if (grant && (!of_oneself || grant->account == user->id))
    one.items.push_back(info_of(*grant, path));
  return std::optional{std::move(one)};
}

/// To a grantee: oneself, or another for an administrator; none for others.
FoundPage page_to(ReadTransaction& tx, const Principal& principal, const Username& grantee,
                  const PageRequest& page) {
  BALUHOST_TRY(const auto user, tx.users().find(grantee));
  const bool of_oneself = user && is_oneself(principal, *user);
  if (!of_oneself && !permits(principal.role(), Permission::administer))
    return std::optional<Page<GrantInfo>>{};
  if (!user) return Error{Errc::not_found, "no such grantee"};
  return page_of_grantee(tx, user->id, page);
}

FoundPage page_of_home(ReadTransaction& tx, const Principal& principal, const PageRequest& page) {
  BALUHOST_TRY(const auto home, FilePath::parse("/" + principal.name()));
  BALUHOST_TRY(const auto resolution, tx.files().resolve(home));
  if (!resolution.complete || resolution.found.back().owner != *principal.user()) {
    return Error{Errc::not_found, "no home"};
  }
  return page_below(tx, resolution.found.back().id, page);
}

} // namespace

GrantService::GrantService(Database& database, AuditLog& audit, const Clock& clock)
    : database_(database), audit_log_(audit), clock_(clock) {}

Result<GrantResult> GrantService::put(const Principal& principal, const FilePath& path,
                                      const Username& grantee, Rights rights) {
  const auto event =
      about_grant(audit_log_.draft(Action::permission_granted, principal), path, grantee, rights);
  PathGate gate(audit_log_, principal, Operation::permission_granted);
  auto done = record(database_, [&](WriteTransaction& tx) -> Result<Recorded<GrantResult>> {
    // The home, so that the node stays where it is until the grant is there: none follows a node
    // out of its home.
    BALUHOST_CHECK(gate.hold(tx, std::array{path}));
    BALUHOST_TRY(const auto access, gate.admit(tx, path, Right::share));
    BALUHOST_CHECK(gate.demand(access, path, rights, Right::share));
    if (rights.empty()) return invalid("must name at least one right").at("/rights");
    if (!access.resolution.complete) return Error{Errc::not_found, "nothing is at the path"};
    const auto& node = access.resolution.found.back();
    BALUHOST_TRY(const auto user, find_grantee(tx, principal, grantee, access));
    BALUHOST_TRY(const auto before, tx.grants().find(node.id, grantee));
    if (before && !has_all_say(access) && before->giver != principal.user()) {
      return gate.refuse(path, Right::share, "another gave what is there");
    }

    const Grant grant{.file = node.id,
                      .grantee = grantee,
                      .account = user ? std::optional{user->id} : std::nullopt,
                      .rights = rights,
                      .giver = principal.user(),
                      .granted_by = principal.name(),
                      .given_on = !has_all_say(access),
                      .created_at = clock_.now()};
    BALUHOST_TRY(const bool created, tx.grants().put(grant));
    BALUHOST_TRY(auto ended, end_what_hung_on(tx, node.owner, path, audit_log_, principal));
    return recorded(GrantResult{info_of(grant, path), created},
                    AuditEvents{event, std::move(ended)});
  });
  if (!done) return gate.failed(event, std::move(done).error());
  return done;
}

Result<Page<GrantInfo>> GrantService::list(const Principal& principal,
                                           const std::optional<FilePath>& path,
                                           const std::optional<Username>& grantee,
                                           const PageRequest& page) {
  constexpr auto operation = Operation::list_grants;
  if (!path && path_bounds(principal.credential()).root) {
    return audit_log_.denied(principal, kGrantsRoute, operation, to_string(Scope::shares),
                             Error{Errc::forbidden, "beyond what the credential is bound to"});
  }
  PathGate gate(audit_log_, principal, operation);
  auto found = query(database_, [&](ReadTransaction& tx) -> FoundPage {
    if (path) return page_at(tx, gate, principal, *path, grantee, page);
    if (grantee) return page_to(tx, principal, *grantee, page);
    if (!principal.user()) return page_of_all(tx, page);
    return page_of_home(tx, principal, page);
  });
  if (!found) return gate.failed(std::move(found).error());
  if (*found) return **std::move(found);
  return audit_log_.denied(principal, kGrantsRoute, operation, to_string(Permission::administer),
                           Error{Errc::forbidden, "another's grants"});
}

Result<void> GrantService::remove(const Principal& principal, const FilePath& path,
                                  const Username& grantee) {
  const auto draft = audit_log_.draft(Action::permission_revoked, principal);
  PathGate gate(audit_log_, principal, Operation::permission_revoked);
  auto done =
      attempt<Rights>(database_, [&](WriteTransaction& tx, Rights& known) -> Result<AuditEvents> {
        // The home, so that none of its changes goes on by a grant that is gone.
        BALUHOST_CHECK(gate.hold(tx, std::array{path}));
        BALUHOST_TRY(const auto user, tx.users().find(grantee));
        const bool own = user && is_oneself(principal, *user);
        BALUHOST_TRY(const auto access,
                     gate.admit(tx, path, own ? Rights{} : Rights{Right::share}));
        if (!access.resolution.complete) return Error{Errc::not_found, "nothing is at the path"};
        const auto& node = access.resolution.found.back();
        BALUHOST_TRY(const auto grant, tx.grants().find(node.id, grantee));
        const bool gives_up = own && grant && grant->account == user->id;
        if (!grant || (own && !gives_up && !has_all_say(access)))
          return Error{Errc::not_found, "no such grant"};
        known = grant->rights;
        if (!gives_up && !has_all_say(access) && grant->giver != principal.user()) {
          return gate.refuse(path, Right::share, "another gave it");
        }
        BALUHOST_CHECK(tx.grants().remove(node.id, grantee));
        BALUHOST_TRY(auto ended, end_what_hung_on(tx, node.owner, path, audit_log_, principal));
        return AuditEvents{about_grant(draft, path, grantee, known), std::move(ended)};
      });
  if (!done.result) {
    return gate.failed(about_grant(draft, path, grantee, done.seen),
                       std::move(done.result).error());
  }
  return {};
}

} // namespace baluhost
