#include "baluhost/core/seals/verify.hpp"

#include "audit/audit_lines.hpp"
#include "seals/chain_verifier.hpp"

#include <utility>

namespace baluhost {
namespace {

constexpr std::size_t kBlockBytes = 256 * 1024;
constexpr std::size_t kLongestLine = 16 * 1024 * 1024;

/// The lines of a stream, without their line feeds. A file without line feeds must not fill the
/// memory.
class Lines {
 public:
  explicit Lines(std::istream& in) : in_(in) {}

  /// None at the end. A line stays valid until the next call.
  Result<std::optional<std::string_view>> next() {
    auto end = buffer_.find('\n', begin_);
    while (end == std::string::npos && !at_end_) {
      const auto searched = buffer_.size() - begin_;
      BALUHOST_CHECK(read_block());
      end = buffer_.find('\n', begin_ + searched);
    }
    if (end == std::string::npos && begin_ == buffer_.size())
      return std::optional<std::string_view>{};
    const auto line = std::string_view{buffer_}.substr(begin_, end - begin_);
    begin_ = end == std::string::npos ? buffer_.size() : end + 1;
    return std::optional{line};
  }

 private:
  Result<void> read_block() {
    buffer_.erase(0, begin_);
    begin_ = 0;
    if (buffer_.size() > kLongestLine) return invalid("has a line longer than any export's");
    const auto kept = buffer_.size();
    buffer_.resize(kept + kBlockBytes);
    in_.read(buffer_.data() + kept, kBlockBytes);
    buffer_.resize(kept + static_cast<std::size_t>(in_.gcount()));
    if (in_.bad()) return Error{.code = Errc::unavailable, .detail = "the export cannot be read"};
    at_end_ = in_.eof() || in_.fail();
    return {};
  }

  std::istream& in_;
  std::string buffer_;
  std::size_t begin_{0};
  bool at_end_{false};
};

Result<void> check_line(std::string_view line, ChainVerifier& check) {
  BALUHOST_TRY(auto json, JsonMembers::read(line));
  if (json.has("seal")) {
    BALUHOST_TRY(const auto text, json.object("seal"));
    BALUHOST_TRY(const auto seal, read_seal(text));
    BALUHOST_CHECK(json.nothing_left());
    check.seal(seal);
  } else if (json.has("prune")) {
    BALUHOST_TRY(const auto text, json.object("prune"));
    BALUHOST_TRY(const auto record, read_prune(text));
    BALUHOST_CHECK(json.nothing_left());
    check.prune(record, check.last_seal());
  } else {
    BALUHOST_TRY(const auto event, read_event(json));
    BALUHOST_TRY(const auto sequence, json.integer("seq"));
    BALUHOST_CHECK(json.nothing_left());
    check.event(sequence, event);
  }
  return {};
}

} // namespace

Result<VerifyReport> verify_export(std::istream& in, const SealVerifier& keys,
                                   const Digester& digester, const std::optional<Anchor>& anchor,
                                   const VerifyProgress& progress) {
  ChainVerifier check(keys, digester, anchor, progress);
  Lines lines(in);
  std::int64_t number = 1;
  for (;; ++number) {
    BALUHOST_TRY(const auto line, lines.next());
    if (!line) break;
    if (auto checked = check_line(*line, check); !checked) {
      check.problem({.kind = ProblemKind::line_unreadable,
                     .detail = "line " + std::to_string(number) +
                               " of the export: " + checked.error().detail});
    }
  }
  if (number == 1)
    check.problem({.kind = ProblemKind::tail_missing,
                   .detail = "the export is empty: it holds no seal and no event"});
  if (check.has_open_events())
    check.problem({.kind = ProblemKind::tail_missing,
                   .detail = "the export ends before the seal of its last events"});
  return check.finish(std::nullopt, MissingAnchor::allowed);
}

} // namespace baluhost
