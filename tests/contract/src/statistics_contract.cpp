#include "support.hpp"

#include "baluhost/domain/details.hpp"

#include <functional>
#include <random>

namespace baluhost::contract {
namespace {

/// An event and the bytes its details tell, so that the oracle need not read JSON.
struct Happening {
  NewAuditEvent event;
  std::int64_t bytes_uploaded{};
  std::int64_t bytes_downloaded{};
};

Timestamp at(std::string_view text) { return must(Timestamp::parse(text)); }

std::vector<Happening> happenings() {
  std::minstd_rand random(11);
  const auto pick = [&](std::size_t count) { return random() % count; };
  const std::vector<Timestamp> times{
      at("1969-12-31T23:59:59.999999Z"), at("1970-01-01T00:00:00Z"),
      at("2026-11-22T12:00:00Z"),        at("2026-11-22T23:59:59.999999Z"),
      at("2026-11-23T00:00:00Z"),        at("2026-11-23T00:00:00.000001Z"),
      at("2026-11-23T15:00:00Z"),        at("2026-11-23T23:59:59.999999Z"),
      at("2026-11-24T00:00:00Z"),        at("2026-11-24T02:54:31.123456Z"),
      at("2026-11-25T00:00:00Z"),        at("2026-11-27T08:00:00Z")};
  const std::vector<Action> actions{Action::upload,       Action::download, Action::login_failed,
                                    Action::user_created, Action::remove,   Action::server_started};
  const std::vector<std::optional<std::string>> users{std::nullopt, "anna",  "bert",
                                                      "cli:root",   "an'na", ""};
  std::vector<Happening> all;
  for (int i = 0; i < 150; ++i) {
    Happening happening{
        {.timestamp = times[pick(times.size())], .action = actions[pick(actions.size())]}};
    auto& event = happening.event;
    event.user = users[pick(users.size())];
    event.success = pick(3) != 0;
    const auto size =
        static_cast<std::int64_t>(pick(2) == 0 ? pick(5000) : 5'000'000'000 + pick(1000));
    if (event.action == Action::upload) {
      JsonObject details;
      details.add("mime_type", "file_size\":999,\"x");
      details.add_json("below", R"({"file_size":888,"deeper":[{"file_size":777},2]})");
      if (event.success) {
        details.add("file_size", size);
        happening.bytes_uploaded = size;
      } else {
        details.add("attempted_size", size);
      }
      event.details = details.str();
    }
    if (event.action == Action::download) {
      event.details = JsonObject{}
                          .add("file_size", size * 2)
                          .add("bytes_sent", size)
                          .add("complete", event.success)
                          .str();
      happening.bytes_downloaded = size;
    }
    if (event.action == Action::remove) event.details = JsonObject{}.add("file_size", size).str();
    all.push_back(std::move(happening));
  }
  return all;
}

std::string text_of(const AuditCount& count) {
  return std::to_string(count.succeeded) + "/" + std::to_string(count.failed);
}

std::string text_of(const AuditStatistics& statistics) {
  std::string text = "total " + text_of(statistics.total);
  const auto add = [&](std::string_view name, const std::map<std::string, AuditCount>& counts) {
    text += std::string{"\n"} + std::string{name};
    for (const auto& [key, count] : counts) text += " [" + key + "]=" + text_of(count);
  };
  add("types", statistics.by_event_type);
  add("actions", statistics.by_action);
  add("users", statistics.by_user);
  add("days", statistics.by_day);
  return text + "\nup " + std::to_string(statistics.bytes_uploaded) + " down " +
         std::to_string(statistics.bytes_downloaded);
}

std::string oracle(const std::vector<Happening>& all,
                   const std::function<bool(const NewAuditEvent&)>& counts) {
  AuditStatistics statistics;
  for (const auto& [event, up, down] : all) {
    if (!counts(event)) continue;
    const auto add = [success = event.success](AuditCount& count) {
      ++(success ? count.succeeded : count.failed);
    };
    add(statistics.total);
    add(statistics.by_event_type[std::string{to_string(type_of(event.action))}]);
    add(statistics.by_action[std::string{to_string(event.action)}]);
    if (event.user) add(statistics.by_user[*event.user]);
    add(statistics.by_day[event.timestamp.to_rfc3339().substr(0, 10)]);
    statistics.bytes_uploaded += up;
    statistics.bytes_downloaded += down;
  }
  return text_of(statistics);
}

void record(Database& database, const std::vector<Happening>& all) {
  must(database.write([&](WriteTransaction&) -> Result<AuditEvents> {
    AuditEvents events{all.front().event};
    for (std::size_t i = 1; i < all.size(); ++i) events += all[i].event;
    return events;
  }));
}

std::string statistics(Database& database, const std::optional<Timestamp>& from,
                       const std::optional<Timestamp>& to, const std::optional<std::string>& user) {
  return text_of(
      see(database, [&](ReadTransaction& tx) { return tx.audit().statistics(from, to, user); }));
}

} // namespace

void statistics_contract(const MakeDatabase& make) {
  const auto owned = make();
  auto& database = *owned;

  SECTION("statistics of an empty trail are empty") {
    CHECK(statistics(database, std::nullopt, std::nullopt, std::nullopt) ==
          text_of(AuditStatistics{}));
  }

  SECTION(
      "statistics equal a count by hand, for every range across and within days, of all and of one "
      "user") {
    const auto all = happenings();
    record(database, all);
    const std::vector<std::optional<Timestamp>> bounds{
        std::nullopt,
        at("1969-12-31T23:59:59.999999Z"),
        at("1970-01-01T00:00:00Z"),
        at("2026-11-22T00:00:00Z"),
        at("2026-11-22T23:59:59.999999Z"),
        at("2026-11-23T00:00:00Z"),
        at("2026-11-23T00:00:00.000001Z"),
        at("2026-11-23T15:30:00Z"),
        at("2026-11-24T00:00:00Z"),
        at("2026-11-24T02:54:31.123456Z"),
        at("2026-11-26T00:00:00Z"),
    };
    const std::vector<std::optional<std::string>> users{std::nullopt, "anna", "an'na", "",
                                                        "nobody"};
    const auto check_all = [&] {
      for (const auto& from : bounds) {
        for (const auto& to : bounds) {
          for (const auto& user : users) {
            const auto counts = [&](const NewAuditEvent& event) {
              return (!from || event.timestamp >= *from) && (!to || event.timestamp < *to) &&
                     (!user || event.user == user);
            };
            INFO("from " << (from ? from->to_rfc3339() : "the first") << " to "
                         << (to ? to->to_rfc3339() : "the last") << " of " << user.value_or("all"));
            CHECK(statistics(database, from, to, user) == oracle(all, counts));
          }
        }
      }
    };
    check_all();
    roll_up(database);
    check_all(); // now by what is kept of days
  }

  SECTION(
      "statistics go on counting over several commits, and count nothing that was not committed") {
    auto all = happenings();
    const auto half = all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2);
    record(database, {all.begin(), half});
    CHECK(outcome(database.write([&](WriteTransaction&) -> Result<AuditEvents> {
            return Error{Errc::conflict, "on purpose"};
          })) == "conflict");
    record(database, {half, all.end()});
    CHECK(statistics(database, std::nullopt, std::nullopt, std::nullopt) ==
          oracle(all, [](const NewAuditEvent&) { return true; }));
  }

