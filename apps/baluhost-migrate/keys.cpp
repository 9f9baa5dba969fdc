#include "keys.hpp"

#include "baluhost/host/offline.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>

namespace baluhost::migrate {

Result<std::unique_ptr<SealVerifier>> open_seal_keys(const Configuration& configuration) {
  const std::string path = configuration.keys_dir + "/" + std::string{kSealKeysFile};
  std::ifstream file{path, std::ios::binary};
  if (!file && errno != ENOENT)
    return Error{Errc::unavailable, path + " cannot be read: " + std::strerror(errno)};
  if (!file)
    return Error{Errc::not_found, path +
                                      " is not there: name the data directory of the server with "
                                      "--data-dir, so that its seals can be verified"};
  auto keys = make_seal_verifier(std::string{std::istreambuf_iterator<char>{file}, {}});
  if (!keys) return Error{Errc::invalid_request, path + " holds no public key of Ed25519"};
  return keys;
}

} // namespace baluhost::migrate
