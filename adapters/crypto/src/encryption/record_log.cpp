#include "encryption/record_log.hpp"

#include <algorithm>
#include <utility>

// Records are only ever appended: what was flushed stays where it lies until the content is
// published, whatever is cut or written afterwards, and no nonce is used twice.
namespace baluhost::encryption {

RecordPlace place_in(const Run& run, std::int64_t at, std::int64_t run_end) {
  const std::int64_t index = (at - run.offset) / kRecordContent;
  const std::int64_t offset = run.offset + index * kRecordContent;
  return {.place = run.place + index * kRecordBytes,
          .offset = offset,
          .end = std::min(run_end, offset + kRecordContent)};
}

Result<std::string> read_record(const Secret& key, ReadAt read, const RecordPlace& place) {
  std::string bytes(static_cast<std::size_t>(kRecordBytes), '\0');
  BALUHOST_TRY(const auto got, read(place.place, bytes));
  bytes.resize(got);
  const auto head = parse_record_head(bytes);
  if (!head || head->offset != place.offset || head->offset + head->length < place.end ||
      std::cmp_less(got, head->length + kRecordOverhead))
    return damaged_content();
  bytes.resize(static_cast<std::size_t>(head->length + kRecordOverhead));
  auto content = open_record(key, bytes);
  if (!content) return damaged_content();
  return *std::move(content);
}

void RecordLog::add_record(std::int64_t offset, std::int64_t length) {
  if (!goes_on_ && length > 0) runs_.push_back({offset, end_});
  is_cut_ = false;
  goes_on_ = length == kRecordContent;
  recorded_ = offset + length;
  end_ += length + kRecordOverhead;
}

Result<void> RecordLog::write_record(std::string_view content, RandomSource& random, Write write) {
  BALUHOST_TRY(auto record, seal_record(key_.key, random, recorded_, content));
  const bool is_first = end_ == 0;
  BALUHOST_CHECK(write(is_first ? key_.header.bytes() + record : record));
  if (is_first) end_ = kHeaderBytes;
  add_record(recorded_, static_cast<std::int64_t>(content.size()));
  return {};
}

Result<void> RecordLog::append(std::string_view bytes, RandomSource& random, Write write) {
  const auto kept = pending_;
  const auto recorded = recorded_;
  constexpr auto kFull = static_cast<std::size_t>(kRecordContent);
  while (!bytes.empty()) {
    const auto taken = std::min(bytes.size(), kFull - pending_.size());
    pending_ += bytes.substr(0, taken);
    bytes.remove_prefix(taken);
    if (pending_.size() < kFull) break;
    if (auto written = write_record(pending_, random, write); !written) {
      // Records that did go out are replaced by the next ones, which begin before them.
      cut(recorded);
      pending_ = kept;
      return written;
    }
    pending_.clear();
  }
  return {};
}

Result<void> RecordLog::flush(RandomSource& random, Write write) {
  if (pending_.empty() && !is_cut_) return {};
  BALUHOST_CHECK(write_record(pending_, random, write));
  pending_ = {}; // and its memory: nobody may write for long
  return {};
}

Result<void> RecordLog::finish(RandomSource& random, Write write) {
  BALUHOST_CHECK(flush(random, write));
  if (end_ == 0) return {};
  BALUHOST_TRY(const auto end, seal_end(key_.key, random, runs_, recorded_));
  return write(end);
}

void RecordLog::cut(std::int64_t size) {
  if (size >= recorded_) {
    pending_.resize(static_cast<std::size_t>(size - recorded_));
    return;
  }
  pending_.clear();
  while (!runs_.empty() && runs_.back().offset >= size) runs_.pop_back();
  recorded_ = size;
  goes_on_ = false;
  is_cut_ = true;
}

Result<std::size_t> RecordLog::read_at(std::int64_t at, std::span<char> buffer, ReadAt read) const {
  std::size_t done = 0;
  while (done < buffer.size() && at < recorded_) {
    const auto next =
        std::upper_bound(runs_.begin(), runs_.end(), at,
                         [](std::int64_t a, const Run& run) { return a < run.offset; });
    const auto place =
        place_in(*std::prev(next), at, next == runs_.end() ? recorded_ : next->offset);
    BALUHOST_TRY(const auto content, read_record(key_.key, read, place));
    const auto wanted =
        std::min<std::int64_t>(place.end - at, static_cast<std::int64_t>(buffer.size() - done));
    done += content.copy(buffer.data() + done, static_cast<std::size_t>(wanted),
                         static_cast<std::size_t>(at - place.offset));
    at += wanted;
  }
  if (at >= recorded_ && at < size() && done < buffer.size())
    done += pending_.copy(buffer.data() + done, buffer.size() - done,
                          static_cast<std::size_t>(at - recorded_));
  return done;
}

Result<void> RecordLog::load(std::int64_t stored, ReadAt read) {
  end_ = kHeaderBytes;
  std::string bytes(static_cast<std::size_t>(kRecordBytes), '\0');
  while (end_ < stored) {
    BALUHOST_TRY(const auto got, read(end_, bytes));
    const auto head = parse_record_head(std::string_view{bytes}.substr(0, got));
    if (!head || head->offset > recorded_ || std::cmp_less(got, head->length + kRecordOverhead))
      break;
    const auto record =
        std::string_view{bytes}.substr(0, static_cast<std::size_t>(head->length + kRecordOverhead));
    if (!open_record(key_.key, record)) break;
    if (head->offset < recorded_) cut(head->offset);
    add_record(head->offset, head->length);
  }
  return {};
}

} // namespace baluhost::encryption
