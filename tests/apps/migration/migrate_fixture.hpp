#pragma once

#include "baluhost/test/server.hpp"

#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace baluhost::test {

inline std::string psql(const std::string& url, const std::string& sql) {
  const auto done = run({"psql", "-At", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", sql});
  if (done.exit_code != 0) throw std::runtime_error{done.err};
  return done.out.substr(0, done.out.find_last_not_of('\n') + 1);
}
inline std::string sqlite(const std::string& file, const std::string& sql) {
  const auto done = run({"sqlite3", file, sql});
  if (done.exit_code != 0) throw std::runtime_error{done.err};
  return done.out.substr(0, done.out.find_last_not_of('\n') + 1);
}
/// Everything in the database; without the two lines in which pg_dump puts a random word.
inline std::string dump(const std::string& url) {
  return run({"sh", "-c", "pg_dump -d \"$0\" | grep -v restrict", url}).out;
}

inline std::string state_of(const std::string& url) {
  return psql(url, "select to_regclass('migration_runs') is not null") == "t"
             ? psql(url, "select coalesce(max(state), '') from migration_runs")
             : "";
}

inline ProcessOutput migrate(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(),
                   {std::string{BALUHOST_TEST_BIN_DIR} + "/baluhost-migrate", "--yes"});
  return run(arguments);
}

/// A server's data on SQLite with something in every table, and the server stopped.
struct Source {
  Server server;
  std::string anna;
  std::string refresh_token;
  std::string database;
  std::string url;

  Source() {
    Api root = admin(server);
    Api user =
        new_user(server, "user", "\"email\":\"a@b.example\",\"quota_bytes\":9007199254740993");
    Api other = new_user(server, "auditor");
    anna = user.username;
    const std::string home = "/" + anna;
    for (const std::string& name :
         {std::string{"plain.txt"}, std::string{"\xF0\x9F\x98\x80 \xC3\xA9.txt"},
          std::string{"tab\\no.txt"}, std::string{"quote'\".txt"}}) {
      user.put("/api/v1/files" + percent_encode(home + "/d/" + name) + "?parents=true",
               "content of " + name);
    }
    user.get("/api/v1/files" + home + "/d/plain.txt");
    user.post("/api/v1/shares",
              "{\"path\":\"" + home + "/d\",\"rights\":[\"read\"],\"note\":\"n\"}");
    user.put_json("/api/v1/grants", "{\"path\":\"" + home + "/d\",\"grantee\":\"" + other.username +
                                        "\",\"rights\":[\"read\",\"write\"]}");
    user.post("/api/v1/auth/keys",
              "{\"name\":\"backup\",\"scopes\":[\"files:read\"],"
              "\"path\":\"" +
                  home + "/d\"}");
    user.send("POST", "/api/v1/uploads",
              {{"Tus-Resumable", "1.0.0"},
               {"Upload-Length", "100"},
               {"Upload-Metadata", "path " + base64(home + "/pending")}},
              "");
    user.del("/api/v1/files" + home + "/none");
    refresh_token = user.refresh_token;
    Api second{server, anna};
    second.post("/api/v1/auth/logout");
    database = server.data_dir() + "/baluhost.db";
    url = "sqlite:" + database;
    const std::string kept = keep_download_under_way(user);
    server.stop();
    sqlite(database, "attach '" + kept +
                         "' as kept; insert into instances select * from kept.instances; "
                         "insert into transfer_groups select * from kept.transfer_groups");
    sqlite(
        database,
        "insert into archives values ('02', 1, 's', 'a.zip', '', 9007199254740993, 2, 3, 4, 5, "
        "6, 7); "
        "insert into archive_entries values ('02', 0, 0, 1, 1, '/a', 'a/', 1, null, null, null, "
        "null), "
        "('02', 9007199254740993, 9, 2, 1, '/a/b', 'a/b', 1, '00', 5, 'x', 4294967295); "
        "insert into doomed_blobs values ('00', 1); insert into damaged_blobs values ('01', "
        "'x', 2);"
        "insert into second_factors select id, 'key', 'seed', 1, 2, 3, 0 from users;"
        "update second_factors set confirmed_at = null where user_id not in (select id from users "
        "where role = 'auditor');"
        "insert into recovery_codes select id, '00' from users union all select id, '01' from "
        "users;"
        "insert into second_factor_resets select id, 4 from users;"
        "insert into login_challenges select 'c' || id, id, 5, 6, 7 from users");
  }
  /// A database with what the server would leave if it died while `user` downloads /ANNA/large.
  std::string keep_download_under_way(Api& user) {
    const std::string path = "/api/v1/files/" + anna + "/large";
    user.put(path, std::string(32 << 20, 'x'));
    HttpClient reader = server.client();
    reader.connect();
    reader.send("GET " + path + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " +
                user.access_token + "\r\n\r\n");
    reader.read_some(64);
    std::string kept = server.data_dir() + "/../under_way.db";
    sqlite(database, "attach '" + kept +
                         "' as kept; create table kept.instances as select * from instances; "
                         "create table kept.transfer_groups as select * from transfer_groups");
    user.del(path);
    user.del("/api/v1/trash");
    return kept;
  }
  static std::string base64(const std::string& text) {
    return run({"base64", "-w0"}, {}, text).out;
  }
};

inline std::vector<std::string> arguments(const Source& source, const std::string& target) {
  return {"--from",       source.url,
          "--to",         target,
          "--backup-dir", source.server.data_dir() + "/..",
          "--report",     source.server.data_dir() + "/../report.json"};
}
inline Json report_of(const Source& source) {
  return Json::parse(read_file(source.server.data_dir() + "/../report.json"));
}

inline const std::vector<std::string> kTables{"users",
                                              "sessions",
                                              "refresh_tokens",
                                              "second_factors",
                                              "recovery_codes",
                                              "second_factor_resets",
                                              "login_challenges",
                                              "files",
                                              "trash",
                                              "tree_records",
                                              "versions",
                                              "grants",
                                              "keys",
                                              "shares",
                                              "uploads",
                                              "upload_totals",
                                              "tree_removals",
                                              "archives",
                                              "archive_entries",
                                              "doomed_blobs",
                                              "damaged_blobs",
                                              "instances",
                                              "transfer_groups",
                                              "audit_logs",
                                              "audit_former",
                                              "audit_leaves",
                                              "audit_seals",
                                              "audit_prunes",
                                              "audit_tags",
                                              "audit_daily"};

} // namespace baluhost::test
