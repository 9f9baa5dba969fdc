#include "baluhost/contract/blob_store_contract.hpp"
#include "baluhost/contract/catch2.hpp"
#include "baluhost/crypto/encrypted_blob_store.hpp"
#include "baluhost/crypto/openssl_digester.hpp"
#include "baluhost/crypto/openssl_random.hpp"
#include "baluhost/filesystem/directory_blob_store.hpp"
#include "baluhost/memory/manual_clock.hpp"
#include "baluhost/memory/memory_blob_store.hpp"
#include "baluhost/test/temporary_directory.hpp"

#include <catch2/catch.hpp>

namespace baluhost::contract {
namespace {

struct Encrypting {
  test::TemporaryDirectory parent;
  ManualClock clock{Timestamp{1'764'000'000'000'000}};
  std::unique_ptr<Digester> digester = make_openssl_digester();
  std::unique_ptr<RandomSource> random = make_openssl_random();
  std::unique_ptr<KeyDirectory> keys =
      KeyDirectory::open(parent / "keys", KeyDirectory::Missing::create, *random, clock).value();
  int made{};

  std::unique_ptr<BlobStore> around(std::unique_ptr<BlobStore> inner,
                                    const EncryptionOptions& options) {
    return with_encryption(std::move(inner), options, *keys, *digester, *random);
  }
};

} // namespace

TEST_CASE("a store that encrypts into memory keeps the contract of blob stores") {
  Encrypting at;
  const bool sha1 = GENERATE(false, true);
  const bool encrypt = GENERATE(true, false);
  MemoryBlobStore* memory = nullptr;
  check([&] {
    blob_store_contract([&] {
      auto inner = make_memory_blob_store({.sha1 = sha1}, *at.digester, *at.random, at.clock);
      memory = inner.get();
      const EncryptionOptions options{.encrypt = encrypt, .sha1 = sha1};
      return BlobStoreUnderTest{at.around(std::move(inner), options),
                                [&at, &memory, options](std::unique_ptr<BlobStore> store) {
                                  auto next = memory->reopen();
                                  store.reset();
                                  return at.around(std::move(next), options);
                                },
                                &at.clock, false};
    });
  });
}

TEST_CASE("a store that encrypts into a directory keeps the contract of blob stores") {
  Encrypting at;
  check([&] {
    blob_store_contract([&] {
      const auto open = [&at, path = at.parent / std::to_string(++at.made)] {
        return at.around(
            make_directory_blob_store({path}, *at.digester, *at.random, at.clock).value(), {});
      };
      return BlobStoreUnderTest{open(),
                                [open](std::unique_ptr<BlobStore> store) {
                                  store.reset();
                                  return open();
                                },
                                &at.clock, false};
    });
  });
}

} // namespace baluhost::contract
