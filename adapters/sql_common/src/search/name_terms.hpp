#pragma once

#include "baluhost/domain/files/name_query.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace baluhost::sql {

/// The letters that stand before and after a key where it is indexed.
inline constexpr char kKeyBegin = '\x02';
inline constexpr char kKeyEnd = '\x03';

/// What the index of names is asked for: three letters as they follow each other in a key, or one
/// or two with which such three begin.
///
/// Of all that a query stands for these are the rarest in `sample`, keys of entries that it may
/// find, one of each word first: those that most names have would be read for nothing. Never empty.
std::vector<std::string> rarest_terms(const NameQuery& query, std::span<const std::string> sample,
                                      std::size_t most);

} // namespace baluhost::sql
