#pragma once

#include <string_view>

namespace baluhost {

/// A file of a web application, as it is part of the program: all it views lives as long as that.
struct WebAsset {
  /// Of its URL: `/assets/app-1a2b3c.js`. `/index.html` is the page of every path that is nothing
  /// else.
  std::string_view path;
  std::string_view content_type;

  /// SHA-256 of `content`, hex.
  std::string_view hash;
  std::string_view content;

  /// `content` with that coding; empty where it would save nothing.
  std::string_view gzip;
  std::string_view brotli;
};

} // namespace baluhost
