#include "baluhost/core/grant_service.hpp"

#include "path_access.hpp"
#include "permission_gate.hpp"

#include <charconv>
#include <utility>
#include <vector>

/// A grant is found by its node and grantee. Lists are paged by the id of whichever of the two varies, and an
/// operator's list of all grants by the grantee's name and the node.
namespace baluhost {
namespace {

NewAuditEvent about(NewAuditEvent event, const FilePath& path, const Username& grantee, Rights rights) {
  event.resource = path.str();
  return with_details(
      std::move(event),
      JsonObject{}.add("permission", rights.to_text()).add("resource", path.str()).add("grantee", grantee.str()));
}

Result<User> grantee_named(ReadTransaction& tx, const Username& name) {
  BALUHOST_TRY(auto user, tx.users().find(name));
  if (!user) return Error{Errc::not_found, "no such grantee"};
  return std::move(*user);
}

/// Until the grant is there, the node stays where it is: a grant does not follow a node out of its home.
Result<void> hold_in_place(WriteTransaction& tx, const FilePath& path) {
  const auto name = Username::parse(path.home());
  if (!name) return {};
  BALUHOST_TRY(const auto owner, tx.users().find(*name));
  if (!owner) return {};
  return tx.files().lock_home(owner->id);
}

bool is_oneself(const Principal& principal, const User& user) { return principal.user() == user.id; }

Result<std::int64_t> parse_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return invalid_cursor();
  return number;
}

/// The number that the last page ended with; 0, before all ids, for the first page.
Result<std::int64_t> number_after(std::string_view list, const PageRequest& page) {
  if (!page.cursor) return std::int64_t{0};
  BALUHOST_TRY(const auto key, read_cursor(list, *page.cursor));
  return parse_number(key);
}

Result<GrantInfo> info_of(ReadTransaction& tx, const Grant& grant, const FilePath& path) {
  BALUHOST_TRY(const auto user, tx.users().find(grant.grantee));
  if (!user) return Error{Errc::internal, "a grant to nobody"};
  return GrantInfo{path, user->username, grant.rights, grant.granted_by, grant.created_at};
}

/// Grants with their ids while a page is made of them.
struct Row {
  GrantInfo info;
  std::string key;
};

Page<GrantInfo> page_of(std::vector<Row> rows, std::size_t limit, std::string_view list) {
  auto keyed = make_page(std::move(rows), limit, list, [](const Row& row) { return row.key; });
  Page<GrantInfo> page{{}, std::move(keyed.next_cursor)};
  for (auto& row : keyed.items) page.items.push_back(std::move(row.info));
  return page;
}

Result<Page<GrantInfo>> page_of_node(ReadTransaction& tx, const FileEntry& node, const FilePath& path,
                                     const PageRequest& request) {
  const auto limit = page_limit(request);
  const auto list = "grants on " + std::to_string(node.id.value);
  BALUHOST_TRY(const auto after, number_after(list, request));
  BALUHOST_TRY(const auto grants, tx.grants().list_of_file(node.id, UserId{after}, limit + 1));
  std::vector<Row> rows;
  for (const auto& grant : grants) {
    BALUHOST_TRY(auto info, info_of(tx, grant, path));
    rows.push_back({std::move(info), std::to_string(grant.grantee.value)});
  }
  return page_of(std::move(rows), limit, list);
}

Result<Page<GrantInfo>> page_of_grantee(ReadTransaction& tx, const User& grantee, const PageRequest& request) {
  const auto limit = page_limit(request);
  const auto list = "grants to " + std::to_string(grantee.id.value);
  BALUHOST_TRY(const auto after, number_after(list, request));
  BALUHOST_TRY(const auto grants, tx.grants().list_of_grantee(grantee.id, FileId{after}, limit + 1));
  std::vector<Row> rows;
  for (const auto& grant : grants) {
    BALUHOST_TRY(auto path, tx.files().path_of(grant.file));
    rows.push_back({{std::move(path), grantee.username, grant.rights, grant.granted_by, grant.created_at},
                    std::to_string(grant.file.value)});
  }
  return page_of(std::move(rows), limit, list);
}

/// The grants of one user behind `after`, as far as there is room for them.
Result<void> add_grants_to(ReadTransaction& tx, const User& grantee, FileId after, std::size_t most,
                           std::vector<Row>& rows) {
  BALUHOST_TRY(const auto grants, tx.grants().list_of_grantee(grantee.id, after, most - rows.size()));
  for (const auto& grant : grants) {
    BALUHOST_TRY(auto path, tx.files().path_of(grant.file));
    rows.push_back({{std::move(path), grantee.username, grant.rights, grant.granted_by, grant.created_at},
                    grantee.username.str() + "/" + std::to_string(grant.file.value)});
  }
  return {};
}

/// All grants there are. One query for each user: an operator's question, seldom asked.
Result<Page<GrantInfo>> page_of_all(ReadTransaction& tx, const PageRequest& request) {
  constexpr std::string_view list = "grants";
  constexpr std::size_t users_at_once = 500;
  const auto limit = page_limit(request);
  std::vector<Row> rows;
  std::optional<Username> last;
  if (request.cursor) {
    BALUHOST_TRY(const auto key, read_cursor(list, *request.cursor));
    const auto slash = key.find('/');
    auto name = Username::parse(std::string_view{key}.substr(0, slash));
    if (slash == std::string::npos || !name) return invalid_cursor();
    BALUHOST_TRY(const auto file, parse_number(std::string_view{key}.substr(slash + 1)));
    last = std::move(*name);
    BALUHOST_TRY(const auto user, tx.users().find(*last));
    if (user) BALUHOST_CHECK(add_grants_to(tx, *user, FileId{file}, limit + 1, rows));
  }
  while (rows.size() <= limit) {
    BALUHOST_TRY(const auto users, tx.users().list(last, users_at_once));
    for (const auto& user : users) {
      if (rows.size() <= limit) BALUHOST_CHECK(add_grants_to(tx, user, FileId{}, limit + 1, rows));
    }
    if (users.size() < users_at_once) break;
    last = users.back().username;
  }
  return page_of(std::move(rows), limit, list);
}

} // namespace

