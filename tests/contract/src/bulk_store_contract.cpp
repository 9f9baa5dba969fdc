#include "baluhost/contract/bulk_store_contract.hpp"

#include "baluhost/ports/common/bulk_rows.hpp"
#include "checks.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace baluhost::contract {
namespace {

using bulk::ColumnType;
using bulk::Content;
using bulk::Growth;
using bulk::RunState;
using bulk::SchemaPart;
using bulk::Table;

using Row = bulk::StoredRow;
using Rows = std::vector<Row>;

/// A store whose schema was made, with a writer.
class Filled {
 public:
  explicit Filled(const MakeBulkStore& make) : store(make()) {
    auto opened = store->open_writer();
    REQUIRE(opened);
    writer = *std::move(opened);
    REQUIRE(writer->begin());
    REQUIRE(writer->create_schema("memory:elsewhere"));
    REQUIRE(writer->commit());
  }

  [[nodiscard]] const Table& table(Content content) const {
    const auto tables = store->tables();
    const auto found = std::ranges::find(tables, content, &Table::content);
    REQUIRE(found != tables.end());
    return *found;
  }
  [[nodiscard]] BulkReader& reader() const { return writer->reader(); }

  void put(const Table& table, const Rows& rows) const {
    REQUIRE(writer->begin_rows(table));
    for (const Row& row : rows) REQUIRE(writer->put(table, bulk::view_of(row)));
    REQUIRE(writer->end_rows());
  }
  void put_committed(const Table& table, const Rows& rows) const {
    REQUIRE(writer->begin());
    put(table, rows);
    REQUIRE(writer->commit());
  }

