#pragma once

#include <chrono>
#include <string>

namespace baluhost::sqlite {

/// Whose turn it is to write, among programs. SQLite's own lock is not fair: a program that writes
/// all the time leaves it for some microseconds, and one that asks again and again hardly ever
/// meets those. So each passes this gate before it asks: who is in it is the next, since the other,
/// once done, has to wait outside. A courtesy only: whoever finds it shut for too long goes on
/// without it.
class WriterGate {
 public:
  /// Locks the file `path`, which is made (0600) if it is not there.
  explicit WriterGate(const std::string& path);
  ~WriterGate();
  WriterGate(const WriterGate&) = delete;
  WriterGate& operator=(const WriterGate&) = delete;

  void enter(std::chrono::milliseconds patience);
  void leave();

 private:
  bool set_lock(short type) const;
  int fd_;
};

} // namespace baluhost::sqlite
