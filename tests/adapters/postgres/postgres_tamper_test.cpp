#include "postgres/own_database.hpp"
#include "sql/crash_cases.hpp"
#include "sql/tamper_cases.hpp"

#include "baluhost/postgres/postgres_database.hpp"
#include "baluhost/test/postgres_cluster.hpp"

#include <chrono>
#include <map>
#include <thread>

namespace baluhost::test {
namespace {

class PostgresStore final : public TamperedStore {
 public:
  PostgresStore(PostgresCluster& cluster, std::string name)
      : cluster_(cluster), name_(std::move(name)) {}

  std::unique_ptr<Database> open() override {
    PostgresOptions options;
    options.url = cluster_.url(name_);
    options.pool_size = 3;
    return make_postgres_database(options).value();
  }
  void edit(const std::string& sql) override { cluster_.execute(name_, sql); }
  void keep() override {
    std::string sql = "create schema kept;";
    for (const auto* table : kTables)
      sql += std::string{"create table kept."} + table + " as table " + table + ";";
    edit(sql);
  }
  void put_back() override {
    std::string sql =
        "truncate audit_logs, audit_leaves, audit_seals, audit_prunes, audit_tags, "
        "audit_sealed_up_to;";
    for (const auto* table : kTables)
      sql += std::string{"insert into "} + table + " select * from kept." + table + ";";
    edit(sql +
         "select setval(pg_get_serial_sequence('audit_logs', 'id'), max(id)) from audit_logs;");
  }
  void settle() override {
    const std::string others =
        "select count(*) from pg_stat_activity where datname = current_database() and pid <> "
        "pg_backend_pid()";
    while (cluster_.execute(name_, others) != "0") std::this_thread::sleep_for(2ms);
  }

 private:
  static constexpr const char* kTables[] = {"audit_logs",   "audit_leaves", "audit_seals",
                                            "audit_prunes", "audit_tags",   "audit_sealed_up_to"};
  PostgresCluster& cluster_;
  std::string name_;
};

} // namespace

TEST_CASE("the trail on PostgreSQL", "[fault-05][fault-04][fault-43]") {
  PostgresCluster* const cluster = shared_cluster();
  if (cluster == nullptr) return;
  std::map<std::filesystem::path, std::string> names;
  const MakeStore make_store = [&](const std::filesystem::path& directory) {
    auto& name = names[directory];
    if (name.empty()) name = cluster->make_database();
    return std::make_unique<PostgresStore>(*cluster, name);
  };
  SECTION("an untouched database verifies") { untouched_verifies(make_store); }
  SECTION("every kind of change to a stopped database is found and named") {
    every_change_is_found(make_store);
  }
  SECTION("an event changed with its leaf and everything signed again with another key is found") {
    another_key_is_found(make_store);
  }
  SECTION("yesterday's copy put back is found, also when it went on since") {
    old_copy_is_found(make_store);
  }
  SECTION("a lost anchor is a finding") { lost_anchor_is_found(make_store); }
  SECTION("a row changed behind a running server gets no seal that fits it") {
    change_behind_a_running_server_is_found(make_store);
  }
  SECTION(
      "an event that was sealed once is not sealed again when its leaf is gone, nor one slipped in "
      "among them") {
    sealed_once_is_not_sealed_again(make_store);
  }
  SECTION("what was altered after a crash is found and not sealed") {
    altered_behind_a_crash_is_found(make_store);
  }
  SECTION("so is what was altered in a transaction of several events") {
    altered_in_a_batch_behind_a_crash_is_found(make_store);
  }
  SECTION("rows in the way of a seal are found and stop nothing") {
    rows_in_the_way_are_found(make_store);
  }
  SECTION("a tag in the way of an event is replaced") { tag_in_the_way_is_replaced(make_store); }
  SECTION("a key rotated in between changes nothing for the verifier") {
    rotated_key_verifies(make_store);
  }
  SECTION("what a prune leaves verifies") { pruned_verifies(make_store); }
  SECTION(
      "a server killed while it seals leaves a trail that verifies after recovery, with every "
      "event that it answered for") {
    killed_while_sealing_verifies(make_store);
  }
}

} // namespace baluhost::test
