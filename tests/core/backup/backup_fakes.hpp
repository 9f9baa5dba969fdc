#pragma once

#include "baluhost/memory/portable_digester.hpp"
#include "baluhost/ports/backup_files.hpp"
#include "baluhost/ports/blob_store.hpp"
#include "baluhost/ports/database_backup.hpp"
#include "baluhost/test/forwarding_database.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

/// A backup and a host's directories in memory; `calls` is what was asked of them, in order.
namespace baluhost::backup_test {

struct Disk {
  std::map<std::string, std::string> files;            ///< of the backup, by name
  std::map<std::string, CopiedContent> blobs;          ///< of the backup
  std::map<std::string, CopiedContent> in_host;        ///< bad ones, as they are read there
  std::map<std::string, std::int64_t> aside, in_place; ///< sizes of the host's blobs
  std::optional<std::string> mark;                     ///< the database that it names
  bool is_locked{false};                               ///< by a restore
  bool is_occupied{false};                             ///< something lies where a restore goes
  std::vector<std::string> calls;
};

/// With a digest that any change changes.
inline BackupFile described(const std::string& name, const std::string& text) {
  BackupFile file{.name = name, .size = static_cast<std::int64_t>(text.size())};
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::uint8_t& byte = file.sha256.bytes[i % 32];
    byte = static_cast<std::uint8_t>(byte * 31 + static_cast<unsigned char>(text[i]) + 1);
  }
  return file;
}

/// What an honest copy sees of a blob.
inline CopiedContent seen(const BlobReader& reader) {
  std::string bytes(static_cast<std::size_t>(reader.size()), '\0');
  static_cast<void>(reader.read_at(0, bytes));
  return {.size = reader.size(), .sha256 = make_portable_digester()->sha256(bytes)};
}

class FakeBackupFiles final : public BackupFiles {
 public:
  FakeBackupFiles(Disk& disk, const BlobStore& host) : disk_(disk), host_(host) {}

  Result<void> begin() override {
    if (disk_.is_occupied) return Error{Errc::conflict, "the backup is not empty"};
    return {};
  }
  Result<void> copy_anchor() override {
    disk_.calls.emplace_back("anchor");
    disk_.files["audit.anchor"] = "the newest seal";
    return {};
  }
  Result<void> copy_keys() override {
    disk_.calls.emplace_back("keys");
    disk_.files["keys/audit-ed25519.pub.pem"] = "public keys";
    disk_.files["keys/content-1.key"] = "a key of contents";
    return {};
  }
  Result<std::optional<CopiedContent>> copy_blob(const BlobId& blob) override {
    const auto reader = host_.open(blob);
    if (!reader) return std::optional<CopiedContent>{};
    disk_.calls.emplace_back("blob");
    disk_.blobs[blob.value] = seen(**reader);
    if (const auto fault = disk_.in_host.find(blob.value); fault != disk_.in_host.end())
      disk_.blobs[blob.value] = fault->second;
    return std::optional{disk_.blobs[blob.value]};
  }
  void keep_blobs(FunctionRef<bool(const BlobId&)> is_wanted) override {
    std::erase_if(disk_.blobs, [&](const auto& blob) { return !is_wanted(BlobId{blob.first}); });
  }
  std::string path_of(std::string_view name) const override {
    return "backup/" + std::string{name};
  }
  Result<void> write(std::string_view name, std::string_view text) override {
    disk_.calls.emplace_back(name);
    disk_.files[std::string{name}] = text;
    return {};
  }
  Result<std::vector<BackupFile>> files() const override {
    std::vector<BackupFile> all;
    for (const auto& [name, text] : disk_.files) all.push_back(described(name, text));
    return all;
  }
  void flush() override { disk_.calls.emplace_back("flush"); }

 private:
  Disk& disk_;
  const BlobStore& host_;
};

class FakeRestoreFiles final : public RestoreFiles {
 public:
  explicit FakeRestoreFiles(Disk& disk) : disk_(disk) {}

  Result<std::string> read(std::string_view name) const override {
    const auto found = disk_.files.find(std::string{name});
    if (found == disk_.files.end()) return Error{Errc::not_found, "not there"};
    return found->second;
  }
  std::string path_of(std::string_view name) const override {
    return "backup/" + std::string{name};
  }
  Result<BackupFile> examine(const std::string& name) const override {
    const auto found = disk_.files.find(name);
    if (found == disk_.files.end()) return Error{Errc::not_found, "not there"};
    return described(name, found->second);
  }
  Result<std::optional<Anchor>> anchor() const override { return std::optional<Anchor>{}; }

