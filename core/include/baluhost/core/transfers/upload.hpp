#pragma once

#include "baluhost/core/files/file_info.hpp"
#include "baluhost/domain/digest.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/domain/timestamp.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace baluhost {

/// How a file is written, and on which conditions.
struct PutOptions {
  bool overwrite{false};
  bool parents{false};
  Preconditions conditions{};             ///< an `If-Match` that holds allows to overwrite too
  std::optional<std::int64_t> size{};     ///< announced, bytes
  std::optional<Sha256Digest> expected{}; ///< verified before anything is stored
  std::optional<Timestamp> modified_at{}; ///< of the file, where it is older than its upload
};

/// What a write of a file did.
struct PutResult {
  FileInfo info;
  bool created{false}; ///< false: replaced
};

/// Content on its way in, for one file. Dropped before `commit` it disappears and its failed event
/// is written (`abandon`; without a reason, client_disconnected). One thread at a time.
class Upload {
 public:
  class InProgress; ///< of the core; not for others

  /// Made by `FileService`.
  explicit Upload(std::unique_ptr<InProgress> in_progress);

  /// What it moves from is over, without a record.
  Upload(Upload&&) noexcept;
  Upload& operator=(Upload&&) noexcept;
  ~Upload();

  /// payload_too_large, quota_exceeded, insufficient_storage, unavailable; the upload is over then,
  /// and recorded.
  [[nodiscard]] Result<void> write(std::string_view bytes);

  /// Verifies, publishes, and puts the file in its place with its event. digest_mismatch,
  /// already_exists, precondition_failed, quota_exceeded, … : all checks of the beginning hold
  /// again at the end.
  [[nodiscard]] Result<PutResult> commit();

  /// A digest that became known while receiving (a trailer).
  void expect(const Sha256Digest& digest);

  /// Ends it and records why: a malformed body, a time-out. Returns `why`, marked as recorded.
  [[nodiscard]] Error abandon(Error why);

 private:
  std::unique_ptr<InProgress> in_progress_;
};

} // namespace baluhost
