#include "simulation/feed_files.h"

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <optional>
#include <utility>

#include "calendar/london_time.h"
#include "exchange/mapped_rows.h"
#include "simulation/court_events.h"
#include "simulation/court_lists.h"
#include "simulation/fact_values.h"

namespace kept::simulation {
namespace {

namespace fs = std::filesystem;

/// The rows of one batch in the making.
class Batch {
 public:
  virtual ~Batch() = default;
  virtual base::Status add(const Fact& fact) = 0;
  /// The file's text; the next batch begins.
  virtual std::string take(uint64_t* rows) = 0;
};

class MappedBatch : public Batch {
 public:
  explicit MappedBatch(exchange::MappedRows rows) : rows_(std::move(rows)) {}
  base::Status add(const Fact& fact) override { return rows_.add(values_of(fact)); }
  std::string take(uint64_t* rows) override {
    std::string text = rows_.line(rows_.heading());
    for (const auto& row : rows_.rows()) text += rows_.line(row);
    *rows = rows_.rows().size();
    rows_.clear();
    return text;
  }

 private:
  exchange::MappedRows rows_;
};

/// JSON Lines in the project's own form.
class OwnBatch : public Batch {
 public:
  base::Status add(const Fact& fact) override {
    text_ += '{';
    const char* between = "";
    for (const auto& [name, value] : values_of(fact)) {
      // Made-up values are plain ASCII without quotes.
      text_ += fmt::format("{}\"{}\":\"{}\"", between, name, value);
      between = ",";
    }
    text_ += "}\n";
    ++rows_;
    return base::Done{};
  }
  std::string take(uint64_t* rows) override {
    *rows = std::exchange(rows_, 0);
    return std::exchange(text_, {});
  }

 private:
  std::string text_;
  uint64_t rows_ = 0;
};

/// Listing events of the courts.
class CourtBatch : public Batch {
 public:
  explicit CourtBatch(const exchange::CourtRoutes& courts) : courts_(courts) {}
  base::Status add(const Fact& fact) override {
    const char* const kind = fact.feed == Feed::crown ? "crown" : "magistrates";
    rows_ += append_court_events(text_, fact, fact.urn == 0 ? nullptr : court_of_case(courts_, kind, fact.urn));
    return base::Done{};
  }
  std::string take(uint64_t* rows) override {
    *rows = std::exchange(rows_, 0);
    return std::exchange(text_, {});
  }

 private:
  const exchange::CourtRoutes& courts_;
  std::string text_;
  uint64_t rows_ = 0;
};

base::Error cannot_write(const fs::path& path) {
  return {base::ErrorCode::io, fmt::format("{}: cannot be written; see that the folder exists, may be written to and "
                                           "has room",
                                           path.string())};
}

/// A feed's folder: batches numbered from 1, and the manifest.
class Folder {
 public:
  Folder(const FeedsRequest& request, const std::string& name, const char* ending)
      : request_(request),
        ending_(ending),
        path_(fs::path(request.folder) / name),
        opened_ms_(calendar::start_of(request.plan.from)) {
    sent_.name = name;
  }
  base::Status begin() {
    std::error_code failed;
    fs::create_directories(path_, failed);
    manifest_.open(path_ / "manifest.csv", std::ios::binary);
    manifest_ << "number,file,rows,sha256,from,to\r\n";
    return manifest_.good() ? base::Status(base::Done{}) : cannot_write(path_);
  }
  /// The next batch: all since the one before.
  base::Status write(const std::string& text, uint64_t rows, int64_t at_ms) {
    const std::string file = fmt::format("{:06}{}", ++sent_.batches, ending_);
    std::ofstream out(path_ / file, std::ios::binary);
    out << text;
    out.close();
    if (!out.good()) return cannot_write(path_ / file);
    manifest_ << fmt::format("{},{},{},{},{},{}\r\n", sent_.batches, file, rows, request_.digest(text),
                             time_text(opened_ms_, Written::instant), time_text(at_ms, Written::instant));
    sent_.rows += rows;
    opened_ms_ = at_ms;
    return base::Done{};
  }
  base::Status end() {
    manifest_.close();
    return manifest_.good() ? base::Status(base::Done{}) : cannot_write(path_);
  }
  void count_events(uint64_t events) { sent_.events += events; }
  int64_t opened_ms() const { return opened_ms_; }
  const FeedSent& sent() const { return sent_; }

