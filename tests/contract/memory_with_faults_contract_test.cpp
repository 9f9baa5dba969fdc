#include "baluhost/contract/anchor_log_contract.hpp"
#include "baluhost/contract/blob_store_contract.hpp"
#include "baluhost/contract/catch2.hpp"
#include "baluhost/contract/password_hasher_contract.hpp"
#include "baluhost/contract/random_source_contract.hpp"
#include "baluhost/contract/seal_signer_contract.hpp"
#include "baluhost/contract/seed_cipher_contract.hpp"
#include "baluhost/contract/token_codec_contract.hpp"
#include "baluhost/memory/fake_seal_signer.hpp"
#include "baluhost/memory/insecure_password_hasher.hpp"
#include "baluhost/memory/insecure_seed_cipher.hpp"
#include "baluhost/memory/memory_anchor_log.hpp"
#include "baluhost/memory/memory_blob_store.hpp"
#include "baluhost/memory/memory_token_codec.hpp"
#include "baluhost/memory/portable_digester.hpp"
#include "baluhost/memory/seeded_random.hpp"
#include "baluhost/testing/faults.hpp"

#include <catch2/catch.hpp>

// What tests of others put faults into is, without one, what it was.
namespace baluhost::contract {
namespace {

/// A blob store that brings along what it wraps.
struct Wrapped {
  ManualClock clock{Timestamp{1'764'000'000'000'000}};
  testing::Faults faults{&clock};
  std::unique_ptr<RandomSource> random = make_seeded_random();
  std::unique_ptr<Digester> digester = make_portable_digester();
};

} // namespace

TEST_CASE("a blob store with faults that are not planned keeps the contract of blob stores") {
  Wrapped at;
  std::vector<std::unique_ptr<MemoryBlobStore>> inner;
  check([&] {
    blob_store_contract([&] {
      inner.push_back(make_memory_blob_store({}, *at.digester, *at.random, at.clock));
      return BlobStoreUnderTest{
          testing::with_faults(static_cast<BlobStore&>(*inner.back()), at.faults),
          [&](std::unique_ptr<BlobStore> store) {
            store.reset();
            inner.push_back(inner.back()->reopen());
            return testing::with_faults(static_cast<BlobStore&>(*inner.back()), at.faults);
          },
          &at.clock};
    });
  });
}

TEST_CASE("the other ports with faults that are not planned keep their contracts") {
  Wrapped at;
  const auto inner_hasher = make_insecure_password_hasher({}, *at.random);
  const auto other = make_insecure_password_hasher({.cost = 2}, *at.random);
  check([&] { password_hasher_contract(*testing::with_faults(*inner_hasher, at.faults), *other); });
  const auto signer = make_fake_seal_signer(Secret{"one key"});
  check([&] {
    seal_signer_contract(*testing::with_faults(*signer, at.faults),
                         *make_fake_seal_signer(Secret{"another key"}));
  });
  const auto tokens = make_memory_token_codec(Secret{"one key"});
  check([&] {
    token_codec_contract(*testing::with_faults(*tokens, at.faults),
                         *make_memory_token_codec(Secret{"another key"}));
  });
  check([&] { random_source_contract(*testing::with_faults(*at.random, at.faults)); });
  const auto cipher = make_insecure_seed_cipher("one");
  check([&] {
    seed_cipher_contract(*testing::with_faults(*cipher, at.faults),
                         *make_insecure_seed_cipher("two"));
  });
  std::vector<std::unique_ptr<AnchorLog>> logs;
  check([&] {
    anchor_log_contract([&] {
      logs.push_back(make_memory_anchor_log());
      return testing::with_faults(*logs.back(), at.faults);
    });
  });
}

} // namespace baluhost::contract
