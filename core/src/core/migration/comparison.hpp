#pragma once

#include "migration/context.hpp"

#include <map>
#include <string>
#include <string_view>

namespace baluhost::migration {

/// What a target may hold beyond the source.
enum class LaterEvents {
  none,
  allowed ///< a server, or the end of the migration, wrote there since
};

/// Holds the rows of both sides against each other.
class Comparison {
 public:
  Comparison(Context& context, const std::map<std::string_view, double>& copy_seconds)
      : context_(context), copy_seconds_(copy_seconds) {}

  /// Reads both sides, each by itself, as a step of the report. Returns whether they are the same.
  Result<bool> step(BulkReader& target, LaterEvents later = LaterEvents::none);

  /// Puts what both sides hold into the report. Returns whether they are the same.
  bool report(const Checksums& of_source, const Checksums& of_target, LaterEvents later);

  /// Whether the source's rows were others in the last comparison than in the one before.
  [[nodiscard]] bool source_changed() const { return source_changed_; }

  static std::string verdict(bool equal);

 private:
  Result<bool> compare(BulkReader& target, LaterEvents later);

  Context& context_;
  const std::map<std::string_view, double>& copy_seconds_;
  Checksums last_source_;
  bool source_changed_{false};
};

} // namespace baluhost::migration
