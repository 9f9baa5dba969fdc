#pragma once

#include "baluhost/ports/database.hpp"

#include <optional>
#include <type_traits>
#include <utility>

/// Transactions that return values. `work` may run more than once, and only what its last run did
/// counts: so its value comes back by `return`, never through what it captured. Nothing here
/// allocates.
namespace baluhost {

/// What a change leaves: a value for the caller, and the events that it commits with.
template <class T>
struct Recorded {
  T value;
  AuditEvents events;
};

/// `value`, on record by `events`.
template <class T>
[[nodiscard]] Recorded<std::remove_cvref_t<T>> recorded(T&& value, AuditEvents events) {
  return {std::forward<T>(value), std::move(events)};
}

namespace detail {

template <class T>
struct Returned; // by work that returns no Result: none
template <class T>
struct Returned<Result<T>> {
  using Type = T;
};

template <class T>
struct Committed; // by work without an event: none
template <>
struct Committed<Result<AuditEvents>> {
  using Type = void;
};
template <class T>
struct Committed<Result<Recorded<T>>> {
  using Type = T;
};

/// Runs `work` on `tx`; its value goes to `value`, which holds none after an error.
template <class T, class Work, class Tx>
Result<void> run(std::optional<T>& value, Work& work, Tx& tx) {
  value.reset();
  BALUHOST_TRY(value, work(tx));
  return {};
}

/// The same for work that returns its events with the value.
template <class T, class Work>
Result<AuditEvents> run_recorded(std::optional<T>& value, const Work& work) {
  value.reset();
  auto done = work();
  if (!done) return std::move(done).error();
  value.emplace(std::move(done->value));
  return std::move(done->events);
}

} // namespace detail

/// Runs `work(ReadTransaction&)`, which returns a Result, in `database.read` and returns its value
/// or its error; the database's own errors as there.
template <class Work>
[[nodiscard]] auto query(Database& database, Work&& work)
    -> Result<typename detail::Returned<std::invoke_result_t<Work&, ReadTransaction&>>::Type> {
  std::optional<typename detail::Returned<std::invoke_result_t<Work&, ReadTransaction&>>::Type>
      value;
  BALUHOST_CHECK(database.read([&](ReadTransaction& tx) { return detail::run(value, work, tx); }));
  return *std::move(value);
}

/// The same in `database.bookkeep`.
template <class Work>
[[nodiscard]] auto bookkeep(Database& database, Work&& work)
    -> Result<typename detail::Returned<std::invoke_result_t<Work&, Bookkeeping&>>::Type> {
  std::optional<typename detail::Returned<std::invoke_result_t<Work&, Bookkeeping&>>::Type> value;
  BALUHOST_CHECK(database.bookkeep([&](Bookkeeping& tx) { return detail::run(value, work, tx); }));
  return *std::move(value);
}

/// Runs `work(WriteTransaction&)`, which returns a Result of what is `recorded`, in
/// `database.write` and returns its value once it is durable together with its events; else its
/// error, or the database's own as there. Without an event it does not compile.
template <class Work>
[[nodiscard]] auto record(Database& database, Work&& work)
    -> Result<typename detail::Committed<std::invoke_result_t<Work&, WriteTransaction&>>::Type> {
  std::optional<typename detail::Committed<std::invoke_result_t<Work&, WriteTransaction&>>::Type>
      value;
  BALUHOST_CHECK(database.write(
      [&](WriteTransaction& tx) { return detail::run_recorded(value, [&] { return work(tx); }); }));
  return *std::move(value);
}

/// How a change went, and what its last run saw.
template <class T, class Seen>
struct Attempt {
  Result<T> result;
  Seen seen;
};

/// As `record`, for a change whose failure is told with what it saw: `work(WriteTransaction&,
/// Seen&)` gets a fresh `Seen` in each run, and that of the last run comes back, whether the change
/// was made or not. `work` may also return events alone.
template <class Seen, class Work>
[[nodiscard]] auto attempt(Database& database, Work&& work) -> Attempt<
    typename detail::Committed<std::invoke_result_t<Work&, WriteTransaction&, Seen&>>::Type, Seen> {
  using T = typename detail::Committed<std::invoke_result_t<Work&, WriteTransaction&, Seen&>>::Type;
  Seen seen{};
  if constexpr (std::is_void_v<T>) {
    auto written = database.write([&](WriteTransaction& tx) {
      seen = Seen{};
      return work(tx, seen);
    });
    return {std::move(written), std::move(seen)};
  } else {
    std::optional<T> value;
    auto written = database.write([&](WriteTransaction& tx) {
      seen = Seen{};
      return detail::run_recorded(value, [&] { return work(tx, seen); });
    });
    if (!written) return {std::move(written).error(), std::move(seen)};
    return {*std::move(value), std::move(seen)};
  }
}

} // namespace baluhost
