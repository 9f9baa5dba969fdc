#include "fixtures/identity_fixture.hpp"

#include "baluhost/core/audit/audit_queries.hpp"
#include "baluhost/core/transfers/transfer_journal.hpp"
#include "baluhost/memory/fake_seal_signer.hpp"
#include "baluhost/memory/memory_anchor_log.hpp"

// The person is the account, not the name: who gets a name that was another's has no part in what
// that one did.

using namespace baluhost;
using namespace baluhost::test;

namespace {

struct Renamed : Identity {
  Renamed() {
    add("nina");
    before.emplace(principal("nina", "198.51.100.7"));
    REQUIRE(audit_log.record(audit_log.draft(Action::download, *before)));
  }

  void replace() {
    REQUIRE(users.remove(operator_, username("nina"), Purge::no));
    add("nina");
    after.emplace(principal("nina"));
  }

  std::vector<std::string> seen(const Principal& who) {
    std::vector<std::string> actions;
    const auto page = service.query(who, {}, SortOrder::ascending, {.limit = 1000}).value();
    for (const auto& event : page.items) {
      actions.push_back(event.action);
    }
    return actions;
  }
  EventId newest() {
    EventId id;
    REQUIRE(database.read([&](ReadTransaction& tx) -> Result<void> {
      BALUHOST_TRY(id, tx.audit().newest());
      return {};
    }));
    return id;
  }

  std::unique_ptr<SealSigner> signer = make_fake_seal_signer(Secret{"a key of the tests"});
  std::unique_ptr<AnchorLog> anchors = make_memory_anchor_log();
  AuditQueries service{{database, audit_log, *digester, *signer, *anchors, clock}};
  std::optional<Principal> before, after;
};

using Actions = std::vector<std::string>;

} // namespace

TEST_CASE("a new account of an old name sees the events and figures of its own time only",
          "[fault-07]") {
  Renamed world;
  const auto old = world.newest();
  CHECK(world.service.find(*world.before, old));
  CHECK(world.seen(*world.before) == Actions{"login_success", "download"});
  world.replace();
  CHECK(world.seen(*world.after) == Actions{"login_success"});
  AuditFilter named;
  named.user = "nina";
  named.from = Timestamp{0};
  CHECK(world.service.query(*world.after, named, SortOrder::descending, {})->items.size() == 1);
  CHECK(code(world.service.find(*world.after, old)) == Errc::not_found);
  CHECK(code(world.service.prove(*world.after, old)) == Errc::not_found);
  const auto figures = world.service.statistics(*world.after, {}, {}, {}).value();
  CHECK(figures.by_user.at("nina").succeeded == 1);
  CHECK(figures.by_action.contains("download") == false);
  CHECK(world.service.query(world.operator_, named, SortOrder::descending, {})->items.size() == 5);

  // Times that a clock set back has given twice tell nothing either.
  world.clock.step_to(world.clock.now() + std::chrono::hours{48});
  CHECK(world.seen(*world.after).size() == 3); // and the two refusals
}

TEST_CASE(
    "what a former account leaves behind after its name was given again is not the successor's",
    "[fault-07]") {
  Renamed world;
  const Content content{BlobId{std::string(32, 'b')}, 10, {}, {}};
  TransferJournal journal(world.database, world.clock, InstanceId{std::string(32, 'a')},
                          DownloadRecording::before);
  auto download =
      journal.begin(world.audit_log.draft(Action::download, *world.before), content, std::nullopt)
          .value();
  world.replace();
  world.clock.advance(std::chrono::seconds{1});

  download->finish(10, true);
  journal.flush();
  (void)world.audit_log.failed(world.audit_log.draft(Action::upload, *world.before),
                               Error{Errc::token_revoked, "gone"});
  (void)world.audit_log.denied(*world.before, "/x", Operation::list_directory, "read",
                               Error{Errc::not_found, "gone"});
  const auto last = world.newest();
  CHECK(world.seen(*world.after) == Actions{"login_success"});
  CHECK(code(world.service.find(*world.after, last)) == Errc::not_found);
  const auto figures = world.service.statistics(*world.after, {}, {}, {}).value();
  CHECK(figures.total.succeeded == 1);
  CHECK(figures.bytes_downloaded == 0);

  AuditFilter named;
  named.user = "nina";
  CHECK(world.service.query(world.operator_, named, SortOrder::descending, {})->items.size() == 7);
  REQUIRE(world.audit_log.record(world.audit_log.draft(Action::logout, *world.after)));
  CHECK(world.service.find(*world.after, world.newest()));
}

TEST_CASE("a login that fails while its name changes hands is not the successor's", "[fault-07]") {
  Renamed world;
  world.hasher.before_answer = [&] { world.replace(); };
  CHECK(code(world.auth.login("nina", Secret{"wrong"}, client_at("198.51.100.8"))) ==
        Errc::invalid_credentials);
  CHECK(world.seen(*world.after) == Actions{"login_success"});
}

TEST_CASE("who was cut off has no part in what the successor of the same name has", "[fault-07]") {
  Renamed world;
  world.add("berta");
  world.add_node("/berta/docs");
  world.replace();
  const auto berta = world.principal("berta");
  REQUIRE(world.grants.put(berta, path("/berta/docs"), username("nina"), Right::read));
  CHECK(code(world.users.get(*world.before, username("nina"))) == Errc::forbidden);
  CHECK(world.users.get(*world.after, username("nina")));
  CHECK(code(world.grants.list(*world.before, {}, username("nina"), {})) == Errc::forbidden);
  CHECK(code(world.grants.list(*world.before, {}, {}, {})) == Errc::not_found);
  CHECK(code(world.grants.list(*world.before, path("/berta/docs"), username("nina"), {})) ==
        Errc::not_found);
  CHECK_FALSE(world.grants.remove(*world.before, path("/berta/docs"), username("nina")));
  CHECK(code(world.service.query(*world.before, {}, SortOrder::descending, {})) ==
        Errc::token_revoked);
  CHECK(world.grants.list(*world.after, {}, username("nina"), {}).value().items.size() == 1);
}