 private:
  const FeedsRequest& request_;
  const char* ending_;
  fs::path path_;
  std::ofstream manifest_;
  FeedSent sent_;
  int64_t opened_ms_;  ///< of the batch in the making
};

/// A feed of published lists: a batch a list.
class ListSender {
 public:
  ListSender(const exchange::FeedContract& contract, const char* kind, const FeedsRequest& request)
      : folder_(request, contract.name, ".json"), lists_(*request.courts, kind, request.plan, request.working_days) {}
  base::Status begin() { return folder_.begin(); }
  base::Status run_to(int64_t at_ms) {
    for (const PublishedList& list : lists_.published_by(at_ms)) {
      folder_.count_events(list.rows);
      if (const base::Status written = folder_.write(list.text, list.rows, list.published_at); !written.ok())
        return written;
    }
    return base::Done{};
  }
  void take(const Fact& fact) { lists_.take(fact); }
  base::Status end() { return folder_.end(); }
  const FeedSent& sent() const { return folder_.sent(); }

 private:
  Folder folder_;
  CourtLists lists_;
};

/// One feed: its contract, the batch in the making, and its files.
class Sender {
 public:
  Sender(const exchange::FeedContract& contract, std::unique_ptr<Batch> batch, Feed feed, const char* ending,
         const FeedsRequest& request, const Silences& silences)
      : contract_(contract),
        batch_(std::move(batch)),
        feed_(feed),
        request_(request),
        silences_(silences),
        folder_(request, contract.name, ending) {
    plan_close();
  }

  base::Status begin() { return folder_.begin(); }
  /// Closes what was due before that instant.
  base::Status run_to(int64_t at_ms) {
    while (closes_ms_ && *closes_ms_ <= at_ms) {
      const int64_t closes = *closes_ms_;
      const bool silent = silences_.on(feed_, calendar::london_date(closes - 1)) != nullptr;
      if (!silent) {
        if (const base::Status closed = close(closes); !closed.ok()) return closed;
      }
      due_ms_ = closes;
      plan_close();
    }
    return base::Done{};
  }
  base::Status add(const Fact& fact) {
    ++waiting_;
    folder_.count_events(1);
    return batch_->add(fact);
  }
  /// The rest, at the end of the run.
  base::Status end(int64_t at_ms) {
    if (waiting_ > 0) {
      if (const base::Status closed = close(at_ms); !closed.ok()) return closed;
    }
    return folder_.end();
  }
  const FeedSent& sent() const { return folder_.sent(); }

 private:
  void plan_close() {
    closes_ms_ =
        exchange::after_rhythms(contract_.rhythm, 1, due_ms_.value_or(folder_.opened_ms()), request_.working_days);
  }
  base::Status close(int64_t at_ms) {
    uint64_t rows = 0;
    const std::string text = batch_->take(&rows);
    if (const base::Status written = folder_.write(text, rows, at_ms); !written.ok()) return written;
    waiting_ = 0;
    return base::Done{};
  }

  const exchange::FeedContract& contract_;
  std::unique_ptr<Batch> batch_;
  Feed feed_;
  const FeedsRequest& request_;
  const Silences& silences_;
  Folder folder_;
  std::optional<int64_t> due_ms_;  ///< when the last batch was due, sent or not
  std::optional<int64_t> closes_ms_;
  uint64_t waiting_ = 0;
};

class Files : public FeedFiles {
 public:
  explicit Files(FeedsRequest request) : request_(std::move(request)), silences_(silences_of(request_.plan)) {}

