#include "baluhost/domain/audit/audit_event.hpp"
#include "baluhost/domain/audit/seal.hpp"
#include "baluhost/domain/digest.hpp"
#include "baluhost/test/contract_catalogue.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <set>
#include <string>
#include <type_traits>

using namespace baluhost;

namespace {

constexpr int kActions = static_cast<int>(Action::blob_damaged) + 1;

AuditEvent upload_of_anna() {
  return {.id = EventId{1},
          .timestamp = {1795488871123456},
          .type = EventType::file_access,
          .action = "upload",
          .user = "anna",
          .resource = "/anna/caf\u00e9.txt",
          .success = true,
          .error_message = {},
          .details = R"({"file_size":5})",
          .ip_address = "192.0.2.7",
          .user_agent = "curl/7.88.1"};
}

Seal first_seal() {
  return {.number = SealNumber{1},
          .first_sequence = 1,
          .last_sequence = 2,
          .count = 2,
          .root = *Sha256Digest::parse_hex(
              "f34051b02bf13bed0dcf52c7f53b251c740e3ff883e7eab94834b2e31cbaa7db"),
          .previous = {},
          .sealed_at = {1795488872000001},
          .recovered = false,
          .key_id = "21fe31dfa154a261",
          .signature = "not covered"};
}

} // namespace

TEST_CASE("the catalogue has every action of the contract, each of its type") {
  test::Catalogue catalogue;
  for (int action = 0; action < kActions; ++action) {
    catalogue[to_string(type_of(static_cast<BuiltInAction>(action)))].insert(
        to_string(static_cast<BuiltInAction>(action)));
  }
  CHECK(catalogue == test::catalogue_of_the_contract());
}

TEST_CASE("an action of a program's own has its name and type, and none is one of the catalogue") {
  constexpr auto report = Action::custom("acme.report_made", EventType::user_management);
  STATIC_REQUIRE_FALSE(report.built_in().has_value());
  CHECK(to_string(report) == "acme.report_made");
  CHECK(type_of(report) == EventType::user_management);
  CHECK(report == Action::custom("acme.report_made", EventType::user_management));
  CHECK(report != Action::custom("acme.report_lost", EventType::user_management));
  CHECK(report != Action{Action::upload});
  CHECK(Action{Action::upload}.built_in() == Action::upload);
  for (int action = 0; action < kActions; ++action) {
    const auto name = to_string(static_cast<BuiltInAction>(action));
    CHECK(name.find('.') == std::string_view::npos);
    CHECK(find_built_in_action(name) == static_cast<BuiltInAction>(action));
  }
  CHECK_FALSE(find_built_in_action("acme.report_made"));
  CHECK_FALSE(find_built_in_action(""));
  CHECK(check_built_in(Action::upload));
  CHECK(check_built_in(report).error().code == Errc::internal);
}

TEST_CASE("event types have their names and no others") {
  for (const auto type : {EventType::file_access, EventType::security, EventType::user_management,
                          EventType::system, EventType::disk_monitor}) {
    CHECK(*parse_event_type(to_string(type)) == type);
  }
  const auto* bad = GENERATE("", "security", "FILE_ACCESS ", "FILE", "OTHER");
  CHECK(parse_event_type(bad).error().code == Errc::invalid_request);
}

TEST_CASE("there are no events without an event") {
  static_assert(!std::is_default_constructible_v<AuditEvents>);
  AuditEvents events = NewAuditEvent{.timestamp = {}, .action = Action::upload};
  events += NewAuditEvent{.timestamp = {}, .action = Action::remove};
  CHECK(events.list().size() == 2);
}

TEST_CASE("the canonical encoding is the one of docs/audit-format.md") {
  CHECK(to_hex(canonical_encoding(upload_of_anna())) ==
        "0101000000000000000101000660fcd45c8a00020000000b46494c455f414343455353020000000675706c6f61"
        "640200000004616e6e61020000000f2f616e6e61"
        "2f636166c3a92e747874030100020000000f7b2266696c655f73697a65223a357d02000000093139322e302e32"
        "2e37020000000b6375726c2f372e38382e31");

  AuditEvent bare{
      .id = EventId{2}, .timestamp = {-1}, .type = EventType::system, .action = "server_started"};
  CHECK(to_hex(canonical_encoding(bare)) ==
        "0101000000000000000201ffffffffffffffff020000000653595354454d020000000e7365727665725f737461"
        "72746564000003010002000000027b7d0000");

  AuditEvent failed{.id = EventId{4},
                    .timestamp = {1795488872000000},
                    .type = EventType::file_access,
                    .action = "delete",
                    .user = "anna",
                    .resource = "/anna/x",
                    .success = false,
                    .error_message = "not_found",
                    .details = "{}",
                    .ip_address = "2001:db8::7",
                    .user_agent = ""};
  CHECK(to_hex(canonical_encoding(failed)) ==
        "0101000000000000000401000660fcd469ea00020000000b46494c455f414343455353020000000664656c6574"
        "650200000004616e6e6102000000072f616e6e61"
        "2f78030002000000096e6f745f666f756e6402000000027b7d020000000b323030313a6462383a3a3702000000"
        "00");
}