  SECTION("events that were removed are not counted any more") {
    const auto all = happenings();
    record(database, all);
    roll_up(database);
    const auto events =
        see(database, [](ReadTransaction& tx) { return tx.audit().since(EventId{0}, 1000); });
    std::vector<AuditLeaf> leaves;
    for (std::size_t i = 0; i < events.size(); ++i) {
      leaves.push_back(
          {static_cast<std::int64_t>(i + 1), events[i].id, sha256_of(static_cast<int>(i))});
    }
    const Seal seal{.number = SealNumber{1},
                    .first_sequence = 1,
                    .last_sequence = static_cast<std::int64_t>(leaves.size()),
                    .count = static_cast<std::int64_t>(leaves.size()),
                    .sealed_at = kNow,
                    .key_id = "0011223344556677",
                    .signature = std::string(64, 's')};
    bookkept(database, [&](Bookkeeping& tx) { return tx.seals().append(seal, leaves); });
    for (const std::ptrdiff_t gone : {90, 147}) { // in the end whole days, users and actions
      bookkept(database, [&](Bookkeeping& tx) { return tx.seals().remove_events(gone, 1000); });
      const std::vector<Happening> left(all.begin() + gone, all.end());
      for (const std::optional<std::string>& user :
           {std::optional<std::string>{}, std::optional<std::string>{"anna"}}) {
        CHECK(
            statistics(database, std::nullopt, std::nullopt, user) ==
            oracle(left, [&](const NewAuditEvent& event) { return !user || event.user == user; }));
      }
      roll_up(database);
    }
  }
}

} // namespace baluhost::contract
