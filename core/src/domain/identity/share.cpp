#include "baluhost/domain/identity/share.hpp"

namespace baluhost {

Result<ShareRights> ShareRights::parse(std::span<const std::string> texts) {
  ShareRights rights;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    bool* right = texts[i] == "read"     ? &rights.read
                  : texts[i] == "create" ? &rights.create
                                         : nullptr;
    if (right == nullptr || *right)
      return invalid("must be read or create, each once").at("/" + std::to_string(i));
    *right = true;
  }
  if (rights == ShareRights{}) return invalid("must name at least one right");
  return rights;
}

Rights ShareRights::needed() const noexcept {
  return (read ? Rights{Right::read} : Rights{}) | (create ? Rights{Right::write} : Rights{});
}

std::vector<std::string> ShareRights::list() const {
  std::vector<std::string> names;
  if (read) names.emplace_back("read");
  if (create) names.emplace_back("create");
  return names;
}

std::string ShareRights::to_text() const {
  if (read && create) return "read,create";
  return read ? "read" : create ? "create" : "";
}

} // namespace baluhost
