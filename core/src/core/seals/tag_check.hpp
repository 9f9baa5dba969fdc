#pragma once

#include "baluhost/core/seals/verify.hpp"
#include "baluhost/domain/audit/seal.hpp"
#include "baluhost/ports/digester.hpp"
#include "baluhost/ports/repositories/seal_repository.hpp"
#include "baluhost/ports/seal_signer.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace baluhost {

/// An event that has no seal yet and bears a tag of ours.
struct TaggedLeaf {
  EventId event;
  Sha256Digest leaf;
  Timestamp timestamp;
};

/// What the tags of one writer say.
struct WriterTags {
  /// Ours, each once.
  std::vector<TaggedLeaf> unsealed;
  /// Tags that fit no event, events that are gone.
  std::vector<VerifyProblem> problems;
  /// Every tag of this writer, by its first event.
  std::vector<EventId> all;
  /// Of its events that have a tag which fits.
  std::optional<Timestamp> newest;
};

/// Reads every tag and checks it against its event, and the numbers of each writer against one
/// another. Each writer's tags are those of one moment if `seals` sees one. Of a verifier without
/// private keys no tag is refused for its MAC. Takes memory for what is unsealed.
Result<std::map<std::string, WriterTags>> check_tags(const SealRepository& seals,
                                                     const SealVerifier& keys,
                                                     const Digester& digester);

/// The leaf of `event`: the digest of its canonical encoding.
Sha256Digest leaf_of(const AuditEvent& event, const Digester& digester);

} // namespace baluhost
