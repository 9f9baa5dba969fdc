#include "baluhost/core/access/share_service.hpp"

#include "access/caller.hpp"
#include "access/path_access.hpp"
#include "access/permission_gate.hpp"
#include "access/share_ends.hpp"
#include "access/share_events.hpp"
#include "baluhost/core/identity/password_policy.hpp"
#include "baluhost/domain/text.hpp"
#include "baluhost/ports/transactions.hpp"
#include "identity/password_check.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

/// What a share may is looked at when it is made and again in each request that it opens. So that
/// nobody watches another's files by the list of own shares, one whose creator loses the rights
/// ends with them, and its path is shown no more.
namespace baluhost {
namespace {

constexpr std::size_t kIdBytes = 16;
constexpr std::size_t kSecretBytes = 16;
constexpr std::int64_t kMostNumber = std::int64_t{1} << 53;

std::chrono::microseconds days(std::int64_t count) { return std::chrono::hours{24 * count}; }

Error no_such_share() { return {Errc::not_found, "no such share"}; }

/// 1 to 2^53, which every reader of JSON keeps.
Result<void> check_limit(const std::optional<std::int64_t>& limit, std::string_view pointer) {
  if (!limit || (*limit >= 1 && *limit <= kMostNumber)) return {};
  return invalid("must be 1 to 9007199254740992").at(pointer);
}

Result<std::optional<std::string>> prepare_note(const std::optional<std::string>& note) {
  if (!note) return note;
  BALUHOST_TRY(auto text, to_nfc(*note));
  if (code_points(text) > Share::kMostNoteCharacters || has_control_or_bidi(text))
    return invalid("must have at most 1000 characters, none of them a control character")
        .at("/note");
  return std::optional{std::move(text)};
}

/// What somebody finds by an id: nothing, an own share, though its file may be in the trash, or
/// another's, which is told by the event.
struct Found {
  std::optional<PlacedShare> share;
  bool is_anothers{false};
  bool is_outside{false}; ///< of what the caller's credential is bound to
};

Result<Found> find_own(ReadTransaction& tx, const Principal& principal, const ShareId& id) {
  Found found;
  if (!ShareId::is_valid(id.value)) return found;
  BALUHOST_TRY(const auto state, tx.shares().find(id));
  if (!state || state->share.ended_at) return found;
  found.is_anothers = principal.user() != state->share.creator &&
                      !permits(principal.role(), Permission::administer);
  if (found.is_anothers) return found;
  // Its owner may end one that sleeps, so that it does not wake.
  BALUHOST_TRY(auto placed, tx.shares().list({.id = id, .asleep = true}, std::nullopt, 1));
  if (placed.empty()) return found;
  if (path_bounds(principal.credential()).root) {
    BALUHOST_TRY(const auto access, look_up(tx, principal, placed.front().path));
    found.is_outside = access.standing.is_outside;
  }
  if (!found.is_outside) found.share = std::move(placed.front());
  return found;
}

/// Whether the caller is refused what is there, and has to be told so.
bool is_refused(const Found& found) { return found.is_anothers || found.is_outside; }

Error denied(AuditLog& audit, const Principal& principal, const ShareId& id, Operation operation,
             const Found& found) {
  const auto resource = std::string{kSharesRoute} + "/" + id.value;
  if (found.is_outside) return beyond_path(audit, principal, resource, operation, Scope::shares);
  return audit.denied(principal, resource, operation, to_string(Permission::administer),
                      no_such_share());
}

/// A directory is added to, a file is not.
Result<void> check_rights(ShareRights rights, FileKind kind) {
  if (!rights.create || kind == FileKind::directory) return {};
  return invalid("a file cannot be added to").at("/rights");
}

} // namespace

ShareService::ShareService(const Dependencies& deps, ShareOptions options)
    : deps_(deps),
      options_(options),
      password_check_(std::make_unique<PasswordCheck>(deps.hasher, deps.random, deps.clock)) {}

ShareService::~ShareService() = default;

Result<std::optional<PasswordHash>> ShareService::hash(
    const std::optional<Secret>& password) const {
  if (!password && options_.require_password)
    return invalid("a share needs a password here").at("/password");
  if (!password) return std::optional<PasswordHash>{};
  auto prepared = prepare_password(*password);
  if (!prepared) return std::move(prepared).error().at("/password");
  BALUHOST_TRY(auto hash, deps_.hasher.hash(*prepared));
  return std::optional{std::move(hash)};
}

Result<std::optional<Timestamp>> ShareService::check_expiry(
    const std::optional<Timestamp>& expires_at, Timestamp now) const {
  if (expires_at && *expires_at <= now) return invalid("must be in the future").at("/expires_at");
  const bool is_limited = options_.max_days > 0;
  if (is_limited && (!expires_at || *expires_at > now + days(options_.max_days)))
    return invalid("must be in " + std::to_string(options_.max_days) + " days at the latest")
        .at("/expires_at");
  return expires_at;
}

/// All but where it is and whose.
Result<Share> ShareService::prepare(const CreateShare& request, Timestamp now) const {
  Share share{.rights = request.rights,
              .max_uses = request.max_uses,
              .max_bytes = request.max_bytes,
              .created_at = now};
  if (request.expires_at) {
    BALUHOST_TRY(share.expires_at, check_expiry(*request.expires_at, now));
  } else {
    const auto most = options_.max_days > 0 ? options_.max_days : options_.default_days;
    const auto lasts = options_.default_days > 0 ? std::min(options_.default_days, most) : most;
    if (lasts > 0) share.expires_at = now + days(lasts);
  }
  BALUHOST_CHECK(check_limit(share.max_uses, "/max_uses"));
  BALUHOST_CHECK(check_limit(share.max_bytes, "/max_bytes"));
  BALUHOST_TRY(share.note, prepare_note(request.note));
  BALUHOST_TRY(share.password, hash(request.password));
  BALUHOST_TRY(const auto id, deps_.random.bytes(kIdBytes));
  share.id = ShareId{to_hex(id)};
  return share;
}

Result<NewShareLink> ShareService::create(const Principal& principal, const CreateShare& request) {
  auto event = deps_.audit_log.draft(Action::share_created, principal);
  event.resource = request.path.str();
  PathGate gate(deps_.audit_log, principal, Operation::share_created);
  if (!options_.enabled)
    return deps_.audit_log.failed(event, Error{Errc::forbidden, "shares are switched off"});
  const auto secret_bytes = deps_.random.bytes(kSecretBytes);
  if (!secret_bytes) return deps_.audit_log.failed(event, secret_bytes.error());
  Secret secret{to_base64url(*secret_bytes)};
  auto prepared = prepare(request, deps_.clock.now());
  if (!prepared) return deps_.audit_log.failed(event, std::move(prepared).error());
  prepared->secret = deps_.digester.sha256(secret.reveal());

  auto done = record(deps_.database, [&](WriteTransaction& tx) -> Result<Recorded<PlacedShare>> {
    BALUHOST_CHECK(gate.hold(tx, std::array{request.path}));
    BALUHOST_TRY(const auto access, gate.admit(tx, request.path, Right::share));
    // What is passed on is for the account to have; a key needs `shares` alone.
    BALUHOST_CHECK(gate.demand(access, request.path, request.rights.needed(), Right::share));
    if (!access.resolution.complete) return Error{Errc::not_found, "nothing is at the path"};
    const auto& node = access.resolution.found.back();
    BALUHOST_CHECK(check_rights(request.rights, node.kind));
    BALUHOST_TRY(const auto account, principal.account());
    BALUHOST_TRY(const auto creator, tx.users().find(account));
    if (!creator) return Error{Errc::token_revoked, "the user is gone"};
    BALUHOST_TRY(const auto count, tx.shares().count(account));
    if (count >= options_.most_of_account)
      return Error{Errc::quota_exceeded, "as many shares as an account may have"};
    Share share = *prepared;
    share.file = node.id;
    share.home = node.owner;
    share.creator = account;
    BALUHOST_CHECK(tx.shares().insert(share));
    auto created = with_details(event, details_of_new(share));
    return recorded(PlacedShare{std::move(share), creator->username, request.path, node.kind},
                    std::move(created));
  });
  if (!done) return gate.failed(event, std::move(done).error());
  return NewShareLink{*std::move(done), std::move(secret)};
}

Result<Page<PlacedShare>> ShareService::list(const Principal& principal,
                                             const std::optional<FilePath>& path,
                                             const PageRequest& page) {
  const auto limit = page_limit(page);
  const bool sees_all = permits(principal.role(), Permission::administer);
  const auto name = "shares " + (sees_all ? std::string{"all"} : principal.name()) + " on " +
                    (path ? path->str() : "");
  BALUHOST_TRY(const auto after, id_before<ShareId>(name, page));
  if (!path && path_bounds(principal.credential()).root)
    return beyond_path(deps_.audit_log, principal, kSharesRoute, Operation::list_shares,
                       Scope::shares);
  PathGate gate(deps_.audit_log, principal, Operation::list_shares);
  using Rows = std::vector<PlacedShare>;
  auto rows = query(deps_.database, [&](ReadTransaction& tx) -> Result<Rows> {
    ShareFilter filter{.asleep = !path};
    if (!sees_all) filter.creator = principal.user();
    if (path) {
      BALUHOST_TRY(const auto access, gate.admit(tx, *path, {}));
      if (!access.resolution.complete) return Error{Errc::not_found, "nothing is at the path"};
      filter.file = access.resolution.found.back().id;
    }
    return tx.shares().list(filter, after, limit + 1);
  });
  if (!rows) return gate.failed(std::move(rows).error());
  return make_page(*std::move(rows), limit, name,
                   [](const PlacedShare& row) { return row.share.id.value; });
}

Result<PlacedShare> ShareService::get(const Principal& principal, const ShareId& id) {
  BALUHOST_TRY(auto found, query(deps_.database,
                                 [&](ReadTransaction& tx) { return find_own(tx, principal, id); }));
  if (is_refused(found))
    return denied(deps_.audit_log, principal, id, Operation::read_share, found);
  if (!found.share) return no_such_share();
  return *std::move(found.share);
}

Result<ShareChanges> ShareService::prepare(const UpdateShare& request, Timestamp now) const {
  ShareChanges changes{
      .rights = request.rights, .max_uses = request.max_uses, .max_bytes = request.max_bytes};
  if (request.expires_at) {
    BALUHOST_TRY(changes.expires_at, check_expiry(*request.expires_at, now));
  }
  if (request.max_uses) BALUHOST_CHECK(check_limit(*request.max_uses, "/max_uses"));
  if (request.max_bytes) BALUHOST_CHECK(check_limit(*request.max_bytes, "/max_bytes"));
  if (request.note) {
    BALUHOST_TRY(changes.note, prepare_note(*request.note));
  }
  if (request.password) {
    BALUHOST_TRY(changes.password, hash(*request.password));
  }
  return changes;
}

Result<PlacedShare> ShareService::update(const Principal& principal, const ShareId& id,
                                         const UpdateShare& request) {
  auto changes = prepare(request, deps_.clock.now());
  if (changes) return change(principal, id, *changes);
  return deps_.audit_log.failed(
      with_details(deps_.audit_log.draft(Action::share_changed, principal), details_of(id)),
      std::move(changes).error());
}

Result<NewShareLink> ShareService::renew_secret(const Principal& principal, const ShareId& id) {
  BALUHOST_TRY(const auto bytes, deps_.random.bytes(kSecretBytes));
  Secret secret{to_base64url(bytes)};
  ShareChanges changes;
  changes.secret = deps_.digester.sha256(secret.reveal());
  BALUHOST_TRY(auto share, change(principal, id, changes));
  return NewShareLink{std::move(share), std::move(secret)};
}

Result<PlacedShare> ShareService::change(const Principal& principal, const ShareId& id,
                                         const ShareChanges& changes) {
  auto event = deps_.audit_log.draft(Action::share_changed, principal);
  auto done = attempt<Found>(
      deps_.database, [&](WriteTransaction& tx, Found& found) -> Result<Recorded<PlacedShare>> {
        BALUHOST_TRY(const auto present, Caller::hold(tx, principal, deps_.clock.now()));
        BALUHOST_TRY(found, find_own(tx, present, id));
        if (!found.share) return no_such_share();
        const auto& [share, creator_name, path, kind] = *found.share;
        if (changes.rights) {
          BALUHOST_CHECK(check_rights(*changes.rights, kind));
          BALUHOST_TRY(const auto creator, tx.users().find(share.creator));
          if (!creator) return no_such_share();
          BALUHOST_TRY(const auto passed, rights_passed_on(tx, *creator, path, *changes.rights));
          if (passed != changes.rights->needed())
            return Error{Errc::forbidden, "its creator has not these rights"};
        }
        BALUHOST_CHECK(tx.shares().update(id, changes));
        BALUHOST_TRY(const auto state, tx.shares().find(id));
        if (!state) return no_such_share();
        return recorded(PlacedShare{state->share, creator_name, path, kind},
                        about_share(event, path, details_of_change(share, changes)));
      });
  if (done.result) {
    deps_.identities.forget();
    return std::move(done.result);
  }
  if (is_refused(done.seen))
    return denied(deps_.audit_log, principal, id, Operation::share_changed, done.seen);
  if (const auto& found = done.seen.share)
    event = about_share(std::move(event), found->path, details_of_change(found->share, changes));
  else
    event = with_details(std::move(event), details_of(id));
  return deps_.audit_log.failed(std::move(event), std::move(done.result).error());
}

Result<void> ShareService::end(const Principal& principal, const ShareId& id) {
  auto done = attempt<Found>(
      deps_.database, [&](WriteTransaction& tx, Found& found) -> Result<AuditEvents> {
        BALUHOST_TRY(const auto present, Caller::hold(tx, principal, deps_.clock.now()));
        BALUHOST_TRY(found, find_own(tx, present, id));
        if (!found.share) return no_such_share();
        BALUHOST_TRY(auto events, end_share(tx, *found.share, deps_.audit_log, principal));
        auto last = std::move(events.back());
        events.pop_back();
        return AuditEvents{std::move(last), std::move(events)};
      });
  if (done.result) {
    deps_.identities.forget();
    return {};
  }
  if (is_refused(done.seen))
    return denied(deps_.audit_log, principal, id, Operation::share_ended, done.seen);
  auto event = deps_.audit_log.draft(Action::share_ended, principal);
  event = done.seen.share ? about_share(std::move(event), done.seen.share->path, details_of(id))
                          : with_details(std::move(event), details_of(id));
  return deps_.audit_log.failed(std::move(event), std::move(done.result).error());
}

} // namespace baluhost
