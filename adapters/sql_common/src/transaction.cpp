#include "baluhost/sql_common/transaction.hpp"

#include "repositories/audit/roll_up.hpp"
#include "repositories/repositories.hpp"
#include "repositories/trees/tree_repositories.hpp"

namespace baluhost::sql {

/// Both faces of a transaction at once: where they agree, one function serves them.
class SqlTransaction::Implementation final : public Transaction, public Bookkeeping {
 public:
  explicit Implementation(Connection& db)
      : db_(db),
        users_(db),
        sessions_(db),
        keys_(db),
        grants_(db),
        shares_(db),
        files_(db),
        uploads_(db),
        blobs_(db),
        transfers_(db),
        seals_(db),
        removals_(db),
        trash_(db),
        tree_records_(db),
        versions_(db),
        archives_(db),
        search_(db),
        second_factors_(db),
        challenges_(db),
        audit_(db),
        roll_up_(db) {}

  const Transaction& view() const override { return *this; }
  UserRepository& users() override { return users_; }
  SessionRepository& sessions() override { return sessions_; }
  KeyRepository& keys() override { return keys_; }
  GrantRepository& grants() override { return grants_; }
  ShareRepository& shares() override { return shares_; }
  FileRepository& files() override { return files_; }
  UploadRepository& uploads() override { return uploads_; }
  BlobRepository& blobs() override { return blobs_; }
  TransferRepository& transfers() override { return transfers_; }
  SealRepository& seals() override { return seals_; }
  RemovalRepository& removals() override { return removals_; }
  TrashRepository& trash() override { return trash_; }
  TreeRecordRepository& tree_records() override { return tree_records_; }
  VersionRepository& versions() override { return versions_; }
  ArchiveRepository& archives() override { return archives_; }
  SecondFactorRepository& second_factors() override { return second_factors_; }
  ChallengeRepository& challenges() override { return challenges_; }
  RollUpRepository& roll_up() override { return roll_up_; }
  const UserRepository& users() const override { return users_; }
  const SessionRepository& sessions() const override { return sessions_; }
  const KeyRepository& keys() const override { return keys_; }
  const GrantRepository& grants() const override { return grants_; }
  const ShareRepository& shares() const override { return shares_; }
  const FileRepository& files() const override { return files_; }
  const UploadRepository& uploads() const override { return uploads_; }
  const BlobRepository& blobs() const override { return blobs_; }
  const TransferRepository& transfers() const override { return transfers_; }
  const SealRepository& seals() const override { return seals_; }
  const RemovalRepository& removals() const override { return removals_; }
  const TrashRepository& trash() const override { return trash_; }
  const TreeRecordRepository& tree_records() const override { return tree_records_; }
  const VersionRepository& versions() const override { return versions_; }
  const ArchiveRepository& archives() const override { return archives_; }
  const SearchRepository& search() const override { return search_; }
  const SecondFactorRepository& second_factors() const override { return second_factors_; }
  const ChallengeRepository& challenges() const override { return challenges_; }
  const AuditRepository& audit() const override { return audit_; }
  const RollUpRepository& roll_up() const override { return roll_up_; }
  Result<std::int64_t> identity_version() const override {
    return guarded(db_, [&]() -> Result<std::int64_t> {
      const auto version = db_.number("select version from identity_version");
      if (!version) throw BrokenRow{};
      return *version;
    });
  }

 private:
  Connection& db_;
  SqlUsers users_;
  SqlSessions sessions_;
  SqlKeys keys_;
  SqlGrants grants_;
  SqlShares shares_;
  SqlFiles files_;
  SqlUploads uploads_;
  SqlBlobs blobs_;
  SqlTransfers transfers_;
  SqlSeals seals_;
  SqlRemovals removals_;
  SqlTrash trash_;
  SqlTreeRecords tree_records_;
  SqlVersions versions_;
  SqlArchives archives_;
  SqlSearch search_;
  SqlSecondFactors second_factors_;
  SqlChallenges challenges_;
  SqlAudit audit_;
  SqlRollUp roll_up_;
};

SqlTransaction::SqlTransaction(Connection& connection)
    : implementation_(std::make_unique<Implementation>(connection)) {}
SqlTransaction::~SqlTransaction() = default;
Transaction& SqlTransaction::transaction() noexcept { return *implementation_; }
Bookkeeping& SqlTransaction::bookkeeping() noexcept { return *implementation_; }

} // namespace baluhost::sql
