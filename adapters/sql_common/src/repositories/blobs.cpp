#include "repositories/repositories.hpp"

namespace baluhost::sql {

Result<std::vector<DoomedBlob>> SqlBlobs::doomed(std::size_t limit) const {
  return guarded(db_, [&]() -> Result<std::vector<DoomedBlob>> {
    // The second condition is a safety net: what somebody refers to again must not be swept.
    static const Query query =
        select(text("d.blob") + number("d.since"),
               "from doomed_blobs d where not exists"
               " (select 1 from files f where f.blob = d.blob) order by d.blob limit ?");
    return all(db_.select(query, {sql_limit(limit)}), [](Row& row) {
      return DoomedBlob{BlobId{row.text()}, Timestamp{row.number()}};
    });
  });
}

Result<void> SqlBlobs::forget_doomed(const BlobId& blob) {
  return guarded(db_, [&]() -> Result<void> {
    db_.execute("delete from doomed_blobs where blob = ?", {blob});
    return {};
  });
}

Result<bool> SqlBlobs::mark_damaged(const BlobId& blob, std::string_view finding, Timestamp now) {
  return guarded(db_, [&]() -> Result<bool> {
    return db_.execute(
               "insert into damaged_blobs (blob, finding, found_at) values (?, ?, ?) on conflict "
               "do nothing",
               {blob, finding, now}) == 1;
  });
}

Result<bool> SqlBlobs::clear_damaged(const BlobId& blob) {
  return guarded(db_, [&]() -> Result<bool> {
    return db_.execute("delete from damaged_blobs where blob = ?", {blob}) == 1;
  });
}

Result<std::vector<BlobId>> SqlBlobs::missing(std::size_t limit) const {
  static const Query query =
      select(text("d.blob"),
             "from damaged_blobs d where d.finding = 'missing' and exists"
             " (select 1 from files f where f.blob = d.blob) order by d.blob limit ?");
  return all_rows(db_, query, {sql_limit(limit)}, read_text<BlobId>);
}

} // namespace baluhost::sql
