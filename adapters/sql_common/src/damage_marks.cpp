#include "baluhost/sql_common/damage_marks.hpp"

#include "baluhost/sql_common/columns.hpp"

namespace baluhost::sql {

std::vector<std::string> damage_sentences(Connection& db) {
  const Query query =
      select(text("d.blob"),
             "from damaged_blobs d where d.finding = 'damaged' and"
             " (exists (select 1 from files f where f.blob = d.blob)"
             " or exists (select 1 from versions v where v.blob = d.blob)) order by d.blob");
  return all(db.select(query), [](Row& row) {
    return "the blob " + row.text() + " was found damaged by a scrub or a restore";
  });
}

} // namespace baluhost::sql
