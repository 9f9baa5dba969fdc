#include "baluhost/memory/fake_seal_signer.hpp"
#include "baluhost/memory/faulty_database.hpp"
#include "baluhost/memory/manual_clock.hpp"
#include "baluhost/memory/memory_blob_store.hpp"
#include "baluhost/memory/memory_database.hpp"
#include "baluhost/memory/memory_token_codec.hpp"
#include "baluhost/memory/portable_digester.hpp"
#include "baluhost/memory/seeded_random.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <thread>

namespace baluhost {
namespace {

constexpr std::chrono::microseconds kTick{1};

template <class T>
std::string outcome(const Result<T>& result) {
  return result ? "ok" : std::string{code_of(result.error().code)};
}

constexpr auto record = [](WriteTransaction&) -> Result<AuditEvents> {
  return AuditEvents{NewAuditEvent{.timestamp = Timestamp{1}, .action = Action::server_started}};
};

std::int64_t events_in(Database& database) {
  std::int64_t newest = 0;
  REQUIRE(database.read([&](ReadTransaction& tx) -> Result<void> {
    BALUHOST_TRY(const auto id, tx.audit().newest());
    newest = id.value;
    return {};
  }));
  return newest;
}

struct Store {
  ManualClock clock;
  std::unique_ptr<RandomSource> random = make_seeded_random();
  std::unique_ptr<Digester> digester = make_portable_digester();
  std::unique_ptr<MemoryBlobStore> blobs =
      make_memory_blob_store({.capacity_bytes = 100}, *digester, *random, clock);

