#include "baluhost/testing/faults.hpp"
#include "failing.hpp"

#include <utility>

namespace baluhost::testing {
namespace {

class FaultyDatabase final : public Database {
 public:
  FaultyDatabase(Database& inner, Faults& faults) : inner_(inner), faults_(faults) {}

  Result<void> read(FunctionRef<Result<void>(ReadTransaction&)> work) override {
    BALUHOST_TESTING_CALL(faults_, Call::database_read);
    return inner_.read(work);
  }
  Result<void> write(FunctionRef<Result<AuditEvents>(WriteTransaction&)> work) override {
    BALUHOST_TESTING_CALL(faults_, Call::database_write);
    return answer(inner_.write([&](WriteTransaction& tx) -> Result<AuditEvents> {
      BALUHOST_TRY(auto events, work(tx));
      BALUHOST_TESTING_CALL(faults_, Call::database_commit);
      return events;
    }));
  }
  Result<void> bookkeep(FunctionRef<Result<void>(Bookkeeping&)> work) override {
    BALUHOST_TESTING_CALL(faults_, Call::database_bookkeep);
    return answer(inner_.bookkeep([&](Bookkeeping& tx) -> Result<void> {
      BALUHOST_CHECK(work(tx));
      BALUHOST_TESTING_CALL(faults_, Call::database_commit);
      return {};
    }));
  }
  Result<void> admit(SpaceUse use) override {
    BALUHOST_TESTING_CALL(faults_, Call::database_admit);
    return inner_.admit(use);
  }
  void on_commit(CommitListener listener) override { inner_.on_commit(std::move(listener)); }
  void tag_events(std::shared_ptr<EventTagger> tagger) override {
    inner_.tag_events(std::move(tagger));
  }
  Result<DatabaseStatus> status() override {
    BALUHOST_TESTING_CALL(faults_, Call::database_status);
    return inner_.status();
  }

 private:
  Result<void> answer(Result<void> committed) {
    if (!committed) return committed;
    auto planned = faults_.take(Call::database_answer);
    if (!planned) return committed;
    planned->in_doubt = true;
    return *std::move(planned);
  }

  Database& inner_;
  Faults& faults_;
};

class FaultyHasher final : public PasswordHasher {
 public:
  FaultyHasher(PasswordHasher& inner, Faults& faults) : inner_(inner), faults_(faults) {}
  Result<PasswordHash> hash(const Secret& password) override {
    BALUHOST_TESTING_CALL(faults_, Call::hash);
    return inner_.hash(password);
  }
  Result<bool> verify(const Secret& password, const PasswordHash& hash) override {
    BALUHOST_TESTING_CALL(faults_, Call::hash_verify);
    return inner_.verify(password, hash);
  }
  bool needs_rehash(const PasswordHash& hash) const override { return inner_.needs_rehash(hash); }

 private:
  PasswordHasher& inner_;
  Faults& faults_;
};

class FaultyRandom final : public RandomSource {
 public:
  FaultyRandom(RandomSource& inner, Faults& faults) : inner_(inner), faults_(faults) {}
  Result<std::string> bytes(std::size_t count) override {
    BALUHOST_TESTING_CALL(faults_, Call::random_bytes);
    return inner_.bytes(count);
  }

 private:
  RandomSource& inner_;
  Faults& faults_;
};

class FaultyCodec final : public TokenCodec {
 public:
  FaultyCodec(TokenCodec& inner, Faults& faults) : inner_(inner), faults_(faults) {}
  Result<AccessToken> sign_access(const TokenClaims& claims) override {
    BALUHOST_TESTING_CALL(faults_, Call::token_sign);
    return inner_.sign_access(claims);
  }
  Result<RefreshToken> sign_refresh(const TokenClaims& claims) override {
    BALUHOST_TESTING_CALL(faults_, Call::token_sign);
    return inner_.sign_refresh(claims);
  }
  Result<ReadToken> sign_read(const TokenClaims& claims) override {
    BALUHOST_TESTING_CALL(faults_, Call::token_sign);
    return inner_.sign_read(claims);
  }
  Result<TokenClaims> verify_read(std::string_view token, Timestamp now) override {
    BALUHOST_TESTING_CALL(faults_, Call::token_verify);
    return inner_.verify_read(token, now);
  }
  Result<ShareToken> sign_share(const ShareClaims& claims, ShareTransport transport) override {
    BALUHOST_TESTING_CALL(faults_, Call::token_sign);
    return inner_.sign_share(claims, transport);
  }
  Result<ShareClaims> verify_share(std::string_view token, ShareTransport transport,
                                   Timestamp now) override {
    BALUHOST_TESTING_CALL(faults_, Call::token_verify);
    return inner_.verify_share(token, transport, now);
  }
  Result<BearerClaims> verify_bearer(std::string_view token, Timestamp now) override {
    BALUHOST_TESTING_CALL(faults_, Call::token_verify);
    return inner_.verify_bearer(token, now);
  }
  Result<TokenClaims> verify_access(std::string_view token, Timestamp now) override {
    BALUHOST_TESTING_CALL(faults_, Call::token_verify);
    return inner_.verify_access(token, now);
  }
  Result<TokenClaims> verify_refresh(std::string_view token, Timestamp now) override {
    BALUHOST_TESTING_CALL(faults_, Call::token_verify);
    return inner_.verify_refresh(token, now);
  }

