// Downloads put on record at a steady rate through the journal, sealed as a server seals them, on
// SQLite; how far the seal was behind, at worst; and how fast the trail verifies. Beside it, in the
// same run: how fast the journal records when nobody seals, and how fast events are encoded and
// hashed.
//
//   bench_sealing [SECONDS=30] [EVENTS_PER_SECOND=10000]
//
// Exits with 1 if the rate was not held, the seal was more than 3 s behind, verification misses
// 200,000 events/s or events are missing.

#include "baluhost/core/audit/audit_log.hpp"
#include "baluhost/core/seals/sealer.hpp"
#include "baluhost/core/seals/verify.hpp"
#include "baluhost/core/transfers/transfer_journal.hpp"
#include "baluhost/crypto/ed25519_signer.hpp"
#include "baluhost/crypto/openssl_digester.hpp"
#include "baluhost/crypto/openssl_random.hpp"
#include "baluhost/filesystem/anchor_file.hpp"
#include "baluhost/filesystem/system_clock.hpp"
#include "baluhost/sqlite/sqlite_database.hpp"
#include "baluhost/test/temporary_directory.hpp"
#include "bench.hpp"

#include <fmt/format.h>

#include <atomic>
#include <cstdlib>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace baluhost::bench {
namespace {

constexpr double kMostBehind = 3;
constexpr double kVerified = 200'000;
constexpr int kProducers = 4;

/// When which event was committed.
class Commits {
 public:
  void add(std::size_t events) {
    const std::lock_guard lock(mutex_);
    total_ += static_cast<std::int64_t>(events);
    log_.push_back({total_, seconds_now()});
  }
  /// How long ago the oldest event was committed that is not among the first `sealed`.
  double age_behind(std::int64_t sealed) {
    const std::lock_guard lock(mutex_);
    while (!log_.empty() && log_.front().total <= sealed) log_.pop_front();
    return log_.empty() ? 0 : seconds_now() - log_.front().at;
  }
  std::int64_t total() {
    const std::lock_guard lock(mutex_);
    return total_;
  }

 private:
  struct Entry {
    std::int64_t total;
    double at;
  };
  std::mutex mutex_;
  std::deque<Entry> log_;
  std::int64_t total_{0};
};

/// What records and seals in a server.
struct Recording {
  Recording(const std::string& directory, bool sealed)
      : clock(make_system_clock()),
        random(make_openssl_random()),
        digester(make_openssl_digester()),
        keys(value(KeyDirectory::open(directory + "/keys", KeyDirectory::Missing::create, *random,
                                      *clock))),
        signer(make_ed25519_signer(*keys)),
        anchors(make_anchor_file(directory + "/audit.anchor")),
        database(value(make_sqlite_database({.path = directory + "/baluhost.db"}))),
        audit_log(*database, *clock) {
    database->on_commit([this](std::span<const AuditEvent> events) { commits.add(events.size()); });
    if (sealed) {
      sealer = std::make_unique<Sealer>(Sealer::Dependencies{*database, *digester, *signer,
                                                             *anchors, *clock, InstanceId{"bench"}},
                                        SealerOptions{});
      sealer->start();
    }
    journal = std::make_unique<TransferJournal>(*database, *clock, InstanceId{"bench"},
                                                DownloadRecording::after);
  }

