#pragma once

#include "checks.hpp"

#include "baluhost/contract/database_contract.hpp"
#include "baluhost/domain/audit/audit_event.hpp"
#include "baluhost/domain/error.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

/// What the suites have in common: short ways to run a transaction and to make rows. Only `outcome`
/// and the thread runner may be used off the section's thread, as checks may not.
namespace baluhost::contract {

inline constexpr Timestamp kNow{1'795'488'871'123'456}; ///< 2026-11-24T02:54:31.123456Z
inline constexpr std::chrono::microseconds kTick{1};
inline constexpr std::chrono::microseconds kSecond{1'000'000};

/// "ok", or the code of the error.
template <class T>
std::string outcome(const Result<T>& result) {
  return result ? std::string{"ok"} : std::string{code_of(result.error().code)};
}

/// The value of a result that has to be one.
template <class T>
T must(Result<T> result) {
  if (!result)
    FAIL("expected success, got " << code_of(result.error().code) << ": " << result.error().detail);
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

NewAuditEvent some_event(std::string resource = "/anna/note");

/// One of anna's, whose account that is, with every member set that such an event has.
NewAuditEvent event_of(UserId account, Action action, std::string resource);

/// Runs `work` in a write with one event; its error, or that of the commit.
template <class Work>
auto attempt(Database& database, const Work& work)
    -> std::invoke_result_t<const Work&, WriteTransaction&> {
  using Answer = std::invoke_result_t<const Work&, WriteTransaction&>;
  std::optional<Answer> answer;
  auto committed = database.write([&](WriteTransaction& tx) -> Result<AuditEvents> {
    answer.emplace(work(tx));
    BALUHOST_CHECK(*answer);
    return AuditEvents{some_event()};
  });
  if (!committed) return std::move(committed).error();
  return *std::move(answer);
}

/// As `attempt`, and it has to succeed.
template <class Work>
auto change(Database& database, const Work& work) {
  return must(attempt(database, work));
}

/// What `work` reads in a transaction of its own.
template <class Work>
auto see(Database& database, const Work& work) {
  using Answer = std::invoke_result_t<const Work&, ReadTransaction&>;
  std::optional<Answer> answer;
  must(database.read([&](ReadTransaction& tx) -> Result<void> {
    answer.emplace(work(tx));
    return {};
  }));
  return must(*std::move(answer));
}

/// What `work` does as bookkeeping.
template <class Work>
auto bookkept(Database& database, const Work& work) {
  using Answer = std::invoke_result_t<const Work&, Bookkeeping&>;
  std::optional<Answer> answer;
  must(database.bookkeep([&](Bookkeeping& tx) -> Result<void> {
    answer.emplace(work(tx));
    BALUHOST_CHECK(*answer);
    return {};
  }));
  return must(*std::move(answer));
}

/// Keeps the figures of every day, as a server does of those that are over. Returns how many it
/// kept.
int roll_up(Database& database);

/// Runs `work(0)` … `work(threads - 1)` at the same time, each on its thread, and waits for all.
void together(int threads, const std::function<void(int)>& work);

/// How many of `outcomes` are `wanted`.
std::ptrdiff_t count_of(const std::vector<std::string>& outcomes, std::string_view wanted);

Username username(std::string_view text);
Email email(std::string_view text);
FileName file_name(std::string_view text);
FilePath file_path(std::string_view text);
SessionId session_id(int number);
BlobId blob_id(int number);
UploadId upload_id(int number);
ShareId share_id(int number);
InstanceId instance_id(int number);
Sha256Digest sha256_of(int number); ///< distinct bytes, not a hash
RefreshTokenHash refresh_hash(int number);
Content content(int blob, std::int64_t size);

NewUser new_user(std::string_view name);
NewFileEntry new_directory(const FileEntry& parent, std::string_view name);
NewFileEntry new_file(const FileEntry& parent, std::string_view name, const Content& content);
Session new_session(int number, UserId user);
PendingUpload new_upload(int number, UserId creator, std::string_view target, std::int64_t length);

User add_user(Database& database, std::string_view name);
FileEntry add_home(Database& database, const User& user);
FileEntry add_directory(Database& database, const FileEntry& parent, std::string_view name);
FileEntry add_file(Database& database, const FileEntry& parent, std::string_view name,
                   const Content& content);
Grant new_grant(const FileEntry& file, const User& grantee,
                Rights rights); ///< by the owner of `file`
Grant add_grant(Database& database, const FileEntry& file, const User& grantee, Rights rights);

Share new_share(int number, const FileEntry& file, const User& creator);
Share add_share(Database& database, int number, const FileEntry& file, const User& creator);

/// Every member in text, for comparing whole values.
std::string describe(const User& user);
std::string describe(const Session& session);
std::string describe(const Key& key);
std::string describe(const Grant& grant);
std::string describe(const Share& share);
std::string describe(const Content& content);
std::string describe(const FileEntry& entry);
std::string describe(const PendingUpload& upload);
std::string describe(const NewAuditEvent& event);
std::string describe(const AuditEvent& event);
std::string describe(const Seal& seal);
std::string describe(const PruneRecord& record);

template <class T>
std::vector<std::string> describe(const std::vector<T>& values) {
  std::vector<std::string> texts;
  for (const auto& value : values) texts.push_back(describe(value));
  return texts;
}

} // namespace baluhost::contract
