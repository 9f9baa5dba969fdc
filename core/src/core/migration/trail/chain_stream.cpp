#include "migration/trail/chain_stream.hpp"

#include "migration/rows/tables.hpp"

#include <algorithm>

namespace baluhost::migration {
namespace {

constexpr std::size_t kChunk = 512;
constexpr std::size_t kChunks = 32;          ///< that the readers of the events may be ahead
constexpr std::size_t kMostWaiting = 50'000; ///< beyond this it is not worth the memory
constexpr std::int64_t kSealsPerRead = 200;

/// A row's cells, in the order of the columns; the first that is not what it should be spoils it.
class Cells {
 public:
  explicit Cells(const bulk::Row& row) : row_(row) {}
  std::int64_t number() {
    const auto* value = std::get_if<std::int64_t>(&row_[at_++]);
    sound_ = sound_ && value;
    return value ? *value : 0;
  }
  std::string_view text() {
    const auto* value = std::get_if<std::string_view>(&row_[at_++]);
    sound_ = sound_ && value;
    return value ? *value : std::string_view{};
  }
  std::optional<std::string_view> maybe_text() {
    if (!std::holds_alternative<std::monostate>(row_[at_])) return text();
    ++at_;
    return std::nullopt;
  }
  template <class T>
  T accepted(Result<T> value) {
    sound_ = sound_ && value;
    return value ? std::move(*value) : T{};
  }
  Sha256Digest digest() { return accepted(Sha256Digest::parse_hex(text())); }
  [[nodiscard]] bool sound() const { return sound_; }

 private:
  const bulk::Row& row_;
  std::size_t at_{0};
  bool sound_{true};
};

} // namespace

ChainStream::ChainStream(std::unique_ptr<SealVerifier> keys, const Digester& digester,
                         BulkReader& seals, std::span<const bulk::Table> tables)
    : keys_(std::move(keys)), digester_(digester), seal_reader_(seals), tables_(tables) {
  if (keys_)
    verifier_.emplace(*keys_, digester_, std::nullopt, VerifyProgress{});
  else
    fail();
  filling_.reserve(kChunk);
}

void ChainStream::event(const bulk::Row& row) {
  if (!keys_) return;
  Cells cells{row};
  AuditEventView event;
  event.id = EventId{cells.number()};
  event.timestamp = Timestamp{cells.number()};
  event.type = cells.accepted(parse_event_type(cells.text()));
  event.action = cells.text();
  event.user = cells.maybe_text();
  event.resource = cells.maybe_text();
  event.success = cells.number() != 0;
  event.error_message = cells.maybe_text();
  event.details = cells.text();
  event.ip_address = cells.maybe_text();
  event.user_agent = cells.maybe_text();
  if (!cells.sound()) return; // its leaf will miss it
  encoding_.clear();
  append_canonical_encoding(encoding_, event);
  filling_.emplace_back(event.id.value, digester_.sha256(encoding_));
  if (filling_.size() < kChunk) return;
  push(std::move(filling_));
  filling_ = {};
  filling_.reserve(kChunk);
}

void ChainStream::end_of_events() {
  if (!filling_.empty()) push(std::move(filling_));
  filling_ = {};
  const std::scoped_lock lock{mutex_};
  ended_ = true;
  changed_.notify_all();
}

void ChainStream::give_up() {
  const std::scoped_lock lock{mutex_};
  ended_ = abandoned_ = true;
  queue_.clear();
  changed_.notify_all();
}

void ChainStream::push(Hashed chunk) {
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [&] { return queue_.size() < kChunks || abandoned_; });
  if (abandoned_) return;
  queue_.push_back(std::move(chunk));
  changed_.notify_all();
}

bool ChainStream::pull() {
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [&] { return !queue_.empty() || ended_; });
  if (queue_.empty()) return false;
  current_ = std::move(queue_.front());
  queue_.pop_front();
  at_ = 0;
  changed_.notify_all();
  return true;
}

void ChainStream::fail() {
  failed_ = true;
  waiting_.clear();
  give_up();
}

