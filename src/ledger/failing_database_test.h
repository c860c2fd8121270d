#pragma once
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "ledger/database.h"

namespace kept::ledger {

/// A database that passes everything on, and whose commits can be made to fail: before they happen, or after.
class FailingDatabase : public Database {
 public:
  enum class Failure { none, before, after };
  explicit FailingDatabase(std::unique_ptr<Database> under, const Failure* failure)
      : under_(std::move(under)), failure_(failure) {}
  base::Status begin(bool read_only) override { return under_->begin(read_only); }
  base::Status commit() override {
    const base::Error error{base::ErrorCode::io, "the disk is gone"};
    if (*failure_ == Failure::before) {
      (void)under_->roll_back();
      return error;
    }
    base::Status done = under_->commit();
    return *failure_ == Failure::after ? base::Status(error) : done;
  }
  base::Status roll_back() override { return under_->roll_back(); }
  bool is_in_transaction() const override { return under_->is_in_transaction(); }
  base::Status run(const Statement& statement, std::span<const In> parameters, std::size_t width) override {
    return under_->run(statement, parameters, width);
  }
  base::Status ask(const Statement& statement, std::span<const In> parameters, std::size_t width,
                   const Visit& visit) override {
    return under_->ask(statement, parameters, width, visit);
  }
  base::Status insert(const char* table, const char* columns, std::span<const In> values, std::size_t width) override {
    return under_->insert(table, columns, values, width);
  }
  base::Status run_script(std::string_view script) override { return under_->run_script(script); }
  base::Result<uint64_t> size_bytes() override { return under_->size_bytes(); }
  const char* kind() const override { return under_->kind(); }

 private:
  std::unique_ptr<Database> under_;
  const Failure* failure_;
};

}  // namespace kept::ledger
