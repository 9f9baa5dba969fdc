#include "baluhost/core/access/share_service.hpp"
#include "baluhost/sqlite/sqlite_database.hpp"
#include "baluhost/test/temporary_directory.hpp"
#include "sql/rights_scene.hpp"
#include "sqlite/statement_trace.hpp"

// What a download queries, by each kind of credential: the statements are counted.
namespace baluhost::test {
namespace {

/// Somebody's home, one with rights in it, and the services that make keys and shares.
struct Reading {
  Reading(Database& database, StatementTrace& traced)
      : trace(traced), host(database), scene(host, 1) {
    value(host.files.make_directory(host.operator_, scene.at("/d/deep"), MissingParents::refuse));
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
    trace.begin();
    const auto caller = value(auth.authenticate(token, kClient));
    const auto download = value(host.files.open(caller, where, {}));
    const auto seen = trace.end();
    std::string all;
    for (const auto& sql : seen) all += sql + '\n';
    INFO(all);
    CHECK(download.info().entry.content);
    CHECK_FALSE(seen.empty());
    return seen.size();
  }

  StatementTrace& trace;
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
  StatementTrace trace;
  const auto database =
      value(make_sqlite_database({.path = directory / "baluhost.db", .readers = 1}));
  Reading world(*database, trace);
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
}

} // namespace baluhost::test
