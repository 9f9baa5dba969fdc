#include "access/path_access.hpp"
#include "baluhost/core/files/file_service.hpp"
#include "baluhost/domain/concat.hpp"
#include "baluhost/ports/transactions.hpp"
#include "search/name_search.hpp"

#include <utility>

namespace baluhost {
namespace {

/// The results of one query: a cursor of another is foreign to it.
std::string list_of(const NameQuery& query, const std::optional<FilePath>& root) {
  const auto number = [](const auto& value) {
    return value ? std::to_string(*value) : std::string{"-"};
  };
  const auto time = [](const std::optional<Timestamp>& value) {
    return value ? std::to_string(value->microseconds) : std::string{"-"};
  };
  return concat("search:", query.text, "?", query.kind ? to_string(*query.kind) : "-", "?",
                time(query.modified_from), "?", time(query.modified_to), "?",
                number(query.min_size), "?", number(query.max_size), "?",
                root ? root->str() : std::string{});
}

/// What the results are bounded by: the path that is searched, or what the credential is bound to.
/// None: nothing. not_found: it is gone.
Result<std::optional<FileEntry>> root_of(ReadTransaction& tx, PathGate& gate,
                                         const Principal& principal,
                                         const std::optional<FilePath>& path) {
  if (path) {
    BALUHOST_TRY(auto access, gate.admit(tx, *path, Right::read));
    if (!access.resolution.complete) return Error{Errc::not_found, "nothing is there"};
    return std::optional{std::move(access.resolution.found.back())};
  }
  const auto bound = path_bounds(principal.credential()).root;
  if (!bound) return std::optional<FileEntry>{};
  BALUHOST_TRY(auto entry, tx.files().find(*bound));
  if (!entry) return Error{Errc::not_found, "what the credential is bound to is gone"};
  return std::optional{*std::move(entry)};
}

} // namespace

Result<Page<FileInfo>> FileService::search(const Principal& principal, const NameQuery& query,
                                           const std::optional<FilePath>& root,
                                           const PageRequest& page) {
  if (principal.share() != nullptr) return Error{Errc::forbidden, "a share finds nothing"};
  const auto list = list_of(query, root);
  const auto limit = page_limit(page);
  std::optional<SearchPosition> after;
  if (page.cursor) {
    BALUHOST_TRY(const auto key, read_cursor(list, *page.cursor));
    BALUHOST_TRY(after, SearchPosition::parse(key));
  }
  PathGate gate(deps_.audit_log, principal, Operation::search);
  const auto look = [&](ReadTransaction& tx) -> Result<SearchPage> {
    auto bounds = root_of(tx, gate, principal, root);
    // Of what is gone nothing is found.
    if (!bounds && !root && bounds.error().code == Errc::not_found) return SearchPage{};
    if (!bounds) return std::move(bounds).error();
    return NameSearch(tx, principal, query, *std::move(bounds)).find(after, limit);
  };
  auto found = baluhost::query(deps_.database, look);
  if (!found) return gate.failed(std::move(found).error());
  Page<FileInfo> infos;
  for (auto& result : found->results) infos.items.push_back(std::move(result.info));
  if (found->next) infos.next_cursor = make_cursor(list, found->next->key());
  return infos;
}

} // namespace baluhost
