#include "wire.hpp"

#include <openssl/evp.h>

#include <chrono>
#include <filesystem>
#include <stdexcept>
#include <thread>

namespace baluhost::test {

Json claims_of(const std::string& token) {
  const auto first = token.find('.');
  const auto second = token.find('.', first + 1);
  static constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string out;
  unsigned bits = 0;
  int count = 0;
  for (const char c : token.substr(first + 1, second - first - 1)) {
    const auto value = kAlphabet.find(c);
    if (value == std::string_view::npos) throw std::runtime_error{"no token"};
    bits = (bits << 6) | static_cast<unsigned>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      out += static_cast<char>((bits >> count) & 0xff);
    }
  }
  return Json::parse(out);
}

std::string base64(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4, '\0');
  // OpenSSL ends with a NUL, for which a string has room.
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                  reinterpret_cast<const unsigned char*>(bytes.data()),
                  static_cast<int>(bytes.size()));
  return out;
}

std::string digest(Hash hash, std::string_view content) {
  std::string out(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  if (EVP_Digest(content.data(), content.size(), reinterpret_cast<unsigned char*>(out.data()),
                 &size, hash == Hash::sha1 ? EVP_sha1() : EVP_sha256(), nullptr) != 1) {
    throw std::runtime_error{"no digest"};
  }
  out.resize(size);
  return out;
}

std::string hex(std::string_view bytes) {
  static constexpr auto kDigits = "0123456789abcdef";
  std::string out;
  for (const unsigned char c : bytes) {
    out += kDigits[c >> 4];
    out += kDigits[c & 15];
  }
  return out;
}

std::string pattern(std::size_t size, std::uint32_t seed) {
  std::string out(size, '\0');
  std::uint32_t state = seed;
  for (char& c : out) c = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
  return out;
}

UsageFigures usage(Api& api) {
  const Json json = Json::parse(api.get(kApi + "/usage").body);
  return {json["used_bytes"].integer(), json["file_count"].integer()};
}

std::string sql(const Server& server, const std::string& sqlite_text,
                const std::string& postgres_text) {
  const ProcessOutput done = database_kind() == "sqlite"
                                 ? run({"sqlite3", "-cmd", ".timeout 5000",
                                        server.data_dir() + "/baluhost.db", sqlite_text})
                                 : run({"psql", "-qAt", "-v", "ON_ERROR_STOP=1", "-d",
                                        server.database_url(), "-c", postgres_text});
  INFO(done.out << done.err);
  REQUIRE(done.exit_code == 0);
  return done.out;
}

void record_large_events(const Server& server, int count) {
  const std::string row =
      "timestamp, event_type, action, success, details) select 1764000000000000 + i, 'SYSTEM', "
      "'integrity_scrub', ";
  const std::string last = std::to_string(count);
  sql(server,
      "insert into audit_logs (" + row +
          "1, json_object('n', i, 'filler', hex(zeroblob(32768))) from (with recursive n (i) as "
          "(select 1 union all select i + 1 from n where i < " +
          last + ") select i from n)",
      "insert into audit_logs (" + row +
          "true, '{\"n\":' || i || ',\"filler\":\"' || repeat('0', 65536) || '\"}' from "
          "generate_series(1, " +
          last + ") i");
}

std::vector<std::string> files_below(const std::string& directory) {
  std::vector<std::string> found;
  if (!std::filesystem::exists(directory)) return found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator{directory}) {
    if (!entry.is_directory()) found.push_back(entry.path().lexically_relative(directory).string());
  }
  std::ranges::sort(found);
  return found;
}

bool soon(const std::function<bool()>& condition) {
  using Clock = std::chrono::steady_clock;
  for (const auto end = Clock::now() + std::chrono::seconds{10}; !condition();) {
    if (Clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
  return true;
}

void wait_until_sealed(const Server& server, std::int64_t event) {
  INFO("event " << event << " gets no seal");
  REQUIRE(soon([&] {
    return server.ctl({"audit", "prove", std::to_string(event)}).exit_code == 0;
  }));
}

} // namespace baluhost::test
