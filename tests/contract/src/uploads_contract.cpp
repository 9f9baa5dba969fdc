#include "baluhost/domain/text.hpp"
#include "support.hpp"

#include <limits>

namespace baluhost::contract {
namespace {

std::optional<PendingUpload> find(Database& database, int number) {
  return see(database, [&](ReadTransaction& tx) { return tx.uploads().find(upload_id(number)); });
}

void insert(Database& database, const PendingUpload& upload) {
  change(database, [&](WriteTransaction& tx) { return tx.uploads().insert(upload); });
}

} // namespace

void uploads_contract(const MakeDatabase& make) {
  const auto owned = make();
  auto& database = *owned;
  const auto anna = add_user(database, "anna");

  SECTION("a pending upload is found as it was inserted") {
    auto upload = new_upload(1, anna.id, "/anna/\xC3\xA4/100%_'; --",
                             std::numeric_limits<std::int64_t>::max());
    upload.overwrite = true;
    upload.expected = sha256_of(200);
    upload.offset = 5;
    insert(database, upload);
    CHECK(describe(*find(database, 1)) == describe(upload));
    auto other = new_upload(2, anna.id, "/anna/b", 0);
    other.parents = true;
    insert(database, other);
    CHECK(describe(*find(database, 2)) == describe(other));
    CHECK_FALSE(find(database, 3));
  }

  SECTION("an upload that came by a share is found by it, and goes with it") {
    const auto home = add_home(database, anna);
    add_share(database, 1, home, anna);
    add_share(database, 2, home, anna);
    for (int i = 1; i <= 3; ++i) {
      auto upload = new_upload(i, anna.id, "/anna/f" + std::to_string(i), 10);
      if (i < 3) upload.share = UploadShare{share_id(i), must(FilePath::parse("/~/f"))};
      insert(database, upload);
      CHECK(describe(*find(database, i)) == describe(upload));
    }
    const auto of_share = [&](int share) {
      return see(database, [&](ReadTransaction& tx) {
        return tx.uploads().list_unfinished({.share = share_id(share)}, {}, 9);
      });
    };
    REQUIRE(of_share(1).size() == 1);
    CHECK(of_share(1).front().upload.id == upload_id(1));
    CHECK(of_share(3).empty());
    change(database, [](WriteTransaction& tx) { return tx.shares().end(share_id(1), kNow); });
    CHECK(find(database, 1));
    change(database,
           [](WriteTransaction& tx) { return tx.shares().forget_ended(kNow + kSecond, 9); });
    CHECK_FALSE(find(database, 1));
    CHECK(find(database, 2));
    CHECK(find(database, 3));
  }

  SECTION("a target of a thousand characters of four bytes comes back whole") {
    std::string target = "/anna";
    for (int segment = 0; segment < 16; ++segment) {
      target += "/";
      for (int i = 0; i < (segment < 15 ? 62 : 49); ++i) target += "\xF0\x9F\x98\x80";
    }
    CHECK(code_points(target) == 1000);
    const auto upload = new_upload(1, anna.id, target, 1);
    insert(database, upload);
    CHECK(describe(*find(database, 1)) == describe(upload));
  }

  SECTION("advance sets offset and expiry; remove forgets; both are not_found without the upload") {
    auto upload = new_upload(1, anna.id, "/anna/a", 100);
    insert(database, upload);
    upload.offset = 60;
    upload.expires_at = upload.expires_at + kSecond;
    const auto advance = [&] {
      return outcome(attempt(database, [&](WriteTransaction& tx) {
        return tx.uploads().advance(upload.id, upload.offset, upload.expires_at);
      }));
    };
    const auto remove = [&] {
      return outcome(
          attempt(database, [&](WriteTransaction& tx) { return tx.uploads().remove(upload.id); }));
    };
    CHECK(advance() == "ok");
    CHECK(describe(*find(database, 1)) == describe(upload));
    CHECK(remove() == "ok");
    CHECK_FALSE(find(database, 1));
    CHECK(advance() == "not_found");
    CHECK(remove() == "not_found");
  }

  SECTION("advance and remove are bookkeeping too") {
    insert(database, new_upload(1, anna.id, "/anna/a", 100));
    bookkept(database, [](Bookkeeping& tx) { return tx.uploads().advance(upload_id(1), 7, kNow); });
    CHECK(find(database, 1)->offset == 7);
    bookkept(database, [](Bookkeeping& tx) { return tx.uploads().remove(upload_id(1)); });
    CHECK_FALSE(find(database, 1));
  }

  SECTION("expired returns the uploads whose time is over, up to a limit") {
    for (int i = 1; i <= 4; ++i) {
      auto upload = new_upload(i, anna.id, "/anna/f" + std::to_string(i), 1);
      upload.expires_at = kNow + i * kSecond;
      insert(database, upload);
    }
    const auto expired = [&](Timestamp now, std::size_t limit) {
      return see(database, [&](ReadTransaction& tx) { return tx.uploads().expired(now, limit); });
    };
    CHECK(expired(kNow + kSecond - kTick, 10).empty());
    CHECK(expired(kNow + kSecond + kTick, 10).size() == 1);
    CHECK(expired(kNow + 100 * kSecond, 10).size() == 4);
    CHECK(expired(kNow + 100 * kSecond, 3).size() == 3);
  }

  SECTION("reserved_bytes sums what is announced into a home, whoever the creator is") {
    const auto bert = add_user(database, "bert");
    const auto longer = add_user(database, "anna2");
    insert(database, new_upload(1, anna.id, "/anna/a", 100));
    insert(database, new_upload(2, bert.id, "/anna/deep/b", 20));
    insert(database, new_upload(3, anna.id, "/bert/c", 3));
    insert(database, new_upload(4, anna.id, "/anna2/anna/c", 4000));
    const auto reserved = [&](const Username& owner) {
      return see(database, [&](ReadTransaction& tx) { return tx.uploads().reserved_bytes(owner); });
    };
    CHECK(reserved(anna.username) == 120);
    CHECK(reserved(bert.username) == 3);
    CHECK(reserved(longer.username) == 4000);
    CHECK(reserved(username("nobody")) == 0);
    change(database,
           [](WriteTransaction& tx) { return tx.uploads().advance(upload_id(1), 60, kNow); });
    CHECK(reserved(anna.username) == 120);
    change(database,
           [](WriteTransaction& tx) { return tx.uploads().advance(upload_id(2), 20, kNow); });
    CHECK(reserved(anna.username) == 100); // a finished one is in the owner's usage
    change(database,
           [](WriteTransaction& tx) { return tx.uploads().advance(upload_id(2), 0, kNow); });
    change(database, [](WriteTransaction& tx) { return tx.uploads().remove(upload_id(1)); });
    CHECK(reserved(anna.username) == 20);
  }

  SECTION(
      "unfinished counts the uploads of a creator that want bytes, until they are finished, "
      "removed or go with the creator") {
    const auto bert = add_user(database, "bert");
    const auto unfinished = [&](UserId creator) {
      return see(database, [&](ReadTransaction& tx) { return tx.uploads().unfinished(creator); });
    };
    CHECK(unfinished(anna.id) == 0);
    insert(database, new_upload(1, anna.id, "/anna/a", 100));
    insert(database, new_upload(2, bert.id, "/anna/b", 20));
    insert(database, new_upload(3, bert.id, "/bert/c", std::numeric_limits<std::int64_t>::max()));
    insert(database, new_upload(4, bert.id, "/bert/d", std::numeric_limits<std::int64_t>::max()));
    insert(database, new_upload(5, bert.id, "/bert/e", 0));
    CHECK(unfinished(anna.id) == 1);
    CHECK(unfinished(bert.id) == 3);
    change(database,
           [](WriteTransaction& tx) { return tx.uploads().advance(upload_id(2), 19, kNow); });
    CHECK(unfinished(bert.id) == 3);
    change(database,
           [](WriteTransaction& tx) { return tx.uploads().advance(upload_id(2), 20, kNow); });
    CHECK(unfinished(bert.id) == 2);
    change(database, [](WriteTransaction& tx) { return tx.uploads().remove(upload_id(2)); });
    change(database, [](WriteTransaction& tx) { return tx.uploads().remove(upload_id(3)); });
    CHECK(unfinished(bert.id) == 1);
    CHECK(unfinished(anna.id) == 1);
    change(database, [&](WriteTransaction& tx) { return tx.users().remove(anna.id); });
    CHECK(unfinished(anna.id) == 0);
    CHECK(see(database, [&](ReadTransaction& tx) {
            return tx.uploads().reserved_bytes(anna.username);
          }) == 0);
  }

  SECTION("list_unfinished returns a creator's uploads and those into a home, by id, in pages") {
    const auto bert = add_user(database, "bert");
    insert(database, new_upload(1, anna.id, "/anna/a", 100));
    insert(database, new_upload(2, bert.id, "/anna/a/b", 100));
    insert(database, new_upload(3, bert.id, "/bert/c", 100));
    insert(database, new_upload(4, bert.id, "/anna/a0", 100));
    insert(database, new_upload(5, anna.id, "/bert/d", 100));
    auto finished = new_upload(6, anna.id, "/anna/f", 100);
    finished.offset = finished.length;
    insert(database, finished);
    const auto found = [&](const UploadFilter& filter, std::optional<UploadId> after = {},
                           std::size_t limit = 100) {
      std::string text;
      for (const auto& [upload, creator] : see(database, [&](ReadTransaction& tx) {
             return tx.uploads().list_unfinished(filter, after, limit);
           })) {
        text += upload.target.str() + " by " + creator.str() + "; ";
      }
      return text;
    };
    const auto below = [](const char* path) { return must(FilePath::parse(path)); };
    CHECK(
        found({}) ==
        "/anna/a by anna; /anna/a/b by bert; /bert/c by bert; /anna/a0 by bert; /bert/d by anna; ");
    CHECK(found({.creator = anna.id}) == "/anna/a by anna; /bert/d by anna; ");
    CHECK(found({.home = anna.username}) ==
          "/anna/a by anna; /anna/a/b by bert; /anna/a0 by bert; ");
    CHECK(found({.creator = anna.id, .home = bert.username}) ==
          "/anna/a by anna; /bert/c by bert; /bert/d by anna; ");
    CHECK(found({.home = anna.username, .below = below("/anna/a")}) ==
          "/anna/a by anna; /anna/a/b by bert; ");
    CHECK(found({.creator = bert.id, .below = below("/anna")}) ==
          "/anna/a/b by bert; /anna/a0 by bert; ");
    CHECK(found({.below = below("/anna/nothing")}) == "");
    CHECK(found({}, {}, 2) == "/anna/a by anna; /anna/a/b by bert; ");
    CHECK(found({}, upload_id(2), 2) == "/bert/c by bert; /anna/a0 by bert; ");
    CHECK(found({}, upload_id(5)) == "");
  }
}

} // namespace baluhost::contract
