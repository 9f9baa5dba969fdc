#include "support.hpp"

namespace baluhost::contract {
namespace {

Rights rights_on(Database& database, UserId grantee, const std::vector<FileId>& files) {
  return see(database, [&](ReadTransaction& tx) { return tx.grants().rights_on(grantee, files); });
}

std::optional<Grant> find(Database& database, FileId file, UserId grantee) {
  return see(database, [&](ReadTransaction& tx) { return tx.grants().find(file, grantee); });
}

} // namespace

void grants_contract(const MakeDatabase& make) {
  const auto database = make();
  const auto anna = add_user(*database, "anna");
  const auto bert = add_user(*database, "bert");
  const auto carl = add_user(*database, "carl");
  const auto home = add_home(*database, anna);
  const auto docs = add_directory(*database, home, "docs");
  const auto deep = add_directory(*database, docs, "deep");
  const auto note = add_file(*database, deep, "note", content(1, 10));
  const auto put = [&](const Grant& grant) {
    return attempt(*database, [&](WriteTransaction& tx) { return tx.grants().put(grant); });
  };

  SECTION("a grant is found as it was put; putting another for the same node and grantee replaces it") {
    const Grant first{docs.id, bert.id, Right::read, "anna", kNow};
    CHECK(must(put(first)));
    CHECK(describe(*find(*database, docs.id, bert.id)) == describe(first));
    const Grant second{docs.id, bert.id, Rights{Right::write} | Right::share, "carl", kNow + kSecond};
    CHECK_FALSE(must(put(second)));
    CHECK(describe(*find(*database, docs.id, bert.id)) == describe(second));
    CHECK_FALSE(find(*database, docs.id, carl.id));
    CHECK_FALSE(find(*database, deep.id, bert.id));
  }

  SECTION("every set of rights comes back as it went in") {
    for (std::uint8_t bits = 1; bits < 16; ++bits) {
      must(put({docs.id, bert.id, Rights::from_bits(bits), "anna", kNow}));
      CHECK(find(*database, docs.id, bert.id)->rights == Rights::from_bits(bits));
    }
  }

  SECTION("a grant on no node, or to nobody, is not_found") {
    CHECK(outcome(put({FileId{4711}, bert.id, Right::read, "anna", kNow})) == "not_found");
    CHECK(outcome(put({docs.id, UserId{4711}, Right::read, "anna", kNow})) == "not_found");
  }

  SECTION("rights_on joins what one user was given on the nodes asked about, and nothing else") {
    add_grant(*database, docs, bert, Right::read);
    add_grant(*database, deep, bert, Right::write);
    add_grant(*database, note, bert, Right::share);
    add_grant(*database, note, carl, Right::remove);
    CHECK(rights_on(*database, bert.id, {home.id, docs.id, deep.id}) == (Rights{Right::read} | Right::write));
    CHECK(rights_on(*database, bert.id, {note.id}) == Rights{Right::share});
    CHECK(rights_on(*database, carl.id, {home.id, docs.id, deep.id, note.id}) == Rights{Right::remove});
    CHECK(rights_on(*database, bert.id, {home.id}).empty());
    CHECK(rights_on(*database, bert.id, {}).empty());
    CHECK(rights_on(*database, anna.id, {docs.id}).empty());
  }

  SECTION("grants of a node are listed by grantee, those of a grantee by node, in pages") {
    std::vector<User> users{bert, carl};
    for (const auto* name : {"dora", "emil", "fred"}) users.push_back(add_user(*database, name));
    std::vector<std::string> wanted;
    for (const auto& user : users) wanted.push_back(describe(add_grant(*database, docs, user, Right::read)));
    std::vector<std::string> paged;
    UserId after_grantee{0};
    for (;;) {
      const auto page =
          see(*database, [&](ReadTransaction& tx) { return tx.grants().list_of_file(docs.id, after_grantee, 2); });
      if (page.empty()) break;
      CHECK(page.size() <= 2);
      for (const auto& grant : page) paged.push_back(describe(grant));
      after_grantee = page.back().grantee;
      REQUIRE(paged.size() <= wanted.size());
    }
    CHECK(paged == wanted);

    wanted = {describe(*find(*database, docs.id, bert.id))};
    for (const auto& file : {deep, note}) wanted.push_back(describe(add_grant(*database, file, bert, Right::write)));
    const auto of_bert = [&](FileId after, std::size_t limit) {
      return describe(
          see(*database, [&](ReadTransaction& tx) { return tx.grants().list_of_grantee(bert.id, after, limit); }));
    };
    CHECK(of_bert(FileId{0}, 100) == wanted);
    CHECK(of_bert(FileId{0}, 1) == std::vector{wanted[0]});
    CHECK(of_bert(docs.id, 1) == std::vector{wanted[1]});
    CHECK(of_bert(deep.id, 100) == std::vector{wanted[2]});
    CHECK(of_bert(note.id, 100).empty());
  }

  SECTION("homes_visible_to gives each owner once, by id, if a grant there includes read") {
    const auto home_of_bert = add_home(*database, bert);
    const auto home_of_carl = add_home(*database, carl);
    const auto dora = add_user(*database, "dora");
    add_grant(*database, note, dora, Right::read);
    add_grant(*database, docs, dora, Rights{Right::read} | Right::write);
    add_grant(*database, home_of_bert, dora, Rights{Right::write} | Right::remove | Right::share);
    const auto visible = [&](UserId grantee) {
      return see(*database, [&](ReadTransaction& tx) { return tx.grants().homes_visible_to(grantee); });
    };
    CHECK(visible(dora.id) == std::vector{anna.id});
    add_grant(*database, home_of_carl, dora, Right::read);
    CHECK(visible(dora.id) == std::vector{anna.id, carl.id});
    CHECK(visible(bert.id).empty());
  }

  SECTION("remove takes one grant; what is not there is not_found") {
    add_grant(*database, docs, bert, Right::read);
    add_grant(*database, docs, carl, Right::read);
    const auto remove = [&] {
      return outcome(attempt(*database, [&](WriteTransaction& tx) { return tx.grants().remove(docs.id, bert.id); }));
    };
    CHECK(remove() == "ok");
    CHECK(remove() == "not_found");
    CHECK(find(*database, docs.id, carl.id));
  }

  SECTION("remove_below takes every grant on a node and below it, counts them, and leaves the others") {
    add_grant(*database, home, bert, Right::read);
    add_grant(*database, docs, bert, Right::read);
    add_grant(*database, deep, carl, Right::read);
    add_grant(*database, note, carl, Right::read);
    const auto remove_below = [&](FileId root) {
      return change(*database, [&](WriteTransaction& tx) { return tx.grants().remove_below(root); });
    };
    CHECK(remove_below(docs.id) == 3);
    CHECK(remove_below(docs.id) == 0);
    CHECK(find(*database, home.id, bert.id));
    CHECK_FALSE(find(*database, note.id, carl.id));
  }
}

} // namespace baluhost::contract
