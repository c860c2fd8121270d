#pragma once
#include <memory>
#include <string>
#include <vector>

#include "columns/table_writer.h"
#include "engine/assess.h"

namespace kept::bench {

/// Writes every obligation of the fixed work as Parquet, in the columns of peers/duckdb_obligations.sql. One thread
/// only.
class WorkObligations : public engine::Sink {
 public:
  static base::Result<WorkObligations> open(const std::string& path, const model::EventTable& table);
  void participant(uint32_t symbol, int32_t) override { number_ = numbers_[symbol]; }
  void take(const model::Obligation* first, std::size_t count) override;
  std::unique_ptr<engine::Sink> fork() override { return nullptr; }
  void join(engine::Sink&) override {}
  base::Status finish();

 private:
  explicit WorkObligations(columns::TableWriter writer) : writer_(std::move(writer)) {}
  columns::TableWriter writer_;
  std::vector<int32_t> numbers_;
  int32_t number_ = 0;
  std::size_t filled_ = 0;
  base::Status written_ = base::Done{};
};

}  // namespace kept::bench
