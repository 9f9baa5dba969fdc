#include "blob_layout.hpp"

#include "baluhost/domain/digest.hpp"

namespace baluhost {

std::string fan_out_directory(int number) {
  return to_hex(std::string(1, static_cast<char>(number)));
}
std::string fan_out_directory(const BlobId& id) { return id.value.substr(0, 2); }
std::string blob_path(const BlobId& id) { return fan_out_directory(id) + '/' + id.value; }

} // namespace baluhost
