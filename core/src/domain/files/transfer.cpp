#include "baluhost/domain/files/transfer.hpp"

#include "big_endian.hpp"

namespace baluhost {

std::string tagged_bytes(const TransferGroup& group) {
  std::string bytes = "BaluHost downloads v1\n";
  bytes.reserve(bytes.size() + 96 + group.events.size());
  put_text(bytes, group.instance.value);
  put_i64(bytes, group.first.value);
  put_i64(bytes, group.downloads);
  put_i64(bytes, group.since.value);
  put_text(bytes, group.events);
  return bytes;
}

std::string tagged_bytes(const InstanceId& instance, const OpenTransfers& transfers) {
  std::string bytes = "BaluHost open downloads v1\n";
  put_text(bytes, instance.value);
  put_i64(bytes, transfers.begun.value);
  put_text(bytes, transfers.open);
  return bytes;
}

} // namespace baluhost
