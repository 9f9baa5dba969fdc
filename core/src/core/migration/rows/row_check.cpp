#include "migration/rows/row_check.hpp"

#include "migration/rows/progress_meter.hpp"

#include "baluhost/domain/concat.hpp"
#include "baluhost/domain/text.hpp"

#include <future>

namespace baluhost::migration {
namespace {

using bulk::Cell;
using bulk::Column;
using bulk::ColumnType;
using bulk::Content;
using bulk::Row;
using bulk::Table;

std::string problem_of_text(const Column& column, const Cell& cell) {
  const auto* text = std::get_if<std::string_view>(&cell);
  if (!text) return "is not text";
  if (text->find('\0') != std::string_view::npos) return "holds U+0000";
  if (!is_valid_utf8(*text)) return "is not valid UTF-8";
  if (column.limit > 0 && text->size() > column.limit && code_points(*text) > column.limit)
    return concat("is longer than ", column.limit, " characters");
  return "";
}

/// What keeps any target from taking a cell: "" if nothing does.
std::string problem_of(const Column& column, const Cell& cell) {
  if (std::holds_alternative<std::monostate>(cell))
    return column.nullable ? "" : "is null and must not be";
  if (column.type == ColumnType::text) return problem_of_text(column, cell);
  const auto* number = std::get_if<std::int64_t>(&cell);
  if (!number) return "is not an integer";
  if (column.type == ColumnType::boolean && *number != 0 && *number != 1)
    return "is neither 0 nor 1";
  return "";
}

/// The row's key for people: "id 17".
std::string describe_key(const Table& table, const Row& row) {
  std::string out{table.columns.front().name};
  out += ' ';
  if (const auto* number = std::get_if<std::int64_t>(&row.front()))
    return out + std::to_string(*number);
  if (const auto* text = std::get_if<std::string_view>(&row.front())) return out.append(*text);
  return out + "null";
}

void check_row(Context& context, const Table& table, const Row& row) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (auto problem = problem_of(table.columns[i], row[i]); !problem.empty()) {
      context.journal.find(bulk::Finding{.table = std::string{table.name},
                                         .column = std::string{table.columns[i].name},
                                         .row = describe_key(table, row),
                                         .problem = std::move(problem)});
    }
  }
}

/// Checks and hashes one table. False of `seen` stops.
Result<Checksum> check_table(Context& context, BulkReader& reader, const Table& table,
                             FunctionRef<bool(const Row&)> seen) {
  TableHash hash{context.given.digester};
  BALUHOST_CHECK(reader.scan(table, {}, [&](const Row& row) -> Result<void> {
    check_row(context, table, row);
    hash.add(table, row);
    return seen(row) ? Result<void>{} : stopped();
  }));
  return hash.checksum();
}

class RowCheck {
 public:
  explicit RowCheck(Context& context)
      : context_(context),
        meter_(context.given.progress, "looking at every row",
               total_rows(context.source.reader(), context.tables)) {}

  Result<void> one_by_one() {
    std::int64_t seen = 0;
    for (const Table& table : context_.tables) {
      BALUHOST_TRY(context_.source.seen[table.name],
                   check_table(context_, context_.source.reader(), table,
                               [&](const Row&) { return meter_.rows(++seen); }));
    }
    return {};
  }

  /// The events by one connection, all else by another, and the audit chain from what both read.
  Result<void> in_parallel() {
    BulkReader& other = *context_.source.others().front();
    ChainStream chain{context_.seal_keys(), context_.given.digester, other, context_.tables};
    auto checking = std::async(std::launch::async, [&] { return check_events(chain); });
    auto others = check_others(other, chain);
    if (!others) chain.give_up();
    auto events = checking.get();
    BALUHOST_CHECK(std::move(others));
    BALUHOST_TRY(context_.source.seen[context_.table(Content::events).name], std::move(events));
    return {};
  }

 private:
  Result<Checksum> check_events(ChainStream& chain) {
    std::int64_t seen = 0;
    auto sum = check_table(context_, context_.source.reader(), context_.table(Content::events),
                           [&](const Row& row) {
                             chain.event(row);
                             return meter_.rows(++seen);
                           });
    chain.end_of_events();
    return sum;
  }

  Result<void> check_others(BulkReader& reader, ChainStream& chain) {
    const Table& leaves = context_.table(Content::leaves);
    BALUHOST_TRY(context_.source.seen[leaves.name],
                 check_table(context_, reader, leaves, [&](const Row& row) {
                   chain.leaf(row);
                   return true;
                 }));
    context_.source.chain = chain.finish();
    for (const Table& table : context_.tables) {
      if (table.content == Content::events || table.content == Content::leaves) continue;
      BALUHOST_TRY(context_.source.seen[table.name],
                   check_table(context_, reader, table, [](const Row&) { return true; }));
    }
    return {};
  }

  Context& context_;
  ProgressMeter meter_;
};

} // namespace

Result<void> check_contents(Context& context) {
  const auto& others = context.source.others();
  const bool parallel = others.size() > 1;
  std::unique_ptr<BulkReader> another;
  if (!parallel) {
    BALUHOST_TRY(another, context.given.source.rows.open_reader());
  }
  BulkReader& beside = parallel ? *others.back() : *another;
  auto looking = std::async(std::launch::async, [&] { return beside.damage(); });
  RowCheck check{context};
  auto checked = parallel ? check.in_parallel() : check.one_by_one();
  BALUHOST_TRY(const auto found, looking.get());
  context.journal.find_all(found);
  return checked;
}

} // namespace baluhost::migration
