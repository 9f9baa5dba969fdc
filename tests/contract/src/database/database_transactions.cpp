#include "database/database_suite.hpp"

namespace baluhost::contract::database_suite {

void transactions(Database& database) {
  SECTION("a write commits its changes together with its events") {
    must(database.write([](WriteTransaction& tx) -> Result<AuditEvents> {
      BALUHOST_CHECK(tx.users().insert(new_user("anna")));
      return AuditEvents{some_event("/anna/first")};
    }));
    CHECK(has_user(database, "anna"));
    const auto events = all_events(database);
    REQUIRE(events.size() == 1);
    CHECK(events[0].resource == "/anna/first");
  }

  SECTION("so does one that goes on aside, or nothing of it") {
    const auto adds = [&](Result<void> result) {
      return database.write_aside([&](WriteTransaction& tx) -> Result<AuditEvents> {
        BALUHOST_CHECK(tx.users().insert(new_user(result ? "anna" : "bert")));
        BALUHOST_CHECK(result);
        return AuditEvents{some_event("/anna")};
      });
    };
    must(adds({}));
    CHECK(has_user(database, "anna"));
    CHECK(all_events(database).size() == 1);
    CHECK(outcome(adds(Error{Errc::conflict})) == "conflict");
    CHECK(!has_user(database, "bert"));
    CHECK(all_events(database).size() == 1);
    CHECK(outcome(database.write_aside([&](WriteTransaction&) -> Result<AuditEvents> {
            BALUHOST_CHECK(database.write_aside(
                [](WriteTransaction&) { return Result<AuditEvents>{some_event("/anna")}; }));
            return AuditEvents{some_event("/anna")};
          })) == "internal");
    CHECK(all_events(database).size() == 1);
  }

  SECTION("a write whose work fails commits nothing and returns the error as it is") {
    const auto failed = database.write([](WriteTransaction& tx) -> Result<AuditEvents> {
      BALUHOST_CHECK(tx.users().insert(new_user("anna")));
      Error error = invalid("is too odd").at("/name");
      error.detail = "for the operator";
      error.retry_after = std::chrono::seconds{7};
      error.recorded = true;
      return error;
    });
    REQUIRE_FALSE(failed);
    CHECK(failed.error().code == Errc::invalid_request);
    CHECK(failed.error().detail == "for the operator");
    REQUIRE(failed.error().fields.size() == 1);
    CHECK(failed.error().fields[0].pointer == "/name");
    CHECK(failed.error().fields[0].detail == "is too odd");
    CHECK(failed.error().retry_after == std::chrono::seconds{7});
    CHECK(failed.error().recorded);
    CHECK_FALSE(has_user(database, "anna"));
    CHECK(all_events(database).empty());
  }

  SECTION("what the work of a write throws is internal, and nothing is committed") {
    CHECK(outcome(database.write([](WriteTransaction& tx) -> Result<AuditEvents> {
            BALUHOST_CHECK(tx.users().insert(new_user("anna")));
            throw std::runtime_error("out of the work");
          })) == "internal");
    CHECK(outcome(database.write([](WriteTransaction& tx) -> Result<AuditEvents> {
            BALUHOST_CHECK(tx.users().insert(new_user("bert")));
            throw 7;
          })) == "internal");
    CHECK_FALSE(has_user(database, "anna"));
    CHECK_FALSE(has_user(database, "bert"));
    CHECK(all_events(database).empty());
    add_user(database, "carl");
    CHECK(has_user(database, "carl"));
  }

  SECTION("what the work of a read throws is internal, and the next read succeeds") {
    CHECK(outcome(database.read([](ReadTransaction&) -> Result<void> {
            throw std::runtime_error("x");
          })) == "internal");
    CHECK(outcome(database.read([](ReadTransaction&) -> Result<void> { throw 7; })) == "internal");
    CHECK_FALSE(has_user(database, "anna"));
  }

  SECTION("a read returns the error of its work as it is") {
    const auto failed = database.read([](ReadTransaction&) -> Result<void> {
      return Error{.code = Errc::precondition_failed, .detail = "the tag differs"};
    });
    REQUIRE(outcome(failed) == "precondition_failed");
    CHECK(failed.error().detail == "the tag differs");
  }

  SECTION("a write sees its own changes before they are committed") {
    must(database.write([](WriteTransaction& tx) -> Result<AuditEvents> {
      BALUHOST_TRY(const auto user, tx.users().insert(new_user("anna")));
      BALUHOST_TRY(const auto found, tx.users().find(user.id));
      if (!found) return Error{Errc::internal, "not there"};
      return AuditEvents{some_event()};
    }));
  }

  SECTION(
      "an error of a repository that the work ignores never loses a write that is reported as "
      "done") {
    add_user(database, "anna");
    const auto result = database.write([](WriteTransaction& tx) -> Result<AuditEvents> {
      BALUHOST_CHECK(tx.users().insert(new_user("bert")));
      static_cast<void>(tx.users().insert(new_user("anna")));
      return AuditEvents{some_event("/bert")};
    });
    CHECK(has_user(database, "bert") == result.has_value());
    CHECK(all_events(database).size() == (result ? 2U : 1U));
  }
}

void bookkeeping(Database& database) {
  SECTION("bookkeeping commits without an event and tells no listener") {
    const auto told = Told::by(database);
    bookkept(database, [](Bookkeeping& tx) {
      return tx.transfers().put_instance({instance_id(1), kNow, kNow});
    });
    CHECK(see(database, [](ReadTransaction& tx) { return tx.transfers().instances(); }).size() ==
          1);
    CHECK(all_events(database).empty());
    add_user(database, "anna");
    CHECK(told->wait_for(1).size() == 1);
  }

  SECTION("bookkeeping that fails or throws changes nothing") {
    const auto failed = database.bookkeep([](Bookkeeping& tx) -> Result<void> {
      BALUHOST_CHECK(tx.transfers().put_instance({instance_id(1), kNow, kNow}));
      return Error{Errc::conflict, "the caller's"};
    });
    REQUIRE(outcome(failed) == "conflict");
    CHECK(failed.error().detail == "the caller's");
    CHECK(outcome(database.bookkeep([](Bookkeeping& tx) -> Result<void> {
            BALUHOST_CHECK(tx.transfers().put_instance({instance_id(1), kNow, kNow}));
            throw std::runtime_error("x");
          })) == "internal");
    CHECK(see(database, [](ReadTransaction& tx) { return tx.transfers().instances(); }).empty());
  }

  SECTION("bookkeeping reads files and events") {
    const auto home = add_home(database, add_user(database, "anna"));
    CHECK(
        bookkept(database, [&](Bookkeeping& tx) { return tx.files().find(home.id); }).has_value());
    CHECK(bookkept(database, [](Bookkeeping& tx) { return tx.audit().newest(); }).value > 0);
  }
}

void isolation(Database& database) {
  SECTION("a read sees one moment, though a write commits meanwhile") {
    add_user(database, "anna");
    const auto bert = new_user("bert");
    std::string meanwhile;
    must(database.read([&](ReadTransaction& tx) -> Result<void> {
      BALUHOST_TRY(const auto before, tx.users().list(std::nullopt, 10));
      std::thread{[&] {
        meanwhile = outcome(database.write([&](WriteTransaction& other) -> Result<AuditEvents> {
          BALUHOST_CHECK(other.users().insert(bert));
          return AuditEvents{some_event()};
        }));
      }}.join();
      BALUHOST_TRY(const auto after, tx.users().list(std::nullopt, 10));
      BALUHOST_TRY(const auto events, tx.audit().since(EventId{0}, 10));
      CHECK(before.size() == 1);
      CHECK(after.size() == 1);
      CHECK(events.size() == 1);
      return {};
    }));
    CHECK(meanwhile == "ok");
    CHECK(has_user(database, "bert"));
  }

  SECTION("what is not committed yet is seen by nobody else") {
    const auto anna = username("anna");
    bool seen = true;
    std::string read;
    must(database.write([&](WriteTransaction& tx) -> Result<AuditEvents> {
      BALUHOST_CHECK(tx.users().insert(new_user("anna")));
      std::thread{[&] {
        read = outcome(database.read([&](ReadTransaction& other) -> Result<void> {
          BALUHOST_TRY(const auto found, other.users().find(anna));
          seen = found.has_value();
          return {};
        }));
      }}.join();
      return AuditEvents{some_event()};
    }));
    CHECK(read == "ok");
    CHECK_FALSE(seen);
    CHECK(has_user(database, "anna"));
  }

  SECTION(
      "a write that fails among many that succeed at the same time leaves nothing and harms none") {
    constexpr int kThreads = 8;
    constexpr int kRounds = 12;
    std::vector<NewUser> fresh;
    for (int i = 0; i < kThreads * kRounds; ++i)
      fresh.push_back(new_user("user" + std::to_string(i)));
    const auto fails = [](int number) { return number % 3 == 1; };
    const auto throws = [](int number) { return number % 7 == 5; };
    const auto told = Told::by(database);
    std::vector<std::string> outcomes(fresh.size());
    together(kThreads, [&](int thread) {
      for (int round = 0; round < kRounds; ++round) {
        const int number = thread * kRounds + round;
        const auto& user = fresh[static_cast<std::size_t>(number)];
        outcomes[static_cast<std::size_t>(number)] =
            outcome(database.write([&](WriteTransaction& tx) -> Result<AuditEvents> {
              BALUHOST_CHECK(tx.users().insert(user));
              if (fails(number)) return Error{Errc::conflict, "on purpose"};
              if (throws(number)) throw std::runtime_error("on purpose");
              return AuditEvents{some_event(user.username.str())};
            }));
      }
    });
    std::set<std::string> expected;
    for (int number = 0; number < kThreads * kRounds; ++number) {
      const auto& name = fresh[static_cast<std::size_t>(number)].username.str();
      const std::string wanted = fails(number) ? "conflict" : throws(number) ? "internal" : "ok";
      CHECK(outcomes[static_cast<std::size_t>(number)] == wanted);
      if (wanted == "ok") expected.insert(name);
    }
    std::set<std::string> users;
    for (const auto& user :
         see(database, [](ReadTransaction& tx) { return tx.users().list(std::nullopt, 1000); })) {
      users.insert(user.username.str());
    }
    std::set<std::string> recorded;
    const auto stored = all_events(database);
    for (const auto& event : stored) recorded.insert(*event.resource);
    CHECK(users == expected);
    CHECK(recorded == expected);
    auto heard = told->wait_for(stored.size());
    std::sort(heard.begin(), heard.end(),
              [](const AuditEvent& a, const AuditEvent& b) { return a.id < b.id; });
    CHECK(describe(heard) == describe(stored));
  }
}

void nested(Database& database) {
  SECTION(
      "work that calls the database is told internal, for a read too, and commits all the same") {
    std::vector<std::string> told;
    const auto call = [&] {
      const auto nothing = [](ReadTransaction&) -> Result<void> { return {}; };
      told = {outcome(database.read(nothing)), outcome(database.status()),
              outcome(database.write([](WriteTransaction&) -> Result<AuditEvents> {
                return AuditEvents{some_event("/anna/nested")};
              })),
              outcome(database.bookkeep([](Bookkeeping&) -> Result<void> { return {}; }))};
    };
    must(database.write([&](WriteTransaction& tx) -> Result<AuditEvents> {
      BALUHOST_CHECK(tx.users().insert(new_user("anna")));
      call();
      return AuditEvents{some_event("/anna/outer")};
    }));
    CHECK(told == std::vector<std::string>(4, "internal"));
    CHECK(has_user(database, "anna"));
    REQUIRE(all_events(database).size() == 1);
    CHECK(all_events(database)[0].resource == "/anna/outer");
    told.clear();
    must(database.bookkeep([&](Bookkeeping&) -> Result<void> {
      call();
      return {};
    }));
    CHECK(told == std::vector<std::string>(4, "internal"));
    CHECK(must(database.status()).listener_failures == 0);
  }
}

} // namespace baluhost::contract::database_suite