  base::Status begin() {
    std::error_code failed;
    fs::create_directories(request_.folder, failed);
    if (failed) return cannot_write(request_.folder);
    if (!fs::is_empty(request_.folder, failed) || failed) {
      return base::invalid(
          fmt::format("{}: there is something in this folder already; name one that is new or empty", request_.folder));
    }
    for (std::size_t f = 1; f < feed_count; ++f) {
      const Feed feed = static_cast<Feed>(f);
      for (const auto& [name, contract] : *request_.contracts) {
        if (contract.source != names(feed).source) continue;
        if (const base::Status opened = open(feed, contract); !opened.ok()) return opened;
      }
    }
    for (const auto& [name, contract] : *request_.contracts) {
      if (contract.mapping == nullptr || contract.mapping->form != exchange::Form::court_list) continue;
      const char* const kind = contract.agency == names(Feed::crown).agency ? "crown" : "magistrates";
      auto sender = std::make_unique<ListSender>(contract, kind, request_);
      if (const base::Status begun = sender->begin(); !begun.ok()) return begun;
      lists_.push_back(std::move(sender));
    }
    return base::Done{};
  }

  base::Status event(const Fact& fact) override {
    for (const auto& sender : lists_) {
      if (const base::Status run = sender->run_to(fact.recorded_at); !run.ok()) return run;
      sender->take(fact);
    }
    for (const auto& sender : senders_) {
      if (const base::Status run = sender->run_to(fact.recorded_at); !run.ok()) return run;
    }
    Sender* const sender = by_type_[static_cast<std::size_t>(fact.feed)][static_cast<std::size_t>(fact.type)];
    if (sender == nullptr) {
      return base::invalid(fmt::format("no contract lets the system {} send {}", names(fact.feed).source,
                                       type_names[static_cast<std::size_t>(fact.type)].name));
    }
    return sender->add(fact);
  }
  base::Status truth(const Truth&) override { return base::Done{}; }

  base::Result<std::vector<FeedSent>> finish() override {
    std::vector<FeedSent> sent;
    const int64_t ends = calendar::start_of(request_.plan.to + 1);
    for (const auto& sender : senders_) {
      if (const base::Status run = sender->run_to(ends); !run.ok()) return run.error();
      if (const base::Status ended = sender->end(ends); !ended.ok()) return ended.error();
      sent.push_back(sender->sent());
    }
    for (const auto& sender : lists_) {
      if (const base::Status run = sender->run_to(ends - 1); !run.ok()) return run.error();
      if (const base::Status ended = sender->end(); !ended.ok()) return ended.error();
      sent.push_back(sender->sent());
    }
    return sent;
  }

 private:
  base::Status open(Feed feed, const exchange::FeedContract& contract) {
    std::unique_ptr<Batch> batch;
    const char* ending = ".csv";
    if (contract.mapping == nullptr) {
      batch = std::make_unique<OwnBatch>();
      ending = ".jsonl";
    } else if (contract.mapping->form == exchange::Form::court_events) {
      batch = std::make_unique<CourtBatch>(*request_.courts);
      ending = ".jsonl";
    } else {
      auto rows = exchange::MappedRows::make(*contract.mapping, request_.vocabulary);
      if (!rows) return rows.error();
      batch = std::make_unique<MappedBatch>(std::move(rows).value());
    }
    auto sender = std::make_unique<Sender>(contract, std::move(batch), feed, ending, request_, silences_);
    if (const base::Status begun = sender->begin(); !begun.ok()) return begun;
    for (std::size_t t = 1; t < type_count; ++t) {
      if (contract.may_send(type_names[t].name)) by_type_[static_cast<std::size_t>(feed)][t] = sender.get();
    }
    senders_.push_back(std::move(sender));
    return base::Done{};
  }

  FeedsRequest request_;
  Silences silences_;
  std::vector<std::unique_ptr<Sender>> senders_;
  std::vector<std::unique_ptr<ListSender>> lists_;
  std::array<std::array<Sender*, type_count>, feed_count> by_type_{};
};

}  // namespace

base::Result<std::unique_ptr<FeedFiles>> FeedFiles::create(FeedsRequest request) {
  auto files = std::make_unique<Files>(std::move(request));
  if (const base::Status begun = files->begin(); !begun.ok()) return begun.error();
  return std::unique_ptr<FeedFiles>(std::move(files));
}

}  // namespace kept::simulation
