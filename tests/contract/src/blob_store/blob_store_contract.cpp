#include "blob_store/blob_store_suite.hpp"

namespace baluhost::contract {

void blob_store_contract(const MakeBlobStore& make) {
  auto under_test = make();
  const auto& blobs = under_test.store;
  blob_store_suite::writing(*blobs);
  blob_store_suite::reading(*blobs, under_test.stores_as_is);
  blob_store_suite::staging(*blobs);
  blob_store_suite::reading_back(*blobs);
  blob_store_suite::crashes(under_test);

  SECTION("space tells what is free, and never more than there is") {
    const auto space = must(blobs->space());
    CHECK(space.free_bytes > 0);
    CHECK(space.free_bytes <= space.total_bytes);
    CHECK(space.free_inodes >= 0);
    CHECK(space.free_inodes <= space.total_inodes);
  }
}

} // namespace baluhost::contract
