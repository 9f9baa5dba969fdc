#include "baluhost/filesystem/zoneinfo.hpp"

#include "baluhost/posix_common/posix.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <cerrno>
#include <utility>

namespace baluhost {
namespace {

constexpr off_t kLongestFile = 256 * 1024;

class Zoneinfo final : public TimeZones {
 public:
  explicit Zoneinfo(std::string directory) : directory_(std::move(directory)) {}

  Result<TimeZone> find(std::string_view name) const override {
    const Error unknown{.code = Errc::not_found, .detail = "no such time zone"};
    if (!TimeZone::is_name(name)) return unknown;
    const std::string path = directory_ + "/" + std::string{name};
    const posix::Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!fd && (errno == ENOENT || errno == ENOTDIR || errno == EACCES)) return unknown;
    if (!fd) return Error{.code = Errc::unavailable, .detail = path + " cannot be opened"};
    struct stat info {};
    if (::fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode) || info.st_size > kLongestFile)
      return unknown;
    std::string bytes(static_cast<std::size_t>(info.st_size), '\0');
    if (posix::read_all_at(fd.get(), bytes.data(), bytes.size(), 0) !=
        static_cast<ssize_t>(bytes.size()))
      return Error{.code = Errc::unavailable, .detail = path + " cannot be read"};
    auto zone = TimeZone::parse(bytes);
    if (!zone) return unknown;
    return zone;
  }

 private:
  std::string directory_;
};

} // namespace

std::unique_ptr<TimeZones> make_zoneinfo(std::string directory) {
  return std::make_unique<Zoneinfo>(std::move(directory));
}

} // namespace baluhost
