#include "database/database_suite.hpp"

namespace baluhost::contract::database_suite {

void listeners(Database& database) {
  SECTION(
      "a listener is told what was stored, in the order of the ids, which is the order of the "
      "events") {
    const auto told = Told::by(database);
    must(database.write([](WriteTransaction&) -> Result<AuditEvents> {
      AuditEvents events{some_event("/anna/0")};
      for (int i = 1; i < 20; ++i) events += some_event("/anna/" + std::to_string(i));
      return events;
    }));
    const auto stored = all_events(database);
    REQUIRE(stored.size() == 20);
    CHECK(describe(told->wait_for(20)) == describe(stored));
    for (std::size_t i = 0; i < stored.size(); ++i) {
      CHECK(stored[i].resource == "/anna/" + std::to_string(i));
      if (i > 0) CHECK(stored[i - 1].id < stored[i].id);
    }
  }

  SECTION("every listener is told, and of nothing that was not committed") {
    const auto first = Told::by(database);
    const auto second = Told::by(database);
    CHECK(outcome(database.write([](WriteTransaction&) -> Result<AuditEvents> {
            return Error{Errc::conflict};
          })) == "conflict");
    add_user(database, "anna");
    CHECK(first->wait_for(1).size() == 1);
    CHECK(second->wait_for(1).size() == 1);
  }

  SECTION("what a listener throws undoes nothing, stops no other listener, and is counted") {
    database.on_commit([](std::span<const AuditEvent>) { throw std::runtime_error("a listener"); });
    database.on_commit([](std::span<const AuditEvent>) { throw 7; });
    const auto last = Told::by(database);
    add_user(database, "anna");
    CHECK(last->wait_for(1).size() == 1);
    CHECK(has_user(database, "anna"));
    CHECK(must(database.status()).listener_failures == 2);
    add_user(database, "bert");
    CHECK(last->wait_for(2).size() == 2);
    CHECK(must(database.status()).listener_failures == 4);
  }
}

void identity(Database& database) {
  SECTION(
      "identity_version changes with every change of users and grants and every end of a session "
      "or share, "
      "and with nothing else") {
    const auto anna = add_user(database, "anna");
    const auto bert = add_user(database, "bert");
    const auto home = add_home(database, anna);
    const auto docs = add_directory(database, home, "docs");
    auto version = identity_version(database);
    const auto expect = [&](bool changes, const char* what, auto&& work) {
      INFO(what);
      change(database, work);
      const auto now = identity_version(database);
      CHECK((now != version) == changes);
      version = now;
    };
    CHECK(identity_version(database) == version);

    expect(true, "insert a user",
           [](WriteTransaction& tx) { return tx.users().insert(new_user("carl")); });
    UserChanges disabled;
    disabled.enabled = false;
    expect(true, "update a user",
           [&](WriteTransaction& tx) { return tx.users().update(bert.id, disabled, kNow); });
    expect(true, "remove a user", [&](WriteTransaction& tx) -> Result<void> {
      BALUHOST_TRY(const auto carl, tx.users().find(username("carl")));
      return tx.users().remove(carl->id);
    });
    expect(false, "insert a session", [&](WriteTransaction& tx) {
      return tx.sessions().insert(new_session(1, anna.id), refresh_hash(1));
    });
    expect(false, "insert another session", [&](WriteTransaction& tx) {
      return tx.sessions().insert(new_session(2, anna.id), refresh_hash(2));
    });
    expect(false, "rotate", [&](WriteTransaction& tx) {
      return tx.sessions().rotate(session_id(1), refresh_hash(1), refresh_hash(3), kNow);
    });
    expect(true, "revoke a session",
           [](WriteTransaction& tx) { return tx.sessions().revoke(session_id(1), kNow); });
    expect(true, "revoke all", [&](WriteTransaction& tx) {
      return tx.sessions().revoke_all(anna.id, std::nullopt, kNow);
    });
    expect(true, "forget expired sessions", [](WriteTransaction& tx) {
      return tx.sessions().forget_expired(kNow + std::chrono::hours{24 * 365}, 10);
    });
    expect(true, "put a grant", [&](WriteTransaction& tx) {
      return tx.grants().put(new_grant(docs, bert, Right::read));
    });
    expect(true, "replace a grant", [&](WriteTransaction& tx) {
      return tx.grants().put(new_grant(docs, bert, Rights::all()));
    });
    expect(true, "remove a grant",
           [&](WriteTransaction& tx) { return tx.grants().remove(docs.id, bert.username); });
    expect(true, "put a grant again", [&](WriteTransaction& tx) {
      return tx.grants().put(new_grant(docs, bert, Right::read));
    });
    expect(true, "remove the grants below",
           [&](WriteTransaction& tx) { return tx.grants().remove_below(home.id); });
    expect(false, "insert a share",
           [&](WriteTransaction& tx) { return tx.shares().insert(new_share(1, docs, anna)); });
    expect(false, "use a share",
           [](WriteTransaction& tx) { return tx.shares().use(share_id(1), 1, kNow); });
    expect(false, "count bytes of a share",
           [](WriteTransaction& tx) { return tx.shares().add_bytes(share_id(1), 1); });
    ShareChanges drop_box;
    drop_box.rights = ShareRights{.create = true};
    expect(true, "change a share",
           [&](WriteTransaction& tx) { return tx.shares().update(share_id(1), drop_box); });
    expect(true, "end a share",
           [](WriteTransaction& tx) { return tx.shares().end(share_id(1), kNow); });
    expect(false, "insert another share",
           [&](WriteTransaction& tx) { return tx.shares().insert(new_share(2, docs, anna)); });
    expect(true, "put a grant once more", [&](WriteTransaction& tx) {
      return tx.grants().put(new_grant(docs, bert, Right::read));
    });
    expect(true, "remove a directory with a grant on it",
           [&](WriteTransaction& tx) { return tx.files().remove(docs.id, kNow); });

    expect(false, "an upload", [&](WriteTransaction& tx) -> Result<void> {
      BALUHOST_CHECK(tx.users().add_usage(anna.id, {.bytes = 10, .files = 1, .entries = 1}));
      BALUHOST_CHECK(tx.files().insert(new_file(home, "a.txt", content(1, 10))));
      return {};
    });
    expect(false, "a pending upload", [&](WriteTransaction& tx) {
      return tx.uploads().insert(new_upload(1, anna.id, "/anna/b", 5));
    });
    CHECK(outcome(attempt(database, [](WriteTransaction& tx) -> Result<void> {
            BALUHOST_CHECK(tx.users().insert(new_user("dora")));
            return Error{Errc::conflict, "on purpose"};
          })) == "conflict");
    CHECK(identity_version(database) == version);
  }
}

} // namespace baluhost::contract::database_suite
