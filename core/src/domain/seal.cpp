#include "baluhost/domain/seal.hpp"

#include "big_endian.hpp"

// Each kind of statement begins with its own line, so that a signature over one can never be shown as a signature over another.

namespace baluhost {

std::string signed_bytes(const Seal& seal) {
  std::string bytes = "BaluHost seal v1\n";
  put_i64(bytes, seal.number.value);
  put_i64(bytes, seal.first_sequence);
  put_i64(bytes, seal.last_sequence);
  put_i64(bytes, seal.count);
  bytes += seal.root.view();
  bytes += seal.previous.view();
  put_i64(bytes, seal.sealed_at.microseconds);
  bytes += static_cast<char>(seal.recovered ? 1 : 0);
  put_text(bytes, seal.key_id);
  return bytes;
}

std::string signed_bytes(const PruneRecord& record) {
  std::string bytes = "BaluHost prune v1\n";
  put_i64(bytes, record.last_seal.value);
  put_i64(bytes, record.last_sequence);
  put_i64(bytes, record.events);
  put_i64(bytes, record.pruned_at.microseconds);
  put_text(bytes, record.key_id);
  return bytes;
}

} // namespace baluhost
