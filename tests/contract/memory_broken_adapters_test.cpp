#include "baluhost/contract/anchor_log_contract.hpp"
#include "baluhost/contract/blob_store_contract.hpp"
#include "baluhost/contract/catch2.hpp"
#include "baluhost/contract/database_contract.hpp"
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
#include "baluhost/memory/memory_database.hpp"
#include "baluhost/memory/memory_token_codec.hpp"
#include "baluhost/memory/portable_digester.hpp"
#include "baluhost/memory/seeded_random.hpp"
#include "baluhost/test/forwarding_database.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <utility>

// The suites against adapters that break one promise each: a suite that stays green under one of
// them proves nothing about that promise.
namespace baluhost::contract {
namespace {

enum class Fault {
  none,
  no_time,
  no_sync,
  syncs_once,
  no_read_back,
  forgets_blobs,
  forgets_removals,
  shares_what_is_staged,
  keeps_what_is_cut,
  lists_backwards,
};

class BrokenStagedBlob final : public StagedBlob {
 public:
  BrokenStagedBlob(std::unique_ptr<StagedBlob> inner, Fault fault)
      : inner_(std::move(inner)), fault_(fault) {}
  Result<void> write(std::string_view bytes) override { return inner_->write(bytes); }
  Result<void> sync() override {
    if (fault_ == Fault::no_sync) return {};
    if (fault_ == Fault::syncs_once && std::exchange(has_synced_, true)) return {};
    return inner_->sync();
  }
  std::int64_t size() const noexcept override { return inner_->size(); }
  Result<std::size_t> read_at(std::int64_t offset, std::span<char> buffer) const override {
    if (fault_ == Fault::no_read_back) return std::size_t{0};
    return inner_->read_at(offset, buffer);
  }
  Result<void> truncate(std::int64_t size) override {
    return fault_ == Fault::keeps_what_is_cut ? Result<void>{} : inner_->truncate(size);
  }
  Sha256Digest sha256() const noexcept override { return inner_->sha256(); }
  Result<Content> publish() override { return inner_->publish(); }

 private:
  std::unique_ptr<StagedBlob> inner_;
  Fault fault_;
  bool has_synced_{false};
};

class BrokenBlobStore final : public BlobStore {
 public:
  BrokenBlobStore(std::unique_ptr<MemoryBlobStore> inner, Fault fault)
      : inner_(std::move(inner)), fault_(fault) {}

  Result<std::unique_ptr<BlobWriter>> create() override { return inner_->create(); }
  Result<std::unique_ptr<BlobReader>> open(const BlobId& id) const override {
    if (is_removed(id)) return Error{Errc::not_found};
    return inner_->open(id);
  }
  Result<void> remove(const BlobId& id) override {
    if (fault_ != Fault::forgets_removals) return inner_->remove(id);
    removed_.push_back(id);
    return {};
  }
  Result<std::vector<BlobInfo>> list(const std::optional<BlobId>& after,
                                     std::size_t limit) const override {
    BALUHOST_TRY(auto blobs, inner_->list(after, limit));
    std::erase_if(blobs, [&](const BlobInfo& info) { return is_removed(info.id); });
    if (fault_ == Fault::lists_backwards) std::reverse(blobs.begin(), blobs.end());
    if (fault_ == Fault::no_time) {
      for (auto& info : blobs) info.published_at = {};
    }
    return blobs;
  }
  Result<std::unique_ptr<StagedBlob>> stage(const UploadId& id, std::int64_t offset) override {
    auto opened = inner_->stage(id, offset);
    if (fault_ == Fault::shares_what_is_staged && !opened && opened.error().code == Errc::conflict)
      opened = inner_->stage(UploadId{std::string(64, 'f')}, 0);
    BALUHOST_TRY(auto staged, std::move(opened));
    return std::unique_ptr<StagedBlob>(
        std::make_unique<BrokenStagedBlob>(std::move(staged), fault_));
  }
  Result<void> restage(const BlobId& blob, const UploadId& id) override {
    return inner_->restage(blob, id);
  }
  Result<void> discard_staged(const UploadId& id) override { return inner_->discard_staged(id); }
  Result<std::vector<UploadId>> list_staged() const override { return inner_->list_staged(); }
  Result<StorageSpace> space() const override { return inner_->space(); }

  std::unique_ptr<BlobStore> reopen() {
    auto next = inner_->reopen();
    if (fault_ == Fault::forgets_blobs) {
      const auto all = next->list(std::nullopt, 1000).value();
      for (const auto& info : all) REQUIRE(next->remove(info.id));
    }
    return std::make_unique<BrokenBlobStore>(std::move(next), fault_);
  }

