#include "output.hpp"

#include "baluhost/domain/text.hpp"

#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iostream>

namespace baluhost::ctl {
namespace {

/// Reads a line without showing it.
std::string ask(const char* prompt) {
  fmt::print(stderr, "{}", prompt);
  termios shown{};
  tcgetattr(STDIN_FILENO, &shown);
  termios hidden = shown;
  hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
  tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
  std::string line;
  std::getline(std::cin, line);
  tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
  fmt::print(stderr, "\n");
  return line;
}

} // namespace

void print_table(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::vector<std::string>> lines{header};
  for (const auto& row : rows) {
    auto& line = lines.emplace_back();
    for (const std::string& cell : row) line.push_back(printable(cell));
  }
  std::vector<std::size_t> widths(header.size());
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], code_points(line[i]));
  }
  for (const auto& line : lines) {
    std::string text;
    for (std::size_t i = 0; i < line.size(); ++i) {
      text += line[i];
      if (i + 1 < line.size()) text.append(widths[i] - code_points(line[i]) + 2, ' ');
    }
    print_line(text);
  }
}

void print_line(const std::string& text) { fmt::print("{}\n", text); }

void print_error(const Error& error) {
  std::string text = error.fields.empty() ? error.detail : std::string{};
  for (const FieldError& field : error.fields) {
    if (!text.empty()) text += "; ";
    if (!field.pointer.empty()) text += field.pointer.substr(1) + " ";
    text += field.detail;
  }
  if (text.empty()) text = code_of(error.code);
  fmt::print(stderr, "baluhostctl: {}\n", printable(text));
}

Result<Secret> read_password(bool from_stdin) {
  if (from_stdin) {
    std::string line;
    std::getline(std::cin, line);
    if (line.ends_with('\r')) line.pop_back();
    return Secret{std::move(line)};
  }
  if (isatty(STDIN_FILENO) == 0) return invalid("no terminal to ask for the password on: use --password-stdin");
  Secret first{ask("Password: ")};
  const Secret second{ask("Once more: ")};
  if (first.reveal() != second.reveal()) return invalid("the two passwords differ");
  return first;
}

Progress::Progress(std::string what, std::int64_t total, std::string unit)
    : what_(std::move(what)), total_(total), unit_(std::move(unit)), terminal_(isatty(STDERR_FILENO) != 0),
      start_(std::chrono::steady_clock::now()), last_(start_) {}

Progress::~Progress() {
  if (printed_) fmt::print(stderr, "\n");
}

void Progress::update(std::int64_t done) {
  const auto now = std::chrono::steady_clock::now();
  if (!terminal_ || (now - last_ < std::chrono::milliseconds{200} && done != total_)) return;
  last_ = now;
  printed_ = true;
  const double seconds = std::max(std::chrono::duration<double>(now - start_).count(), 1e-3);
  const double rate = static_cast<double>(done) / seconds;
  if (total_ > 0) {
    const double left = rate > 0 ? static_cast<double>(std::max<std::int64_t>(total_ - done, 0)) / rate : 0;
    fmt::print(stderr, "\r{}: {} of {} {} ({}%), {:.0f}/s, {:.0f} s left   ", what_, done, total_, unit_, done * 100 / total_, rate, left);
  } else {
    fmt::print(stderr, "\r{}: {} {}, {:.0f}/s   ", what_, done, unit_, rate);
  }
}

} // namespace baluhost::ctl
