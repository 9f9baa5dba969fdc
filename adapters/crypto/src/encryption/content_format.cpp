#include "encryption/content_format.hpp"

#include "baluhost/domain/digest.hpp"
#include "ed25519.hpp"
#include "key_set.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace baluhost::encryption {
namespace {

constexpr std::string_view kMagic{
    "\xF5"
    "BaluHost\x00\x8E\x1B\xC4\x7A\xD9\x01",
    16};
constexpr std::string_view kLabel = "BaluHost key of a content v1\n";
constexpr std::string_view kTrailerLabel = "end";
constexpr std::size_t kSaltBytes = 32;

using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, OpensslFree<EVP_CIPHER_CTX_free>>;

unsigned char* out_of(char* bytes) { return reinterpret_cast<unsigned char*>(bytes); }

void put_number(std::string& out, std::int64_t number, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
    out += static_cast<char>((static_cast<std::uint64_t>(number) >> shift) & 0xFFU);
}

std::int64_t number_at(std::string_view bytes, std::size_t at, std::size_t count) {
  std::uint64_t number = 0;
  for (const char byte : bytes.substr(at, count))
    number = (number << 8U) | static_cast<unsigned char>(byte);
  return static_cast<std::int64_t>(number);
}

/// nonce, ciphertext and tag (NIST SP 800-38D), after what `out` holds, which the tag covers too.
Result<void> append_sealed(std::string& out, const Secret& key, RandomSource& random,
                           std::string_view label, std::string_view plain) {
  BALUHOST_TRY(const auto nonce, random.bytes(kNonceBytes));
  const std::string covered = std::string{label} + out;
  const CipherContext context(EVP_CIPHER_CTX_new());
  std::string cipher(plain.size() + kTagBytes, '\0');
  int size = 0;
  const bool is_done =
      context &&
      EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytes_of(key.reveal()),
                         bytes_of(nonce)) == 1 &&
      EVP_EncryptUpdate(context.get(), nullptr, &size, bytes_of(covered),
                        static_cast<int>(covered.size())) == 1 &&
      (plain.empty() || EVP_EncryptUpdate(context.get(), out_of(cipher.data()), &size,
                                          bytes_of(plain), static_cast<int>(plain.size())) == 1) &&
      EVP_EncryptFinal_ex(context.get(), out_of(cipher.data() + plain.size()), &size) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes,
                          cipher.data() + plain.size()) == 1;
  if (!is_done) return Error{Errc::unavailable, "cannot encrypt content: " + openssl_error()};
  out.append(nonce).append(cipher);
  return {};
}

/// `sealed` is nonce, ciphertext and tag.
std::optional<std::string> opened(const Secret& key, std::string_view label,
                                  std::string_view covered, std::string_view sealed) {
  if (sealed.size() < kNonceBytes + kTagBytes) return std::nullopt;
  const std::string all_covered = std::string{label}.append(covered);
  const auto cipher = sealed.substr(kNonceBytes, sealed.size() - kNonceBytes - kTagBytes);
  std::string tag{sealed.substr(sealed.size() - kTagBytes)};
  std::string plain(cipher.size(), '\0');
  const CipherContext context(EVP_CIPHER_CTX_new());
  int size = 0;
  char rest = 0;
  const bool is_sound =
      context &&
      EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytes_of(key.reveal()),
                         bytes_of(sealed)) == 1 &&
      EVP_DecryptUpdate(context.get(), nullptr, &size, bytes_of(all_covered),
                        static_cast<int>(all_covered.size())) == 1 &&
      (cipher.empty() ||
       EVP_DecryptUpdate(context.get(), out_of(plain.data()), &size, bytes_of(cipher),
                         static_cast<int>(cipher.size())) == 1) &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(context.get(), out_of(&rest), &size) == 1;
  if (!is_sound) {
    openssl_error();
    return std::nullopt;
  }
  return plain;
}

