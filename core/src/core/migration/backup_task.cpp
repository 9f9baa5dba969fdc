#include "migration/backup_task.hpp"

namespace baluhost::migration {

bool BackupTask::is_wanted() const {
  return context_.given.backup != nullptr && !context_.is(Mode::dry_run) &&
         !context_.is(Mode::compare) && context_.run_state == bulk::RunState::none;
}

void BackupTask::start() {
  if (!is_wanted()) return;
  making_ = std::async(std::launch::async, [this] { return context_.given.backup->make(); });
}

void BackupTask::discard() {
  if (const auto made = making_.get(); made) context_.given.backup->remove(*made);
}

Result<std::string> BackupTask::finish() {
  BALUHOST_TRY(name_, making_.get());
  checking_ = std::async(std::launch::async, [this] {
    return context_.given.backup->check(name_, BackupCheck::quick);
  });
  rows_ = context_.given.backup->rows(name_);
  return name_;
}

Result<std::string> BackupTask::check() {
  BALUHOST_CHECK(checking_.get());
  if (compared_) return std::string{"the backup is sound, and every row of it is the source's"};
  if (rows_) BALUHOST_CHECK(context_.given.backup->check(name_, BackupCheck::full));
  return std::string{"the backup is sound"};
}

} // namespace baluhost::migration
