#pragma once

#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace baluhost {

/// What went wrong, named by what the caller can do about it. Closed: adapters translate their own
/// errors into these.
enum class Errc {
  invalid_request,              ///< the input breaks a rule; `Error::fields` says which member
  digest_mismatch,              ///< the content received is not the content announced
  unauthenticated,              ///< no token, or one that is not ours
  invalid_credentials,          ///< name and password do not fit
  second_factor_required,       ///< the password fits; a code is to follow, with `Error::challenge`
  token_expired,                ///< log in again or refresh
  token_revoked,                ///< log in again
  second_factor_setup_required, ///< the account has to have a second factor and has none
  forbidden,                    ///< exists, but the caller lacks the right
  not_found,                    ///< does not exist, or the caller has no right at all
  gone,                         ///< was there and has ended, which the caller may know
  already_exists,               ///< the name is taken
  conflict,                     ///< the state does not allow it now
  precondition_failed,          ///< a condition of the caller's does not hold
  payload_too_large,            ///< larger than allowed
  quota_exceeded,               ///< the owner's quota has no room
  range_not_satisfiable,        ///< the range begins after the end
  rate_limited,                 ///< later again, after `Error::retry_after`
  unavailable,                  ///< a part of the system does not answer; later again
  insufficient_storage,         ///< the disk is full, or its reserve is reached
  client_disconnected,          ///< the other side went away; nobody is left to be told
  internal,                     ///< our mistake; the log has it
};

/// The stable name of `code`, as clients and the audit trail see it: "already_exists". Never fails.
std::string_view code_of(Errc code) noexcept;

/// One rule that the input broke.
struct FieldError {
  std::string pointer; ///< RFC 6901 pointer to the member: "/username"; empty for the value itself
  std::string detail;  ///< a sentence for the client; never holds the offending bytes unescaped
};

/// The failure half of a `Result`.
struct Error {
  Errc code{Errc::internal};
  std::string detail;                        ///< for the operator's log, never for a client
  std::vector<FieldError> fields;            ///< for invalid_request
  std::chrono::seconds retry_after{};        ///< for rate_limited and unavailable
  bool recorded{false};                      ///< the audit trail already holds this failure
  std::int64_t content_size{};               ///< for range_not_satisfiable
  std::optional<std::int64_t> trash_bytes{}; ///< for quota_exceeded: of what is used
  std::string challenge{};                   ///< for second_factor_required
  /// The answer to a commit was lost, and nobody could tell what became of it: all of the change
  /// is there, or nothing.
  bool in_doubt{false};

  /// The same error with `pointer` put in front of every field's pointer: values do not know which
  /// member they were.
  [[nodiscard]] Error at(std::string_view pointer) &&;

  /// One line for an operator's log or a test's output, never for a client: "already_exists: the
  /// name is taken", each field after it.
  [[nodiscard]] std::string message() const;
};

/// Writes `code_of(code)`.
std::ostream& operator<<(std::ostream& out, Errc code);

/// Writes `error.message()`.
std::ostream& operator<<(std::ostream& out, const Error& error);

/// invalid_request about the value itself; name the member later with `at`.
Error invalid(std::string detail);

} // namespace baluhost
