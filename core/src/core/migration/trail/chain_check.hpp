#pragma once

#include "migration/context.hpp"

#include "baluhost/core/seals/verify.hpp"

#include <future>
#include <optional>
#include <string>

namespace baluhost::migration {

/// Verifies the audit chains of both sides, in the background where there is time, and not again
/// what the rows that were read proved.
class ChainCheck {
 public:
  explicit ChainCheck(Context& context) : context_(context) {}

  void start_source() { source_ = start(context_.given.source); }
  void start_target() { target_ = start(context_.given.target); }

  /// The target's rows proved its chain.
  void target_is_proven(std::optional<ChainHead> head) { proven_target_ = std::move(head); }

  /// Waits for what runs in the background: what it verifies is not what will be there.
  void forget();

  /// Returns a sentence on the chains. conflict: one does not verify. internal: they end in
  /// different heads.
  Result<std::string> verify_both();

  /// As `verify_both`, where the target cannot be read by others: its rows are the same.
  Result<std::string> verify_source();

  /// What the target holds beyond the source was written by this tool or a server there, and so was
  /// sealed. conflict: it was not.
  Result<std::string> verify_later_events();

 private:
  using Verdict = Result<std::optional<ChainHead>>;

  std::future<Verdict> start(const Side& side);
  Verdict head_of(const Side& side, const VerifyProgress& progress);
  Verdict head_now(const Side& side);
  Verdict verdict(const std::optional<ChainHead>& proven, std::future<Verdict>& background,
                  const Side& side);
  Result<std::optional<EventId>> unsealed_event(EventId after);

  Context& context_;
  std::optional<ChainHead> proven_target_;
  std::future<Verdict> source_;
  std::future<Verdict> target_;
};

} // namespace baluhost::migration
