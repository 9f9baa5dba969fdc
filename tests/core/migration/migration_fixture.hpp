#pragma once

#include "fixtures/trail_fixture.hpp"

#include "baluhost/core/migration/migration.hpp"
#include "baluhost/memory/memory_bulk_store.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace baluhost::test {

using migration::Mode;
using migration::Outcome;
using Row = MemoryBulkStore::Row;

/// A backup in memory, which may be unsound.
class FakeBackup final : public migration::SourceBackup {
 public:
  explicit FakeBackup(MemoryBulkStore& source) : source_(source) {}

  std::vector<bulk::Finding> obstacles() override { return in_the_way; }
  Result<std::string> make() override {
    ++made;
    copy_ = source_.copy();
    if (spoil) spoil(*copy_);
    return std::string{"the backup"};
  }
  std::unique_ptr<BulkStore> rows(const std::string&) override {
    return has_rows ? std::move(copy_) : nullptr;
  }
  Result<void> check(const std::string&, migration::BackupCheck) override {
    if (is_sound) return {};
    return Error{Errc::internal, "the backup is not sound"};
  }
  void remove(const std::string&) noexcept override { ++removed; }

  std::vector<bulk::Finding> in_the_way;
  std::function<void(MemoryBulkStore&)> spoil;
  bool has_rows{true};
  bool is_sound{true};
  int made{0};
  int removed{0};

 private:
  MemoryBulkStore& source_;
  std::unique_ptr<MemoryBulkStore> copy_;
};

inline Row row_of(const AuditEvent& event) {
  const auto maybe = [](const std::optional<std::string>& text) {
    return text ? MemoryBulkStore::Cell{*text} : MemoryBulkStore::Cell{};
  };
  return {event.id.value,
          event.timestamp.microseconds,
          std::string{to_string(event.type)},
          event.action,
          maybe(event.user),
          maybe(event.resource),
          std::int64_t{event.success},
          maybe(event.error_message),
          event.details,
          maybe(event.ip_address),
          maybe(event.user_agent)};
}
inline Row row_of(const AuditLeaf& leaf) {
  return {leaf.sequence, leaf.event.value, leaf.leaf.hex()};
}
inline Row row_of(const Seal& seal) {
  return {seal.number.value,
          seal.first_sequence,
          seal.last_sequence,
          seal.count,
          seal.root.hex(),
          seal.previous.hex(),
          seal.sealed_at.microseconds,
          std::int64_t{seal.recovered},
          seal.key_id,
          to_hex(seal.signature)};
}

/// A source with a sealed trail, an empty target, and what a migration needs.
class MigrationFixture {
 public:
  explicit MigrationFixture(bool concurrent = false)
      : target(make_memory_bulk_store({.concurrent = concurrent})) {
    source->make_schema(1);
    source->put_row("users", {std::int64_t{1}, std::string{"anna"}, {}, std::int64_t{1}});
    source->put_row("users", {std::int64_t{4}, std::string{"bert"}, std::string{"b@x.example"},
                              std::int64_t{0}});
    source->put_row("audit_daily", {std::int64_t{3}, std::string{"FILE_ACCESS"},
                                    std::string{"upload"}, std::string{"=root"}, std::int64_t{1},
                                    std::int64_t{0}, std::int64_t{6}, std::int64_t{30}});
    trail.fill(3, 2);
    for (const SealedEvent& sealed : trail.sealed_events()) {
      source->put_row("audit_logs", row_of(*sealed.event));
      source->put_row("audit_leaves", row_of(sealed.leaf));
    }
    for (const Seal& seal : trail.seals()) source->put_row("audit_seals", row_of(seal));
  }

  Outcome run(Mode mode = Mode::move) { return run({.mode = mode}); }
  Outcome run(const migration::Options& options) {
    report = {};
    return migration::run(options, dependencies(), report);
  }

  migration::Dependencies dependencies() {
    const auto keys = [] { return make_fake_seal_signer(Secret{"a key of the tests"}); };
    const auto open_trail = [this]() -> Result<std::unique_ptr<Database>> {
      return std::unique_ptr<Database>{with_faults(*trail.database)};
    };
    return {.source = {.name = source_name, .rows = *source, .open_trail = open_trail},
            .target = {.name = "memory:target", .rows = *target, .open_trail = open_trail},
            .backup = backup,
            .seal_keys = [keys]() -> Result<std::unique_ptr<SealVerifier>> {
              return std::unique_ptr<SealVerifier>{keys()};
            },
            .seal_signer = [keys]() -> Result<std::unique_ptr<SealSigner>> { return keys(); },
            .open_target = [this] { return open_target(); },
            .digester = *trail.digester,
            .clock = trail.clock,
            .instance = InstanceId{"migration"},
            .principal = Principal::local_operator("root"),
            .progress =
                [this](const migration::Progress& progress) {
                  return !on_progress || on_progress(progress);
                }};
  }

  /// Each last word goes into a database of its own.
  Result<std::unique_ptr<Database>> open_target() {
    if (std::exchange(fails_to_open_target, false)) return Error{Errc::unavailable, "not now"};
    finished.push_back(make_memory_database());
    return std::unique_ptr<Database>{with_faults(*finished.back())};
  }

  [[nodiscard]] bool has_moved() const {
    return std::ranges::all_of(source->tables(), [&](const bulk::Table& table) {
      return source->rows(table.name) == target->rows(table.name);
    });
  }
  bulk::Run run_in_target() {
    const auto writer = target->open_writer();
    REQUIRE(writer);
    const auto found = (*writer)->run();
    REQUIRE(found);
    return *found;
  }
  [[nodiscard]] bool is_target_empty() const {
    const auto reader = target->open_reader();
    return reader && (*reader)->schema_version().value() == 0 &&
           std::ranges::all_of(target->tables(), [&](const bulk::Table& table) {
             return target->rows(table.name).empty();
           });
  }
  [[nodiscard]] std::string status_of(std::string_view step) const {
    const auto found = std::ranges::find(report.steps, step, &migration::StepReport::step);
    return found == report.steps.end() ? "" : std::string{to_string(found->status)};
  }
  /// "table.column row: problem"
  [[nodiscard]] std::vector<std::string> findings() const {
    std::vector<std::string> texts;
    for (const auto& finding : report.findings)
      texts.push_back(finding.table + "." + finding.column + " " + finding.row + ": " +
                      finding.problem);
    return texts;
  }
  [[nodiscard]] std::string first_finding() const {
    return report.findings.empty() ? "" : findings().front();
  }
  /// An event that a server writes while rows move.
  void write_event(std::int64_t id) {
    source->put_row("audit_logs", {id,
                                   std::int64_t{7},
                                   std::string{"SYSTEM"},
                                   std::string{"x"},
                                   {},
                                   {},
                                   std::int64_t{1},
                                   {},
                                   std::string{"{}"},
                                   {},
                                   {}});
  }

  Trail trail;
  std::string source_name{"memory:source"};
  std::unique_ptr<MemoryBulkStore> source = make_memory_bulk_store();
  std::unique_ptr<MemoryBulkStore> target;
  migration::SourceBackup* backup{nullptr};
  std::function<bool(const migration::Progress&)> on_progress;
  bool fails_to_open_target{false};
  std::vector<std::unique_ptr<Database>> finished;
  migration::Report report;
};

} // namespace baluhost::test
