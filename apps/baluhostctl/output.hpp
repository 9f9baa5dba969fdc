#pragma once

#include "progress.hpp"

#include "baluhost/core/audit/audit_queries.hpp"
#include "baluhost/core/page.hpp"
#include "baluhost/domain/details.hpp"
#include "baluhost/domain/error.hpp"
#include "baluhost/domain/identity/ip_address.hpp"
#include "baluhost/domain/secret.hpp"
#include "baluhost/domain/timestamp.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace baluhost::ctl {

/// The cells of a line of a table.
using Row = std::vector<std::string>;

/// Columns as wide as what is in them; every cell printable.
void print_table(const Row& header, const std::vector<Row>& rows);
void print_line(const std::string& text); ///< on stdout

/// A cell of a table; a dash for none.
std::string text_of(const std::optional<Timestamp>& time);
std::string text_of(const std::optional<IpAddress>& address);

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

/// The same for an argument that may be left out: none if `text` is empty.
template <class Parse>
auto optional_argument(std::string_view name, const std::string& text, Parse parse)
    -> Result<std::optional<typename decltype(parse(text))::value_type>> {
  if (text.empty()) return std::nullopt;
  BALUHOST_TRY(auto value, argument(name, parse(text)));
  return std::optional{std::move(value)};
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

/// `items` as a document if `as_json`, else as a table of what `row_of` returns for each.
template <class T, class RowOf>
void print_list(bool as_json, const std::vector<T>& items, const Row& header, RowOf row_of) {
  if (as_json) return print_line(items_json(items, [](const T& item) { return to_json(item); }));
  std::vector<Row> rows;
  for (const T& item : items) rows.push_back(row_of(item));
  print_table(header, rows);
}

/// A terminal must not act on what users sent, nor show a line of theirs as one of ours; a file
/// gets every byte. A piece of CSV holds whole records.
std::string for_terminal(std::string_view piece, ExportFormat format);

} // namespace baluhost::ctl
