#include "migration/trail/chain_stream.hpp"
#include "migration/migration_fixture.hpp"

#include <future>

namespace baluhost::test {
namespace {

/// The head that the source's rows prove.
std::optional<migration::ChainHead> proven(const MigrationFixture& it) {
  const auto reader = it.source->open_reader();
  REQUIRE(reader);
  migration::ChainStream chain{make_fake_seal_signer(Secret{"a key of the tests"}),
                               *it.trail.digester, **reader, it.source->tables()};
  const auto table = [&](bulk::Content content) {
    const auto tables = it.source->tables();
    return *std::ranges::find(tables, content, &bulk::Table::content);
  };
  auto events = std::async(std::launch::async, [&] {
    const auto other = it.source->open_reader();
    const auto done =
        (*other)->scan(table(bulk::Content::events), {}, [&](const bulk::Row& row) -> Result<void> {
          chain.event(row);
          return {};
        });
    chain.end_of_events();
    return done.has_value();
  });
  REQUIRE(
      (*reader)->scan(table(bulk::Content::leaves), {}, [&](const bulk::Row& row) -> Result<void> {
        chain.leaf(row);
        return {};
      }));
  auto head = chain.finish();
  chain.give_up();
  REQUIRE(events.get());
  return head;
}

} // namespace

TEST_CASE("rows that are read anyway prove the audit chain that they hold") {
  const MigrationFixture it;
  const auto head = proven(it);
  REQUIRE(head);
  CHECK(head->events == 6);
}

TEST_CASE("of a chain with a fault the rows prove nothing") {
  MigrationFixture it;
  const auto change = [&](const char* table, std::size_t column, MemoryBulkStore::Cell value) {
    auto row = it.source->rows(table).front();
    row[column] = std::move(value);
    it.source->put_row(table, row);
  };
  SECTION("an event was changed") { change("audit_logs", 8, std::string{"{}"}); }
  SECTION("an event is no event") { change("audit_logs", 2, std::string{"NONE"}); }
  SECTION("a leaf was changed") { change("audit_leaves", 2, std::string(64, 'a')); }
  SECTION("a leaf is no digest") { change("audit_leaves", 2, std::string{"x"}); }
  SECTION("a leaf refers to another event") { change("audit_leaves", 1, std::int64_t{3}); }
  SECTION("a seal was changed") { change("audit_seals", 6, std::int64_t{1}); }
  SECTION("a signature was changed") { change("audit_seals", 9, std::string(128, '0')); }
  SECTION("a seal is there twice, under another number") {
    auto row = it.source->rows("audit_seals").back();
    row[0] = std::int64_t{4};
    it.source->put_row("audit_seals", row);
  }
  CHECK_FALSE(proven(it));
}

TEST_CASE("a chain whose first seals are gone proves nothing") {
  MigrationFixture it;
  const auto rows = it.source->rows("audit_seals");
  auto without = make_memory_bulk_store();
  without->make_schema(1);
  for (const auto* table : {"audit_logs", "audit_leaves"}) {
    for (const auto& row : it.source->rows(table)) without->put_row(table, row);
  }
  for (std::size_t i = 1; i < rows.size(); ++i) without->put_row("audit_seals", rows[i]);
  it.source = std::move(without);
  CHECK_FALSE(proven(it));
}

} // namespace baluhost::test