 private:
  bool is_removed(const BlobId& id) const {
    return std::find(removed_.begin(), removed_.end(), id) != removed_.end();
  }

  std::unique_ptr<MemoryBlobStore> inner_;
  Fault fault_;
  std::vector<BlobId> removed_; ///< as this process believes
};

/// The promises that a suite found broken.
std::vector<std::string> broken(const std::function<void()>& body) {
  std::vector<std::string> promises;
  for (const auto& promised : suite(body)) {
    if (!promised.run().empty()) promises.push_back(promised.promise);
  }
  return promises;
}

std::vector<std::string> broken_by(Fault fault) {
  const ManualClock clock{Timestamp{1'764'000'000'000'000}};
  const auto random = make_seeded_random();
  const auto digester = make_portable_digester();
  return broken([&] {
    blob_store_contract([&] {
      return BlobStoreUnderTest{std::make_unique<BrokenBlobStore>(
                                    make_memory_blob_store({}, *digester, *random, clock), fault),
                                [](std::unique_ptr<BlobStore> store) {
                                  return dynamic_cast<BrokenBlobStore&>(*store).reopen();
                                },
                                &clock};
    });
  });
}

/// Anchors whose newest is the last, whatever its number.
class LastAnchorLog final : public AnchorLog {
 public:
  Result<void> append(const Anchor& anchor) override {
    newest_ = anchor;
    return {};
  }
  Result<std::optional<Anchor>> newest() const override { return newest_; }

 private:
  std::optional<Anchor> newest_;
};

class ConstantRandom final : public RandomSource {
 public:
  Result<std::string> bytes(std::size_t count) override { return std::string(count, '7'); }
};

class TrustingHasher final : public PasswordHasher {
 public:
  explicit TrustingHasher(PasswordHasher& inner) : inner_(inner) {}
  Result<PasswordHash> hash(const Secret& password) override { return inner_.hash(password); }
  Result<bool> verify(const Secret&, const PasswordHash&) override { return true; }
  bool needs_rehash(const PasswordHash& hash) const override { return inner_.needs_rehash(hash); }

 private:
  PasswordHasher& inner_;
};

class TrustingSigner final : public SealSigner {
 public:
  explicit TrustingSigner(SealSigner& inner) : inner_(inner) {}
  bool knows(std::string_view key_id) const override { return inner_.knows(key_id); }
  bool verify(std::string_view, std::string_view, std::string_view) const override { return true; }
  std::optional<std::string> public_key(std::string_view key_id) const override {
    return inner_.public_key(key_id);
  }
  std::optional<bool> verify_mac(std::string_view message, const Sha256Digest& mac) const override {
    return inner_.verify_mac(message, mac);
  }
  Result<SealSignature> sign(std::string_view message) override { return inner_.sign(message); }
  Result<Sha256Digest> mac(std::string_view message) override { return inner_.mac(message); }

 private:
  SealSigner& inner_;
};

/// Opens what was sealed for anybody.
class CarelessCipher final : public SeedCipher {
 public:
  explicit CarelessCipher(SeedCipher& inner) : inner_(inner) {}
  Result<SealedSeed> seal(const Secret& seed, UserId) override { return inner_.seal(seed, {}); }
  Result<Secret> open(const SealedSeed& sealed, UserId) override { return inner_.open(sealed, {}); }
  Result<std::string> newest_key() override { return inner_.newest_key(); }

 private:
  SeedCipher& inner_;
};

class TimelessCodec final : public TokenCodec {
 public:
  explicit TimelessCodec(TokenCodec& inner) : inner_(inner) {}
  Result<AccessToken> sign_access(const TokenClaims& claims) override {
    return inner_.sign_access(claims);
  }
  Result<RefreshToken> sign_refresh(const TokenClaims& claims) override {
    return inner_.sign_refresh(claims);
  }
  Result<TokenClaims> verify_access(std::string_view token, Timestamp) override {
    return inner_.verify_access(token, Timestamp{1'795'488'871'000'000});
  }
  Result<TokenClaims> verify_refresh(std::string_view token, Timestamp) override {
    return inner_.verify_refresh(token, Timestamp{1'795'488'871'000'000});
  }
  Result<ReadToken> sign_read(const TokenClaims& claims) override {
    return inner_.sign_read(claims);
  }
  Result<TokenClaims> verify_read(std::string_view token, Timestamp) override {
    return inner_.verify_read(token, Timestamp{1'795'488'871'000'000});
  }
  Result<ShareToken> sign_share(const ShareClaims& claims, ShareTransport transport) override {
    return inner_.sign_share(claims, transport);
  }
  Result<ShareClaims> verify_share(std::string_view token, ShareTransport transport,
                                   Timestamp) override {
    return inner_.verify_share(token, transport, Timestamp{1'795'488'871'000'000});
  }
  Result<BearerClaims> verify_bearer(std::string_view token, Timestamp) override {
    return inner_.verify_bearer(token, Timestamp{1'795'488'871'000'000});
  }

 private:
  TokenCodec& inner_;
};

/// A database that tells no listener, or swallows the error of a write.
class BrokenDatabase final : public test::ForwardingDatabase {
 public:
  enum class Breaks { listeners, errors };
  explicit BrokenDatabase(Breaks breaks)
      : ForwardingDatabase(make_memory_database()), breaks_(breaks) {}

  Result<void> write(FunctionRef<Result<AuditEvents>(WriteTransaction&)> work) override {
    auto done = inner().write(work);
    return breaks_ == Breaks::errors ? Result<void>{} : std::move(done);
  }
  void on_commit(CommitListener listener) override {
    if (breaks_ != Breaks::listeners) inner().on_commit(std::move(listener));
  }

 private:
  Breaks breaks_;
};

std::vector<std::string> broken_by(BrokenDatabase::Breaks breaks) {
  return broken(
      [&] { database_contract([&] { return std::make_unique<BrokenDatabase>(breaks); }); });
}

} // namespace

TEST_CASE("the suite of blob stores is green for the store that the broken ones are made of",
          "[fault-38]") {
  CHECK(broken_by(Fault::none).empty());
}

TEST_CASE("the suite of blob stores is red for a store that breaks one promise",
          "[fault-38][fault-39]") {
  const auto [fault, name] = GENERATE(table<Fault, std::string>({
      {Fault::no_time, "no times"},
      {Fault::no_sync, "never syncs"},
      {Fault::syncs_once, "syncs once only"},
      {Fault::no_read_back, "reads nothing back"},
      {Fault::forgets_blobs, "forgets its blobs in a crash"},
      {Fault::forgets_removals, "forgets removals in a crash"},
      {Fault::shares_what_is_staged, "gives what is staged to two holders"},
      {Fault::keeps_what_is_cut, "keeps what is cut off"},
      {Fault::lists_backwards, "lists backwards"},
  }));
  INFO(name);
  CHECK_FALSE(broken_by(fault).empty());
}

TEST_CASE("the suites of the other ports are red for an adapter that breaks one promise") {
  CHECK_FALSE(broken([] {
                anchor_log_contract([] { return std::make_unique<LastAnchorLog>(); });
              }).empty());
  ConstantRandom constant;
  CHECK_FALSE(broken([&] { random_source_contract(constant); }).empty());
  const auto random = make_seeded_random();
  const auto hasher = make_insecure_password_hasher({}, *random);
  const auto other = make_insecure_password_hasher({.cost = 2}, *random);
  TrustingHasher trusting{*hasher};
  CHECK_FALSE(broken([&] { password_hasher_contract(trusting, *other); }).empty());
  const auto signer = make_fake_seal_signer(Secret{"one key"});
  const auto stranger = make_fake_seal_signer(Secret{"another key"});
  TrustingSigner credulous{*signer};
  CHECK_FALSE(broken([&] { seal_signer_contract(credulous, *stranger); }).empty());
  const auto codec = make_memory_token_codec(Secret{"one key"});
  const auto foreign = make_memory_token_codec(Secret{"another key"});
  TimelessCodec timeless{*codec};
  CHECK_FALSE(broken([&] { token_codec_contract(timeless, *foreign); }).empty());
  const auto cipher = make_insecure_seed_cipher("one");
  const auto another = make_insecure_seed_cipher("two");
  CarelessCipher careless{*cipher};
  CHECK_FALSE(broken([&] { seed_cipher_contract(careless, *another); }).empty());
  CHECK_FALSE(broken_by(BrokenDatabase::Breaks::listeners).empty());
  CHECK_FALSE(broken_by(BrokenDatabase::Breaks::errors).empty());
}

TEST_CASE("what is broken is told with the place, the values and what is around it") {
  const auto cases = suite([] { anchor_log_contract([] { return make_memory_anchor_log(); }); });
  REQUIRE(cases.size() == 4);
  CHECK(cases[1].promise == "the newest anchor is the one of the highest number");
  for (const auto& promised : cases) CHECK(promised.run().empty());
  const auto seen =
      suite([] { anchor_log_contract([] { return std::make_unique<LastAnchorLog>(); }); })[1].run();
  REQUIRE(seen.size() == 2);
  CHECK(seen[0].starts_with("small_contracts.cpp:"));
  CHECK(seen[0].ends_with("SealNumber{3}, but 2 == 3"));
}

} // namespace baluhost::contract