TEST_CASE("no two events have one encoding: every column counts, and null is not empty") {
  std::set<std::string> encodings{canonical_encoding(upload_of_anna())};
  const auto differs = [&](auto change) {
    auto event = upload_of_anna();
    change(event);
    CHECK(encodings.insert(canonical_encoding(event)).second);
  };
  differs([](AuditEvent& e) { e.id.value = 2; });
  differs([](AuditEvent& e) { e.timestamp.microseconds += 1; });
  differs([](AuditEvent& e) { e.type = EventType::security; });
  differs([](AuditEvent& e) { e.action = "download"; });
  differs([](AuditEvent& e) { e.user = "annb"; });
  differs([](AuditEvent& e) { e.user = ""; });
  differs([](AuditEvent& e) { e.user.reset(); });
  differs([](AuditEvent& e) { e.resource = "/anna/cafe\u0301.txt"; });
  differs([](AuditEvent& e) { e.resource.reset(); });
  differs([](AuditEvent& e) { e.success = false; });
  differs([](AuditEvent& e) { e.error_message = ""; });
  differs([](AuditEvent& e) { e.details = R"({ "file_size":5})"; });
  differs([](AuditEvent& e) { e.ip_address.reset(); });
  differs([](AuditEvent& e) { e.user_agent.reset(); });
  differs([](AuditEvent& e) { std::swap(e.ip_address, e.user_agent); });
  differs([](AuditEvent& e) { e.user = "annaa", e.resource = "/anna/caf\u00e9.tx"; });
}

TEST_CASE("what a seal signs is the encoding of docs/audit-format.md") {
  CHECK(to_hex(signed_bytes(first_seal())) ==
        "42616c75486f7374207365616c2076310a00000000000000010000000000000001000000000000000200000000"
        "00000002f34051b02bf13bed0dcf52c7f53b251c"
        "740e3ff883e7eab94834b2e31cbaa7db0000000000000000000000000000000000000000000000000000000000"
        "000000000660fcd469ea01000000001032316665"
        "333164666131353461323631");
  const Seal second{.number = SealNumber{2},
                    .first_sequence = 3,
                    .last_sequence = 3,
                    .count = 1,
                    .root = *Sha256Digest::parse_hex(
                        "aacbdc04bd8009e1515154f155f6b8a4d2ffd7d4627e3389b0698303e40bd950"),
                    .previous = *Sha256Digest::parse_hex(
                        "a61649d60decfdc327815360878a0d80b987ef824fdf6b667d5719d610e9e5ba"),
                    .sealed_at = {1795488873000002},
                    .recovered = true,
                    .key_id = "21fe31dfa154a261",
                    .signature = {}};
  CHECK(to_hex(signed_bytes(second)) ==
        "42616c75486f7374207365616c2076310a00000000000000020000000000000003000000000000000300000000"
        "00000001aacbdc04bd8009e1515154f155f6b8a4"
        "d2ffd7d4627e3389b0698303e40bd950a61649d60decfdc327815360878a0d80b987ef824fdf6b667d5719d610"
        "e9e5ba000660fcd4792c42010000001032316665"
        "333164666131353461323631");
}

TEST_CASE("a signature covers every member of a seal but itself") {
  std::set<std::string> signed_texts{signed_bytes(first_seal())};
  const auto differs = [&](auto change) {
    auto seal = first_seal();
    change(seal);
    CHECK(signed_texts.insert(signed_bytes(seal)).second);
  };
  differs([](Seal& s) { s.number.value = 2; });
  differs([](Seal& s) { s.first_sequence = 2; });
  differs([](Seal& s) { s.last_sequence = 3; });
  differs([](Seal& s) { s.count = 1; });
  differs([](Seal& s) { s.root.bytes[31] ^= 1; });
  differs([](Seal& s) { s.previous.bytes[0] ^= 1; });
  differs([](Seal& s) { s.sealed_at.microseconds += 1; });
  differs([](Seal& s) { s.recovered = true; });
  differs([](Seal& s) { s.key_id = "21fe31dfa154a262"; });
  auto resigned = first_seal();
  resigned.signature = "another";
  CHECK(signed_bytes(resigned) == signed_bytes(first_seal()));
}

TEST_CASE("what a tag vouches with is the encoding of docs/audit-format.md") {
  const auto leaf = [](const char* hex) { return *Sha256Digest::parse_hex(hex); };
  EventTag tag{.event = EventId{1},
               .writer = InstanceId{"00112233445566778899aabbccddeeff"},
               .number = 7,
               .settled = 6,
               .sealed = 3,
               .mac = {},
               .events = {}};
  const auto first = leaf("7bf73fdfc45106c69b7d4a00623fd38e392c7d5eef3a120f462d7944f4caf3a7");
  const std::string place =
      "000000203030313132323333343435353636373738383939616162626363646465656666"
      "000000000000000700000000000000060000000000000003";
  CHECK(to_hex(tagged_bytes(tag, first)) ==
        "42616c75486f7374207461672076310a" + first.hex() + place);
  const auto second = leaf("d97a5ce5411e5a003c317131037ecbaebd09ffc3819b9fd88d2f26447fd76d2c");
  const auto third = leaf("02d0ccba77c24f5a89fc72c52b44060b6d6bcdf69b8855587db25928a97e5155");
  tag.events = {{EventId{1}, first}, {EventId{2}, second}, {EventId{4}, third}};
  CHECK(to_hex(tagged_bytes(tag)) ==
        "42616c75486f737420746167732076310a" + place + "00000000000000030000000000000001" +
            first.hex() + "0000000000000002" + second.hex() + "0000000000000004" + third.hex());
}

TEST_CASE("what a prune record signs is the encoding of docs/audit-format.md") {
  const PruneRecord prune{.last_seal = SealNumber{1},
                          .last_sequence = 2,
                          .events = 2,
                          .pruned_at = {1795488880000000},
                          .key_id = "21fe31dfa154a261",
                          .signature = {}};
  CHECK(to_hex(signed_bytes(prune)) ==
        "42616c75486f7374207072756e652076310a000000000000000100000000000000020000000000000002000660"
        "fcd4e3fc000000001032316665333164666131"
        "353461323631");
}
