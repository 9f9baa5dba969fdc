#include "baluhost/core/operations/scrub.hpp"

#include "baluhost/domain/names.hpp"
#include "baluhost/ports/transactions.hpp"
#include "files/file_figures.hpp"

#include <algorithm>
#include <thread>
#include <utility>

// The rate is kept by waiting until the bytes read so far are due, in short naps, so that who stops
// a scrub does not wait for it.
namespace baluhost {
namespace {

using std::chrono::microseconds;

constexpr std::size_t kPage = 100;
constexpr std::size_t kPiece = std::size_t{256} << 10;
constexpr std::size_t kMostPaths = 10; ///< named in an event
constexpr microseconds kNap = std::chrono::milliseconds{50};
constexpr microseconds kOrphanAge = std::chrono::hours{1};

class Scrub {
 public:
  Scrub(Database& database, BlobStore& blobs, AuditLog& audit, Digester& digester,
        const Clock& clock, const Principal* principal, const ScrubOptions& options)
      : database_(database),
        blobs_(blobs),
        audit_log_(audit),
        digester_(digester),
        clock_(clock),
        principal_(principal),
        options_(options),
        started_(clock.monotonic()),
        buffer_(kPiece) {}

  Result<ScrubReport> run() {
    BALUHOST_CHECK(check_contents());
    if (!stopped_) BALUHOST_CHECK(find_orphans());
    const auto count = [&](ScrubKind kind) {
      return static_cast<std::int64_t>(
          std::ranges::count(report_.findings, kind, &ScrubFinding::kind));
    };
    JsonObject details;
    details.add("blobs", report_.blobs)
        .add("bytes", report_.bytes)
        .add("damaged", count(ScrubKind::damaged))
        .add("missing", count(ScrubKind::missing));
    details.add("orphans", count(ScrubKind::orphan))
        .add("duration_ms", in_milliseconds(clock_.monotonic() - started_))
        .add("complete", !stopped_);
    BALUHOST_CHECK(audit_log_.record(with_details(draft(Action::integrity_scrub), details)));
    return std::move(report_);
  }

 private:
  Result<void> check_contents() {
    std::optional<BlobId> after;
    while (!stopped_) {
      BALUHOST_TRY(auto page, query(database_, [&](ReadTransaction& tx) {
                     return tx.files().contents(after, kPage);
                   }));
      if (page.empty()) return {};
      after = page.back().blob;
      std::vector<BlobId> sound;
      for (const auto& content : page) {
        BALUHOST_TRY(auto finding, check(content));
        if (stopped_) break;
        ++report_.blobs;
        if (!finding)
          sound.push_back(content.blob);
        else
          BALUHOST_CHECK(report(content, *std::move(finding)));
        go_on();
      }
      BALUHOST_CHECK(clear(sound));
    }
    return {};
  }

  struct Finding {
    ScrubKind kind{};
    std::string detail;
    bool is_certain{true};
  };

  /// None for sound content. What cannot be read is damaged. What cannot be opened for another
  /// reason than its absence, such as a lost key, is named as damaged but not marked: it is sound
  /// once the key is back.
  Result<std::optional<Finding>> check(const Content& content) {
    auto opened = blobs_.open(content.blob);
    if (!opened && opened.error().code == Errc::not_found)
      return std::optional{Finding{ScrubKind::missing, "the blob is not there"}};
    if (!opened)
      return std::optional{Finding{
          ScrubKind::damaged, "the content cannot be opened: " + opened.error().detail, false}};
    const auto& reader = **opened;
    const auto hash = digester_.sha256_stream();
    for (std::int64_t offset = 0; offset < reader.size() && !stopped_;) {
      const auto got = reader.read_at(offset, buffer_);
      if (!got || *got == 0)
        return std::optional{Finding{ScrubKind::damaged, "the blob cannot be read"}};
      hash->update({buffer_.data(), *got});
      offset += static_cast<std::int64_t>(*got);
      report_.bytes += static_cast<std::int64_t>(*got);
      keep_rate();
    }
    if (stopped_) return std::optional<Finding>{};
    if (reader.size() != content.size)
      return std::optional{Finding{ScrubKind::damaged, "the size differs"}};
    if (hash->digest() != content.sha256)
      return std::optional{Finding{ScrubKind::damaged, "the SHA-256 differs"}};
    return std::optional<Finding>{};
  }

