#include "migration/comparison.hpp"

#include <future>

namespace baluhost::migration {

Result<bool> Comparison::step(BulkReader& target, LaterEvents later) {
  bool equal = false;
  BALUHOST_CHECK(context_.journal.step("compare", [&]() -> Result<std::string> {
    BALUHOST_TRY(equal, compare(target, later));
    return verdict(equal);
  }));
  return equal;
}

Result<bool> Comparison::compare(BulkReader& target, LaterEvents later) {
  GreatestKeys up_to;
  if (later == LaterEvents::allowed) {
    BALUHOST_TRY(up_to, greatest_keys(context_.source.reader(), context_.tables));
  }
  auto reading = std::async(std::launch::async, [&] { return context_.source.checksums(); });
  auto of_target = checksums(target, context_.tables, context_.given.digester, up_to);
  auto of_source = reading.get();
  BALUHOST_CHECK(of_source);
  BALUHOST_CHECK(of_target);
  return report(*of_source, *of_target, later);
}

bool Comparison::report(const Checksums& of_source, const Checksums& of_target, LaterEvents later) {
  context_.report.tables.clear();
  bool equal = true;
  for (const bulk::Table& table : context_.tables) {
    const Checksum& a = of_source.at(table.name);
    const Checksum& b = of_target.at(table.name);
    const auto seconds = copy_seconds_.find(table.name);
    context_.report.tables.push_back(
        {.table = std::string{table.name},
         .source_rows = a.rows,
         .target_rows = b.rows,
         .source_checksum = a.sha256,
         .target_checksum = b.sha256,
         .seconds = seconds == copy_seconds_.end() ? 0 : seconds->second});
    // The figures of a target that went on hold more than the source's.
    const bool may_differ =
        later == LaterEvents::allowed && table.content == bulk::Content::statistics;
    equal = equal && (a == b || may_differ);
  }
  source_changed_ = last_source_ != of_source;
  last_source_ = of_source;
  return equal;
}

std::string Comparison::verdict(bool equal) {
  return equal ? "every table is the same" : "the sides differ";
}

} // namespace baluhost::migration
