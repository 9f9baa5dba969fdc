#pragma once

#include "baluhost/ports/database.hpp"

#include <memory>
#include <utility>

namespace baluhost::test {

/// What a database of a test's own stands on: each call goes on to another, until it is overridden.
class ForwardingDatabase : public Database {
 public:
  /// `inner` must outlive it.
  explicit ForwardingDatabase(Database& inner) : inner_(inner) {}
  explicit ForwardingDatabase(std::unique_ptr<Database> inner)
      : owned_(std::move(inner)), inner_(*owned_) {}

  Result<void> read(FunctionRef<Result<void>(ReadTransaction&)> work) override {
    return inner_.read(work);
  }
  Result<void> write(FunctionRef<Result<AuditEvents>(WriteTransaction&)> work) override {
    return inner_.write(work);
  }
  Result<void> bookkeep(FunctionRef<Result<void>(Bookkeeping&)> work) override {
    return inner_.bookkeep(work);
  }
  Result<void> admit(SpaceUse use) override { return inner_.admit(use); }
  void on_commit(CommitListener listener) override { inner_.on_commit(std::move(listener)); }
  void tag_events(std::shared_ptr<EventTagger> tagger) override {
    inner_.tag_events(std::move(tagger));
  }
  Result<DatabaseStatus> status() override { return inner_.status(); }

 protected:
  [[nodiscard]] Database& inner() { return inner_; }

 private:
  std::unique_ptr<Database> owned_;
  Database& inner_;
};

} // namespace baluhost::test
