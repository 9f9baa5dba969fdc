// A dump cannot be looked into before it is in a database, so that a restore fills the database
// itself, in one transaction, and whoever finds a fault in it empties it again.

#include "baluhost/postgres/postgres_backup.hpp"

#include "tool.hpp"

#include <filesystem>
#include <utility>

namespace baluhost {
namespace {

/// The error with the database in front of its detail: a person reads it.
template <class T>
Result<T> about(const PostgresOptions& options, Result<T> outcome) {
  if (outcome) return outcome;
  Error error = std::move(outcome).error();
  std::string reason = error.detail;
  if (reason.empty())
    reason = error.fields.empty() ? std::string{code_of(error.code)} : error.fields.front().detail;
  error.detail = "the database " + redacted_postgres_url(options.url) + ": " + reason;
  return error;
}

class PostgresBackup final : public DatabaseBackup {
 public:
  explicit PostgresBackup(PostgresOptions options) : options_(std::move(options)) {
    options_.create = false;
    options_.read_only = true;
  }

  std::string_view kind() const noexcept override { return "postgresql"; }
  std::string_view file_name() const noexcept override { return "baluhost.dump"; }

  Result<void> copy(const std::string& file, CopyView view, const CopyProgress&) override {
    PostgresOptions options = options_;
    options.unfinished = true;
    return share_postgres_snapshot(
        options, [&](ReadTransaction& tx, const std::string& snapshot) -> Result<void> {
          BALUHOST_TRY(const bool is_wanted, view(tx));
          if (!is_wanted) return {};
          return postgres::run_tool(options_,
                                    {"pg_dump", "--format=custom", "--no-owner", "--no-privileges",
                                     "--snapshot", snapshot, "--file", file});
        });
  }

  Result<void> copy_unseen(const std::string& file) override {
    return postgres::run_tool(options_, {"pg_dump", "--format=custom", "--file", file});
  }

  Result<std::vector<std::string>> check_structure(const std::string&,
                                                   StructureCheck) const override {
    return std::vector<std::string>{};
  }

  std::unique_ptr<BulkStore> rows(const std::string&) const override { return nullptr; }

  Result<std::unique_ptr<Database>> open_copy(const std::string&) const override {
    return Error{Errc::not_found, "a dump is not opened: restore it"};
  }

  Result<void> check_copy(const std::string& file) const override {
    std::error_code failure;
    if (std::filesystem::is_regular_file(file, failure)) return {};
    return Error{Errc::unavailable,
                 file + ": cannot be read: this is no backup, or not a whole one"};
  }

  RestorePlaces places() const override {
    return {.file = {}, .files = {}, .database = redacted_postgres_url(options_.url)};
  }

  Result<void> check_is_absent() const override {
    BALUHOST_CHECK(about(options_, check_postgres_pooling(options_)));
    BALUHOST_TRY(const bool is_empty, about(options_, is_empty_postgres_database(options_)));
    if (is_empty) return {};
    return Error{Errc::conflict,
                 "the database is not empty: a backup is never restored over existing data"};
  }

  Result<std::unique_ptr<Database>> load(const std::string& file) override {
    BALUHOST_CHECK(postgres::run_tool(options_, {"pg_restore", "--no-owner", "--no-privileges",
                                                 "--single-transaction", "--exit-on-error", file}));
    return about(options_, make_postgres_database(options_));
  }

  Result<void> place() override { return {}; }

  Result<std::unique_ptr<Database>> open(bool is_read_only) const override {
    PostgresOptions options = options_;
    options.read_only = is_read_only;
    return about(options, make_postgres_database(options));
  }

  Result<void> clear() override {
    BALUHOST_CHECK(about(options_, check_postgres_pooling(options_)));
    return about(options_, clear_postgres_database(options_));
  }

 private:
  PostgresOptions options_;
};

} // namespace

std::unique_ptr<DatabaseBackup> make_postgres_backup(PostgresOptions options) {
  return std::make_unique<PostgresBackup>(std::move(options));
}

} // namespace baluhost
