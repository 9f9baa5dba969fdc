#include "repositories/repositories.hpp"
#include "rows.hpp"

namespace baluhost::sql {
namespace {

const Columns kSessionColumns =
    text("s.id") +
    number("s.user_id", "s.created_at", "s.last_used_at", "s.expires_at", "s.revoked_at") +
    text("s.ip_address", "s.peer_address", "s.user_agent");

Session read_session(Row& row) {
  return Session{.id = SessionId{row.text()},
                 .user = UserId{row.number()},
                 .created_at = Timestamp{row.number()},
                 .last_used_at = Timestamp{row.number()},
                 .expires_at = Timestamp{row.number()},
                 .revoked_at = row.maybe<Timestamp>(),
                 .client = Client{.ip_address = read_address(row),
                                  .peer_address = read_address(row),
                                  .user_agent = row.maybe_text()}};
}

} // namespace

Result<std::optional<SessionState>> SqlSessions::find(const SessionId& id) const {
  static const Query query =
      select(kSessionColumns + kUserColumns + kHasSecondFactor,
             "from sessions s join users u on u.id = s.user_id where s.id = ?");
  return first_row(db_, query, {id}, [](Row& row) {
    return SessionState{read_session(row), read_user(row), row.flag()};
  });
}

Result<std::vector<Session>> SqlSessions::list(UserId user, Timestamp now,
                                               const std::optional<SessionId>& after,
                                               std::size_t limit) const {
  return guarded(db_, [&]() -> Result<std::vector<Session>> {
    static const Query first =
        select(kSessionColumns,
               "from sessions s where s.user_id = ? and s.revoked_at is null and s.expires_at > ?"
               " order by s.created_at desc, s.id desc limit ?");
    static const Query more = select(
        kSessionColumns,
        "from sessions s where s.user_id = ? and s.revoked_at is null and s.expires_at > ?"
        " and (s.created_at, s.id) < (select p.created_at, p.id from sessions p where p.id = ?)"
        " order by s.created_at desc, s.id desc limit ?");
    return all(after ? db_.select(more, {user, now, *after, sql_limit(limit)})
                     : db_.select(first, {user, now, sql_limit(limit)}),
               read_session);
  });
}

Result<std::vector<IpAddress>> SqlSessions::login_addresses(UserId user, Timestamp since) const {
  return guarded(db_, [&]() -> Result<std::vector<IpAddress>> {
    static const Query query =
        select(text("distinct ip_address"),
               "from sessions where user_id = ? and created_at >= ? and ip_address is not null");
    const auto found = all(db_.select(query, {user, since}), read_address);
    std::vector<IpAddress> addresses;
    for (const auto& address : found)
      if (address) addresses.push_back(*address);
    return addresses;
  });
}

Result<void> SqlSessions::insert(const Session& session, const RefreshTokenHash& refresh) {
  return guarded(db_, [&]() -> Result<void> {
    db_.execute(
        "insert into sessions (id, user_id, created_at, last_used_at, expires_at, revoked_at, "
        "ip_address, peer_address,"
        " user_agent) values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        {session.id, session.user, session.created_at, session.last_used_at, session.expires_at,
         session.revoked_at, session.client.ip_address, session.client.peer_address,
         session.client.user_agent});
    db_.execute("insert into refresh_tokens (digest, session_id) values (?, ?)",
                {refresh.digest, session.id});
    return {};
  });
}

Result<RefreshUse> SqlSessions::rotate(const SessionId& session, const RefreshTokenHash& used,
                                       const RefreshTokenHash& fresh, Timestamp now) {
  return guarded(db_, [&]() -> Result<RefreshUse> {
    const auto consumed = db_.execute(
        "update refresh_tokens set spent_at = ? where digest = ? and session_id = ? and spent_at "
        "is null",
        {now, used.digest, session});
    if (consumed == 1) {
      db_.execute("insert into refresh_tokens (digest, session_id) values (?, ?)",
                  {fresh.digest, session});
      db_.execute("update sessions set last_used_at = ? where id = ?", {now, session});
      return RefreshUse{RefreshUse::Outcome::consumed, {}};
    }
    const auto spent_at =
        db_.number("select spent_at from refresh_tokens where digest = ? and session_id = ?",
                   {used.digest, session});
    if (!spent_at) return RefreshUse{};
    return RefreshUse{RefreshUse::Outcome::spent, Timestamp{*spent_at}};
  });
}

Result<void> SqlSessions::revoke(const SessionId& id, Timestamp now) {
  return guarded(db_, [&]() -> Result<void> {
    const auto revoked = db_.execute(
        "update sessions set revoked_at = ? where id = ? and revoked_at is null", {now, id});
    if (revoked == 0) return not_found("no such session, or revoked before");
    return {};
  });
}

Result<std::int64_t> SqlSessions::revoke_all(UserId user, const std::optional<SessionId>& except,
                                             Timestamp now) {
  return guarded(db_, [&]() -> Result<std::int64_t> {
    return db_.execute(
        "update sessions set revoked_at = ? where user_id = ? and revoked_at is null and "
        "expires_at > ? and id <> ?",
        {now, user, now, except ? except->value : std::string{}});
  });
}

Result<std::int64_t> SqlSessions::forget_expired(Timestamp before, std::size_t limit) {
  return guarded(db_, [&]() -> Result<std::int64_t> {
    return delete_before(db_, "sessions", "expires_at", before, limit);
  });
}

} // namespace baluhost::sql
