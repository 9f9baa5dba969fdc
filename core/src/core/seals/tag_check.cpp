#include "seals/tag_check.hpp"

#include <algorithm>
#include <limits>
#include <utility>

// Which numbers of a writer must be here: a tag says below which number all were committed when it
// was made (`settled`), and up to which they were sealed (`sealed`). The tags of sealed events are
// removed, but for the last one's, which marks how far its writer's events are sealed: so between
// the mark, or the greatest `sealed`, and the greatest `settled` there is no number without a tag.
// What was under way when a crash came has a number that no other tag calls settled, and may be
// here or not.
namespace baluhost {
namespace {

constexpr std::size_t kTagsPerRead = 500;
constexpr std::int64_t kLowest = std::numeric_limits<std::int64_t>::min();

/// The numbers of one writer.
struct Numbers {
  std::vector<std::int64_t> present;
  std::int64_t sealed{0};  ///< up to here they need not be present
  std::int64_t settled{1}; ///< below this they must be
};

/// Events up to this id may be gone with their leaves: a prune took them. 0: there was none.
Result<EventId> pruned_up_to(const SealRepository& seals) {
  const auto prunes = seals.prunes();
  if (!prunes && prunes.error().code != Errc::internal) return prunes.error();
  if (prunes && prunes->empty()) return EventId{0};
  const auto first = seals.sealed_events(0, 1);
  if (!first && first.error().code != Errc::internal) return first.error();
  if (!first || first->empty()) return EventId{0};
  return EventId{first->front().leaf.event.value - 1};
}

class TagCheck {
 public:
  TagCheck(const SealVerifier& keys, const Digester& digester, EventId pruned)
      : keys_(keys), digester_(digester), pruned_(pruned) {}

  void add(const TaggedEvent& found) {
    const EventTag& tag = found.tag;
    WriterTags& writer = writers_[tag.writer.value];
    Numbers& numbers = numbers_[tag.writer.value];
    writer.all.push_back(tag.event);
    numbers.present.push_back(tag.number);
    if (found.leaf) {
      if (!fits(tag, found.leaf->leaf)) return; // what is wrong with a sealed event, its seal tells
      note(numbers, tag, tag.number);
      if (found.event && leaf_of(*found.event, digester_) == found.leaf->leaf)
        seen(writer, *found.event);
    } else if (tag.event <= pruned_) {
      if (!found.event && found.readable) return; // its event was sealed and pruned since
      problem(writer, ProblemKind::event_unsealed, tag.event,
              "the event was pruned, and is here again");
    } else if (!found.event) {
      problem(writer, found.readable ? ProblemKind::event_missing : ProblemKind::bad_tag, tag.event,
              found.readable ? "the event is gone, and was never sealed"
                             : "the row that bears the tag is none of an event");
    } else {
      add_unsealed(writer, numbers, tag, *found.event);
    }
  }

  std::map<std::string, WriterTags> finish() {
    for (auto& [name, numbers] : numbers_) find_gaps(name, numbers);
    return std::move(writers_);
  }

 private:
  void add_unsealed(WriterTags& writer, Numbers& numbers, const EventTag& tag,
                    const AuditEvent& event) {
    const auto leaf = leaf_of(event, digester_);
    if (!fits(tag, leaf)) {
      return problem(writer, ProblemKind::bad_tag, tag.event,
                     "the event is not the one that its tag was made for");
    }
    note(numbers, tag, 0);
    writer.unsealed.push_back({tag.event, leaf, event.timestamp});
    seen(writer, event);
  }

  static void seen(WriterTags& writer, const AuditEvent& event) {
    writer.newest = std::max(writer.newest.value_or(event.timestamp), event.timestamp);
  }

  bool fits(const EventTag& tag, const Sha256Digest& leaf) const {
    return keys_.verify_mac(tagged_bytes(tag, leaf), tag.mac).value_or(true);
  }

  static void note(Numbers& numbers, const EventTag& tag, std::int64_t sealed) {
    numbers.settled = std::max(numbers.settled, tag.settled);
    numbers.sealed = std::max({numbers.sealed, tag.sealed, sealed});
  }

  static void problem(WriterTags& writer, ProblemKind kind, std::optional<EventId> event,
                      std::string detail) {
    writer.problems.push_back({.kind = kind, .event = event, .detail = std::move(detail)});
  }

  void find_gaps(const std::string& name, Numbers& numbers) {
    std::ranges::sort(numbers.present);
    std::int64_t reached = numbers.sealed;
    const auto gap = [&](std::int64_t next) {
      if (next <= reached || next - reached == 1) return;
      problem(writers_[name], ProblemKind::event_missing, std::nullopt,
              "events " + std::to_string(reached + 1) + " to " + std::to_string(next - 1) +
                  " of writer " + name + " are gone, and were never sealed");
    };
    for (const std::int64_t number : numbers.present) {
      if (number >= numbers.settled) break;
      gap(number);
      reached = std::max(reached, number);
    }
    gap(numbers.settled);
  }

  const SealVerifier& keys_;
  const Digester& digester_;
  EventId pruned_;
  std::map<std::string, WriterTags> writers_;
  std::map<std::string, Numbers> numbers_;
};

} // namespace

Result<std::map<std::string, WriterTags>> check_tags(const SealRepository& seals,
                                                     const SealVerifier& keys,
                                                     const Digester& digester) {
  BALUHOST_TRY(const EventId pruned, pruned_up_to(seals));
  TagCheck check(keys, digester, pruned);
  EventId after{kLowest};
  for (;;) {
    BALUHOST_TRY(const auto page, seals.tagged(after, kTagsPerRead));
    for (const auto& found : page) check.add(found);
    if (page.size() < kTagsPerRead) return check.finish();
    after = page.back().tag.event;
  }
}

Sha256Digest leaf_of(const AuditEvent& event, const Digester& digester) {
  thread_local std::string buffer;
  buffer.clear();
  append_canonical_encoding(buffer, event);
  return digester.sha256(buffer);
}

} // namespace baluhost
