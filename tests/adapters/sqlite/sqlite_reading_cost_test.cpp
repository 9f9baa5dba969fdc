#include "baluhost/core/access/share_service.hpp"
#include "baluhost/sqlite/sqlite_database.hpp"
#include "baluhost/test/temporary_directory.hpp"
#include "sql/rights_scene.hpp"

#include <sqlite3.h>

// What a download asks of the database, by each kind of credential: the statements are counted.
namespace baluhost::test {
namespace {

std::vector<std::string>* statements = nullptr; ///< where those of every connection go

int note_statement(unsigned, void*, void* statement, void*) {
  if (statements != nullptr)
    statements->emplace_back(sqlite3_sql(static_cast<sqlite3_stmt*>(statement)));
  return 0;
}

int watch(sqlite3* connection, const char**, const void*) {
  return sqlite3_trace_v2(connection, SQLITE_TRACE_STMT, note_statement, nullptr);
}

/// Somebody's home, one with rights in it, and the services that make keys and shares.
struct Reading {
  explicit Reading(Database& database) : host(database), scene(host, 1) {
    value(host.files.make_directory(host.operator_, scene.at("/d/deep"), false));
    scene.have(scene.at("/d/deep/doc"));
  }

  /// The token of a share of `where`, by who is logged in.
  std::string opened(const Principal& creator, const FilePath& where) {
    const auto link = value(shares.create(creator, {.path = where, .rights = {.read = true}}));
    const auto opening =
        value(shares.open({.id = link.share.share.id, .secret = link.secret}, kClient));
    return std::string{opening.token.text.reveal()};
  }
  /// With the scope by which an administrator reads in others' homes.
  std::string key(const Principal& owner, std::optional<FilePath> root) {
    const Scopes reading{Scope::files_read};
    const auto scopes = owner.role() == Role::admin ? reading | Scope::admin : reading;
    return std::string{
        value(host.keys.create(owner, {.name = "k", .scopes = scopes, .path = std::move(root)}))
            .secret.reveal()};
  }

  /// The statements of one download, the look-up of who asks included.
  std::size_t cost(const std::string& token, const FilePath& where) {
    value(auth.authenticate(token, kClient));
    std::vector<std::string> seen;
    statements = &seen;
    const auto caller = value(auth.authenticate(token, kClient));
    const auto download = value(host.files.open(caller, where, {}));
    statements = nullptr;
    std::string all;
    for (const auto& sql : seen) all += sql + '\n';
    INFO(all);
    CHECK(download.info().entry.content);
    CHECK_FALSE(seen.empty());
    return seen.size();
  }

  Host host;
  Scene scene;
  IdentityCache identities{host.database};
  AuthService auth{
      {host.database, host.audit, identities, host.throttle, *host.hasher, *host.tokens,
       *host.digester, *host.random, host.clock, host.key_uses, *host.seeds},
      {}};
  ShareService shares{{host.database, host.audit, identities, host.throttle, *host.hasher,
                       *host.tokens, *host.digester, *host.random, host.clock},
                      {}};
};

} // namespace

TEST_CASE("a download by a key or a share takes no more statements than one by a session") {
  const TemporaryDirectory directory;
  const auto hook = reinterpret_cast<void (*)()>(&watch); // as sqlite3_auto_extension has it
  sqlite3_auto_extension(hook);
  const auto database =
      value(make_sqlite_database({.path = directory / "baluhost.db", .readers = 1}));
  Reading world(*database);
  const auto doc = world.scene.at("/d/deep/doc");
  for (const Person* who : {&world.scene.guest, &world.scene.chief}) {
    INFO(who->name);
    const auto login = value(world.auth.login(who->name, Secret{kOldPassword}, kClient));
    const auto session = world.cost(std::string{login.access.text.reveal()}, doc);
    CHECK(world.cost(world.key(who->session, std::nullopt), doc) <= session);
    CHECK(world.cost(world.key(who->session, world.scene.at("/d")), doc) <= session);
    CHECK(world.cost(world.opened(who->session, doc), path("/~")) <= session);
    CHECK(world.cost(world.opened(who->session, world.scene.at("/d")), path("/~/deep/doc")) <=
          session);
  }
  sqlite3_cancel_auto_extension(hook);
}

} // namespace baluhost::test
