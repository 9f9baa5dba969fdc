#pragma once

#include <string_view>

namespace baluhost {

/// True if `text`, valid UTF-8, is not empty and holds letters, marks and decimal digits only
/// (Unicode general categories L, M and Nd): what RFC 5892 lets stand in a label of an
/// internationalised name.
bool is_letters_and_digits(std::string_view text) noexcept;

} // namespace baluhost
