#include "long_resources.hpp"

#include "baluhost/domain/concat.hpp"

namespace baluhost::sql {

std::string in_its_index(std::string_view resource, const Dialect& dialect) {
  if (!dialect.has_long_resources()) return "";
  return concat(" and ", resource.size() > kLongestKey ? kIsLongResource : kIsShortResource);
}

void add_resource(AuditConditions& conditions, const std::string& text, bool long_resources) {
  conditions.add("a.resource = ?", {text});
  if (!long_resources) return;
  if (text.size() <= kLongestKey) return conditions.add(kIsShortResource, {});
  conditions.add(kIsLongResource, {});
  conditions.add("left(a.resource, 600) = left(?, 600)", {text});
}

void add_resource_range(AuditConditions& conditions, const std::string& begin,
                        const std::optional<std::string>& end, bool long_resources) {
  Arguments values{begin};
  if (end) values.emplace_back(*end);
  const std::string_view range = end ? "a.resource >= ? and a.resource < ?" : "a.resource >= ?";
  if (!long_resources) return conditions.add(range, values);
  const std::string_view starts =
      end ? "left(a.resource, 600) >= left(?, 600) and left(a.resource, 600) <= left(?, 600)"
          : "left(a.resource, 600) >= left(?, 600)";
  auto all = values;
  for (int i = 0; i < 2; ++i) all.insert(all.end(), values.begin(), values.end());
  conditions.add(concat("(", range, " and ", kIsShortResource, " or ", range, " and ",
                        kIsLongResource, " and ", starts, ")"),
                 all);
}

} // namespace baluhost::sql
