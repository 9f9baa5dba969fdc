#include "baluhost/core/seals/verify.hpp"
#include "baluhost/memory/fake_seal_signer.hpp"
#include "baluhost/memory/portable_digester.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>

using namespace baluhost;

/// An export with seals and an inclusion proof: files that an auditor gets from whom the auditor
/// does not trust. With no signature that fits, nothing may pass for proven.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto keys = make_fake_seal_signer(Secret{"not the key of the seeds"});
  static const auto digester = make_portable_digester();
  const std::string text{reinterpret_cast<const char*>(data), size};

  const auto proof = check_inclusion_proof(text, *keys, *digester);
  if (proof && *proof) std::abort();

  std::istringstream lines(text);
  const auto report = verify_export(lines, *keys, *digester, {});
  if (report && report->ok && report->seals > 0) std::abort();
  if (report && report->ok != report->problems.empty()) std::abort();
  return 0;
}