GrantService::GrantService(Database& database, AuditTrail& audit, const Clock& clock)
    : database_(database), audit_(audit), clock_(clock) {}

Result<GrantResult> GrantService::put(const Principal& principal, const FilePath& path, const Username& grantee,
                                      Rights rights) {
  const auto event = about(audit_.draft(Action::permission_granted, principal), path, grantee, rights);
  PathGate gate(audit_, principal, to_string(Action::permission_granted));
  std::optional<GrantResult> result;
  auto done = database_.write([&](WriteTransaction& tx) -> Result<AuditEvents> {
    BALUHOST_CHECK(hold_in_place(tx, path));
    BALUHOST_TRY(const auto access, gate.admit(tx, path, Right::share));
    BALUHOST_CHECK(gate.demand(access, path, rights));
    if (rights.empty()) return invalid("must name at least one right").at("/rights");
    if (!access.resolution.complete) return Error{Errc::not_found, "nothing is at the path"};
    const auto& node = access.resolution.found.back();
    BALUHOST_TRY(const auto user, grantee_named(tx, grantee));
    if (user.id == node.owner) return invalid("must not be the owner, who has all rights").at("/grantee");
    if (is_oneself(principal, user)) return invalid("must not be oneself").at("/grantee");

    const Grant grant{node.id, user.id, rights, principal.name(), clock_.now()};
    BALUHOST_TRY(const bool created, tx.grants().put(grant));
    result = GrantResult{{path, grantee, rights, grant.granted_by, grant.created_at}, created};
    return AuditEvents{event};
  });
  if (!done) return gate.failed(event, std::move(done).error());
  return std::move(*result);
}

Result<Page<GrantInfo>> GrantService::list(const Principal& principal, const std::optional<FilePath>& path,
                                           const std::optional<Username>& grantee, const PageRequest& page) {
  constexpr std::string_view operation = "list_grants";
  PathGate gate(audit_, principal, operation);
  bool foreign = false;
  Page<GrantInfo> result;
  auto done = database_.read([&](ReadTransaction& tx) -> Result<void> {
    foreign = false;
    result = {};
    const bool of_oneself = grantee && principal.user() && grantee->str() == principal.name();
    if (path) {
      BALUHOST_TRY(const auto access, gate.admit(tx, *path, of_oneself ? Rights{} : Rights{Right::share}));
      if (!access.resolution.complete) return Error{Errc::not_found, "nothing is at the path"};
      const auto& node = access.resolution.found.back();
      if (!grantee) {
        BALUHOST_TRY(result, page_of_node(tx, node, *path, page));
        return {};
      }
      BALUHOST_TRY(const auto user, grantee_named(tx, *grantee));
      BALUHOST_TRY(const auto grant, tx.grants().find(node.id, user.id));
      if (grant) result.items.push_back({*path, *grantee, grant->rights, grant->granted_by, grant->created_at});
      return {};
    }
    if (grantee) {
      foreign = !of_oneself && !permits(principal.role(), Permission::administer);
      if (foreign) return Error{Errc::forbidden, "another's grants"};
      BALUHOST_TRY(const auto user, grantee_named(tx, *grantee));
      BALUHOST_TRY(result, page_of_grantee(tx, user, page));
      return {};
    }
    if (!principal.user()) {
      BALUHOST_TRY(result, page_of_all(tx, page));
      return {};
    }
    BALUHOST_TRY(const auto home, FilePath::parse("/" + principal.name()));
    BALUHOST_TRY(const auto resolution, tx.files().resolve(home));
    if (!resolution.complete) return Error{Errc::not_found, "no home"};
    BALUHOST_TRY(result, page_of_node(tx, resolution.found.back(), home, page));
    return {};
  });
  if (!done && foreign) {
    return audit_.denied(principal, kGrantsRoute, operation, to_string(Permission::administer),
                         std::move(done).error());
  }
  if (!done) return gate.failed(std::move(done).error());
  return result;
}

Result<void> GrantService::remove(const Principal& principal, const FilePath& path, const Username& grantee) {
  const auto draft = audit_.draft(Action::permission_revoked, principal);
  PathGate gate(audit_, principal, to_string(Action::permission_revoked));
  Rights known;
  auto done = database_.write([&](WriteTransaction& tx) -> Result<AuditEvents> {
    known = {};
    const bool own = principal.user() && grantee.str() == principal.name();
    BALUHOST_TRY(const auto access, gate.admit(tx, path, own ? Rights{} : Rights{Right::share}));
    if (!access.resolution.complete) return Error{Errc::not_found, "nothing is at the path"};
    const auto node = access.resolution.found.back().id;
    BALUHOST_TRY(const auto user, grantee_named(tx, grantee));
    BALUHOST_TRY(const auto grant, tx.grants().find(node, user.id));
    if (!grant) return Error{Errc::not_found, "no such grant"};
    known = grant->rights;
    BALUHOST_CHECK(tx.grants().remove(node, user.id));
    return AuditEvents{about(draft, path, grantee, known)};
  });
  if (!done) return gate.failed(about(draft, path, grantee, known), std::move(done).error());
  return {};
}

} // namespace baluhost
