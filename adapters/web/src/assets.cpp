#include "baluhost/web/assets.hpp"

#ifdef BALUHOST_WEB_DIST
#include <cstddef>

// The build of the application lists its files in table.inc, one BALUHOST_ASSET(number, path, type,
// hash, size, size of gzip, size of brotli) each. It is included three times: for the assembler,
// which puts the bytes here; for their declarations; and for the table.

#define BALUHOST_INCLUDE(symbol, file)                                   \
  asm(".section .rodata\n" symbol ":\n.incbin \"" BALUHOST_WEB_DIST file \
      "\"\n.byte 0\n.previous\n");
#define BALUHOST_ASSET(number, path, type, hash, size, gzip, brotli) \
  BALUHOST_INCLUDE("baluhost_web_" #number, path)                    \
  BALUHOST_INCLUDE("baluhost_web_" #number "_gz", path ".gz")        \
  BALUHOST_INCLUDE("baluhost_web_" #number "_br", path ".br")
#include "table.inc"
#undef BALUHOST_ASSET

extern "C" {
#define BALUHOST_ASSET(number, path, type, hash, size, gzip, brotli) \
  extern const char baluhost_web_##number[];                         \
  extern const char baluhost_web_##number##_gz[];                    \
  extern const char baluhost_web_##number##_br[];
#include "table.inc"
#undef BALUHOST_ASSET
}

namespace baluhost {
namespace {

constexpr WebAsset kAssets[] = {
#define BALUHOST_ASSET(number, path, type, hash, size, gzip, brotli) \
  {path,                                                             \
   type,                                                             \
   hash,                                                             \
   {baluhost_web_##number, std::size_t{size}},                       \
   {baluhost_web_##number##_gz, std::size_t{gzip}},                  \
   {baluhost_web_##number##_br, std::size_t{brotli}}},
#include "table.inc"
#undef BALUHOST_ASSET
};

} // namespace

std::span<const WebAsset> web_assets() noexcept { return kAssets; }

} // namespace baluhost

#else

namespace baluhost {

std::span<const WebAsset> web_assets() noexcept { return {}; }

} // namespace baluhost

#endif
