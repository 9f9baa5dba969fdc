#pragma once

#include "baluhost/core/audit_trail.hpp"
#include "baluhost/core/auth_service.hpp"
#include "baluhost/core/grant_service.hpp"
#include "baluhost/core/identity_cache.hpp"
#include "baluhost/core/login_throttle.hpp"
#include "baluhost/core/user_service.hpp"
#include "baluhost/memory/memory_database.hpp"
#include "baluhost/memory/memory_token_codec.hpp"
#include "baluhost/memory/portable_digester.hpp"
#include "baluhost/memory/seeded_random.hpp"
#include "baluhost/memory/manual_clock.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

/// The identity services over the memory adapters.
namespace baluhost::test {

/// Runs the work of every write once in vain before it counts, as a database may after a conflict; fails and counts
/// when told to.
class UnsteadyDatabase final : public Database {
 public:
  Result<void> read(FunctionRef<Result<void>(ReadTransaction&)> work) override {
    ++reads;
    if (reads_fail) return Error{Errc::unavailable, "told to fail"};
    auto done = inner_->read(work);
    if (after_read) std::exchange(after_read, nullptr)();
    return done;
  }
  Result<void> write(FunctionRef<Result<AuditEvents>(WriteTransaction&)> work) override {
    if (writes_fail) return Error{Errc::unavailable, "told to fail"};
    (void)inner_->write([&](WriteTransaction& tx) -> Result<AuditEvents> {
      (void)work(tx);
      return Error{Errc::unavailable, "in vain"};
    });
    return inner_->write(work);
  }
  Result<void> bookkeep(FunctionRef<Result<void>(Bookkeeping&)> work) override { return inner_->bookkeep(work); }
  void on_commit(CommitListener listener) override { inner_->on_commit(std::move(listener)); }
  void tag_events(std::shared_ptr<EventTagger> tagger) override { inner_->tag_events(std::move(tagger)); }
  Result<DatabaseStatus> status() override { return inner_->status(); }

  std::atomic<int> reads{0};
  std::atomic<bool> reads_fail{false};
  std::atomic<bool> writes_fail{false};
  std::function<void()> after_read; ///< once, between a read and what is made of it

 private:
  std::unique_ptr<Database> inner_ = make_memory_database();
};

/// "$<parameters>$salt$<password>": what a hash must hold, in clear.
class ClearHasher final : public PasswordHasher {
 public:
  Result<PasswordHash> hash(const Secret& password) override {
    ++hashes;
    if (fails) return Error{Errc::unavailable, "told to fail"};
    return PasswordHash{Secret{"$" + parameters + "$salt$" + std::string{password.reveal()}}};
  }
  Result<bool> verify(const Secret& password, const PasswordHash& hash) override {
    ++verifications;
    const auto text = hash.phc.reveal();
    verified.push_back(std::string{text.substr(1, text.find('$', 1) - 1)});
    const auto dollar = text.rfind('$');
    if (dollar == std::string_view::npos) return Error{Errc::internal, "not a hash"};
    if (before_answer) std::exchange(before_answer, nullptr)();
    return text.substr(dollar + 1) == password.reveal();
  }
  bool needs_rehash(const PasswordHash& hash) const override {
    return !hash.phc.reveal().starts_with("$" + parameters + "$");
  }

  std::string parameters{"v1"};
  std::atomic<bool> fails{false};
  std::atomic<int> hashes{0};
  std::atomic<int> verifications{0};
  std::vector<std::string> verified; ///< the parameters of each
  std::function<void()> before_answer; ///< once
};

/// Has no key to sign with when told so.
class KeylessCodec final : public TokenCodec {
 public:
  Result<AccessToken> sign_access(const TokenClaims& claims) override {
    if (keyless) return Error{Errc::unavailable, "no key"};
    return inner_->sign_access(claims);
  }
  Result<RefreshToken> sign_refresh(const TokenClaims& claims) override {
    if (keyless) return Error{Errc::unavailable, "no key"};
    return inner_->sign_refresh(claims);
  }
  Result<TokenClaims> verify_access(std::string_view token, Timestamp now) override {
    return inner_->verify_access(token, now);
  }
  Result<TokenClaims> verify_refresh(std::string_view token, Timestamp now) override {
    return inner_->verify_refresh(token, now);
  }

  std::atomic<bool> keyless{false};

