#include "repositories/repositories.hpp"
#include "rows.hpp"

// Steps are used in two marks: the newest that was used, and the newest before it. What lies
// between them was never used, so that of the present and the previous step each works once, in
// whichever order they come.
namespace baluhost::sql {
namespace {

const Columns kFactorColumns =
    number("f.user_id") + text("f.key_id", "f.seed") + number("f.created_at", "f.confirmed_at");

SecondFactor read_factor(Row& row) {
  return SecondFactor{.user = UserId{row.number()},
                      .seed = {.key_id = row.text(), .text = row.text()},
                      .created_at = Timestamp{row.number()},
                      .confirmed_at = row.maybe<Timestamp>()};
}

} // namespace

Result<std::optional<SecondFactor>> SqlSecondFactors::find(UserId user) const {
  static const Query query = select(kFactorColumns, "from second_factors f where f.user_id = ?");
  return first_row(db_, query, {user}, read_factor);
}

Result<void> SqlSecondFactors::put_pending(const SecondFactor& factor) {
  return guarded(db_, [&]() -> Result<void> {
    const auto put = db_.execute(
        "insert into second_factors (user_id, key_id, seed, created_at, last_step, step_before) "
        "values (?, ?, ?, ?, 0, 0) on conflict (user_id) do update set key_id = excluded.key_id, "
        "seed = excluded.seed, created_at = excluded.created_at "
        "where second_factors.confirmed_at is null",
        {factor.user, factor.seed.key_id, factor.seed.text, factor.created_at});
    if (put == 0) return Error{Errc::conflict, "a second factor is confirmed"};
    return {};
  });
}

Result<void> SqlSecondFactors::confirm(UserId user, TotpStep step, Timestamp now) {
  return guarded(db_, [&]() -> Result<void> {
    const auto confirmed = db_.execute(
        "update second_factors set confirmed_at = ?, last_step = ?, step_before = 0 "
        "where user_id = ? and confirmed_at is null",
        {now, step, user});
    if (confirmed == 0) return Error{Errc::conflict, "no second factor is pending"};
    return {};
  });
}

Result<bool> SqlSecondFactors::use_step(UserId user, TotpStep step) {
  return guarded(db_, [&]() -> Result<bool> {
    return db_.execute(
               "update second_factors set step_before = case when cast(? as bigint) > last_step "
               "then last_step else cast(? as bigint) end, last_step = case when cast(? as bigint) "
               "> last_step then cast(? as bigint) else last_step end where user_id = ? and "
               "confirmed_at is not null and last_step <> ? and step_before < ?",
               {step, step, step, step, user, step, step}) == 1;
  });
}

Result<bool> SqlSecondFactors::remove(UserId user) {
  return guarded(db_, [&]() -> Result<bool> {
    const auto confirmed = db_.number(
        "select 1 from second_factors where user_id = ? and confirmed_at is not null", {user});
    db_.execute("delete from second_factors where user_id = ?", {user});
    db_.execute("delete from recovery_codes where user_id = ?", {user});
    return confirmed.has_value();
  });
}

Result<void> SqlSecondFactors::remove_pending(UserId user) {
  return guarded(db_, [&]() -> Result<void> {
    db_.execute("delete from second_factors where user_id = ? and confirmed_at is null", {user});
    return {};
  });
}

Result<void> SqlSecondFactors::set_recovery_codes(UserId user,
                                                  std::span<const RecoveryCodeHash> codes) {
  return guarded(db_, [&]() -> Result<void> {
    db_.execute("delete from recovery_codes where user_id = ?", {user});
    for (const auto& code : codes)
      db_.execute("insert into recovery_codes (user_id, digest) values (?, ?)",
                  {user, code.digest});
    return {};
  });
}

Result<std::int64_t> SqlSecondFactors::count_recovery_codes(UserId user) const {
  return guarded(db_, [&]() -> Result<std::int64_t> {
    return db_.number("select count(*) from recovery_codes where user_id = ?", {user}).value_or(0);
  });
}

Result<bool> SqlSecondFactors::use_recovery_code(UserId user, const RecoveryCodeHash& code) {
  return guarded(db_, [&]() -> Result<bool> {
    return db_.execute("delete from recovery_codes where user_id = ? and digest = ?",
                       {user, code.digest}) == 1;
  });
}

Result<void> SqlSecondFactors::note_reset(UserId user, Timestamp now) {
  return guarded(db_, [&]() -> Result<void> {
    db_.execute(
        "insert into second_factor_resets (user_id, reset_at) values (?, ?) "
        "on conflict (user_id) do update set reset_at = excluded.reset_at",
        {user, now});
    return {};
  });
}

Result<bool> SqlSecondFactors::take_reset(UserId user) {
  return guarded(db_, [&]() -> Result<bool> {
    return db_.execute("delete from second_factor_resets where user_id = ?", {user}) == 1;
  });
}

Result<std::vector<SecondFactor>> SqlSecondFactors::sealed_by_others(std::string_view key_id,
                                                                     UserId after,
                                                                     std::size_t limit) const {
  static const Query query = select(kFactorColumns,
                                    "from second_factors f where f.key_id <> ? and f.user_id > ? "
                                    "order by f.user_id limit ?");
  return all_rows(db_, query, {key_id, after, sql_limit(limit)}, read_factor);
}

Result<bool> SqlSecondFactors::reseal(UserId user, const SealedSeed& from, const SealedSeed& to) {
  return guarded(db_, [&]() -> Result<bool> {
    return db_.execute(
               "update second_factors set key_id = ?, seed = ? "
               "where user_id = ? and key_id = ? and seed = ?",
               {to.key_id, to.text, user, from.key_id, from.text}) == 1;
  });
}

} // namespace baluhost::sql
