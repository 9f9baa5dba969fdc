#include "migration/source.hpp"

namespace baluhost::migration {
namespace {

constexpr int kOthers = 2;
constexpr int kTries = 20;

} // namespace

Result<void> Source::open() {
  BALUHOST_TRY(reader_, store_.open_reader());
  return {};
}

Result<void> Source::begin_snapshot() {
  if (!store_.notices_changes()) return reader_->begin_snapshot();
  BALUHOST_TRY(const auto witness, store_.open_reader());
  while (others_.size() < kOthers) {
    BALUHOST_TRY(auto reader, store_.open_reader());
    others_.push_back(std::move(reader));
  }
  for (int i = 0; i < kTries; ++i) {
    BALUHOST_TRY(const bool one_moment, begin_all(*witness));
    if (one_moment) return {};
    end_snapshot();
  }
  others_.clear();
  return reader_->begin_snapshot();
}

/// True if nothing was written between the first of the snapshots and the last: they are one.
Result<bool> Source::begin_all(BulkReader& witness) {
  BALUHOST_CHECK(witness.begin_snapshot());
  witness.end_snapshot();
  BALUHOST_CHECK(reader_->begin_snapshot());
  for (const auto& other : others_) BALUHOST_CHECK(other->begin_snapshot());
  BALUHOST_TRY(const bool changed, witness.changed());
  return !changed;
}

void Source::end_snapshot() {
  reader_->end_snapshot();
  for (const auto& other : others_) other->end_snapshot();
}

Result<Checksums> Source::checksums() {
  BALUHOST_TRY(const bool changed, reader_->changed());
  if (!changed) return seen;
  BALUHOST_CHECK(reader_->begin_snapshot());
  auto sums = migration::checksums(*reader_, store_.tables(), digester_);
  reader_->end_snapshot();
  if (!sums) return sums;
  if (*sums != seen) chain.reset();
  seen = *sums;
  return sums;
}

} // namespace baluhost::migration
