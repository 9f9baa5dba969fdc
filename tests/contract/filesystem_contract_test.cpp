#include "baluhost/contract/anchor_log_contract.hpp"
#include "baluhost/contract/blob_store_contract.hpp"
#include "baluhost/contract/catch2.hpp"
#include "baluhost/contract/clock_contract.hpp"
#include "baluhost/crypto/openssl_digester.hpp"
#include "baluhost/crypto/openssl_random.hpp"
#include "baluhost/filesystem/anchor_file.hpp"
#include "baluhost/filesystem/directory_blob_store.hpp"
#include "baluhost/filesystem/space_floor.hpp"
#include "baluhost/filesystem/system_clock.hpp"
#include "baluhost/test/temporary_directory.hpp"

#include <catch2/catch.hpp>

#include <functional>

namespace baluhost::contract {
namespace {

struct Directories {
  test::TemporaryDirectory parent;
  std::unique_ptr<Digester> digester = make_openssl_digester();
  std::unique_ptr<RandomSource> random = make_openssl_random();
  std::unique_ptr<Clock> clock = make_system_clock();
  int made{};

  std::string next() { return parent / std::to_string(++made); }
  /// What a crash of this process alone leaves; `wrap` is put around the store.
  BlobStoreUnderTest store(
      bool sha1, bool unnamed_files,
      const std::function<std::unique_ptr<BlobStore>(std::unique_ptr<BlobStore>)>& wrap = {}) {
    const auto open = [=, this, path = next()] {
      auto opened =
          make_directory_blob_store({path, sha1, unnamed_files}, *digester, *random, *clock)
              .value();
      return wrap ? wrap(std::move(opened)) : std::move(opened);
    };
    return {open(),
            [open](std::unique_ptr<BlobStore> store) {
              store.reset();
              return open();
            },
            clock.get()};
  }
};

} // namespace

TEST_CASE("the directory of blobs keeps the contract of blob stores") {
  Directories at;
  const bool sha1 = GENERATE(false, true);
  const bool unnamed_files = GENERATE(true, false);
  check([&] { blob_store_contract([&] { return at.store(sha1, unnamed_files); }); });
}

TEST_CASE("a store with a floor keeps the contract of blob stores") {
  Directories at;
  check([&] {
    blob_store_contract([&] {
      return at.store(false, true, [&](std::unique_ptr<BlobStore> store) {
        return with_space_floor(std::move(store), {.min_free_bytes = 1}, *at.clock);
      });
    });
  });
}

TEST_CASE("the anchor file keeps the contract of anchor logs") {
  Directories at;
  check([&] { anchor_log_contract([&] { return make_anchor_file(at.next()); }); });
}

TEST_CASE("the system clock keeps the contract of clocks") {
  check([&] { clock_contract(*make_system_clock()); });
}

} // namespace baluhost::contract
