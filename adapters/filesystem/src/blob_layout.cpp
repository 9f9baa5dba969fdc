#include "blob_layout.hpp"

#include "baluhost/domain/digest.hpp"

#include <algorithm>

namespace baluhost {
namespace {

constexpr std::size_t kMaxUploadIdDigits = 64;

bool is_hex(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

} // namespace

std::string fan_out_directory(int number) {
  return to_hex(std::string(1, static_cast<char>(number)));
}
std::string fan_out_directory(const BlobId& id) { return id.value.substr(0, 2); }
std::string blob_path(const BlobId& id) { return fan_out_directory(id) + '/' + id.value; }

bool is_blob_id(std::string_view text) noexcept {
  return text.size() == 2 * kBlobIdBytes && is_hex(text);
}
bool is_upload_id(std::string_view text) noexcept {
  return !text.empty() && text.size() <= kMaxUploadIdDigits && is_hex(text);
}

} // namespace baluhost
