#include "writer_gate.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <thread>

namespace baluhost::sqlite {
namespace {

constexpr std::chrono::microseconds kPoll{200};

} // namespace

WriterGate::WriterGate(const std::string& path)
    : fd_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)) {}

WriterGate::~WriterGate() {
  if (fd_ >= 0) ::close(fd_);
}

/// Locks of the open file description: they tell two databases of one process apart, too.
bool WriterGate::set_lock(short type) const {
  struct flock lock {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  lock.l_len = 1;
  return ::fcntl(fd_, F_OFD_SETLK, &lock) == 0;
}

void WriterGate::enter(std::chrono::milliseconds patience) {
  if (fd_ < 0) return;
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!set_lock(F_WRLCK) && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(kPoll);
}

void WriterGate::leave() {
  if (fd_ >= 0) set_lock(F_UNLCK);
}

} // namespace baluhost::sqlite
