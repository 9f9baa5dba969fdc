#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace baluhost::http {

/// Bytes that arrive at the end and are used from the front. Room that was never used costs no
/// memory: it is not cleared.
class ByteBuffer {
 public:
  explicit ByteBuffer(std::size_t capacity = 0) { make_room(capacity); }

  [[nodiscard]] std::string_view view() const noexcept {
    return {bytes_.get() + begin_, end_ - begin_};
  }
  [[nodiscard]] std::size_t size() const noexcept { return end_ - begin_; }
  [[nodiscard]] bool empty() const noexcept { return begin_ == end_; }
  [[nodiscard]] std::size_t free() const noexcept { return capacity_ - end_; }
  void clear() noexcept { begin_ = end_ = 0; }
  void consume(std::size_t count) noexcept {
    begin_ += count;
    if (begin_ == end_) clear();
  }

  /// Room of at least `least` bytes at the end; `added` says how much of it was filled.
  std::span<char> make_room(std::size_t least) {
    if (free() < least && begin_ > 0) {
      std::memmove(bytes_.get(), bytes_.get() + begin_, size());
      end_ -= begin_;
      begin_ = 0;
    }
    if (free() < least) {
      const auto capacity = end_ + least;
      auto bytes = std::make_unique_for_overwrite<char[]>(capacity);
      if (end_ > 0) std::memcpy(bytes.get(), bytes_.get(), end_);
      bytes_ = std::move(bytes);
      capacity_ = capacity;
    }
    return room();
  }
  [[nodiscard]] std::span<char> room() noexcept { return {bytes_.get() + end_, free()}; }
  void added(std::size_t count) noexcept { end_ += count; }
  /// As much of `bytes` as there is room for; returns how much that was.
  std::size_t append(std::string_view bytes) noexcept {
    const auto count = std::min(bytes.size(), free());
    if (count > 0) std::memcpy(bytes_.get() + end_, bytes.data(), count);
    end_ += count;
    return count;
  }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t capacity_{0};
  std::size_t begin_{0};
  std::size_t end_{0};
};

} // namespace baluhost::http
