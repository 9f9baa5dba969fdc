#pragma once

#include "baluhost/core/transfers/transfer_journal.hpp"
#include "baluhost/domain/identity/second_factor.hpp"
#include "baluhost/domain/result.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace baluhost {

/// Where a host keeps its data and how it behaves. A path that is left empty lies in `data_dir`.
struct HostOptions {
  std::string data_dir{"./data"};
  std::string keys_dir{};     ///< "keys"
  std::string database_url{}; ///< of the SQLite file "baluhost.db"
  /// A file that holds the database's password, for its owner's eyes only; empty: none.
  std::string database_password_file{};
  std::int64_t database_pool_size{8};
  /// A file with the password of the first administrator; empty: a random one is made and left in
  /// the file "initial-admin-password".
  std::string admin_password_file{};

  /// The keys below `auth`.
  struct Auth {
    std::chrono::milliseconds access_ttl{std::chrono::minutes{15}};
    std::chrono::milliseconds refresh_ttl{std::chrono::hours{24 * 7}};
    std::int64_t argon2_memory_kib{19456};
    std::int64_t argon2_iterations{2};
    std::int64_t argon2_parallelism{1};
    std::int64_t max_attempts{10};
    std::chrono::milliseconds attempt_window{std::chrono::minutes{15}};
    SecondFactorRule require_second_factor{SecondFactorRule::none};
  } auth{};

  /// The keys below `files`.
  struct Files {
    std::string blob_dir{}; ///< "blobs"
    std::int64_t max_upload_bytes{0};
    std::int64_t min_free_bytes{256LL << 20};
    std::int64_t max_entries_per_user{500'000};
    std::int64_t max_entries_at_once{20'000};
    std::int64_t max_unfinished_uploads{1000};
    std::int64_t max_archives{20};
    std::int64_t max_archive_entries{200'000};
    std::chrono::milliseconds upload_expiry{std::chrono::hours{24}};
    bool sha1{false};
    std::int64_t trash_days{30};    ///< 0: what is deleted is gone at once
    std::int64_t versions_keep{10}; ///< of a file; 0: none
    std::int64_t versions_days{90}; ///< 0: no limit
    bool encryption{false};         ///< of contents that come from now on; both kinds are read
  } files{};

  /// The keys below `shares`.
  struct Shares {
    bool enabled{true};
    std::int64_t default_days{30}; ///< 0: they do not expire
    std::int64_t max_days{0};      ///< 0: no limit
    bool require_password{false};
  } shares{};

  /// The keys below `audit`.
  struct Audit {
    DownloadRecording downloads{DownloadRecording::before};
    std::int64_t retention_days{0};
    std::chrono::milliseconds seal_interval{1000};
    std::int64_t seal_events{1000};
    std::string anchor_file{}; ///< "audit.anchor"
  } audit{};

  bool during_restore{false}; ///< for the restore itself: its mark is no obstacle
};

/// Fills in the paths that are left empty.
void fill_in_paths(HostOptions& options);

/// Looks at what opening a host refuses: secrets, keys, directories, but for what only a connection
/// to the database shows. Makes nothing. conflict or unavailable: `fields` has one entry, whose
/// pointer names the setting as a configuration file does ("server.keys_dir", "first_admin") and
/// whose detail says what to do.
Result<void> check_host_options(const HostOptions& options);

/// The file that is there while a restore into the data directory is under way or was not finished;
/// nothing opens the directory then.
std::string restore_mark(const HostOptions& options);

} // namespace baluhost
