#pragma once

#include "progress.hpp"

#include "baluhost/core/audit/audit_queries.hpp"
#include "baluhost/core/page.hpp"
#include "baluhost/domain/details.hpp"
#include "baluhost/domain/error.hpp"
#include "baluhost/domain/secret.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace baluhost::ctl {

/// Columns as wide as what is in them; every cell printable.
void print_table(const std::vector<std::string>& header,
                 const std::vector<std::vector<std::string>>& rows);
void print_line(const std::string& text); ///< on stdout

/// What went wrong, for a person, on stderr.
void print_error(const Error& error);

/// invalid_request of the command line itself: the program exits with `kUsage`.
Error usage(std::string text);
[[nodiscard]] bool is_usage(const Error& error) noexcept;

/// The value of the argument `name`, or a usage error that begins with it.
template <class T>
Result<T> argument(std::string_view name, Result<T> parsed) {
  if (parsed) return parsed;
  const Error& error = parsed.error();
  return usage(std::string{name} + " " +
               (error.fields.empty() ? error.detail : error.fields.front().detail));
}

/// A password: the first line of stdin with `from_stdin`, else asked for twice on the terminal. A
/// usage error without a terminal.
Result<Secret> read_password(bool from_stdin);

/// Every item of a paged list: `fetch` returns the page of a cursor.
template <class T>
Result<std::vector<T>> all_pages(const std::function<Result<Page<T>>(const PageRequest&)>& fetch) {
  std::vector<T> items;
  PageRequest request{1000, std::nullopt};
  do {
    BALUHOST_TRY(auto page, fetch(request));
    for (T& item : page.items) items.push_back(std::move(item));
    request.cursor = std::move(page.next_cursor);
  } while (request.cursor);
  return items;
}

template <class T, class View>
std::string items_json(const std::vector<T>& items, View view) {
  std::vector<std::string> texts;
  for (const T& item : items) texts.push_back(view(item));
  return JsonObject{}.add_json("items", json_array(texts)).str();
}

/// A terminal must not act on what users sent, nor show a line of theirs as one of ours; a file
/// gets every byte. A piece of CSV holds whole records.
std::string for_terminal(std::string_view piece, ExportFormat format);

} // namespace baluhost::ctl
