#include "repositories/repositories.hpp"
#include "rows.hpp"

namespace baluhost::sql {
namespace {

const Columns kChallengeColumns =
    text("c.digest") + number("c.user_id", "c.created_at", "c.expires_at", "c.tries");

Challenge read_challenge(Row& row) {
  return Challenge{.hash = {accepted(Sha256Digest::parse_hex(row.text()))},
                   .user = UserId{row.number()},
                   .created_at = Timestamp{row.number()},
                   .expires_at = Timestamp{row.number()},
                   .tries = static_cast<int>(row.number())};
}

} // namespace

Result<std::optional<Challenge>> SqlChallenges::find(const ChallengeHash& hash) const {
  static const Query query =
      select(kChallengeColumns, "from login_challenges c where c.digest = ?");
  return first_row(db_, query, {hash.digest}, read_challenge);
}

Result<void> SqlChallenges::insert(const Challenge& challenge, std::size_t most) {
  return guarded(db_, [&]() -> Result<void> {
    db_.execute(
        "delete from login_challenges where user_id = ? and digest not in (select digest from "
        "login_challenges where user_id = ? order by created_at desc, digest desc limit ?)",
        {challenge.user, challenge.user, sql_limit(most - 1)});
    db_.execute(
        "insert into login_challenges (digest, user_id, created_at, expires_at, tries) "
        "values (?, ?, ?, ?, ?)",
        {challenge.hash.digest, challenge.user, challenge.created_at, challenge.expires_at,
         challenge.tries});
    return {};
  });
}

Result<bool> SqlChallenges::count_try(const ChallengeHash& hash, int most, Timestamp now) {
  return guarded(db_, [&]() -> Result<bool> {
    return db_.execute(
               "update login_challenges set tries = tries + 1 "
               "where digest = ? and tries < ? and expires_at > ?",
               {hash.digest, most, now}) == 1;
  });
}

Result<bool> SqlChallenges::remove(const ChallengeHash& hash) {
  return guarded(db_, [&]() -> Result<bool> {
    return db_.execute("delete from login_challenges where digest = ?", {hash.digest}) == 1;
  });
}

Result<void> SqlChallenges::remove_all(UserId user) {
  return guarded(db_, [&]() -> Result<void> {
    db_.execute("delete from login_challenges where user_id = ?", {user});
    return {};
  });
}

Result<std::int64_t> SqlChallenges::forget_expired(Timestamp before, std::size_t limit) {
  return guarded(db_, [&]() -> Result<std::int64_t> {
    return db_.execute(
        "delete from login_challenges where digest in (select digest from login_challenges where "
        "expires_at < ? limit ?)",
        {before, sql_limit(limit)});
  });
}

} // namespace baluhost::sql
