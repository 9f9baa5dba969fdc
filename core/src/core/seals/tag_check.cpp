#include "seals/tag_check.hpp"

#include <algorithm>
#include <limits>
#include <unordered_set>
#include <utility>

// Which numbers of a writer must be here: a tag says below which number all were committed when it
// was made (`settled`), and up to which they were sealed (`sealed`). The tags of sealed events are
// removed, but for the last one's, which marks how far its writer's events are sealed: so between
// the mark, or the greatest `sealed`, and the greatest `settled` there is no number without a tag.
// What was under way when a crash came has a number that no other tag calls settled, and may be
// here or not.
//
// A tag of several events may be sealed in part: each event counts as sealed or not by its own
// leaf.
namespace baluhost {
namespace {

constexpr std::size_t kTagsPerRead = 100;
constexpr std::int64_t kLowest = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kHighest = std::numeric_limits<std::int64_t>::max();

/// The numbers of one writer: which are present, by first and last of each tag; up to which they
/// need not be; and below which they must.
struct Numbers {
  std::vector<std::pair<std::int64_t, std::int64_t>> present;
  std::int64_t sealed{0};
  std::int64_t settled{1};
};

/// The number of an event of `tag`, which anybody may have written.
std::int64_t number_of(const EventTag& tag, std::size_t index) {
  const auto step = static_cast<std::int64_t>(index);
  return tag.number > kHighest - step ? kHighest : tag.number + step;
}

/// What a prune may have taken: events up to `event`, of before `sealed_at`, when the last seal
/// that it took was made. An event of later was in none of those seals, whatever its id.
struct Pruned {
  EventId event{0};
  Timestamp sealed_at{};
};

/// Nothing where there was no prune.
Result<Pruned> what_was_pruned(const SealRepository& seals) {
  const auto prunes = seals.prunes();
  if (!prunes && prunes.error().code != Errc::internal) return prunes.error();
  if (prunes && prunes->empty()) return Pruned{};
  const auto first = seals.sealed_events(0, 1);
  if (!first && first.error().code != Errc::internal) return first.error();
  if (!first || first->empty()) return Pruned{};
  const EventId before_first{first->front().leaf.event.value - 1};
  const auto seal = seals.seal_of(first->front().leaf.sequence - 1);
  if (!seal && seal.error().code != Errc::internal) return seal.error();
  return Pruned{before_first, seal && *seal ? (*seal)->sealed_at : Timestamp{kHighest}};
}

class TagCheck {
 public:
  TagCheck(const SealVerifier& keys, const Digester& digester, const Pruned& pruned)
      : keys_(keys), digester_(digester), pruned_(pruned) {}

  void add(const StoredTag& found) {
    const EventTag& tag = found.tag;
    WriterTags& writer = writers_[tag.writer.value];
    Numbers& numbers = numbers_[tag.writer.value];
    writer.all.push_back(tag.event);
    if (found.events.empty()) {
      return problem(writer, ProblemKind::bad_tag, tag.event,
                     "the tag's list of events cannot be read");
    }
    numbers.present.emplace_back(tag.number, number_of(tag, found.events.size() - 1));
    const bool of_several = !tag.events.empty();
    const bool is_ours = of_several && is_signed(tagged_bytes(tag), tag.mac);
    if (is_ours) note(numbers, tag, 0);
    for (std::size_t i = 0; i < found.events.size(); ++i) {
      const EventId id = of_several ? tag.events[i].event : tag.event;
      const auto fits = [&](const Sha256Digest& leaf) {
        return of_several ? is_ours && leaf == tag.events[i].leaf
                          : is_signed(tagged_bytes(tag, leaf), tag.mac);
      };
      add_event(writer, numbers, {.tag = tag, .index = i, .event = id}, found.events[i], fits);
    }
  }

  std::map<std::string, WriterTags> finish() {
    for (auto& [name, numbers] : numbers_) find_gaps(name, numbers);
    return std::move(writers_);
  }

 private:
  struct Place {
    const EventTag& tag;
    std::size_t index;
    EventId event;
  };

  template <class Fits>
  void add_event(WriterTags& writer, Numbers& numbers, const Place& place, const TaggedEvent& found,
                 const Fits& fits) {
    if (found.leaf) {
      // What is wrong with a sealed event, its seal tells.
      if (!fits(found.leaf->leaf)) return;
      note(numbers, place.tag, number_of(place.tag, place.index));
      if (found.event && leaf_of(*found.event, digester_) == found.leaf->leaf)
        seen(writer, *found.event);
    } else if (place.event <= pruned_.event &&
               (!found.event || found.event->timestamp < pruned_.sealed_at)) {
      if (!found.event && found.readable) return; // its event was sealed and pruned since
      problem(writer, ProblemKind::event_unsealed, place.event,
              "the event was pruned, and is here again");
    } else if (!found.event) {
      problem(writer, found.readable ? ProblemKind::event_missing : ProblemKind::bad_tag,
              place.event,
              found.readable ? "the event is gone, and was never sealed"
                             : "the row that bears the tag is none of an event");
    } else {
      add_unsealed(writer, numbers, place, *found.event, fits);
    }
  }

  template <class Fits>
  void add_unsealed(WriterTags& writer, Numbers& numbers, const Place& place,
                    const AuditEvent& event, const Fits& fits) {
    const auto leaf = leaf_of(event, digester_);
    if (!fits(leaf)) {
      return problem(writer, ProblemKind::bad_tag, place.event,
                     "the event is not the one that its tag was made for");
    }
    if (!claimed_.insert(place.event).second) {
      return problem(writer, ProblemKind::bad_tag, place.event,
                     "another tag vouches for the event too");
    }
    note(numbers, place.tag, 0);
    writer.unsealed.push_back({place.event, leaf, event.timestamp});
    seen(writer, event);
  }

  static void seen(WriterTags& writer, const AuditEvent& event) {
    writer.newest = std::max(writer.newest.value_or(event.timestamp), event.timestamp);
  }

  bool is_signed(const std::string& bytes, const Sha256Digest& mac) const {
    return keys_.verify_mac(bytes, mac).value_or(true);
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
    for (const auto& [first, last] : numbers.present) {
      if (first >= numbers.settled) break;
      gap(first);
      reached = std::max(reached, last);
    }
    gap(numbers.settled);
  }

  const SealVerifier& keys_;
  const Digester& digester_;
  Pruned pruned_;
  std::map<std::string, WriterTags> writers_;
  std::map<std::string, Numbers> numbers_;
  std::unordered_set<EventId> claimed_;
};

} // namespace

Result<std::map<std::string, WriterTags>> check_tags(const SealRepository& seals,
                                                     const SealVerifier& keys,
                                                     const Digester& digester) {
  BALUHOST_TRY(const auto pruned, what_was_pruned(seals));
  TagCheck check(keys, digester, pruned);
  EventId after{kLowest};
  for (;;) {
    BALUHOST_TRY(const auto page, seals.tags(after, kTagsPerRead));
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