  [[nodiscard]] std::int64_t free() const { return blobs->space().value().free_bytes; }
  Content put(std::size_t size) {
    auto writer = blobs->create().value();
    REQUIRE(writer->write(std::string(size, 'x')));
    return writer->publish().value();
  }
};

} // namespace

TEST_CASE(
    "a full memory blob store refuses with insufficient_storage and has room again when something "
    "goes") {
  Store store;
  const auto kept = store.put(60);
  CHECK(store.free() == 40);
  {
    auto writer = store.blobs->create().value();
    REQUIRE(writer->write(std::string(40, 'x')));
    CHECK(outcome(writer->write("y")) == "insufficient_storage");
    CHECK(outcome(writer->write("")) == "unavailable");
    CHECK(outcome(writer->publish()) == "unavailable");
    CHECK(store.free() == 0);
  }
  CHECK(store.free() == 40);
  REQUIRE(store.blobs->remove(kept.blob));
  CHECK(store.free() == 100);
  {
    auto staged = store.blobs->stage(UploadId{"a"}, 0).value();
    REQUIRE(staged->write(std::string(30, 'x')));
    REQUIRE(staged->truncate(20));
    CHECK(store.free() == 80);
  }
  CHECK(store.blobs->stage(UploadId{"a"}, 10).value()->size() == 10);
  CHECK(store.free() == 90);
  const auto published = store.blobs->stage(UploadId{"a"}, 10).value()->publish().value();
  CHECK(store.free() == 90);
  REQUIRE(store.blobs->remove(published.blob));
  {
    auto staged = store.blobs->stage(UploadId{"b"}, 0).value();
    REQUIRE(staged->write(std::string(30, 'x')));
    REQUIRE(store.blobs->discard_staged(UploadId{"b"}));
    CHECK(store.free() == 70);
  }
  CHECK(store.free() == 100);
}

TEST_CASE("a memory blob store fails the write, publish, sync and read that it is told to") {
  Store store;
  store.blobs->fail_write(2, Errc::insufficient_storage);
  auto writer = store.blobs->create().value();
  CHECK(outcome(writer->write("a")) == "ok");
  CHECK(outcome(writer->write("b")) == "insufficient_storage");
  CHECK(outcome(writer->write("c")) == "unavailable");
  writer = store.blobs->create().value();
  CHECK(outcome(writer->write("d")) == "ok");
  store.blobs->fail_publish(1);
  CHECK(outcome(writer->publish()) == "unavailable");
  writer.reset();
  CHECK(store.blobs->list(std::nullopt, 10).value().empty());
  CHECK(store.free() == 100);

  auto staged = store.blobs->stage(UploadId{"a"}, 0).value();
  REQUIRE(staged->write("kept"));
  store.blobs->fail_write(1);
  CHECK(outcome(staged->write("lost")) == "unavailable");
  REQUIRE(staged->truncate(4));
  CHECK(outcome(staged->write("!")) == "ok");
  store.blobs->fail_sync(1);
  CHECK(outcome(staged->sync()) == "unavailable");
  CHECK(outcome(staged->sync()) == "ok");

  const auto content = store.put(10);
  const auto reader = store.blobs->open(content.blob).value();
  std::string buffer(10, '\0');
  store.blobs->fail_read(1);
  CHECK(outcome(reader->read_at(0, buffer)) == "unavailable");
  CHECK(outcome(reader->read_at(0, buffer)) == "ok");
}

TEST_CASE(
    "a memory blob store damages the byte that it is told to, and tells when a blob was "
    "published") {
  Store store;
  const auto content = store.put(10);
  CHECK(store.blobs->list(std::nullopt, 1).value()[0].published_at == store.clock.now());
  CHECK(store.blobs->damage(content.blob, 9));
  CHECK_FALSE(store.blobs->damage(content.blob, 10));
  CHECK_FALSE(store.blobs->damage(BlobId{"none"}, 0));
  std::string buffer(10, '\0');
  REQUIRE(store.blobs->open(content.blob).value()->read_at(0, buffer));
  CHECK(buffer == "xxxxxxxxx" + std::string(1, static_cast<char>(~'x')));
}

TEST_CASE(
    "a database with faults fails as often as it is told to, and keeps what it says it keeps") {
  const auto inner = make_memory_database();
  const auto faulty = with_faults(*inner);
  const auto bookkeep = [](Bookkeeping& tx) {
    return tx.transfers().put_instance({InstanceId{"1"}, Timestamp{1}, Timestamp{1}});
  };
  const auto nothing = [](ReadTransaction&) -> Result<void> { return {}; };
  int ran = 0;
  const auto counted = [&](WriteTransaction& tx) {
    ++ran;
    return record(tx);
  };
  CHECK(outcome(faulty->write(counted)) == "ok");

  faulty->fail_reads(2);
  CHECK(outcome(faulty->read(nothing)) == "unavailable");
  CHECK(outcome(faulty->read(nothing)) == "unavailable");
  CHECK(outcome(faulty->read(nothing)) == "ok");

  faulty->fail_writes(2);
  CHECK(outcome(faulty->write(counted)) == "unavailable");
  CHECK(outcome(faulty->bookkeep(bookkeep)) == "unavailable");
  CHECK(ran == 1);

  faulty->fail_commits(1);
  CHECK(outcome(faulty->write([](WriteTransaction&) -> Result<AuditEvents> {
          return Error{Errc::conflict};
        })) == "conflict");
  CHECK(outcome(faulty->write(counted)) == "unavailable");
  CHECK(ran == 2);
  CHECK(events_in(*faulty) == 1);

  faulty->lose_answers(1);
  CHECK(outcome(faulty->write([](WriteTransaction&) -> Result<AuditEvents> {
          return Error{Errc::conflict};
        })) == "conflict");
  CHECK(outcome(faulty->write(counted)) == "unavailable");
  CHECK(events_in(*faulty) == 2);
  CHECK(outcome(faulty->write(counted)) == "ok");
  CHECK(outcome(faulty->bookkeep(bookkeep)) == "ok");
  CHECK(faulty->status().value().kind == "memory");
}

TEST_CASE(
    "work that calls the memory database to write is told internal, and a write that waits too "
    "long unavailable") {
  const auto database = make_memory_database({.write_timeout = std::chrono::milliseconds{1}});
  std::string nested;
  std::string other;
  CHECK(outcome(database->write([&](WriteTransaction& tx) {
          nested = outcome(database->write(record));
          std::thread{[&] { other = outcome(database->write(record)); }}.join();
          return record(tx);
        })) == "ok");
  CHECK(nested == "internal");
  CHECK(other == "unavailable");
  CHECK(events_in(*database) == 1);
}

TEST_CASE("what a listener throws does not undo the commit, and the next listener is told") {
  const auto database = make_memory_database();
  int told = 0;
  database->on_commit([](std::span<const AuditEvent>) { throw 7; });
  database->on_commit([&](std::span<const AuditEvent>) { ++told; });
  CHECK(outcome(database->write(record)) == "ok");
  CHECK(told == 1);
  CHECK(events_in(*database) == 1);
}

TEST_CASE("a manual clock stands still, advances on both clocks and steps on one") {
  ManualClock clock(Timestamp{1'000});
  CHECK(clock.now() == Timestamp{1'000});
  clock.advance(5 * kTick);
  CHECK(clock.now() == Timestamp{1'005});
  CHECK(clock.monotonic() == 5 * kTick);
  clock.step_to(Timestamp{7});
  CHECK(clock.now() == Timestamp{7});
  CHECK(clock.monotonic() == 5 * kTick);
}

TEST_CASE("a seed always gives the same bytes, and another seed others") {
  CHECK(make_seeded_random(3)->bytes(32).value() == make_seeded_random(3)->bytes(32).value());
  CHECK(make_seeded_random(3)->bytes(32).value() != make_seeded_random(4)->bytes(32).value());
}

TEST_CASE("without a key the fakes sign nothing and verify nothing") {
  const auto codec = make_memory_token_codec(Secret{});
  const TokenClaims claims{UserId{1}, SessionId{"s"}, "t", Timestamp{0}, Timestamp{900'000'000}};
  CHECK(outcome(codec->sign_access(claims)) == "unavailable");
  CHECK(outcome(codec->sign_refresh(claims)) == "unavailable");
  const auto token = make_memory_token_codec(Secret{"key"})->sign_access(claims).value();
  CHECK(outcome(codec->verify_access(token.text.reveal(), Timestamp{1})) == "unauthenticated");
  const auto signer = make_fake_seal_signer(Secret{});
  CHECK(outcome(signer->sign("message")) == "unavailable");
  CHECK_FALSE(signer->knows("e3b0c44298fc1c14"));
}

} // namespace baluhost
