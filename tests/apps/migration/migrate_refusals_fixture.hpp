#pragma once

#include "migration/migrate_fixture.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace baluhost::test {

/// A copy of one server's data on SQLite, to be spoilt.
struct Copy {
  TempDirectory directory;
  std::string database{directory.path() + "/data/baluhost.db"};
  std::string from{"sqlite:" + database};
  std::string backups{directory.path()};

  Copy() {
    static const Source original;
    std::filesystem::create_directory(directory.path() + "/data");
    std::filesystem::copy_file(original.database, database);
    std::filesystem::copy(original.server.data_dir() + "/keys", keys(),
                          std::filesystem::copy_options::recursive);
  }
  [[nodiscard]] std::string keys() const { return directory.path() + "/data/keys"; }
  void sql(const std::string& statements) const { sqlite(database, statements); }
};

inline std::string admin_url() {
  const std::string url = read_file(std::getenv("BALUHOST_TEST_POSTGRES"));
  return url.substr(0, url.find_last_not_of('\n') + 1);
}
/// Another database like `model`, or an empty one of another encoding.
inline std::string make_like(const std::string& model, const std::string& how = {}) {
  static int count = 0;
  const std::string name = "refusal_" + std::to_string(::getpid()) + "_" + std::to_string(++count);
  psql(admin_url(), "create database " + name + " template " +
                        (model.empty() ? "template0 " + how : model.substr(model.rfind('/') + 1)));
  return admin_url().substr(0, admin_url().rfind('/') + 1) + name;
}
inline std::string as_role(std::string url, const std::string& role) {
  return url.replace(url.find("//postgres@") + 2, 8, role);
}
/// A role that may connect and no more.
inline std::string stranger() {
  static const std::string name = [] {
    const std::string made = "stranger_" + std::to_string(::getpid());
    psql(admin_url(), "create role " + made + " login");
    return made;
  }();
  return name;
}

/// Without what readers of a SQLite file share.
inline std::set<std::string> listing(const std::string& directory) {
  std::set<std::string> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator{directory}) {
    const std::string path = entry.path().string();
    if (!path.ends_with("-shm") && !path.ends_with("-wal")) found.insert(path);
  }
  return found;
}

struct Finding {
  std::string table;
  std::string column;
  std::string row;
  std::string problem; ///< a part of it
};

/// Runs the tool and expects of it exactly these findings, the documented exit and that nothing was
/// touched on this side.
inline void check_refused(const Copy& source, const std::string& from, const std::string& to,
                          const std::vector<Finding>& expected,
                          const std::vector<std::string>& more = {}) {
  const TempDirectory elsewhere;
  const std::string report_file = elsewhere.path() + "/report.json";
  const auto files = listing(source.directory.path());
  const bool has_file = std::filesystem::is_regular_file(source.database);
  const std::string bytes = has_file ? read_file(source.database) : "";
  std::vector<std::string> command{
      "--from",       from,       "--to",      to,           "--backup-dir",
      source.backups, "--report", report_file, "--data-dir", source.directory.path() + "/data"};
  command.insert(command.end(), more.begin(), more.end());
  const auto done = migrate(command);
  CHECK(done.exit_code == 1);
  const Json report = Json::parse(read_file(report_file));
  INFO(report.dump());
  CHECK(report["result"].text() == "failed");
  CHECK_FALSE(report["error"].text().empty());
  CHECK(done.err.find(report["error"].text()) != std::string::npos);
  CHECK(report["tables"].size() == 0);
  for (std::size_t i = 0; i < report["steps"].size(); ++i) {
    const std::string step = report["steps"][i]["step"].text();
    CHECK((step == "open" || step == "preflight"));
  }
  std::vector<bool> seen(report["findings"].size());
  for (const Finding& want : expected) {
    INFO(want.table << "." << want.column << " " << want.row << ": " << want.problem);
    bool found = false;
    for (std::size_t i = 0; i < seen.size() && !found; ++i) {
      const Json finding = report["findings"][i];
      found = !seen[i] && finding["table"].text() == want.table &&
              finding["column"].text() == want.column &&
              (want.row.empty() || finding["row"].text() == want.row) &&
              finding["problem"].text().find(want.problem) != std::string::npos;
      if (found) {
        seen[i] = true;
        CHECK(done.err.find(finding["problem"].text()) != std::string::npos);
      }
    }
    CHECK(found);
  }
  CHECK(seen.size() == expected.size());
  CHECK(listing(source.directory.path()) == files);
  if (has_file) CHECK(read_file(source.database) == bytes);
}

/// What keeps a unique index from being there, and then a row that it would have kept out.
inline void let_duplicates_in(const Copy& source) {
  source.sql(
      "pragma writable_schema = on; update sqlite_master set sql = replace(replace(sql, 'username "
      "text not null unique', 'username text not null'), 'email_key text unique', "
      "'email_key text') where name = 'users'; delete from sqlite_master where name like "
      "'sqlite_autoindex_users%'");
  source.sql("vacuum");
  source.sql(
      "insert into users (username, email, role, enabled, used_bytes, file_count, password_hash, "
      "created_at, updated_at) "
      "select username, null, role, 1, 0, 0, '', 1, 1 from users where username = 'admin'");
}

} // namespace baluhost::test