  bool is_marked() const override { return disk_.mark.has_value(); }
  std::string mark_path() const override { return "host/mark"; }
  Result<void> check_is_absent(bool, const RestorePlaces&) const override {
    if (disk_.is_occupied) return Error{Errc::conflict, "keys exists"};
    return {};
  }
  Result<void> lock() override {
    disk_.is_locked = true;
    return {};
  }
  void release() override { disk_.is_locked = false; }
  Result<void> mark(bool, const RestorePlaces& database) override {
    disk_.calls.emplace_back("mark");
    disk_.mark = database.database;
    return {};
  }
  Result<std::string> marked_database() const override { return disk_.mark.value_or(""); }
  Result<void> undo() override {
    disk_.calls.emplace_back("undo");
    disk_.is_occupied = false;
    disk_.aside.clear();
    disk_.in_place.clear();
    disk_.mark.reset();
    return {};
  }
  Result<void> copy_keys_and_anchor() override {
    disk_.calls.emplace_back("keys and anchor");
    return {};
  }
  Result<std::optional<CopiedContent>> copy_blob(const BlobId& blob) override {
    const auto found = disk_.blobs.find(blob.value);
    if (found == disk_.blobs.end()) return std::optional<CopiedContent>{};
    disk_.aside[blob.value] = found->second.size;
    return std::optional{found->second};
  }
  Result<void> place() override {
    disk_.calls.emplace_back("place files");
    disk_.in_place.merge(disk_.aside);
    return {};
  }
  Result<std::int64_t> size_in_place(const BlobId& blob) const override {
    const auto found = disk_.in_place.find(blob.value);
    if (found == disk_.in_place.end()) return Error{Errc::not_found, "not there"};
    if (found->second < 0) return Error{Errc::unavailable, "no key"};
    return found->second;
  }
  Result<void> unmark() override {
    disk_.calls.emplace_back("unmark");
    disk_.mark.reset();
    return {};
  }

 private:
  Disk& disk_;
};

/// A database that others keep.
class BorrowedDatabase final : public test::ForwardingDatabase {
 public:
  using test::ForwardingDatabase::ForwardingDatabase;
  void on_commit(CommitListener) override {}
  void tag_events(std::shared_ptr<EventTagger>) override {}
};

/// Copies nothing: the database of the host is that of the backup and of the restored host.
class FakeDatabaseBackup final : public DatabaseBackup {
 public:
  FakeDatabaseBackup(Disk& disk, Database& database) : disk_(disk), database_(database) {}

  std::function<void()> before_view; ///< what happens between the first blobs and the view
  std::function<void()> after_view;  ///< and after it

  std::string_view kind() const noexcept override { return "memory"; }
  std::string_view file_name() const noexcept override { return "database"; }
  Result<void> copy(const std::string&, CopyView view, const CopyProgress&) override {
    disk_.calls.emplace_back("database");
    if (before_view) before_view();
    auto seen = database_.read([&](ReadTransaction& tx) -> Result<void> {
      BALUHOST_CHECK(view(tx));
      return {};
    });
    if (after_view) after_view();
    return seen;
  }
  Result<void> copy_unseen(const std::string&) override { return {}; }
  Result<std::vector<std::string>> check_structure(const std::string&,
                                                   StructureCheck) const override {
    return std::vector<std::string>{};
  }
  std::unique_ptr<BulkStore> rows(const std::string&) const override { return nullptr; }
  Result<std::unique_ptr<Database>> open_copy(const std::string&) const override {
    return std::make_unique<BorrowedDatabase>(database_);
  }
  Result<void> check_copy(const std::string&) const override { return {}; }
  RestorePlaces places() const override { return {.file = {}, .files = {}, .database = "here"}; }
  Result<void> check_is_absent() const override { return {}; }
  Result<std::unique_ptr<Database>> load(const std::string&) override {
    disk_.calls.emplace_back("load");
    return std::make_unique<BorrowedDatabase>(database_);
  }
  Result<void> place() override {
    disk_.calls.emplace_back("place database");
    return {};
  }
  Result<std::unique_ptr<Database>> open(bool) const override {
    return std::make_unique<BorrowedDatabase>(database_);
  }
  Result<void> clear() override {
    disk_.calls.emplace_back("clear");
    return {};
  }

 private:
  Disk& disk_;
  Database& database_;
};

} // namespace baluhost::backup_test