FileKey derive(Header header, const Secret& master) {
  const auto key = ed25519::hmac(master, std::string{kLabel} + header.salt);
  return FileKey{std::move(header), Secret{std::string{key.view()}}};
}

} // namespace

std::string Header::bytes() const {
  return std::string{kMagic} + from_hex(key_id).value_or(std::string(8, '\0')) + salt;
}

std::optional<Header> Header::parse(std::string_view bytes) {
  if (bytes.size() < kHeaderBytes || !bytes.starts_with(kMagic)) return std::nullopt;
  return Header{to_hex(bytes.substr(16, 8)), std::string{bytes.substr(24, kSaltBytes)}};
}

Result<FileKey> new_file_key(KeyDirectory& keys, RandomSource& random) {
  const auto present = keys.keys();
  if (present->content.empty())
    return Error{Errc::unavailable, "there is no key for contents: run baluhostctl keys rotate"};
  const SecretKey& newest = present->content.front();
  BALUHOST_TRY(auto salt, random.bytes(kSaltBytes));
  return derive({newest.info.kid, std::move(salt)}, newest.secret);
}

Result<FileKey> find_file_key(KeyDirectory& keys, Header header) {
  auto present = keys.keys();
  for (const bool is_last : {false, true}) {
    const auto found =
        std::find_if(present->content.begin(), present->content.end(),
                     [&](const SecretKey& key) { return key.info.kid == header.key_id; });
    if (found != present->content.end()) return derive(std::move(header), found->secret);
    if (!is_last) present = keys.refreshed_keys();
  }
  return Error{Errc::unavailable,
               "the key " + header.key_id + " of encrypted content is not in the keys' directory"};
}

Result<std::string> seal_record(const Secret& key, RandomSource& random, std::int64_t offset,
                                std::string_view content) {
  std::string record;
  record.reserve(content.size() + kRecordOverhead);
  put_number(record, offset, 8);
  put_number(record, static_cast<std::int64_t>(content.size()), 4);
  BALUHOST_CHECK(append_sealed(record, key, random, "", content));
  return record;
}

std::optional<RecordHead> parse_record_head(std::string_view bytes) {
  if (bytes.size() < kRecordHead) return std::nullopt;
  const RecordHead head{number_at(bytes, 0, 8), number_at(bytes, 8, 4)};
  if (head.offset < 0 || head.length < 0 || head.length > kRecordContent) return std::nullopt;
  return head;
}

std::optional<std::string> open_record(const Secret& key, std::string_view record) {
  return opened(key, "", record.substr(0, kRecordHead), record.substr(kRecordHead));
}

Result<std::string> seal_end(const Secret& key, RandomSource& random, std::span<const Run> runs,
                             std::int64_t size) {
  std::string end;
  for (const Run& run : runs) {
    put_number(end, run.offset, 8);
    put_number(end, run.place, 8);
  }
  std::string trailer;
  put_number(trailer, size, 8);
  put_number(trailer, static_cast<std::int64_t>(runs.size()), 8);
  BALUHOST_CHECK(append_sealed(trailer, key, random, kTrailerLabel, ""));
  return end + trailer;
}

std::optional<Trailer> open_trailer(const Secret& key, std::string_view bytes) {
  if (bytes.size() != kTrailerBytes ||
      !opened(key, kTrailerLabel, bytes.substr(0, 16), bytes.substr(16)))
    return std::nullopt;
  const Trailer trailer{number_at(bytes, 0, 8), number_at(bytes, 8, 8)};
  if (trailer.size < 0 || trailer.runs < 0) return std::nullopt;
  return trailer;
}

Run parse_run(std::string_view bytes) { return {number_at(bytes, 0, 8), number_at(bytes, 8, 8)}; }

Error damaged_content() {
  return {Errc::unavailable, "encrypted content is damaged, or its key is another"};
}

} // namespace baluhost::encryption
