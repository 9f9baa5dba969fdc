#pragma once

#include "baluhost/sqlite/sqlite_database.hpp"
#include "bench.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

/// The trail that queries of it are measured on.
namespace baluhost::bench {

inline constexpr std::int64_t kSecond = 1'000'000;
inline constexpr std::int64_t kHour = 3600 * kSecond;
inline constexpr std::int64_t kDay = 24 * kHour;
inline constexpr std::int64_t kYear = 365 * kDay;
inline constexpr std::int64_t kStart = 1'735'689'600 * kSecond; ///< 2025-01-01

class Raw {
 public:
  explicit Raw(const std::string& path) {
    sqlite3* handle = nullptr;
    const int opened = sqlite3_open(path.c_str(), &handle);
    handle_.reset(handle);
    if (opened != SQLITE_OK) throw std::runtime_error("cannot open " + path);
  }
  std::vector<std::string> texts(const std::string& sql) {
    std::vector<std::string> found;
    const auto add = [](void* to, int, char** values, char**) {
      static_cast<std::vector<std::string>*>(to)->emplace_back(values[0] == nullptr ? ""
                                                                                    : values[0]);
      return 0;
    };
    if (sqlite3_exec(handle_.get(), sql.c_str(), add, &found, nullptr) != SQLITE_OK)
      throw std::runtime_error(sqlite3_errmsg(handle_.get()));
    return found;
  }

 private:
  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close(handle); }
  };
  std::unique_ptr<sqlite3, Close> handle_;
};

/// A year of events, in the order of their times but for a second's jitter. Frequent values: user1
/// has an eighth of all, downloads are three in five, one resource is in a quarter, and a thousand
/// are in a tenth, the first of them most often; rare ones: ten of `role_changed`, of the user
/// `rare` and of /rare/one, five of DISK_MONITOR. The home /left has none since March.
inline std::string fill_sql(std::int64_t events) {
  return fmt::format(R"sql(
with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < {0}),
hashed as (select n, ((n * 2654435761) >> 8) % 1000 as k, ((n * 40503001) >> 5) % 400 as u, ((n * 668265263) >> 9) % 200000 as f from numbers),
kinds as (select n, u, f, case
    when n % ({0} / 10) = 7 then 'role_changed' when n % ({0} / 5) = 11 then 'blob_damaged' when n % 100003 = 9 then 'server_started'
    when k < 600 then 'download' when k < 850 then 'upload' when k < 900 then 'delete' when k < 920 then 'move' when k < 940 then 'create_directory'
    when k < 960 then 'login_success' when k < 980 then 'token_refresh' when k < 990 then 'login_failed' when k < 996 then 'access_denied'
    when k < 998 then 'user_updated' else 'permission_granted' end as action, k from hashed)
insert into audit_logs (id, timestamp, event_type, action, user, resource, success, error_message, details, ip_address, user_agent)
select n, {1} + n * ({2} / {0}) + f * 5,
  case when action in ('role_changed', 'login_success', 'token_refresh', 'login_failed', 'access_denied', 'permission_granted') then 'SECURITY'
       when action = 'blob_damaged' then 'DISK_MONITOR' when action = 'server_started' then 'SYSTEM'
       when action = 'user_updated' then 'USER_MANAGEMENT' else 'FILE_ACCESS' end,
  action,
  case when n % ({0} / 10) = 13 then 'rare' when action in ('blob_damaged', 'server_started', 'login_failed') then null
       when u < 50 then 'user1' else 'user' || (u / 2) end,
  case when n % ({0} / 10) = 17 then '/rare/one' when action in ('login_success', 'login_failed', 'server_started') then null
       when n < {0} / 5 and u < 6 then '/left/file ' || f
       when n % 10 = 3 then '/user2/shared/report ' || cast(pow(1000.0, f / 200000.0) as integer)
       when u >= 300 then '/user1/shared/manual.pdf' else '/user' || (u / 2) || '/folder ' || (f % 100) || '/file ' || f || '.bin' end,
  case when action in ('login_failed', 'access_denied') then 0 else k % 50 <> 1 end,
  case when action in ('login_failed', 'access_denied') then 'forbidden' when k % 50 = 1 then 'client_disconnected' end,
  case action when 'download' then '{{"file_size":' || f || ',"bytes_sent":' || f || ',"download_time_ms":1.25,"duration_ms":1.25,"transfer_rate_mbps":800.1,"sha256":'
         || '"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08","complete":true}}'
       when 'upload' then '{{"file_size":' || f || ',"mime_type":"application/octet-stream","duration_ms":3.5,"transfer_rate_mbps":400,"sha256":'
         || '"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08","replaced":false}}'
       else '{{}}' end,
  '192.0.2.' || (u % 250), 'Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0'
from kinds)sql",
                     events, kStart, kYear);
}

/// A database of the real schema. It is filled at the schema's first version and without its
/// indexes, so that the roll-ups are made by the product's own upgrade and the indexes by sorting.
inline void generate(const std::string& path, std::int64_t events) {
  if (std::filesystem::exists(path)) return;
  const std::string marker = "insert into schema_version values (1);";
  const std::string schema = sqlite_schema_sql();
  {
    Raw raw(path);
    raw.texts(
        "pragma journal_mode = off; pragma synchronous = off; pragma cache_size = -1000000; pragma "
        "temp_store = memory; pragma threads = 2");
    raw.texts(schema.substr(0, schema.find(marker) + marker.size()));
    const auto indexes = raw.texts(
        "select sql from sqlite_master where type = 'index' and tbl_name = 'audit_logs' and sql is "
        "not null");
    for (const auto& name : raw.texts("select name from sqlite_master where type = 'index' and "
                                      "tbl_name = 'audit_logs' and sql is not null"))
      raw.texts("drop index " + name);
    raw.texts("begin; " + fill_sql(events) + "; commit");
    for (const auto& sql : indexes) raw.texts(sql);
  }
  value(make_sqlite_database({.path = path}));
  std::filesystem::permissions(
      path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

} // namespace baluhost::bench
