// The ends of every type, to PostgreSQL and back.

#include "migration/migrate_fixture.hpp"

#include "baluhost/domain/text.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <cstdint>

using namespace baluhost::test;

namespace {

std::string utf8(char32_t code) {
  std::string text;
  baluhost::append_code_point(text, code);
  return text;
}

/// As SQL, whatever is in it.
std::string literal(const std::string& text) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string sql = "cast(x'";
  for (const char c : text) {
    sql += kDigits[static_cast<unsigned char>(c) >> 4];
    sql += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return sql + "' as text)";
}

/// `count` characters of four bytes that nothing compresses.
std::string scattered(std::size_t count) {
  std::string text;
  for (std::uint32_t state = 1; count > 0; --count) {
    state = state * 1664525 + 1013904223;
    text += utf8(0x20000 + (state >> 16) % 0xA000);
  }
  return text;
}

const std::string kMost = "9223372036854775807";
const std::string kLeast = "(-9223372036854775807 - 1)";
const std::string kYearOne = "-62135596800000000", kYear9999 = "253402300799999999";

std::string extremes() {
  const std::string odd = literal(
      "tab\tline\nreturn\r\\N \\. \\\\ 'quote\" \x01\x1f\x7f e\xCC\x81 \xE2\x80\xAE \xEF\xBB\xBF");
  std::string sql = "begin;";
  // Every code point there is, a plane a row.
  for (std::uint32_t plane = 0; plane <= 16; ++plane) {
    std::string all;
    for (std::uint32_t code = plane << 16; code < (plane + 1) << 16; ++code) {
      if (code != 0 && (code < 0xD800 || code > 0xDFFF)) all += utf8(code);
    }
    sql += "insert into damaged_blobs values ('plane " + std::to_string(plane) + "', " +
           literal(all) + ", " + (plane % 2 == 0 ? kMost : kLeast) + ");";
  }
  sql +=
      "insert into users values (9007199254740993, 'most', " + odd + ", '', 'user', 0, " + kMost +
      ", " + kLeast + ", " + kMost + ", '', " + kLeast + ", " + kYearOne + ", " + kYear9999 + ", " +
      kMost + ", " + kMost + ", " + kLeast + ", 1, " + kMost + ", " + kLeast +
      ");"
      "insert into users values (9007199254740994, 'least', null, null, 'auditor', 1, null, " +
      kMost + ", " + kLeast + ", 'x', null, " + kLeast + ", " + kMost + ", " + kLeast + ", " +
      kLeast + ", " + kMost + ", 0, " + kLeast + ", " + kMost +
      ");"
      "insert into sessions values ('', 9007199254740993, " +
      kLeast + ", " + kMost + ", " + kMost + ", " + kLeast + ", '', '', " + odd +
      ");"
      "insert into sessions values ('null', 9007199254740994, 0, 0, 0, null, null, null, null);"
      "insert into refresh_tokens values ('', '', " +
      kMost +
      "), ('null', '', null);"
      "insert into second_factors values (9007199254740993, '', " +
      odd + ", " + kLeast + ", " + kMost + ", " + kMost + ", " + kLeast +
      "), (9007199254740994, 'x', '', 0, null, 0, 0);"
      "insert into recovery_codes values (9007199254740993, ''), (9007199254740993, " +
      odd +
      "), (9007199254740994, '');"
      "insert into second_factor_resets values (9007199254740993, " +
      kLeast +
      ");"
      "insert into login_challenges values (" +
      odd + ", 9007199254740993, " + kLeast + ", " + kMost + ", " + kMost +
      "), ('', 9007199254740994, 0, 0, 0);"
      "insert into files values (4611686018427387904, null, '', 'directory', null, null, null, "
      "null, 9007199254740993, " +
      kYearOne + ", " + kYear9999 + ", null, " + kMost + ", " + kLeast + ", " + kMost + ", '', " +
      kLeast +
      ", '', '');"
      "insert into files values (4611686018427387905, 4611686018427387904, " +
      odd + ", 'file', '', " + kMost + ", '', '', 9007199254740993, " + kLeast + ", " + kMost +
      ", " + kMost + ", " + kLeast + ", " + kMost + ", " + kLeast + ", " + odd + ", " + kMost +
      ", " + odd + ", " + odd +
      ");"
      "insert into files values (4611686018427387906, 4611686018427387904, " +
      literal(std::string(200, 'x') + utf8(0x10FFFF)) + ", 'file', 'b', " + kLeast +
      ", 's', null, 9007199254740994, 0, 0, 0, 0, 0, 1, null, null, null, 'x');"
      "insert into trash values (4611686018427387904, 4611686018427387904, 9007199254740993, " +
      kMost + ", " + odd + ", " + kMost + ", " + kLeast + ", " + kMost + ", " + kLeast + ", " +
      odd + ", " + kYearOne + ", " + kYear9999 +
      "), (4611686018427387905, 4611686018427387905, 9007199254740994, null, '', 0, 0, 0, null, "
      "'', 0, 0);"
      "insert into tree_records values (4611686018427387904, 4611686018427387904, " +
      odd + ", '', " + kLeast + ", '', " + odd + ", " + odd + ", " + odd + ", '', '', " + kMost +
      "), (4611686018427387905, 4611686018427387904, '', null, " + kMost +
      ", 'x', null, null, '', null, null, null);"
      "insert into versions values (4611686018427387905, " +
      odd + ", '', " + kMost + ", '', '', " + kMost + ", " + kLeast + ", " + odd + ", " + kMost +
      "), (4611686018427387906, '', 'x', " + kLeast +
      ", '', null, null, 0, null, 0);"
      "insert into grants values (4611686018427387904, '', 9007199254740994, 9007199254740993, "
      "15, null, '', 0, " +
      kLeast +
      "),"
      " (4611686018427387905, " +
      odd + ", null, 9007199254740993, 0, 9007199254740994, " + odd + ", 1, " + kMost +
      ");"
      "insert into shares values ('', 4611686018427387904, 9007199254740993, "
      "9007199254740994, 1, '', " +
      kMost + ", '', " + kLeast + ", " + kMost + ", " + kLeast + ", " + kMost + ", " + kLeast +
      ", '', " + kLeast + ", " + kMost + ", " + kLeast + "), (" + odd +
      ", 4611686018427387905, 9007199254740993, 9007199254740994, 3, " + odd + ", " + kLeast +
      ", null, null, null, 0, null, 0, " + odd + ", " + kMost +
      ", null, null);"
      "insert into audit_former values (" +
      kLeast + "), (" + kMost +
      ");"
      "insert into uploads values ('', 9007199254740993, '', " +
      odd + ", " + kMost + ", " + kLeast + ", 1, 0, null, " + kLeast + ", " + kMost +
      ", '', '');"
      "insert into tree_removals values (4611686018427387904, " +
      kMost + ", " + kYearOne + ", '', '', '', '', '', '', " + kMost +
      "),"
      " (4611686018427387905, " +
      kLeast + ", " + kMost + ", 'x', null, " + odd + ", " + odd +
      ", null, null, null);"
      "insert into archives values ('', 0, '', " +
      odd + ", " + odd + ", " + kMost + ", " + kLeast + ", 0, 0, 0, " + kLeast + ", " + kMost +
      ");"
      "insert into archive_entries values ('', " +
      kLeast + ", " + kMost + ", 0, 0, '', '', " + kLeast + ", '', " + kMost + ", '', " + kLeast +
      "), (" + odd + ", " + kMost + ", " + kLeast + ", 0, 0, " + odd + ", " + odd + ", " + kMost +
      ", null, null, null, null);"
      "insert into doomed_blobs values ('', " +
      kLeast + "), (" + odd + ", " + kMost +
      ");"
      "insert into instances values ('', " +
      kLeast + ", " + kMost + ", " + kMost + ", " + odd + ", ''), ('x', 0, 0, " + kLeast +
      ", '', null);"
      "insert into transfer_groups values ('', " +
      kLeast + ", " + kMost + ", " + kLeast + ", '', ''), (" + odd + ", " + kMost + ", 0, 0, " +
      odd +
      ", null);"
      "insert into audit_logs (timestamp, event_type, action, user, resource, success, "
      "error_message, details, ip_address, user_agent) values "
      "(" +
      kYearOne + ", 'FILE_ACCESS', 'upload', 'first', '', 1, '', '{\"file_size\":" + kMost +
      "}', null, ''),"
      "(" +
      kYear9999 + ", 'FILE_ACCESS', 'upload', " + literal(scattered(100)) + ", " +
      literal(scattered(1000)) + ", 0, " + literal(scattered(100'000)) + ", '{}', '2001:db8::1', " +
      literal(scattered(500)) +
      "), (0, 'SYSTEM', 'files_swept', null, null, 1, null, '{}', null, null), (-1, "
      "'FILE_ACCESS', 'delete', " +
      odd + ", " + odd + ", 0, " + odd + ", '{\"a\":\"\\\\u0001\\\\\\\\N\"}', null, " + odd + ");";
  return sql + "commit;";
}

} // namespace

TEST_CASE("The ends of every type come to PostgreSQL and back as they were", "[migrate_extremes]") {
  const Source source;
  const auto made = run({"sqlite3", "-bail", source.database}, {}, extremes());
  INFO(made.err.substr(0, 300));
  REQUIRE(made.exit_code == 0);
  const std::string target = make_postgres_database();
  const auto there = migrate(arguments(source, target));
  INFO(there.err);
  REQUIRE(there.exit_code == 0);

  // PostgreSQL by its own words.
  CHECK(psql(target,
             "select quota_bytes, used_bytes, unlocked_at, created_at, updated_at, email_key = '' "
             "from users where username = 'most'") ==
        "9223372036854775807|-9223372036854775808|-9223372036854775808|-62135596800000000|"
        "253402300799999999|t");
  CHECK(psql(target,
             "select num_nulls(email, email_key, quota_bytes, unlocked_at) from users where "
             "username = 'least'") == "4");
  CHECK(psql(target,
             "select count(*), sum(char_length(finding)), sum(octet_length(finding)), "
             "max(ascii(right(finding, 1))) from damaged_blobs where blob like 'plane%'") ==
        "17|1112063|4382591|1114111");
  CHECK(
      psql(
          target,
          "select char_length(\"user\"), char_length(resource), octet_length(resource), "
          "char_length(error_message), char_length(user_agent) from audit_logs where timestamp = " +
              kYear9999) == "100|1000|4000|100000|500");
  CHECK(psql(target, "select bytes from audit_daily where user_key = '=first'") == kMost);

  const std::string back = source.server.data_dir() + "/back.db";
  const auto returned =
      migrate({"--from", target, "--to", "sqlite:" + back, "--no-backup", "--data-dir",
               source.server.data_dir(), "--report", back + ".json"});
  INFO(returned.err);
  REQUIRE(returned.exit_code == 0);
  const std::string last = sqlite(source.database, "select max(id) from audit_logs");
  for (const std::string& table : kTables) {
    if (table == "audit_daily") continue; // its rows may be several, and both migrations are in it
    INFO(table);
    const std::string old_ones = table == "audit_logs"     ? " where id <= " + last
                                 : table == "audit_leaves" ? " where event_id <= " + last
                                 : table == "audit_seals"
                                     ? " where number <= (select max(number) from main.audit_seals)"
                                     : "";
    const std::string here = "select * from main." + table,
                      other = "select * from b." + table + old_ones;
    CHECK(sqlite(source.database, "attach '" + back + "' as b; select count(*) from (" + here +
                                      " except " + other + "); select count(*) from (" + other +
                                      " except " + here + ")") == "0\n0");
  }
}
