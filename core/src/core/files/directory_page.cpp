#include "files/directory_page.hpp"

#include "baluhost/domain/concat.hpp"

#include <charconv>
#include <string_view>
#include <utility>

// Without an order a cursor holds a name; with one the kind, the value and the name of an entry:
// "f 1024 name".
namespace baluhost {
namespace {

constexpr std::string_view kDirectory = "d ";
constexpr std::string_view kFile = "f ";

Result<SortedPlace> read_place(std::string_view key, bool is_ordered) {
  FileKind kind = FileKind::directory;
  std::int64_t value = 0;
  if (is_ordered) {
    if (!key.starts_with(kDirectory) && !key.starts_with(kFile)) return invalid_cursor();
    kind = key.starts_with(kFile) ? FileKind::file : FileKind::directory;
    key.remove_prefix(kFile.size());
    const char* const end = key.data() + key.size();
    const auto [rest, error] = std::from_chars(key.data(), end, value);
    if (error != std::errc{} || rest == end || *rest != ' ') return invalid_cursor();
    key.remove_prefix(static_cast<std::size_t>(rest - key.data()) + 1);
  }
  auto name = FileName::parse(key);
  if (!name) return invalid_cursor();
  return SortedPlace{.kind = kind, .value = value, .name = *std::move(name)};
}

/// The list of a directory in an order.
std::string name_of(const FilePath& directory, const std::optional<DirectoryOrder>& order) {
  auto name = "directory:" + directory.str();
  if (order) name += concat("?", static_cast<int>(order->key), order->descending ? "-" : "+");
  return name;
}

} // namespace

Result<DirectoryPage> DirectoryPage::parse(const FilePath& directory, const PageRequest& request,
                                           const std::optional<DirectoryOrder>& order) {
  DirectoryPage page(name_of(directory, order), page_limit(request), order);
  if (!request.cursor) return page;
  BALUHOST_TRY(const auto key, read_cursor(page.list_, *request.cursor));
  BALUHOST_TRY(page.after_, read_place(key, order.has_value()));
  return page;
}

Result<std::vector<FileEntry>> DirectoryPage::read(ReadTransaction& tx, FileId directory) const {
  if (order_) return tx.files().sorted_children(directory, *order_, after_, limit_ + 1);
  return tx.files().children(directory, after_ ? std::optional{after_->name} : std::nullopt,
                             limit_ + 1);
}

std::string DirectoryPage::key_of(const FileEntry& entry) const {
  if (!order_) return entry.name.str();
  return concat(entry.kind == FileKind::file ? kFile : kDirectory, place_in(*order_, entry).value,
                " ", entry.name.str());
}

} // namespace baluhost