std::optional<Sha256Digest> ChainStream::hash_of(EventId event) {
  if (const auto found = waiting_.find(event.value); found != waiting_.end()) {
    const auto hash = found->second;
    waiting_.erase(found);
    return hash;
  }
  for (;;) {
    if (at_ == current_.size() && !pull()) return std::nullopt;
    const auto& [id, hash] = current_[at_];
    if (id > event.value) return std::nullopt; // it is gone
    ++at_;
    if (id == event.value) return hash;
    if (waiting_.size() == kMostWaiting) return std::nullopt;
    waiting_.emplace(id, hash);
  }
}

Result<void> ChainStream::read_prunes() {
  const bulk::Table& table = table_of(tables_, bulk::Content::prunes);
  return seal_reader_.scan(table, {}, [&](const bulk::Row& row) -> Result<void> {
    Cells cells{row};
    PruneRecord record;
    record.last_seal = SealNumber{cells.number()};
    record.last_sequence = cells.number();
    record.events = cells.number();
    record.pruned_at = Timestamp{cells.number()};
    record.key_id = cells.text();
    record.signature = cells.accepted(from_hex(cells.text()));
    if (!cells.sound()) return Error{Errc::internal};
    prunes_.push_back(std::move(record));
    return {};
  });
}

Result<void> ChainStream::read_seals() {
  const bulk::Table& table = table_of(tables_, bulk::Content::seals);
  const bulk::Range next{.after = last_seal_, .limit = kSealsPerRead};
  return seal_reader_.scan(table, next, [&](const bulk::Row& row) -> Result<void> {
    Cells cells{row};
    Seal seal;
    seal.number = SealNumber{cells.number()};
    seal.first_sequence = cells.number();
    seal.last_sequence = cells.number();
    seal.count = cells.number();
    seal.root = cells.digest();
    seal.previous = cells.digest();
    seal.sealed_at = Timestamp{cells.number()};
    seal.recovered = cells.number() != 0;
    seal.key_id = cells.text();
    seal.signature = cells.accepted(from_hex(cells.text()));
    if (!cells.sound()) return Error{Errc::internal};
    last_seal_ = seal.number.value;
    seals_.push_back(std::move(seal));
    return {};
  });
}

/// Whether there is a seal that was not fed yet.
bool ChainStream::next_seal() {
  if (failed_) return false;
  if (!begun_ && !read_prunes()) fail();
  begun_ = true;
  if (!seals_.empty()) return true;
  if (!read_seals()) fail();
  return !failed_ && !seals_.empty();
}

void ChainStream::feed_seal() {
  const Seal& seal = seals_.front();
  if (!verifier_->last_seal() && seal.number.value != 1) {
    verifier_->problem({.kind = ProblemKind::seal_missing,
                        .seal = SealNumber{1},
                        .detail = "the first seal here is " + std::to_string(seal.number.value)});
  }
  verifier_->seal(seal);
  if (std::ranges::find(prunes_, seal.number, &PruneRecord::last_seal) != prunes_.end())
    pruned_up_to_.emplace(seal.number.value, seal);
  seals_.pop_front();
}

void ChainStream::leaf(const bulk::Row& row) {
  if (failed_) return;
  Cells cells{row};
  AuditLeaf leaf;
  leaf.sequence = cells.number();
  leaf.event = EventId{cells.number()};
  leaf.leaf = cells.digest();
  while (next_seal() && seals_.front().last_sequence < leaf.sequence) feed_seal();
  if (!cells.sound() || !next_seal()) return fail();
  const auto is_now = hash_of(leaf.event);
  if (!is_now) return fail();
  verifier_->leaf(leaf, *is_now);
}

std::optional<ChainHead> ChainStream::finish() {
  while (next_seal()) feed_seal();
  if (failed_) return std::nullopt;
  give_up(); // what has no leaf yet is nothing to the chain
  for (const PruneRecord& record : prunes_) {
    const auto last = pruned_up_to_.find(record.last_seal.value);
    verifier_->prune(record,
                     last == pruned_up_to_.end() ? std::nullopt : std::optional{last->second});
  }
  const VerifyReport report =
      verifier_->finish(verifier_->first_sequence(), MissingAnchor::allowed);
  if (!report.ok || report.seals == 0) return std::nullopt;
  return ChainHead{report.head.hex(), report.events};
}

} // namespace baluhost::migration