  void record_download(int number) {
    auto event = audit_log.draft(
        Action::download,
        Client{.ip_address = IpAddress::parse("192.0.2.7"), .user_agent = "bench/1"});
    event.user = "user" + std::to_string(number % 200);
    event.resource = "/" + *event.user + "/folder/file " + std::to_string(number % 10'007);
    value(journal->begin(std::move(event), content, std::nullopt))->finish(content.size, true);
  }

  std::unique_ptr<Clock> clock;
  std::unique_ptr<RandomSource> random;
  std::unique_ptr<Digester> digester;
  std::unique_ptr<KeyDirectory> keys;
  std::unique_ptr<SealSigner> signer;
  std::unique_ptr<AnchorLog> anchors;
  Commits commits;
  std::unique_ptr<Database> database;
  AuditLog audit_log;
  std::unique_ptr<Sealer> sealer;
  std::unique_ptr<TransferJournal> journal;
  Content content{BlobId{"b"}, 1024, {}, {}};
};

/// Several threads record for `seconds`, `rate` events per second together, or as fast as they can
/// for 0. Returns how many.
std::int64_t produce(Recording& recording, double seconds, double rate) {
  std::atomic<std::int64_t> recorded{0};
  std::vector<std::thread> producers;
  const double start = seconds_now();
  for (int producer = 0; producer < kProducers; ++producer) {
    producers.emplace_back([&, producer] {
      std::int64_t mine = 0;
      for (double elapsed = 0; elapsed < seconds; elapsed = seconds_now() - start) {
        const auto due =
            rate > 0 ? static_cast<std::int64_t>(elapsed * rate / kProducers) : mine + 100;
        for (; mine < due; ++mine)
          recording.record_download(static_cast<int>(mine * kProducers + producer));
        if (rate > 0) std::this_thread::sleep_for(std::chrono::milliseconds{1});
      }
      recorded += mine;
    });
  }
  for (auto& producer : producers) producer.join();
  return recorded;
}

double encoding_rate(Database& database, const Digester& digester) {
  std::vector<AuditEvent> events;
  value(database.read([&](ReadTransaction& tx) -> Result<void> {
    BALUHOST_TRY(events, tx.audit().since(EventId{}, 100'000));
    return {};
  }));
  std::string buffer;
  const double took = timed([&] {
    for (const auto& event : events) {
      buffer.clear();
      append_canonical_encoding(buffer, event);
      digester.sha256(buffer);
    }
  });
  return static_cast<double>(events.size()) / took;
}

int run(double seconds, double rate) {
  bool missed = false;
  const auto judge = [&](bool good, const char* what) {
    if (good) return;
    fmt::print("{}\n", what);
    missed = true;
  };
  {
    const test::TemporaryDirectory directory;
    Recording reference(directory.path().string(), false);
    const double start = seconds_now();
    const auto recorded = produce(reference, std::min(seconds, 5.0), 0);
    reference.journal->flush();
    fmt::print("recorded, as fast as possible, unsealed: {:.0f} events/s\n",
               static_cast<double>(recorded) / (seconds_now() - start));
  }

  const test::TemporaryDirectory directory;
  Recording recording(directory.path().string(), true);
  std::atomic<bool> over{false};
  double worst = 0;
  std::int64_t most_unsealed = 0;
  std::thread watcher([&] {
    while (!over) {
      const auto unsealed = recording.sealer->unsealed();
      most_unsealed = std::max(most_unsealed, unsealed);
      worst = std::max(worst, recording.commits.age_behind(recording.commits.total() - unsealed));
      std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
  });
  const double start = seconds_now();
  const auto recorded = produce(recording, seconds, rate);
  recording.journal->flush();
  const double took = seconds_now() - start;
  while (recording.sealer->unsealed() > 0 && seconds_now() < start + took + 10)
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  const double sealed_after = seconds_now() - start - took;
  over = true;
  watcher.join();
  const double held = static_cast<double>(recorded) / took;
  fmt::print(
      "recorded and sealed: {:.0f} events/s for {:.1f} s, {} events; the oldest unsealed event was "
      "at most {:.2f} s old, at most {} waited; all sealed {:.2f} s "
      "after the last\n",
      held, took, recorded, worst, most_unsealed, sealed_after);
  judge(held >= 0.98 * rate, "THE RATE WAS NOT HELD");
  judge(worst <= kMostBehind, "THE SEAL WAS TOO FAR BEHIND");

  VerifyReport report;
  const double verifying = timed([&] {
    report = value(verify_trail(*recording.database, *recording.signer, *recording.digester,
                                value(recording.anchors->newest()), MissingAnchor::finding));
  });
  const double verified = static_cast<double>(report.events) / verifying;
  const double encoded = encoding_rate(*recording.database, *recording.digester);
  fmt::print(
      "verified: {} events in {} seals at {:.0f} events/s; encoded and hashed from memory: {:.0f} "
      "events/s; ratio {:.2f}\n",
      report.events, report.seals, verified, encoded, verified / encoded);
  judge(verified >= kVerified, "VERIFICATION IS TOO SLOW");
  judge(report.ok && report.events == recorded && report.unsealed == 0,
        "EVENTS ARE MISSING, OR NOT AS THEY WERE SEALED");
  return missed ? 1 : 0;
}

} // namespace
} // namespace baluhost::bench

int main(int argc, char** argv) {
  try {
    const double seconds = argc > 1 ? std::atof(argv[1]) : 30;
    const double rate = argc > 2 ? std::atof(argv[2]) : 10'000;
    if (seconds <= 0 || rate <= 0) {
      fmt::print(stderr, "usage: {} [SECONDS=30] [EVENTS_PER_SECOND=10000]\n", argv[0]);
      return 2;
    }
    return baluhost::bench::run(seconds, rate);
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
