#pragma once

#include "baluhost/core/files/file_service.hpp"
#include "progress.hpp"

#include "baluhost/core/access/principal.hpp"
#include "baluhost/domain/files/file_path.hpp"
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
  std::vector<std::string> skipped;  ///< neither files nor directories
  std::vector<std::string>
      failed;                  ///< files and directories that could not be taken, with the reason
  std::int64_t failed_files{}; ///< how many files that left out, those below a directory too
};

/// Brings a directory of the machine into the tree. What is in the way or cannot be taken is named
/// on stderr as it is met, and what follows is brought in all the same.
class Importer {
 public:
  Importer(FileService& files, Digester& digester, Principal who);
  Result<ImportOutcome> import(const std::filesystem::path& source, const FilePath& target);

 private:
  Result<void> import_directory(const std::filesystem::path& source, const FilePath& target,
                                Progress& progress);
  Result<void> import_entry(const std::filesystem::path& source, const FilePath& parent,
                            Progress& progress);
  Result<void> import_file(const std::filesystem::path& source, const FilePath& target,
                           const struct stat& status);
  void leave_out(const std::filesystem::path& path, const std::string& why);
  Result<bool> is_same(const std::filesystem::path& source, const FileInfo& info,
                       std::int64_t size);

  FileService& files_;
  Digester& digester_;
  Principal who_;
  ImportOutcome outcome_;
};

/// Writes a part of the tree into a directory of the machine, with its times; never over what is
/// there. What cannot be written is named on stderr, and what follows is written all the same. A
/// file has its name only when all of it is durable.
class Exporter {
 public:
  Exporter(FileService& files, Principal who);
  Result<ImportOutcome> export_tree(const FilePath& source, const std::filesystem::path& target);

 private:
  void export_entry(const FileInfo& info, const std::filesystem::path& target, Progress& progress);
  Result<void> export_directory(const FilePath& source, const std::filesystem::path& target,
                                Timestamp when, Progress& progress);
  Result<void> export_file(const FileInfo& info, const std::filesystem::path& target);

  FileService& files_;
  Principal who_;
  ImportOutcome outcome_;
};

} // namespace baluhost::ctl
