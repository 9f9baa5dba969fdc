#include "seals/inclusion_proof.hpp"

#include "audit/audit_lines.hpp"
#include "baluhost/core/json/json_views.hpp"
#include "baluhost/core/seals/verify.hpp"
#include "seals/merkle.hpp"

#include <optional>
#include <utility>
#include <vector>

namespace baluhost {
namespace {

constexpr std::size_t kLeavesPerRead = 1000;
constexpr std::size_t kLongestPath = 64;

/// The leaves of the tree of `seal`. not_found where some are gone: they were pruned, or worse.
Result<std::vector<Sha256Digest>> tree_leaves(const SealRepository& seals, const Seal& seal,
                                              const Digester& digester) {
  const Error gone{.code = Errc::not_found, .detail = "leaves of the event's seal are missing"};
  std::vector<Sha256Digest> leaves;
  auto sequence = seal.first_sequence - 1;
  while (sequence < seal.last_sequence) {
    BALUHOST_TRY(const auto page, seals.sealed_events(sequence, kLeavesPerRead));
    for (const auto& sealed : page) {
      if (sequence == seal.last_sequence) break;
      if (sealed.leaf.sequence != sequence + 1) return gone;
      leaves.push_back(merkle_leaf(digester, sealed.leaf.leaf.view()));
      ++sequence;
    }
    if (page.empty()) return gone;
  }
  return leaves;
}

struct InclusionProof {
  AuditEvent event;
  std::int64_t sequence{};
  std::vector<Sha256Digest> path;
  Seal seal;
};

Result<InclusionProof> read_proof(std::string_view text) {
  BALUHOST_TRY(auto json, JsonMembers::read(text));
  InclusionProof proof;
  BALUHOST_TRY(const auto event, json.object("event"));
  BALUHOST_TRY(auto members, JsonMembers::read(event));
  BALUHOST_TRY(proof.event, read_event(members));
  BALUHOST_CHECK(members.nothing_left());
  BALUHOST_TRY(proof.sequence, json.integer("seq"));
  BALUHOST_TRY(const auto path, json.json("path"));
  BALUHOST_TRY(const auto nodes, read_json_array(path));
  if (nodes.size() > kLongestPath) return invalid("has a path too long for any tree");
  for (const auto node : nodes) {
    BALUHOST_TRY(const auto hex, read_json_text(node));
    BALUHOST_TRY(const auto digest, Sha256Digest::parse_hex(hex));
    proof.path.push_back(digest);
  }
  BALUHOST_TRY(const auto seal, json.object("seal"));
  BALUHOST_TRY(proof.seal, read_seal(seal));
  BALUHOST_CHECK(json.nothing_left());
  return proof;
}

} // namespace

Result<std::string> make_inclusion_proof(const SealRepository& seals, const Digester& digester,
                                         const AuditEvent& event) {
  BALUHOST_TRY(const auto leaf, seals.leaf_of(event.id));
  if (!leaf) return Error{.code = Errc::not_found, .detail = "the event is not sealed yet"};
  BALUHOST_TRY(const auto seal, seals.seal_of(leaf->sequence));
  if (!seal) return Error{.code = Errc::not_found, .detail = "the event's leaf belongs to no seal"};
  BALUHOST_TRY(const auto leaves, tree_leaves(seals, *seal, digester));
  std::vector<std::string> path;
  for (const auto& node : inclusion_path(
           digester, leaves, static_cast<std::size_t>(leaf->sequence - seal->first_sequence))) {
    path.push_back('"' + node.hex() + '"');
  }
  JsonObject json;
  json.add_json("event", to_json(event));
  json.add("seq", leaf->sequence);
  json.add_json("path", json_array(path));
  json.add_json("seal", to_json(*seal));
  return json.str();
}

Result<bool> check_inclusion_proof(std::string_view text, const SealVerifier& keys,
                                   const Digester& digester) {
  BALUHOST_TRY(const auto proof, read_proof(text));
  const auto& seal = proof.seal;
  if (seal.first_sequence < 1 || proof.sequence < seal.first_sequence ||
      proof.sequence > seal.last_sequence)
    return false;
  if (seal.count != seal.last_sequence - seal.first_sequence + 1) return false;
  const auto leaf = digester.sha256(canonical_encoding(proof.event));
  const auto root = root_of_path(digester, merkle_leaf(digester, leaf.view()),
                                 proof.sequence - seal.first_sequence, seal.count, proof.path);
  return root && *root == seal.root && keys.verify(seal.key_id, signed_bytes(seal), seal.signature);
}

} // namespace baluhost
