#pragma once

#include "progress.hpp"
#include "services.hpp"

#include "baluhost/core/principal.hpp"
#include "baluhost/domain/file_path.hpp"
#include "baluhost/ports/digester.hpp"

#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace baluhost::ctl {

struct ImportOutcome {
  std::int64_t files{};
  std::int64_t bytes{};
  std::int64_t unchanged{};          ///< were there already, with the same content
  std::vector<std::string> existing; ///< are there with another content, and were left alone
  std::vector<std::string> skipped;  ///< neither files nor directories, or not readable, or not nameable; with the reason
};

/// Brings a directory of the machine into the tree. What is in the way or cannot be taken is named on stderr as it is met.
class Importer {
 public:
  Importer(Services& services, Digester& digester, Principal who);
  Result<ImportOutcome> import(const std::filesystem::path& source, const FilePath& target);

 private:
  Result<void> import_directory(const std::filesystem::path& source, const FilePath& target, Progress& progress);
  Result<void> import_file(const std::filesystem::path& source, const FilePath& target, const struct stat& status);
  Result<bool> is_same(const std::filesystem::path& source, const FileInfo& info, std::int64_t size);
  static void note(std::vector<std::string>& list, const std::filesystem::path& path, const std::string& why);

  Services& services_;
  Digester& digester_;
  Principal who_;
  ImportOutcome outcome_;
};

/// Writes a part of the tree into a directory of the machine, with its times; never over what is there.
class Exporter {
 public:
  Exporter(Services& services, Principal who);
  Result<ImportOutcome> export_tree(const FilePath& source, const std::filesystem::path& target);

 private:
  Result<void> export_directory(const FilePath& source, const std::filesystem::path& target, Timestamp when, Progress& progress);
  Result<void> export_file(const FileInfo& info, const std::filesystem::path& target);

  Services& services_;
  Principal who_;
  ImportOutcome outcome_;
};

} // namespace baluhost::ctl
