#include "baluhost/contract/anchor_log_contract.hpp"
#include "baluhost/contract/blob_store_contract.hpp"
#include "baluhost/contract/catch2.hpp"
#include "baluhost/contract/clock_contract.hpp"
#include "baluhost/contract/digester_contract.hpp"
#include "baluhost/contract/password_hasher_contract.hpp"
#include "baluhost/contract/random_source_contract.hpp"
#include "baluhost/contract/seal_signer_contract.hpp"
#include "baluhost/contract/seed_cipher_contract.hpp"
#include "baluhost/contract/token_codec_contract.hpp"
#include "baluhost/memory/fake_seal_signer.hpp"
#include "baluhost/memory/insecure_password_hasher.hpp"
#include "baluhost/memory/insecure_seed_cipher.hpp"
#include "baluhost/memory/manual_clock.hpp"
#include "baluhost/memory/memory_anchor_log.hpp"
#include "baluhost/memory/memory_blob_store.hpp"
#include "baluhost/memory/memory_token_codec.hpp"
#include "baluhost/memory/portable_digester.hpp"
#include "baluhost/memory/seeded_random.hpp"

#include <catch2/catch.hpp>

namespace baluhost::contract {

TEST_CASE("the memory blob store keeps the contract of blob stores") {
  const ManualClock clock{Timestamp{1'764'000'000'000'000}};
  const auto random = make_seeded_random();
  const auto digester = make_portable_digester();
  const bool sha1 = GENERATE(false, true);
  check([&] {
    blob_store_contract([&] {
      return BlobStoreUnderTest{make_memory_blob_store({.sha1 = sha1}, *digester, *random, clock),
                                [](std::unique_ptr<BlobStore> store) {
                                  return dynamic_cast<MemoryBlobStore&>(*store).reopen();
                                },
                                &clock};
    });
  });
}

TEST_CASE("the memory anchor log keeps the contract of anchor logs") {
  check([&] { anchor_log_contract([] { return make_memory_anchor_log(); }); });
}

TEST_CASE("the manual clock keeps the contract of clocks") {
  check([&] { clock_contract(ManualClock{}); });
}

TEST_CASE("the seeded random source keeps the contract of random sources") {
  check([&] { random_source_contract(*make_seeded_random()); });
}

TEST_CASE("the portable digester keeps the contract of digesters") {
  check([&] { digester_contract(*make_portable_digester()); });
}

TEST_CASE("the insecure seed cipher keeps the contract of seed ciphers") {
  check([&] {
    seed_cipher_contract(*make_insecure_seed_cipher("one"), *make_insecure_seed_cipher("two"));
  });
}

TEST_CASE("the insecure password hasher keeps the contract of password hashers") {
  const auto random = make_seeded_random();
  check([&] {
    password_hasher_contract(*make_insecure_password_hasher({.cost = 1}, *random),
                             *make_insecure_password_hasher({.cost = 2}, *random));
  });
}

TEST_CASE("the memory token codec keeps the contract of token codecs") {
  check([&] {
    token_codec_contract(*make_memory_token_codec(Secret{"one key"}),
                         *make_memory_token_codec(Secret{"another key"}));
  });
}

TEST_CASE("the fake seal signer keeps the contract of seal signers") {
  check([&] {
    seal_signer_contract(*make_fake_seal_signer(Secret{"one key"}),
                         *make_fake_seal_signer(Secret{"another key"}));
  });
}

} // namespace baluhost::contract