 private:
  TokenCodec& inner_;
  Faults& faults_;
};

class FaultySigner final : public SealSigner {
 public:
  FaultySigner(SealSigner& inner, Faults& faults) : inner_(inner), faults_(faults) {}
  bool knows(std::string_view key_id) const override { return inner_.knows(key_id); }
  bool verify(std::string_view key_id, std::string_view message,
              std::string_view signature) const override {
    return inner_.verify(key_id, message, signature);
  }
  std::optional<std::string> public_key(std::string_view key_id) const override {
    return inner_.public_key(key_id);
  }
  std::optional<bool> verify_mac(std::string_view message, const Sha256Digest& mac) const override {
    return inner_.verify_mac(message, mac);
  }
  Result<SealSignature> sign(std::string_view message) override {
    BALUHOST_TESTING_CALL(faults_, Call::seal_sign);
    return inner_.sign(message);
  }
  Result<Sha256Digest> mac(std::string_view message) override {
    BALUHOST_TESTING_CALL(faults_, Call::seal_mac);
    return inner_.mac(message);
  }

 private:
  SealSigner& inner_;
  Faults& faults_;
};

class FaultyAnchors final : public AnchorLog {
 public:
  FaultyAnchors(AnchorLog& inner, Faults& faults) : inner_(inner), faults_(faults) {}
  Result<void> append(const Anchor& anchor) override {
    BALUHOST_TESTING_CALL(faults_, Call::anchor_append);
    return inner_.append(anchor);
  }
  Result<std::optional<Anchor>> newest() const override {
    BALUHOST_TESTING_CALL(faults_, Call::anchor_newest);
    return inner_.newest();
  }

 private:
  AnchorLog& inner_;
  Faults& faults_;
};

class FaultyCipher final : public SeedCipher {
 public:
  FaultyCipher(SeedCipher& inner, Faults& faults) : inner_(inner), faults_(faults) {}
  Result<SealedSeed> seal(const Secret& seed, UserId user) override {
    BALUHOST_TESTING_CALL(faults_, Call::seed_seal);
    return inner_.seal(seed, user);
  }
  Result<Secret> open(const SealedSeed& sealed, UserId user) override {
    BALUHOST_TESTING_CALL(faults_, Call::seed_open);
    return inner_.open(sealed, user);
  }
  Result<std::string> newest_key() override {
    BALUHOST_TESTING_CALL(faults_, Call::seed_newest_key);
    return inner_.newest_key();
  }

 private:
  SeedCipher& inner_;
  Faults& faults_;
};

} // namespace

std::unique_ptr<Database> with_faults(Database& inner, Faults& faults) {
  return std::make_unique<FaultyDatabase>(inner, faults);
}
std::unique_ptr<PasswordHasher> with_faults(PasswordHasher& inner, Faults& faults) {
  return std::make_unique<FaultyHasher>(inner, faults);
}
std::unique_ptr<RandomSource> with_faults(RandomSource& inner, Faults& faults) {
  return std::make_unique<FaultyRandom>(inner, faults);
}
std::unique_ptr<TokenCodec> with_faults(TokenCodec& inner, Faults& faults) {
  return std::make_unique<FaultyCodec>(inner, faults);
}
std::unique_ptr<SealSigner> with_faults(SealSigner& inner, Faults& faults) {
  return std::make_unique<FaultySigner>(inner, faults);
}
std::unique_ptr<AnchorLog> with_faults(AnchorLog& inner, Faults& faults) {
  return std::make_unique<FaultyAnchors>(inner, faults);
}
std::unique_ptr<SeedCipher> with_faults(SeedCipher& inner, Faults& faults) {
  return std::make_unique<FaultyCipher>(inner, faults);
}

} // namespace baluhost::testing
