#include "support.hpp"

namespace baluhost::contract {
namespace {

Rights rights_on(Database& database, UserId grantee, const std::vector<FileId>& files) {
  return see(database, [&](ReadTransaction& tx) { return tx.grants().rights_on(grantee, files); });
}

std::optional<Grant> find(Database& database, FileId file, const User& grantee) {
  return see(database,
             [&](ReadTransaction& tx) { return tx.grants().find(file, grantee.username); });
}

/// A grant that `giver` gives by right of an own one.
Grant given_on(const FileEntry& file, const User& grantee, const User& giver, Rights rights) {
  Grant grant = new_grant(file, grantee, rights);
  grant.giver = giver.id;
  grant.granted_by = giver.username.str();
  grant.given_on = true;
  return grant;
}

std::vector<std::string> texts(const std::vector<PlacedGrant>& grants) {
  std::vector<std::string> found;
  for (const auto& [grant, path] : grants) found.push_back(path.str() + " " + grant.grantee.str());
  return found;
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

  SECTION(
      "a grant is found as it was put; putting another for the same node and grantee replaces it") {
    const Grant first = new_grant(docs, bert, Right::read);
    CHECK(must(put(first)));
    CHECK(describe(*find(*database, docs.id, bert)) == describe(first));
    Grant second = given_on(docs, bert, carl, Rights{Right::write} | Right::share);
    second.created_at = kNow + kSecond;
    CHECK_FALSE(must(put(second)));
    CHECK(describe(*find(*database, docs.id, bert)) == describe(second));
    CHECK_FALSE(find(*database, docs.id, carl));
    CHECK_FALSE(find(*database, deep.id, bert));
  }

  SECTION("every set of rights comes back as it went in") {
    for (std::uint8_t bits = 1; bits < 16; ++bits) {
      must(put(new_grant(docs, bert, Rights::from_bits(bits))));
      CHECK(find(*database, docs.id, bert)->rights == Rights::from_bits(bits));
    }
  }

  SECTION("a grant on no node, or to nobody, is not_found") {
    auto lost = new_grant(docs, bert, Right::read);
    lost.file = FileId{4711};
    CHECK(outcome(put(lost)) == "not_found");
    lost = new_grant(docs, bert, Right::read);
    lost.account = UserId{4711};
    CHECK(outcome(put(lost)) == "not_found");
  }

  SECTION(
      "a grant to a name without an account gives rights to nobody, nor to who gets the name "
      "later") {
    auto nobodys = new_grant(docs, bert, Right::read);
    nobodys.grantee = username("dora");
    nobodys.account.reset();
    CHECK(must(put(nobodys)));
    const auto dora = add_user(*database, "dora");
    CHECK(describe(*find(*database, docs.id, dora)) == describe(nobodys));
    CHECK(rights_on(*database, dora.id, {docs.id}).empty());
    CHECK(see(*database, [&](ReadTransaction& tx) {
            return tx.grants().list_of_grantee(dora.id, FileId{}, 9);
          }).empty());
    CHECK(see(*database, [&](ReadTransaction& tx) {
            return tx.grants().homes_visible_to(dora.id);
          }).empty());
    CHECK_FALSE(must(put(new_grant(docs, dora, Right::read))));
    CHECK(rights_on(*database, dora.id, {docs.id}) == Rights{Right::read});
    CHECK_FALSE(must(put(nobodys)));
    CHECK(rights_on(*database, dora.id, {docs.id}).empty());
    CHECK(see(*database, [&](ReadTransaction& tx) {
            return tx.grants().list_of_grantee(dora.id, FileId{}, 9);
          }).empty());
  }

  SECTION("grants below a node are listed with their paths, by node and grantee, in pages") {
    add_grant(*database, home, carl, Right::read);
    add_grant(*database, docs, carl, Right::read);
    add_grant(*database, docs, bert, Right::read);
    add_grant(*database, note, bert, Right::read);
    add_grant(*database, add_home(*database, bert), carl, Right::read);
    const auto below = [&](FileId root, std::size_t limit) {
      std::vector<std::string> found;
      std::optional<GrantPosition> after;
      for (;;) {
        const auto page = see(*database, [&](ReadTransaction& tx) {
          return tx.grants().list_below(root, after, limit);
        });
        for (const auto& text : texts(page)) found.push_back(text);
        if (page.size() < limit) return found;
        after = GrantPosition{page.back().grant.file, page.back().grant.grantee.str()};
      }
    };
    for (const std::size_t limit : {1, 2, 100}) {
      CHECK(below(home.id, limit) == std::vector<std::string>{"/anna carl", "/anna/docs bert",
                                                              "/anna/docs carl",
                                                              "/anna/docs/deep/note bert"});
      CHECK(below(docs.id, limit) == std::vector<std::string>{"/anna/docs bert", "/anna/docs carl",
                                                              "/anna/docs/deep/note bert"});
      CHECK(below(deep.id, limit) == std::vector<std::string>{"/anna/docs/deep/note bert"});
    }
    CHECK(below(FileId{4711}, 9).empty());
  }

  SECTION("a home's grants are given as a tree only if one was given on") {
    add_grant(*database, docs, bert, Rights::all());
    const auto tree = [&](const User& owner) {
      return texts(
          see(*database, [&](ReadTransaction& tx) { return tx.grants().tree_of(owner.id); }));
    };
    const auto homes = [&](const User& giver) {
      return see(*database,
                 [&](ReadTransaction& tx) { return tx.grants().homes_given_on_by(giver.id); });
    };
    CHECK(tree(anna).empty());
    CHECK(homes(anna).empty());
    must(put(given_on(deep, carl, bert, Right::read)));
    CHECK(tree(anna) == std::vector<std::string>{"/anna/docs bert", "/anna/docs/deep carl"});
    CHECK(tree(bert).empty());
    CHECK(homes(bert) == std::vector{anna.id});
    CHECK(homes(carl).empty());
    CHECK(describe(*find(*database, deep.id, carl)) ==
          describe(given_on(deep, carl, bert, Right::read)));
  }

  SECTION("a removed account is no giver any more, and its name stands nowhere") {
    must(put(given_on(deep, carl, bert, Right::read)));
    change(*database, [&](WriteTransaction& tx) { return tx.users().remove(bert.id); });
    const auto left = *find(*database, deep.id, carl);
    CHECK_FALSE(left.giver);
    CHECK(left.granted_by.empty());
    CHECK(left.rights == Rights{Right::read});
  }

  SECTION("rights_on joins what one user was given on the nodes asked about, and nothing else") {
    add_grant(*database, docs, bert, Right::read);
    add_grant(*database, deep, bert, Right::write);
    add_grant(*database, note, bert, Right::share);
    add_grant(*database, note, carl, Right::remove);
    CHECK(rights_on(*database, bert.id, {home.id, docs.id, deep.id}) ==
          (Rights{Right::read} | Right::write));
    CHECK(rights_on(*database, bert.id, {note.id}) == Rights{Right::share});
    CHECK(rights_on(*database, carl.id, {home.id, docs.id, deep.id, note.id}) ==
          Rights{Right::remove});
    CHECK(rights_on(*database, bert.id, {home.id}).empty());
    CHECK(rights_on(*database, bert.id, {}).empty());
    CHECK(rights_on(*database, anna.id, {docs.id}).empty());
  }

  SECTION("grants of a node are listed by grantee, those of a grantee by node, in pages") {
    std::vector<User> users{bert, carl};
    for (const auto* name : {"dora", "emil", "fred"}) users.push_back(add_user(*database, name));
    std::vector<std::string> wanted;
    for (const auto& user : users)
      wanted.push_back(describe(add_grant(*database, docs, user, Right::read)));
    std::vector<std::string> paged;
    std::optional<Username> after;
    for (;;) {
      const auto page = see(*database, [&](ReadTransaction& tx) {
        return tx.grants().list_of_file(docs.id, after, 2);
      });
      if (page.empty()) break;
      CHECK(page.size() <= 2);
      for (const auto& grant : page) paged.push_back(describe(grant));
      after = page.back().grantee;
      REQUIRE(paged.size() <= wanted.size());
    }
    CHECK(paged == wanted);

    wanted = {"/anna/docs bert", "/anna/docs/deep bert", "/anna/docs/deep/note bert"};
    for (const auto& file : {deep, note}) add_grant(*database, file, bert, Right::write);
    const auto of_bert = [&](FileId after_file, std::size_t limit) {
      return texts(see(*database, [&](ReadTransaction& tx) {
        return tx.grants().list_of_grantee(bert.id, after_file, limit);
      }));
    };
    CHECK(of_bert(FileId{0}, 100) == wanted);
    CHECK(of_bert(FileId{0}, 1) == std::vector{wanted[0]});
    CHECK(of_bert(docs.id, 1) == std::vector{wanted[1]});
    CHECK(of_bert(deep.id, 100) == std::vector{wanted[2]});
    CHECK(of_bert(note.id, 100).empty());
  }

  SECTION("homes_visible_to returns each owner once, by id, if a grant there includes read") {
    const auto home_of_bert = add_home(*database, bert);
    const auto home_of_carl = add_home(*database, carl);
    const auto dora = add_user(*database, "dora");
    add_grant(*database, note, dora, Right::read);
    add_grant(*database, docs, dora, Rights{Right::read} | Right::write);
    add_grant(*database, home_of_bert, dora, Rights{Right::write} | Right::remove | Right::share);
    const auto visible = [&](UserId grantee) {
      return see(*database,
                 [&](ReadTransaction& tx) { return tx.grants().homes_visible_to(grantee); });
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
      return outcome(attempt(*database, [&](WriteTransaction& tx) {
        return tx.grants().remove(docs.id, bert.username);
      }));
    };
    CHECK(remove() == "ok");
    CHECK(remove() == "not_found");
    CHECK(find(*database, docs.id, carl));
  }

  SECTION(
      "remove_below takes every grant on a node and below it, counts them, and leaves the others") {
    add_grant(*database, home, bert, Right::read);
    add_grant(*database, docs, bert, Right::read);
    add_grant(*database, deep, carl, Right::read);
    add_grant(*database, note, carl, Right::read);
    const auto remove_below = [&](FileId root) {
      return change(*database,
                    [&](WriteTransaction& tx) { return tx.grants().remove_below(root); });
    };
    CHECK(remove_below(docs.id) == 3);
    CHECK(remove_below(docs.id) == 0);
    CHECK(find(*database, home.id, bert));
    CHECK_FALSE(find(*database, note.id, carl));
  }
}

} // namespace baluhost::contract
