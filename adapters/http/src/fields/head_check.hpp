#pragma once

#include "fields/refusal.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// The head of a request (RFC 9112), read strictly and once. Every input is refused about which two
/// parsers could disagree.
namespace baluhost::http {

struct HeadLimits {
  static constexpr std::size_t head = 16 * 1024;
  static constexpr std::size_t target = 8 * 1024;
  static constexpr std::size_t method = 32;
  static constexpr std::size_t fields = 100;
};

/// The value stands without the white space around it.
struct HeaderField {
  std::string_view name;
  std::string_view value;
};

/// A head that passed. Views into the text it was read from.
class RequestHead {
 public:
  std::string_view method;

  /// Of the target, encoded as it came; `*` for OPTIONS of the server itself.
  std::string_view path;

  /// Of the target, without its question mark.
  std::string_view query;

  /// Of HTTP/1.x.
  int minor_version{1};

  /// Of an absolute target, else of Host; empty only for HTTP/1.0.
  std::string_view host;

  std::optional<std::int64_t> content_length;
  bool chunked{false};
  bool keep_alive{true};
  bool expects_continue{false};

  [[nodiscard]] bool has_body() const noexcept { return chunked || content_length.value_or(0) > 0; }

  /// The value of the first field of that name; null data where there is none.
  [[nodiscard]] std::string_view field(std::string_view name) const noexcept;

  [[nodiscard]] bool has(std::string_view name) const noexcept {
    return field(name).data() != nullptr;
  }

  /// All values of that name, joined as a list; none where there is no such field.
  [[nodiscard]] std::optional<std::string> list(std::string_view name) const;

  [[nodiscard]] std::size_t count() const noexcept { return count_; }

 private:
  friend std::optional<Refusal> check_head(std::string_view, RequestHead&);
  std::array<HeaderField, HeadLimits::fields> fields_;
  std::size_t count_{0};
};

/// Looks for the end of a head in what has arrived so far, so that what can never become a head is
/// refused at once. `skipped` and `scanned` are its state between two calls.
struct HeadScan {
  bool skipped{false};
  std::size_t scanned{0};

  /// The length of the head with its empty line, once that has arrived.
  std::optional<std::size_t> end;
  std::optional<Refusal> refusal;

  /// How many bytes in front of `received` are no part of the head: one empty line may precede it
  /// (RFC 9112 section 2.2).
  [[nodiscard]] std::size_t skip(std::string_view received);

  void look(std::string_view received);
};

/// Reads a complete head, its empty line included. None if it passes; else why it is refused, and
/// the connection is to close.
std::optional<Refusal> check_head(std::string_view raw, RequestHead& head);

/// True for `host[:port]` as a Host field may have it.
bool is_valid_host(std::string_view host) noexcept;

} // namespace baluhost::http
