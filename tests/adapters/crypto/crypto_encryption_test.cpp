#include "baluhost/crypto/encrypted_blob_store.hpp"
#include "baluhost/crypto/openssl_digester.hpp"
#include "baluhost/crypto/openssl_random.hpp"
#include "baluhost/filesystem/directory_blob_store.hpp"
#include "baluhost/memory/manual_clock.hpp"
#include "baluhost/memory/memory_blob_store.hpp"
#include "baluhost/test/temporary_directory.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <random>
#include <set>

using namespace baluhost;
namespace fs = std::filesystem;

namespace {

std::string pattern(std::size_t size) {
  std::string bytes(size, '\0');
  std::mt19937 random(static_cast<unsigned>(size));
  for (auto& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

std::string read_all(const BlobReader& reader, std::size_t piece = 10'000) {
  std::string all;
  std::string buffer(piece, '\0');
  while (const auto got = reader.read_at(static_cast<std::int64_t>(all.size()), buffer).value())
    all.append(buffer, 0, got);
  return all;
}

/// A store that encrypts, with what lies below it in reach.
struct Sealed {
  test::TemporaryDirectory directory;
  ManualClock clock;
  std::unique_ptr<Digester> digester = make_openssl_digester();
  std::unique_ptr<RandomSource> random = make_openssl_random();
  std::unique_ptr<KeyDirectory> keys = open_keys();
  MemoryBlobStore* below = nullptr;
  std::unique_ptr<BlobStore> store = around(make_memory_blob_store({}, *digester, *random, clock));

  std::unique_ptr<KeyDirectory> open_keys() const {
    return KeyDirectory::open(directory / "keys", KeyDirectory::Missing::create, *random, clock)
        .value();
  }
  std::unique_ptr<BlobStore> around(std::unique_ptr<MemoryBlobStore> inner, bool encrypt = true) {
    below = inner.get();
    return with_encryption(std::move(inner), {.encrypt = encrypt}, *keys, *digester, *random);
  }
  /// Goes on with what is stored, as the next process.
  void reopen(bool encrypt = true) {
    auto next = below->reopen();
    store.reset();
    keys = open_keys();
    store = around(std::move(next), encrypt);
  }
  BlobId put(std::string_view bytes) const {
    auto writer = store->create().value();
    REQUIRE(writer->write(bytes));
    return writer->publish().value().blob;
  }
  [[nodiscard]] std::string stored(const BlobId& id) const {
    return read_all(*below->open(id).value());
  }
  /// A blob below with these bytes.
  BlobId put_stored(std::string_view bytes) const {
    auto writer = below->create().value();
    REQUIRE(writer->write(bytes));
    return writer->publish().value().blob;
  }
  [[nodiscard]] std::vector<fs::path> key_files() const {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(directory / "keys")) {
      if (entry.path().filename().string().starts_with("content-")) found.push_back(entry.path());
    }
    std::sort(found.begin(), found.end());
    return found;
  }
};

/// The content, or the name of the error.
std::string read_or_error(const BlobStore& store, const BlobId& id) {
  const auto opened = store.open(id);
  if (!opened) return std::string{code_of(opened.error().code)};
  std::string all;
  std::string buffer(5000, '\0');
  for (;;) {
    const auto got = (*opened)->read_at(static_cast<std::int64_t>(all.size()), buffer);
    if (!got) return std::string{code_of(got.error().code)};
    if (*got == 0) return all;
    all.append(buffer, 0, *got);
  }
}

} // namespace

TEST_CASE("nothing of a content lies in the store below, and no two of the same are alike") {
  const Sealed at;
  const std::string text(200'000, 'a');
  const auto first = at.put(text);
  const auto second = at.put(text);
  CHECK(at.stored(first).find("aaaaaaaa") == std::string::npos);
  CHECK(at.stored(first).size() < text.size() + 1000);
  CHECK(at.stored(first) != at.stored(second));
  CHECK(read_or_error(*at.store, first) == text);
}

TEST_CASE("any range of an encrypted content is read, whatever its pieces were") {
  Sealed at;
  const auto bytes = pattern(400'000);
  auto id = at.put(bytes);
  SECTION("written at once") {}
  SECTION("staged in pieces that were flushed, cut and taken up again") {
    std::int64_t size = 0;
    for (const std::size_t piece : {1, 3, 65'536, 70'000, 1, 131'072, 100'000, 40'000}) {
      auto staged = at.store->stage({std::string(64, 'a')}, size).value();
      const auto rest = std::string_view{bytes}.substr(static_cast<std::size_t>(size));
      REQUIRE(staged->write(rest.substr(0, piece)));
      REQUIRE(staged->sync());
      if (size > 5) {
        REQUIRE(staged->truncate(size - 5));
        REQUIRE(staged->write(std::string_view{bytes}.substr(static_cast<std::size_t>(size) - 5,
                                                             std::min(rest.size(), piece) + 5)));
      }
      size = staged->size();
      if (piece == 70'000) {
        staged.reset();
        CHECK(at.store->stage({std::string(64, 'a')}, kAllStaged).value()->size() == size);
      }
    }
    REQUIRE(size == 400'000);
    const auto content = at.store->stage({std::string(64, 'a')}, size).value()->publish().value();
    CHECK(content.sha256 == at.digester->sha256(bytes));
    CHECK(content.size == 400'000);
    id = content.blob;
  }
  const auto reader = at.store->open(id).value();
  REQUIRE(reader->size() == 400'000);
  CHECK_FALSE(reader->file_descriptor());
  const std::size_t places[] = {0, 1, 65'535, 65'536, 65'537, 131'071, 199'999, 399'999, 400'000};
  for (const auto from : places) {
    for (const std::size_t length : {1U, 5U, 65'536U, 65'537U, 200'000U, 500'000U}) {
      std::string buffer(length, '\0');
      const auto got = reader->read_at(static_cast<std::int64_t>(from), buffer).value();
      const bool is_same = buffer.substr(0, got) == bytes.substr(from, length);
      INFO(from << " and " << length);
      CHECK(is_same);
    }
  }
}

TEST_CASE("a byte of an encrypted content that changed is an error, and never another byte") {
  const Sealed at;
  const std::string text = "what nobody may read " + std::string(300, 'x');
  const auto sound = at.stored(at.put(text));
  for (std::size_t i = 0; i < sound.size(); ++i) {
    auto bytes = sound;
    bytes[i] = static_cast<char>(bytes[i] ^ 0x10);
    const auto read = read_or_error(*at.store, at.put_stored(bytes));
    INFO("byte " << i);
    // Without its first bytes it is no encrypted content any more: plain, and longer than its row
    // in the database says.
    if (i < 16)
      CHECK((read == bytes));
    else
      CHECK((read == "unavailable" || read == text));
  }
  for (std::size_t size = 16; size < sound.size(); ++size) {
    const auto read = read_or_error(*at.store, at.put_stored(sound.substr(0, size)));
    INFO("cut to " << size);
    CHECK((size < 56 ? read == sound.substr(0, size) : read == "unavailable"));
  }
}

TEST_CASE("pieces of two contents, and pieces in another order, are not taken for a content") {
  const Sealed at;
  const auto bytes = pattern(200'000);
  const auto one = at.stored(at.put(bytes));
  const auto other = at.stored(at.put(bytes));
  constexpr std::size_t kHeader = 56, kRecord = 65'536 + 40;
  auto mixed = one;
  mixed.replace(kHeader, kRecord, other, kHeader, kRecord);
  CHECK(read_or_error(*at.store, at.put_stored(mixed)) == "unavailable");
  auto swapped = one;
  swapped.replace(kHeader, kRecord, one, kHeader + kRecord, kRecord);
  CHECK(read_or_error(*at.store, at.put_stored(swapped)) == "unavailable");
  // The same with the numbers of their places: those are under the tag.
  constexpr std::size_t kHead = 12;
  auto renumbered = one;
  renumbered.replace(kHeader + kHead, kRecord - kHead, one, kHeader + kRecord + kHead,
                     kRecord - kHead);
  CHECK(read_or_error(*at.store, at.put_stored(renumbered)) == "unavailable");
}

TEST_CASE("a content that lost pieces, or has one twice, is not taken for a content") {
  const Sealed at;
  const auto bytes = pattern(300'000);
  const auto sound = at.stored(at.put(bytes));
  constexpr std::size_t kHeader = 56, kRecord = 65'536 + 40, kEnd = 16 + 44;
  const auto is_refused = [&](const std::string& stored) {
    return read_or_error(*at.store, at.put_stored(stored)) == "unavailable";
  };
  for (std::size_t pieces = 0; pieces <= 4; ++pieces) {
    INFO(pieces << " pieces");
    const auto kept = sound.substr(0, kHeader + pieces * kRecord);
    CHECK(is_refused(kept));
    CHECK(is_refused(kept + sound.substr(sound.size() - kEnd)));
  }
  auto without_second = sound;
  CHECK(is_refused(without_second.erase(kHeader + kRecord, kRecord)));
  auto twice = sound;
  CHECK(is_refused(twice.insert(kHeader, sound.substr(kHeader, kRecord))));
  CHECK_FALSE(is_refused(sound));
}

TEST_CASE("no nonce is used twice, in pieces that are cut and written again either") {
  Sealed at;
  constexpr std::size_t kHeader = 56, kPieceHead = 12, kNonce = 12, kPieces = 20;
  auto staged = at.store->stage({std::string(64, 'a')}, 0).value();
  for (std::size_t i = 0; i < kPieces; ++i) {
    REQUIRE(staged->truncate(0));
    REQUIRE(staged->write("the same bytes"));
    REQUIRE(staged->sync());
  }
  const auto stored = at.stored(staged->publish().value().blob);
  std::set<std::string> nonces;
  for (std::size_t i = 0; i < kPieces; ++i) {
    const std::size_t piece = kPieceHead + kNonce + std::string{"the same bytes"}.size() + 16;
    nonces.insert(stored.substr(kHeader + i * piece + kPieceHead, kNonce));
  }
  nonces.insert(stored.substr(stored.size() - 28, kNonce));
  CHECK(nonces.size() == kPieces + 1);
}

TEST_CASE("staged content that another process began anew goes on with the key of that one") {
  Sealed at;
  const UploadId id{std::string(64, 'a')};
  const auto open = [&] {
    return with_encryption(
        make_directory_blob_store({at.directory / "blobs"}, *at.digester, *at.random, at.clock)
            .value(),
        {}, *at.keys, *at.digester, *at.random);
  };
  const auto one = open();
  const auto other = open();
  REQUIRE(one->stage(id, 0).value()->write("abc"));
  REQUIRE(other->stage(id, 0).value()->write("xyz"));
  auto staged = one->stage(id, 3).value();
  REQUIRE(staged->write("!"));
  const auto content = staged->publish().value();
  CHECK(content.sha256 == at.digester->sha256("xyz!"));
  CHECK(read_or_error(*one, content.blob) == "xyz!");
}

TEST_CASE("keys of contents rotate: the newest encrypts, all decrypt") {
  Sealed at;
  const auto first = at.put("first");
  at.clock.advance(std::chrono::seconds{2});
  REQUIRE(at.keys->rotate());
  REQUIRE(at.key_files().size() == 2);
  const auto second = at.put("second");
  CHECK(read_or_error(*at.store, first) == "first");
  CHECK(read_or_error(*at.store, second) == "second");

  // The old key is gone: what it encrypted is an error, and the rest is read.
  const auto removed = fs::path{at.directory / "away"};
  fs::rename(at.key_files().front(), removed);
  at.reopen();
  CHECK(read_or_error(*at.store, first) == "unavailable");
  CHECK(read_or_error(*at.store, second) == "second");
  CHECK(at.keys->remove_replaced(KeyKind::content, at.clock.now()).error().code ==
        Errc::invalid_request);
}

TEST_CASE("another key under the name of the right one is refused when the keys are opened") {
  Sealed at;
  at.put("first");
  std::ofstream(at.key_files().front(), std::ios::trunc) << std::string(64, 'a') << '\n';
  const auto opened = KeyDirectory::open(at.directory / "keys", KeyDirectory::Missing::create,
                                         *at.random, at.clock);
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code == Errc::conflict);
  CHECK(opened.error().detail.find("another key than its name says") != std::string::npos);
}

TEST_CASE("without any key for contents new ones are refused with what to do") {
  Sealed at;
  const auto encrypted = at.put("encrypted");
  const auto plain = at.put_stored("plain");
  fs::remove(at.key_files().front());
  auto next = at.below->reopen();
  at.store.reset();
  at.keys =
      KeyDirectory::open(at.directory / "keys", KeyDirectory::Missing::refuse, *at.random, at.clock)
          .value();
  at.store = at.around(std::move(next));
  CHECK(read_or_error(*at.store, encrypted) == "unavailable");
  CHECK(read_or_error(*at.store, plain) == "plain");
  const auto refused = at.store->create().value()->write("new");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::unavailable);
  CHECK(refused.error().detail.find("keys rotate") != std::string::npos);
}

TEST_CASE("contents of before encryption and of after it are read, whichever is on") {
  Sealed at;
  const auto plain = at.put_stored("plain");
  const auto encrypted = at.put("encrypted");
  at.reopen(false);
  CHECK(read_or_error(*at.store, plain) == "plain");
  CHECK(read_or_error(*at.store, encrypted) == "encrypted");
  const auto off = at.put("off");
  CHECK(at.stored(off) == "off");
  CHECK(at.stored(at.put("")).empty());
}

TEST_CASE("content that looks encrypted comes back as it was, with encryption off too") {
  Sealed at;
  const auto stolen = at.stored(at.put("the content of an encrypted file, uploaded as a file"));
  at.reopen(false);
  const auto id = at.put(stolen);
  CHECK(read_or_error(*at.store, id) == stolen);
  auto staged = at.store->stage({std::string(64, 'b')}, 0).value();
  REQUIRE(staged->write(stolen));
  CHECK(read_or_error(*at.store, staged->publish().value().blob) == stolen);
}