 private:
  std::unique_ptr<TokenCodec> inner_ = make_memory_token_codec(Secret{std::string(32, 'k')});
};

inline Username username(std::string_view text) { return Username::parse(text).value(); }
inline FilePath path(std::string_view text) { return FilePath::parse(text).value(); }
inline Client client_at(const std::string& address) { return {.ip_address = address, .user_agent = "test/1"}; }

inline constexpr const char* kPassword = "tangerine kites 77";

class Identity {
 public:
  explicit Identity(LoginThrottleOptions throttling = {}) : throttle(clock, throttling) {}

  User add(const std::string& name, Role role = Role::user) {
    auto user = users.create(operator_, {.username = username(name), .password = Secret{kPassword}, .role = role});
    REQUIRE(user);
    return *user;
  }
  TokenGrant login(const std::string& name, const std::string& address = "192.0.2.1") {
    auto grant = auth.login(name, Secret{kPassword}, client_at(address));
    REQUIRE(grant);
    return std::move(*grant);
  }
  Result<Principal> check(const TokenGrant& grant, const std::string& address = "192.0.2.1") {
    return auth.authenticate(grant.access.text.reveal(), client_at(address));
  }
  Principal principal(const std::string& name, const std::string& address = "192.0.2.1") {
    auto principal = check(login(name, address), address);
    REQUIRE(principal);
    return *principal;
  }
  Result<TokenGrant> refresh(const TokenGrant& grant, const std::string& address = "192.0.2.1") {
    return auth.refresh(grant.refresh.text.reveal(), client_at(address));
  }

  TokenClaims claims(const AccessToken& token) {
    return tokens.verify_access(token.text.reveal(), clock.now()).value();
  }
  TokenClaims claims(const RefreshToken& token) {
    return tokens.verify_refresh(token.text.reveal(), clock.now()).value();
  }

  FileId add_node(const std::string& text, FileKind kind = FileKind::directory, std::int64_t size = 0) {
    const auto place = path(text);
    FileId id;
    REQUIRE(database.write([&](WriteTransaction& tx) -> Result<AuditEvents> {
      BALUHOST_TRY(const auto above, tx.files().resolve(place.parent()));
      std::optional<Content> content;
      if (kind == FileKind::file) content = Content{BlobId{std::string(32, 'b')}, size, {}, {}};
      BALUHOST_TRY(const auto entry,
                   tx.files().insert(NewFileEntry{above.found.back().id, place.name(), kind, content,
                                                  above.found.back().owner, clock.now(), clock.now()}));
      id = entry.id;
      return AuditEvents{audit.draft(Action::create_directory)};
    }));
    return id;
  }

  /// Events written since this was last called, by id.
  std::vector<AuditEvent> events() {
    std::vector<AuditEvent> fresh;
    REQUIRE(database.read([&](ReadTransaction& tx) -> Result<void> {
      BALUHOST_TRY(fresh, tx.audit().since(seen_, 10'000));
      return {};
    }));
    if (!fresh.empty()) seen_ = fresh.back().id;
    return fresh;
  }
  AuditEvent event() {
    auto fresh = events();
    REQUIRE(fresh.size() == 1);
    return fresh.front();
  }

  ManualClock clock;
  UnsteadyDatabase database;
  ClearHasher hasher;
  KeylessCodec tokens;
  std::unique_ptr<Digester> digester = make_portable_digester();
  std::unique_ptr<RandomSource> random = make_seeded_random();
  AuditTrail audit{database, clock};
  IdentityCache identities{database};
  LoginThrottle throttle;
  AuthService auth{{database, audit, identities, throttle, hasher, tokens, *digester, *random, clock}, {}};
  UserService users{database, audit, identities, hasher, clock};
  GrantService grants{database, audit, clock};
  Principal operator_ = Principal::local_operator("root");

 private:
  EventId seen_;
};

/// What a test says of an event at one glance: "SECURITY login_success anna - {…}", the error behind a failed one.
inline std::string line(const AuditEvent& event) {
  return std::string{to_string(event.type)} + " " + event.action + " " + event.user.value_or("-") + " " +
         event.resource.value_or("-") + " " + event.details +
         (event.success ? "" : " failed: " + event.error_message.value_or("?"));
}

inline std::vector<std::string> lines(const std::vector<AuditEvent>& events) {
  std::vector<std::string> texts;
  for (const auto& event : events) texts.push_back(line(event));
  return texts;
}

template <class T>
Errc code(const Result<T>& result) {
  REQUIRE_FALSE(result);
  return result.error().code;
}

} // namespace baluhost::test
