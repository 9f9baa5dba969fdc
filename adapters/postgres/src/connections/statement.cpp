#include "connections/statement.hpp"

#include <charconv>
#include <stdexcept>
#include <utility>
#include <vector>

namespace baluhost::postgres {
namespace {

/// PostgreSQL's placeholders.
std::string with_numbers(std::string_view sql) {
  std::string numbered;
  numbered.reserve(sql.size() + 32);
  int number = 0;
  for (const char c : sql) {
    if (c == '?') {
      numbered += '$' + std::to_string(++number);
    } else {
      numbered += c;
    }
  }
  return numbered;
}

std::int64_t number_of(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code != std::errc{} || end != text.data() + text.size()) throw sql::BrokenRow{};
  return number;
}

class PostgresStatement final : public sql::Statement {
 public:
  PostgresStatement(Pipeline& pipeline, std::string_view sql, std::string_view shape)
      : Statement(shape),
        pipeline_(pipeline),
        name_(pipeline.next_name()),
        sql_(with_numbers(sql)) {}
  ~PostgresStatement() override {
    if (*preparation_ != Preparation::none) pipeline_.deallocate(name_);
  }

  bool execute(std::span<const sql::Argument> arguments) override {
    send(arguments);
    result_ = pipeline_.exchange();
    next_ = 0;
    const std::string_view changed = PQcmdTuples(result_.get());
    affected_ = changed.empty() ? 0 : number_of(changed);
    return fetch();
  }

  void execute_later(std::span<const sql::Argument> arguments) override { send(arguments); }

  bool fetch() override {
    if (columns_.empty() || next_ == PQntuples(result_.get())) {
      result_.reset();
      return false;
    }
    if (PQnfields(result_.get()) != static_cast<int>(columns_.size()))
      throw std::logic_error("a statement with another number of columns");
    for (std::size_t i = 0; i < columns_.size(); ++i) read(static_cast<int>(i), columns_[i]);
    ++next_;
    return true;
  }

  std::int64_t affected() override { return affected_; }
  void end_early() override { result_.reset(); }

 private:
  void send(std::span<const sql::Argument> arguments) {
    texts_.resize(arguments.size());
    values_.clear();
    lengths_.clear();
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      const sql::Argument& argument = arguments[i];
      if (!argument.is_text()) {
        texts_[i] = std::to_string(argument.number());
      } else {
        // PostgreSQL would cut the text there, silently.
        if (argument.text().find('\0') != std::string_view::npos) throw sql::BrokenRow{};
        texts_[i].assign(argument.text());
      }
      values_.push_back(argument.is_null() ? nullptr : texts_[i].c_str());
      lengths_.push_back(static_cast<int>(texts_[i].size()));
    }
    pipeline_.prepare(name_, sql_, preparation_);
    pipeline_.send(name_, values_, lengths_);
  }

  void read(int column, sql::Slot& slot) const {
    const bool is_null = PQgetisnull(result_.get(), next_, column) == 1;
    slot.state = is_null ? soci::i_null : soci::i_ok;
    const std::string_view text{
        PQgetvalue(result_.get(), next_, column),
        static_cast<std::size_t>(PQgetlength(result_.get(), next_, column))};
    if (slot.is_text)
      slot.text.assign(text);
    else
      slot.number = is_null ? 0 : number_of(text);
  }

  Pipeline& pipeline_;
  const std::string name_;
  const std::string sql_;
  const std::shared_ptr<Preparation> preparation_{std::make_shared<Preparation>(Preparation::none)};
  std::vector<std::string> texts_;
  std::vector<const char*> values_;
  std::vector<int> lengths_;
  ResultPtr result_;
  int next_{0};
  std::int64_t affected_{0};
};

} // namespace

std::unique_ptr<sql::Statement> make_statement(Pipeline& pipeline, std::string_view sql,
                                               std::string_view shape) {
  return std::make_unique<PostgresStatement>(pipeline, sql, shape);
}

} // namespace baluhost::postgres
