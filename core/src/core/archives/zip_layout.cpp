#include "archives/zip_layout.hpp"

#include <algorithm>
#include <chrono>
#include <concepts>
#include <limits>
#include <utility>

// Readers take the sizes of a stored entry from its local header, so that they are there and no
// data descriptor follows. Times are in UTC: the old field has no zone, and the extended timestamp,
// which readers prefer, is UTC by its own definition.
namespace baluhost::zip {
namespace {

constexpr std::uint32_t kLocalSignature = 0x04034b50;
constexpr std::uint32_t kCentralSignature = 0x02014b50;
constexpr std::uint32_t kEndSignature = 0x06054b50;
constexpr std::uint32_t kEnd64Signature = 0x06064b50;
constexpr std::uint32_t kLocatorSignature = 0x07064b50;

constexpr std::uint16_t kPlainVersion = 20;
constexpr std::uint16_t kZip64Version = 45;
constexpr std::uint16_t kMadeByUnix = 3 << 8;
constexpr std::uint16_t kUtf8 = 1 << 11;
constexpr std::uint16_t kStored = 0;
constexpr std::uint16_t kZip64Field = 0x0001;
constexpr std::uint16_t kTimeField = 0x5455;
constexpr std::uint32_t kFileMode = 0100644;
constexpr std::uint32_t kDirectoryMode = 040755;
constexpr std::uint32_t kDosDirectory = 0x10;

constexpr std::int64_t kMost32 = 0xFFFFFFFF;
constexpr std::int64_t kMost16 = 0xFFFF;

/// Little-endian numbers, one after the other.
class Record {
 public:
  template <std::integral Number>
  Record& add(Number number) {
    for (std::size_t i = 0; i < sizeof(Number); ++i)
      bytes_ += static_cast<char>((static_cast<std::uint64_t>(number) >> (8 * i)) & 0xFF);
    return *this;
  }
  Record& add16(std::int64_t number) { return add(static_cast<std::uint16_t>(number)); }
  Record& add32(std::int64_t number) { return add(static_cast<std::uint32_t>(number)); }
  Record& add(std::string_view bytes) {
    bytes_ += bytes;
    return *this;
  }
  [[nodiscard]] std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

bool is_large(std::int64_t number) { return number >= kMost32; }

/// A number, or what says that it stands in the ZIP64 field.
std::int64_t short_form(std::int64_t number) { return is_large(number) ? kMost32 : number; }

struct DosTime {
  std::uint16_t time{};
  std::uint16_t date{};
};

/// Two seconds exact, from 1980 to 2107.
DosTime dos_time(Timestamp at) {
  using namespace std::chrono;
  const sys_seconds least = sys_days{year{1980} / 1 / 1};
  const sys_seconds most = sys_days{year{2108} / 1 / 1} - seconds{2};
  const auto moment = std::clamp(sys_seconds{seconds{at.seconds()}}, least, most);
  const auto day = floor<days>(moment);
  const year_month_day date{day};
  const hh_mm_ss clock{moment - day};
  return {.time = static_cast<std::uint16_t>((clock.hours().count() << 11) |
                                             (clock.minutes().count() << 5) |
                                             (clock.seconds().count() / 2)),
          .date = static_cast<std::uint16_t>(((int{date.year()} - 1980) << 9) |
                                             (unsigned{date.month()} << 5) | unsigned{date.day()})};
}

/// The extended timestamp (Info-ZIP): to the second, where 32 bits hold it.
std::string time_field(Timestamp at) {
  if (at.seconds() < std::numeric_limits<std::int32_t>::min() ||
      at.seconds() > std::numeric_limits<std::int32_t>::max())
    return {};
  return Record{}.add16(kTimeField).add16(5).add(std::uint8_t{1}).add32(at.seconds()).take();
}

/// What both headers of an entry say alike, from the version to the extra field's length.
Record& add_common(Record& record, const Item& item, bool zip64, std::size_t extra) {
  const DosTime time = dos_time(item.modified_at);
  return record.add(zip64 ? kZip64Version : kPlainVersion)
      .add(kUtf8)
      .add(kStored)
      .add(time.time)
      .add(time.date)
      .add(item.crc32)
      .add32(short_form(item.size))
      .add32(short_form(item.size))
      .add16(static_cast<std::int64_t>(item.name.size()))
      .add16(static_cast<std::int64_t>(extra));
}

} // namespace

std::string local_header(const Item& item) {
  std::string extra;
  if (is_large(item.size))
    extra = Record{}.add16(kZip64Field).add16(16).add(item.size).add(item.size).take();
  extra += time_field(item.modified_at);
  Record record;
  record.add(kLocalSignature);
  add_common(record, item, is_large(item.size), extra.size());
  return record.add(item.name).add(extra).take();
}

std::string central_header(const Item& item) {
  Record large;
  if (is_large(item.size)) large.add(item.size).add(item.size);
  if (is_large(item.offset)) large.add(item.offset);
  const std::string numbers = large.take();
  std::string extra;
  if (!numbers.empty())
    extra = Record{}
                .add16(kZip64Field)
                .add16(static_cast<std::int64_t>(numbers.size()))
                .add(numbers)
                .take();
  extra += time_field(item.modified_at);
  const std::uint16_t version = numbers.empty() ? kPlainVersion : kZip64Version;
  const std::uint32_t mode = item.is_directory ? kDirectoryMode : kFileMode;
  Record record;
  record.add(kCentralSignature).add16(kMadeByUnix | version);
  add_common(record, item, !numbers.empty(), extra.size());
  return record
      .add16(0) // comment
      .add16(0) // disk
      .add16(0) // internal attributes
      .add((mode << 16) | (item.is_directory ? kDosDirectory : 0))
      .add32(short_form(item.offset))
      .add(item.name)
      .add(extra)
      .take();
}

std::string end_records(const Totals& totals, std::string_view comment) {
  const bool zip64 = totals.entries >= kMost16 || is_large(totals.directory_offset) ||
                     is_large(totals.directory_size);
  Record record;
  if (zip64) {
    record.add(kEnd64Signature)
        .add(std::int64_t{44}) // the bytes that follow
        .add16(kMadeByUnix | kZip64Version)
        .add(kZip64Version)
        .add(std::uint32_t{0})
        .add(std::uint32_t{0})
        .add(totals.entries)
        .add(totals.entries)
        .add(totals.directory_size)
        .add(totals.directory_offset);
    record.add(kLocatorSignature)
        .add(std::uint32_t{0})
        .add(totals.directory_offset + totals.directory_size)
        .add(std::uint32_t{1});
  }
  const auto entries = std::min(totals.entries, kMost16);
  return record.add(kEndSignature)
      .add16(0)
      .add16(0)
      .add16(entries)
      .add16(entries)
      .add32(short_form(totals.directory_size))
      .add32(short_form(totals.directory_offset))
      .add16(static_cast<std::int64_t>(comment.size()))
      .add(comment)
      .take();
}

} // namespace baluhost::zip
