#include "output.hpp"

#include "baluhost/domain/text.hpp"

#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <utility>

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

void print_table(const Row& header, const std::vector<Row>& rows) {
  std::vector<std::vector<std::string>> lines{header};
  for (const auto& row : rows) {
    auto& line = lines.emplace_back();
    for (const std::string& cell : row) line.push_back(printable(cell));
  }
  std::vector<std::size_t> widths(header.size());
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i)
      widths[i] = std::max(widths[i], code_points(line[i]));
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

std::string text_of(const std::optional<Timestamp>& time) {
  return time ? time->to_rfc3339() : "-";
}

std::string text_of(const std::optional<IpAddress>& address) {
  return address ? address->str() : "-";
}

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

Error usage(std::string text) { return Error{Errc::invalid_request, std::move(text)}; }

bool is_usage(const Error& error) noexcept {
  return error.code == Errc::invalid_request && error.fields.empty();
}

Result<Secret> read_password(bool from_stdin) {
  if (from_stdin) {
    std::string line;
    std::getline(std::cin, line);
    if (line.ends_with('\r')) line.pop_back();
    return Secret{std::move(line)};
  }
  if (isatty(STDIN_FILENO) == 0)
    return usage("no terminal to ask for the password on: use --password-stdin");
  Secret first{ask("Password: ")};
  const Secret second{ask("Once more: ")};
  if (first.reveal() != second.reveal()) return usage("the two passwords differ");
  return first;
}

std::string for_terminal(std::string_view piece, ExportFormat format) {
  std::string text;
  std::size_t begin = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < piece.size(); ++i) {
    if (piece[i] == '"' && format == ExportFormat::csv) quoted = !quoted;
    if (piece[i] != '\n' || quoted) continue;
    auto line = piece.substr(begin, i - begin);
    if (line.ends_with('\r')) line.remove_suffix(1);
    text += printable(line) + '\n';
    begin = i + 1;
  }
  return text + printable(piece.substr(begin));
}

} // namespace baluhost::ctl
