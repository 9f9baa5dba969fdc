#pragma once

#include "baluhost/domain/ids.hpp"

#include <cstddef>
#include <string>
#include <string_view>

/// Where content lies below the root of a blob store.
namespace baluhost {

inline constexpr std::size_t kBlobIdBytes = 16;
inline constexpr int kFanOut = 256; ///< directories of blobs
inline constexpr const char* kStaging = "staging";
inline constexpr const char* kTemporary = "tmp";

/// The name of one of the directories of blobs, by its number: "00" … "ff".
std::string fan_out_directory(int number);
/// The directory of a blob: "ab". `id` has passed `is_blob_id`.
std::string fan_out_directory(const BlobId& id);
/// The path of a blob: "ab/ab34…". `id` has passed `is_blob_id`.
std::string blob_path(const BlobId& id);

/// 32 lower-case hex digits: nothing else becomes a path.
bool is_blob_id(std::string_view text) noexcept;
/// 1 to 64 lower-case hex digits.
bool is_upload_id(std::string_view text) noexcept;

} // namespace baluhost