  /// Nothing to report where the file went away meanwhile. What is in the trash has no path.
  Result<void> report(const Content& content, Finding finding) {
    using Paths = std::optional<std::vector<FilePath>>;
    BALUHOST_TRY(const auto found, query(database_, [&](ReadTransaction& tx) -> Result<Paths> {
                   BALUHOST_TRY(const bool is_needed, tx.files().references(content.blob));
                   if (!is_needed) return Paths{};
                   BALUHOST_TRY(auto paths, tx.files().paths_of_blob(content.blob, kMostPaths));
                   return Paths{std::move(paths)};
                 }));
    if (!found) return {};
    if (found->empty()) finding.detail += "; it is in the trash";
    std::vector<std::string> paths;
    for (const auto& path : *found) paths.push_back(path.str());
    if (finding.is_certain) BALUHOST_CHECK(mark(content, finding, paths));
    report_.findings.push_back({.kind = finding.kind,
                                .blob = content.blob,
                                .paths = std::move(paths),
                                .detail = finding.detail});
    return {};
  }

  Result<void> mark(const Content& content, const Finding& finding,
                    const std::vector<std::string>& paths) {
    struct Seen {
      bool marked_before{false};
    };
    auto done =
        attempt<Seen>(database_, [&](WriteTransaction& tx, Seen& seen) -> Result<AuditEvents> {
          BALUHOST_TRY(const bool is_new, tx.blobs().mark_damaged(
                                              content.blob, to_string(finding.kind), clock_.now()));
          seen.marked_before = !is_new;
          if (seen.marked_before) return Error{Errc::already_exists, "marked before"};
          std::vector<std::string> names;
          for (const auto& path : paths) names.push_back(json_text(path));
          JsonObject details;
          details.add("finding", to_string(finding.kind))
              .add("detail", finding.detail)
              .add("blob", content.blob.value);
          details.add("file_size", content.size)
              .add("sha256", content.sha256.hex())
              .add_json("paths", json_array(names));
          return AuditEvents{with_details(draft(Action::blob_damaged), details)};
        });
    if (done.seen.marked_before) return {};
    return std::move(done.result);
  }

  Result<void> clear(const std::vector<BlobId>& sound) {
    if (sound.empty()) return {};
    return database_.bookkeep([&](Bookkeeping& tx) -> Result<void> {
      for (const auto& blob : sound) BALUHOST_CHECK(tx.blobs().clear_damaged(blob));
      return {};
    });
  }

  Result<void> find_orphans() {
    const auto older_than = clock_.now() - kOrphanAge;
    std::optional<BlobId> after;
    while (!stopped_) {
      BALUHOST_TRY(const auto page, blobs_.list(after, kPage));
      if (page.empty()) return {};
      after = page.back().id;
      const auto look = [&](ReadTransaction& tx) -> Result<std::vector<BlobId>> {
        std::vector<BlobId> orphans;
        for (const auto& blob : page) {
          if (blob.published_at >= older_than) continue;
          BALUHOST_TRY(const bool needed, tx.files().references(blob.id));
          if (!needed) orphans.push_back(blob.id);
        }
        return orphans;
      };
      BALUHOST_TRY(const auto orphans, query(database_, look));
      for (const auto& blob : orphans)
        report_.findings.push_back(
            {.kind = ScrubKind::orphan, .blob = blob, .detail = "no file refers to it"});
      go_on();
    }
    return {};
  }

  void keep_rate() {
    if (options_.bytes_per_second <= 0) return go_on();
    const auto due =
        static_cast<double>(report_.bytes) / static_cast<double>(options_.bytes_per_second);
    auto early = std::chrono::duration_cast<microseconds>(std::chrono::duration<double>(due)) -
                 (clock_.monotonic() - started_);
    while (early.count() > 0 && !stopped_) {
      const auto nap = std::min(early, kNap);
      std::this_thread::sleep_for(nap);
      early -= nap;
      go_on();
    }
  }

  void go_on() {
    if (options_.progress && !options_.progress(report_.blobs, report_.bytes)) stopped_ = true;
  }

  [[nodiscard]] NewAuditEvent draft(Action action) const {
    return principal_ ? audit_log_.draft(action, *principal_) : audit_log_.draft(action);
  }

  Database& database_;
  BlobStore& blobs_;
  AuditLog& audit_log_;
  Digester& digester_;
  const Clock& clock_;
  const Principal* principal_;
  const ScrubOptions& options_;
  microseconds started_;
  std::vector<char> buffer_;
  ScrubReport report_;
  bool stopped_{false};
};

constexpr auto kKinds = names<ScrubKind>({{ScrubKind::damaged, "damaged"},
                                          {ScrubKind::missing, "missing"},
                                          {ScrubKind::orphan, "orphan"}});

} // namespace

std::string_view to_string(ScrubKind kind) noexcept { return name_of(kKinds, kind); }

Result<ScrubReport> scrub(Database& database, BlobStore& blobs, AuditLog& audit, Digester& digester,
                          const Clock& clock, const Principal* principal,
                          const ScrubOptions& options) {
  return Scrub(database, blobs, audit, digester, clock, principal, options).run();
}

} // namespace baluhost
