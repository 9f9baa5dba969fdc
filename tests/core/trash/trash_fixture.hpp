#pragma once

#include "fixtures/files_fixture.hpp"

#include <string>
#include <vector>

/// What the tests of the trash and of versions ask for.
namespace baluhost::files_test {

inline constexpr KeepRules kKeep{.trash_days = 30, .versions_keep = 3, .versions_days = 90};

/// A world that keeps what is deleted and replaced, with anna and bert in it.
struct KeepingWorld : World {
  explicit KeepingWorld(KeepRules keep = kKeep, FileLimits limits = {},
                        std::optional<std::int64_t> quota = {})
      : World({.limits = limits, .keep = keep}), anna(enter("anna", quota)), bert(enter("bert")) {}

  Result<void> remove(const Principal& who, const std::string& where,
                      Deletion deletion = Deletion::by_rule) {
    return files.remove(who, path(where), Recursive::yes, {}, deletion);
  }
  /// What the trash got by it; what that recorded is passed over.
  TrashEntry discard(const Principal& who, const std::string& where) {
    REQUIRE(remove(who, where));
    events();
    return trash.list(operator_, {.limit = 1}).value().items.at(0);
  }
  Result<FileInfo> restore(const Principal& who, const TrashEntry& entry, const std::string& to,
                           bool overwrite = false) {
    return trash.restore(who, entry.id, {.to = path(to), .overwrite = overwrite});
  }
  /// Paths, newest first.
  Lines waiting(const Principal& who) {
    Lines paths;
    const auto page = trash.list(who, {}).value();
    for (const auto& entry : page.items) paths.push_back(entry.path.str());
    return paths;
  }
  /// "12* by anna", newest first, with a star at the present one.
  Lines contents(const std::string& where) {
    Lines found;
    const auto page = versions.list(operator_, path(where), {}).value();
    for (const auto& version : page.items) {
      found.push_back(std::to_string(version.content.size) + (version.is_current ? "*" : "") +
                      " by " + version.created_by.value_or("-"));
    }
    return found;
  }
  VersionId version(const std::string& where, std::size_t index) {
    return versions.list(operator_, path(where), {}).value().items.at(index).id;
  }
  /// "used 5, files 1, entries 2, trash 0, versions 0"
  std::string figures(const std::string& name) {
    const auto of = user(name);
    return "used " + std::to_string(of.used_bytes) + ", files " + std::to_string(of.file_count) +
           ", entries " + std::to_string(of.entry_count) + ", trash " +
           std::to_string(of.trash_bytes) + ", versions " + std::to_string(of.version_bytes);
  }
  Errc missing(const Principal& who, const std::string& where) {
    return error_of_read(files.info(who, path(where)));
  }

  Principal anna;
  Principal bert;

 private:
  template <class T>
  static Errc error_of_read(const Result<T>& result) {
    REQUIRE_FALSE(result);
    return result.error().code;
  }
};

} // namespace baluhost::files_test
