#include "app/explain_obligation.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "app/content.h"
#include "app/explanation.h"
#include "measures/obligation_name.h"

namespace kept::app {
namespace {

/// Looks for one obligation by its name.
class FindingSink : public engine::Sink {
 public:
  FindingSink(const engine::RuleBook& book, const model::EventTable& table, const std::string& id)
      : book_(book), table_(table), id_(id) {}
  void take(const model::Obligation* first, std::size_t count) override {
    for (std::size_t i = 0; i < count && !found_; ++i) {
      if (measures::obligation_name(first[i], book_.duties[first[i].duty].id, table_) == id_) found_ = first[i];
    }
  }
  std::unique_ptr<engine::Sink> fork() override { return std::make_unique<FindingSink>(book_, table_, id_); }
  void join(engine::Sink& part) override {
    if (!found_) found_ = dynamic_cast<FindingSink&>(part).found_;
  }
  const std::optional<model::Obligation>& found() const { return found_; }

 private:
  const engine::RuleBook& book_;
  const model::EventTable& table_;
  const std::string& id_;
  std::optional<model::Obligation> found_;
};

}  // namespace

base::Result<std::string> explain_obligation(const ExplainRequest& request) {
  const std::vector<std::string>& files = request.records.files;
  std::error_code unknown;
  if (!files.empty() && std::filesystem::exists(request.id, unknown) && !std::filesystem::exists(files.back(), unknown))
    return base::invalid(fmt::format("{} is a file: the id comes first: kept explain ID FILES", request.id));
  std::string id = request.id;
  std::transform(id.begin(), id.end(), id.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  const auto words = read_words(home_folder() + "/content/en");
  if (!words) return words.error();
  auto records = read_records(request.records, nullptr);
  if (!records) return records.error();
  FindingSink sink(records->book, records->read.table, id);
  const auto tally = engine::assess(records->book, records->read.table, records->options, sink);
  if (!tally) return tally.error();
  if (!sink.found()) {
    return base::Error{base::ErrorCode::not_found,
                       fmt::format("None of the {} obligations of these files is called {}. Give the same files and "
                                   "options as in the run that named it: the report shows "
                                   "the whole line to paste.",
                                   tally->obligations, request.id)};
  }
  const auto explanation = engine::explain(records->book, records->read.table, records->options, *sink.found());
  if (!explanation) return explanation.error();
  return explanation_text(*explanation, *records, id, *words);
}

}  // namespace kept::app