  std::unique_ptr<BulkStore> store;
  std::unique_ptr<BulkWriter> writer;
};

Rows read(BulkReader& reader, const Table& table, bulk::Range range = {}) {
  Rows rows;
  REQUIRE(reader.scan(table, range, [&](const bulk::Row& row) -> Result<void> {
    rows.push_back(bulk::stored(row));
    return {};
  }));
  return rows;
}

/// The row whose first column is `number`, with a value or null in each other column.
Row row_of(const Table& table, std::int64_t number, bool with_nulls = false) {
  Row row;
  for (const auto& column : table.columns) {
    if (column.nullable && with_nulls)
      row.emplace_back();
    else if (column.type == ColumnType::integer)
      row.emplace_back(number);
    else if (column.type == ColumnType::boolean)
      row.emplace_back(number % 2);
    else if (column.type == ColumnType::small_integer)
      row.emplace_back(std::int64_t{0});
    else
      row.emplace_back(std::to_string(number) + " '\"\\\t\xC3\xA9 \xF0\x9F\x98\x80");
  }
  return row;
}

Rows rows_of(const Table& table, std::initializer_list<std::int64_t> numbers) {
  Rows rows;
  for (const auto number : numbers) rows.push_back(row_of(table, number, number % 3 == 0));
  return rows;
}

void check_schema(const MakeBulkStore& make) {
  SECTION("an empty database has version 0, no run and nothing in the way") {
    const auto store = make();
    const auto writer = store->open_writer();
    REQUIRE(writer);
    CHECK((*writer)->reader().schema_version().value() == 0);
    CHECK((*writer)->run().value().state == RunState::none);
    CHECK((*writer)->obstacles().value().empty());
  }
  SECTION("a schema that was made is the needed one, sound, and of a run from its source") {
    const Filled filled{make};
    const auto reader = filled.store->open_reader();
    REQUIRE(reader);
    CHECK((*reader)->schema_version().value() == filled.store->needed_version());
    CHECK((*reader)->structure().value().empty());
    CHECK((*reader)->damage().value().empty());
    CHECK(filled.writer->run().value().state == RunState::running);
    CHECK(filled.writer->run().value().source == "memory:elsewhere");
  }
  SECTION("what was left out is made part by part, and then is not missing") {
    const Filled filled{make};
    const auto parts = filled.writer->missing_parts();
    REQUIRE(parts);
    REQUIRE_FALSE(parts->empty());
    REQUIRE(filled.writer->make_part(parts->front()));
    const auto left = filled.writer->missing_parts();
    REQUIRE(left);
    CHECK(left->size() == parts->size() - 1);
    for (const SchemaPart& part : *left) REQUIRE(filled.writer->make_part(part));
    CHECK(filled.writer->missing_parts().value().empty());
    CHECK(filled.writer->finish_schema());
    CHECK(filled.writer->finish_schema());
  }
  SECTION("the state of a run is there for the next writer") {
    for (const auto state : {RunState::failed, RunState::running, RunState::done}) {
      const Filled filled{make};
      REQUIRE(filled.writer->set_state(state, "a sentence"));
      const auto next = filled.store->open_writer();
      REQUIRE(next);
      const auto run = (*next)->run();
      REQUIRE(run);
      CHECK(run->state == state);
      CHECK(run->source == "memory:elsewhere");
    }
  }
  SECTION("everything is removed, and it can begin anew") {
    const Filled filled{make};
    const Table& events = filled.table(Content::events);
    filled.put_committed(events, rows_of(events, {1}));
    REQUIRE(filled.writer->remove_everything());
    auto again = filled.store->open_writer();
    REQUIRE(again);
    CHECK((*again)->reader().schema_version().value() == 0);
    REQUIRE((*again)->begin());
    REQUIRE((*again)->create_schema("memory:other"));
    REQUIRE((*again)->commit());
    CHECK(read((*again)->reader(), events).empty());
    CHECK((*again)->run().value().source == "memory:other");
  }
}

void check_rows(const MakeBulkStore& make) {
  SECTION("rows come back as they were put, in the order of their keys") {
    const Filled filled{make};
    for (const auto content : {Content::events, Content::leaves, Content::seals, Content::prunes,
                               Content::servers, Content::statistics}) {
      const Table& table = filled.table(content);
      INFO(table.name);
      filled.put_committed(table, rows_of(table, {3, 1, 2}));
      CHECK(read(filled.reader(), table) == rows_of(table, {1, 2, 3}));
      CHECK(filled.reader().count(table).value() == 3);
    }
  }
  SECTION("the extremes of numbers and an empty text come back") {
    const Filled filled{make};
    const Table& leaves = filled.table(Content::leaves);
    const Rows rows{
        {std::int64_t{-9223372036854775807} - 1, std::int64_t{0}, std::string{}},
        {std::int64_t{9223372036854775807}, std::int64_t{-1}, std::string(70'000, 'x')}};
    filled.put_committed(leaves, rows);
    CHECK(read(filled.reader(), leaves) == rows);
  }
  SECTION("a range begins after its key and ends with its limit") {
    const Filled filled{make};
    const Table& events = filled.table(Content::events);
    filled.put_committed(events, rows_of(events, {1, 2, 3, 5, 8}));
    CHECK(read(filled.reader(), events, {.after = 2}) == rows_of(events, {3, 5, 8}));
    CHECK(read(filled.reader(), events, {.after = 2, .limit = 2}) == rows_of(events, {3, 5}));
    CHECK(read(filled.reader(), events, {.limit = 1}) == rows_of(events, {1}));
    CHECK(read(filled.reader(), events, {.after = 8}).empty());
  }
  SECTION("an error of the sink ends the scan and comes back; the reader goes on") {
    const Filled filled{make};
    const Table& events = filled.table(Content::events);
    filled.put_committed(events, rows_of(events, {1, 2, 3}));
    int calls = 0;
    const auto refused = filled.reader().scan(events, {}, [&](const bulk::Row&) -> Result<void> {
      ++calls;
      return Error{Errc::quota_exceeded};
    });
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::quota_exceeded);
    CHECK(calls == 1);
    CHECK(read(filled.reader(), events).size() == 3);
  }
  SECTION("bounds are those of the keys, and none where there are no rows") {
    const Filled filled{make};
    const Table& events = filled.table(Content::events);
    CHECK_FALSE(filled.reader().least_key(events).value());
    CHECK_FALSE(filled.reader().greatest_key(events).value());
    filled.put_committed(events, rows_of(events, {7, 4}));
    CHECK(filled.reader().least_key(events).value() == 4);
    CHECK(filled.reader().greatest_key(events).value() == 7);
  }
  SECTION("the last identity is the one that was set") {
    const Filled filled{make};
    const Table& events = filled.table(Content::events);
    CHECK(filled.reader().last_identity(events).value() == 0);
    REQUIRE(filled.writer->set_last_identity(events, 41));
    CHECK(filled.reader().last_identity(events).value() == 41);
    REQUIRE(filled.writer->set_last_identity(events, 42));
    CHECK(filled.reader().last_identity(events).value() == 42);
  }
}

void check_removal(const MakeBulkStore& make) {
  SECTION("rows before a key are removed") {
    const Filled filled{make};
    const Table& leaves = filled.table(Content::leaves);
    filled.put_committed(leaves, rows_of(leaves, {1, 2, 3}));
    REQUIRE(filled.writer->remove_before(leaves, 3));
    CHECK(read(filled.reader(), leaves) == rows_of(leaves, {3}));
  }
  SECTION("one table is emptied") {
    const Filled filled{make};
    const Table& sums = filled.table(Content::statistics);
    const Table& servers = filled.table(Content::servers);
    filled.put_committed(sums, rows_of(sums, {1}));
    filled.put_committed(servers, rows_of(servers, {1}));
    REQUIRE(filled.writer->empty(sums));
    CHECK(read(filled.reader(), sums).empty());
    CHECK(read(filled.reader(), servers).size() == 1);
  }
  SECTION("the rewritten tables are emptied, and no other") {
    const Filled filled{make};
    for (const auto content : {Content::events, Content::servers, Content::statistics}) {
      const Table& table = filled.table(content);
      filled.put_committed(table, rows_of(table, {1}));
    }
    REQUIRE(filled.writer->empty_rewritten_tables());
    CHECK(read(filled.reader(), filled.table(Content::events)).size() == 1);
    CHECK(read(filled.reader(), filled.table(Content::servers)).empty());
    CHECK(read(filled.reader(), filled.table(Content::statistics)).empty());
  }
}

void check_transactions(const MakeBulkStore& make) {
  SECTION("a transaction sees what it wrote; rolled back, nothing of it is there") {
    const Filled filled{make};
    const Table& events = filled.table(Content::events);
    REQUIRE(filled.writer->begin());
    filled.put(events, rows_of(events, {1, 2}));
    CHECK(filled.reader().count(events).value() == 2);
    filled.writer->roll_back();
    CHECK(read(filled.reader(), events).empty());
    filled.put_committed(events, rows_of(events, {3}));
    CHECK(read(filled.reader(), events) == rows_of(events, {3}));
  }
  SECTION("a schema whose transaction was rolled back was never made") {
    const auto store = make();
    const auto writer = store->open_writer();
    REQUIRE(writer);
    REQUIRE((*writer)->begin());
    REQUIRE((*writer)->create_schema("memory:elsewhere"));
    CHECK((*writer)->reader().schema_version().value() == store->needed_version());
    (*writer)->roll_back();
    CHECK((*writer)->reader().schema_version().value() == 0);
    CHECK((*writer)->run().value().state == RunState::none);
  }
  SECTION("what is written after a snapshot is noticed, and nothing where it can tell") {
    const Filled filled{make};
    const Table& events = filled.table(Content::events);
    const auto reader = filled.store->open_reader();
    REQUIRE(reader);
    REQUIRE((*reader)->begin_snapshot());
    CHECK(read(**reader, events).empty());
    (*reader)->end_snapshot();
    CHECK((*reader)->changed().value() == !filled.store->notices_changes());
    filled.put_committed(events, rows_of(events, {1}));
    CHECK((*reader)->changed().value());
    CHECK(read(**reader, events).size() == 1);
  }
  SECTION("where connections go on beside each other, a snapshot is of one moment") {
    const Filled filled{make};
    if (!filled.store->is_concurrent()) return;
    const Table& events = filled.table(Content::events);
    filled.put_committed(events, rows_of(events, {1}));
    const auto reader = filled.store->open_reader();
    const auto other = filled.store->open_writer();
    REQUIRE(reader);
    REQUIRE(other);
    REQUIRE((*reader)->begin_snapshot());
    CHECK((*reader)->count(events).value() == 1);
    REQUIRE(filled.writer->begin());
    filled.put(events, rows_of(events, {2}));
    CHECK((*other)->reader().count(events).value() == 1);
    REQUIRE(filled.writer->commit());
    CHECK((*other)->reader().count(events).value() == 2);
    CHECK((*reader)->count(events).value() == 1);
    (*reader)->end_snapshot();
    CHECK((*reader)->count(events).value() == 2);
  }
}

void check_tables(const MakeBulkStore& make) {
  SECTION("each content that a user of a store reads is in one table, which exists") {
    const Filled filled{make};
    std::set<std::string_view> names;
    std::vector<Content> contents;
    for (const Table& table : filled.store->tables()) {
      INFO(table.name);
      CHECK(names.insert(table.name).second);
      CHECK(table.key >= 1);
      CHECK(table.key <= table.columns.size());
      CHECK(filled.reader().count(table).value() == 0);
      if (table.growth == Growth::appended || table.has_identity)
        CHECK((table.key == 1 && table.columns.front().type == ColumnType::integer));
      if (table.content != Content::other) contents.push_back(table.content);
    }
    std::ranges::sort(contents);
    CHECK(contents == std::vector{Content::events, Content::leaves, Content::seals, Content::prunes,
                                  Content::servers, Content::statistics});
  }
}

} // namespace

void bulk_store_contract(const MakeBulkStore& make) {
  check_tables(make);
  check_schema(make);
  check_rows(make);
  check_removal(make);
  check_transactions(make);
}

} // namespace baluhost::contract
