#pragma once

#include "baluhost/domain/ids.hpp"

#include <string>

/// Where content lies below the root of a blob store.
namespace baluhost {

inline constexpr int kFanOut = 256; ///< directories of blobs
inline constexpr const char* kStaging = "staging";
inline constexpr const char* kTemporary = "tmp";

/// The name of one of the directories of blobs, by its number: "00" … "ff".
std::string fan_out_directory(int number);
/// The directory of a blob: "ab". `id` is valid.
std::string fan_out_directory(const BlobId& id);
/// The path of a blob: "ab/ab34…". `id` is valid.
std::string blob_path(const BlobId& id);

} // namespace baluhost
