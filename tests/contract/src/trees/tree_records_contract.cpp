#include "support.hpp"

namespace baluhost::contract {

void tree_records_contract(const MakeDatabase& make) {
  const auto owned = make();
  auto& database = *owned;
  const auto anna = add_user(database, "anna");
  const auto home = add_home(database, anna);
  const auto docs = add_directory(database, home, "docs");
  const auto deep = add_directory(database, docs, "deep");
  const auto event = event_of(anna.id, Action::trash, "/anna/docs");
  const auto begin = [&](FileId root) {
    return attempt(database, [&](WriteTransaction& tx) {
      return tx.tree_records().begin({root, event, "/anna/before"});
    });
  };
  const auto advance = [&](TreeRecordId id, std::string_view from, std::string_view to) {
    return outcome(attempt(
        database, [&](WriteTransaction& tx) { return tx.tree_records().advance(id, from, to); }));
  };
  const auto end = [&](TreeRecordId id) {
    return outcome(
        attempt(database, [&](WriteTransaction& tx) { return tx.tree_records().end(id); }));
  };
  const auto pending = [&](TreeRecordId after) {
    return see(database, [&](ReadTransaction& tx) { return tx.tree_records().pending(after, 10); });
  };
  const auto records_on = [&](FileId root) {
    return see(database, [&](ReadTransaction& tx) { return tx.files().find(root); })
        ->pending_records;
  };

  SECTION("a record is found as it was begun, from the beginning on, and its root counts it") {
    const auto first = must(begin(docs.id));
    const auto second = must(begin(docs.id));
    CHECK(records_on(docs.id) == 2);
    CHECK(records_on(deep.id) == 0);
    const auto found = pending({});
    REQUIRE(found.size() == 2);
    CHECK(found[0].id == first.id);
    CHECK(found[0].root == docs.id);
    CHECK(found[0].position.empty());
    CHECK(found[0].source == "/anna/before");
    CHECK(describe(found[0].event) == describe(event));
    CHECK(found[0].event.account == anna.id);
    CHECK(pending(first.id).size() == 1);
    CHECK(pending(second.id).empty());
    CHECK(outcome(begin(FileId{4711})) == "not_found");
  }

  SECTION("those of a tree are found from any node above their roots") {
    const auto id = must(begin(deep.id)).id;
    const auto below = [&](FileId root, TreeRecordId after) {
      return see(database, [&](ReadTransaction& tx) {
        return tx.tree_records().pending_below(root, after, 10);
      });
    };
    CHECK(below(home.id, {}).size() == 1);
    CHECK(below(deep.id, {}).size() == 1);
    CHECK(below(deep.id, id).empty());
    const auto beside = add_directory(database, home, "beside");
    CHECK(below(beside.id, {}).empty());
  }

  SECTION("of two that go on from one place the second is told, and so is who comes late") {
    const auto id = must(begin(docs.id)).id;
    CHECK(advance(id, "", "deep") == "ok");
    CHECK(advance(id, "", "deep") == "conflict");
    CHECK(pending({})[0].position == "deep");
    CHECK(advance(id, "deep", "deep/x") == "ok");
    CHECK(end(id) == "ok");
    CHECK(end(id) == "conflict");
    CHECK(advance(id, "deep/x", "y") == "conflict");
    CHECK(records_on(docs.id) == 0);
    CHECK(pending({}).empty());
  }

  SECTION("a node with a record is not removed: conflict, and nothing is gone") {
    const auto id = must(begin(deep.id)).id;
    const auto remove = [&] {
      return outcome(attempt(database, [&](WriteTransaction& tx) -> Result<void> {
        BALUHOST_TRY(const auto nodes, tx.files().bottom_up(docs.id, 10));
        return tx.removals().remove(nodes, kNow);
      }));
    };
    CHECK(remove() == "conflict");
    CHECK(records_on(deep.id) == 1);
    CHECK(end(id) == "ok");
    CHECK(remove() == "ok");
  }
}

} // namespace baluhost::contract
