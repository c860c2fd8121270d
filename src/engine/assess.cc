#include "engine/assess.h"

#include <algorithm>

#include "engine/kernel.h"
#include "engine/parts.h"

namespace kept::engine {
namespace {

base::Status check_as_at(const RuleBook& book, const AssessOptions& options) {
  const calendar::LocalDate on = calendar::london_date(options.as_at);
  if (on > book.calendar->last())
    return base::Error{base::ErrorCode::not_covered,
                       "as_at " + calendar::to_string(on) + " lies past the calendar's end, " +
                           calendar::to_string(book.calendar->last()) +
                           ": add the bank holidays announced since, or ask for an earlier day"};
  if (on < book.calendar->first())
    return base::Error{base::ErrorCode::not_covered, "as_at " + calendar::to_string(on) +
                                                         " lies before the calendar's start, " +
                                                         calendar::to_string(book.calendar->first())};
  return base::Done{};
}

/// Everything between the table and the kernel, made once a run. Members are built in the order they depend on each
/// other.
struct Run {
  Run(const PreparedRules& rules, const model::EventTable& table, const AssessOptions& options, Tally* tally)
      : facts(Facts::resolve(table, options.recorded_by, options.threads, tally)),
        links(table, facts, options.as_at, options.threads),
        world(rules, table, facts, links, options),
        timelines(rules.book, table, facts, links, options.as_at, options.threads, rules.profile_of_code,
                  &tally->without_link, &tally->after_as_at) {}

  Facts facts;
  Links links;
  World world;
  Timelines timelines;
};

/// Judges people and cases one after another into one sink.
class Judge {
 public:
  Judge(const Run& run, Sink* sink, Tally* tally)
      : run_(run),
        kernel_(run.world),
        first_(run.world.book.vocabulary->code_count(), no_entry),
        sink_(sink),
        tally_(tally) {
    tally->by_class.assign(run.world.book.applicability.size(), 0);
  }

  /// A participant whose shard was gathered; nobody when nothing is recorded about them.
  void person(uint32_t participant) {
    if (run_.timelines.entries_of(participant) == 0) return;
    const RuleBook& book = run_.world.book;
    run_.timelines.fill(participant, &timeline_, first_.data());
    ++tally_->participants;
    const int32_t applies = book.applicability.empty() ? -1 : kernel_.applicability(timeline_, first_.data());
    if (applies >= 0) ++tally_->by_class[static_cast<std::size_t>(applies)];
    sink_->participant(participant, applies);
    if (book.applicability.empty() ||
        (applies >= 0 && book.applicability[static_cast<std::size_t>(applies)].under_code))
      judge();
    Timelines::release(timeline_, first_.data());
  }

  /// A case, by its number.
  void one_case(uint32_t index) {
    run_.timelines.fill_case(index, &timeline_, first_.data());
    judge();
    Timelines::release(timeline_, first_.data());
  }

 private:
  void judge() {
    out_.clear();
    kernel_.judge(timeline_, first_.data(), &out_);
    tally_->obligations += out_.size();
    if (!out_.empty()) sink_->take(out_.data(), out_.size());
  }

  const Run& run_;
  Kernel<NoTrace> kernel_;
  Timeline timeline_;
  std::vector<uint32_t> first_;
  std::vector<model::Obligation> out_;
  Sink* sink_;
  Tally* tally_;
};

/// Judges a range of participants, or of cases.
void judge_range(const Run& run, uint32_t from, uint32_t to, bool cases, Sink* sink, Tally* tally) {
  Judge judge(run, sink, tally);
  for (uint32_t i = from; i < to; ++i) {
    if (cases) {
      judge.one_case(i);
      continue;
    }
    // Two people ahead: what lies anywhere in memory is on its way while one is judged.
    if (i + 2 < to) run.timelines.fetch_ahead(i + 2);
    judge.person(i);
  }
}

void add(const Tally& part, Tally* whole) {
  whole->participants += part.participants;
  whole->obligations += part.obligations;
  whole->by_class.resize(std::max(whole->by_class.size(), part.by_class.size()));
  for (std::size_t i = 0; i < part.by_class.size(); ++i) whole->by_class[i] += part.by_class[i];
}

/// Judges people, or cases, from number `first` to before `end` on several threads. `weight(i)`: how much work each is.
/// Parts of about the same weight, of which a thread takes the next when it has done one; joined in their order, so
/// that the answer does not depend on how many threads there are.
template <class Weight>
void judge_all(const Run& run, bool cases, uint32_t first, uint32_t end, Weight weight, int threads_wanted, Sink* sink,
               Tally* tally) {
  const auto threads = static_cast<uint32_t>(std::clamp(threads_wanted, 1, 64));
  const uint64_t wanted = parts_for(threads);
  uint64_t whole = 0;
  for (uint32_t i = first; i < end; ++i) whole += weight(i);
  std::vector<uint32_t> cuts{first};
  uint64_t seen = 0;
  for (uint32_t i = first; i < end; ++i) {
    seen += weight(i);
    if (cuts.size() < wanted && seen >= whole * cuts.size() / wanted) cuts.push_back(i + 1);
  }
  cuts.push_back(std::max(end, first));
  const auto parts = static_cast<uint32_t>(cuts.size() - 1);
  std::vector<Tally> tallies(parts);
  if (parts == 1) {
    judge_range(run, cuts[0], cuts[1], cases, sink, tallies.data());
  } else {
    std::vector<std::unique_ptr<Sink>> sinks(parts);
    for (auto& part : sinks) part = sink->fork();
    in_parts(parts, parts, threads, [&](uint32_t k, uint32_t, uint32_t) {
      judge_range(run, cuts[k], cuts[k + 1], cases, sinks[k].get(), &tallies[k]);
    });
    for (const auto& part : sinks) sink->join(*part);
  }
  for (const Tally& part : tallies) add(part, tally);
}

}  // namespace

int64_t last_recorded_at(const model::EventTable& table) {
  int64_t last = 0;
  for (uint32_t row = 0; row < table.size(); ++row)
    last = row == 0 ? table.recorded_at(row) : std::max(last, table.recorded_at(row));
  return last;
}

base::Result<Tally> assess(const RuleBook& book, const model::EventTable& table, const AssessOptions& options,
                           Sink& sink) {
  if (const base::Status fine = check_as_at(book, options); !fine) return fine.error();
  Tally tally;
  const PreparedRules rules(book);
  Run run(rules, table, options, &tally);
  for (uint32_t row = 0; row < table.size(); ++row) tally.read_by_duty += book.is_read[table.code(row)];
  Timelines& timelines = run.timelines;
  for (uint32_t shard = 0; shard < timelines.shards(); ++shard) {
    timelines.gather(shard);
    const uint32_t first = std::max(timelines.shard_from(shard), 1u);
    judge_all(
        run, false, first, timelines.shard_from(shard + 1), [&](uint32_t p) { return timelines.entries_of(p); },
        options.threads, &sink, &tally);
  }
  judge_all(run, true, 0, timelines.cases(), [](uint32_t) { return 1u; }, options.threads, &sink, &tally);
  return tally;
}

base::Result<Tally> assess_some(const PreparedRules& rules, const model::EventTable& table,
                                const AssessOptions& options, std::span<const uint32_t> participants,
                                std::span<const uint32_t> hearings, Sink& sink) {
  if (const base::Status fine = check_as_at(rules.book, options); !fine) return fine.error();
  Tally tally;
  Run run(rules, table, options, &tally);
  Timelines& timelines = run.timelines;
  Judge judge(run, &sink, &tally);
  auto next = participants.begin();
  for (uint32_t shard = 0; shard < timelines.shards(); ++shard) {
    timelines.gather(shard);
    for (; next != participants.end() && *next < timelines.shard_from(shard + 1); ++next) judge.person(*next);
  }
  for (uint32_t i = 0; i < timelines.cases() && !hearings.empty(); ++i)
    if (std::binary_search(hearings.begin(), hearings.end(), timelines.case_hearing(i))) judge.one_case(i);
  return tally;
}

base::Result<Explanation> explain(const RuleBook& book, const model::EventTable& table, const AssessOptions& options,
                                  const model::Obligation& wanted) {
  if (const base::Status fine = check_as_at(book, options); !fine) return fine.error();
  Tally tally;
  const PreparedRules rules(book);
  Run run(rules, table, options, &tally);
  for (uint32_t shard = 0; shard < run.timelines.shards(); ++shard) {
    run.timelines.gather(shard);
    if (wanted.participant != 0 && wanted.participant < run.timelines.shard_from(shard + 1)) break;
  }
  Kernel<Recording> kernel(run.world);
  Timeline timeline;
  std::vector<uint32_t> first(book.vocabulary->code_count(), no_entry);
  if (wanted.participant != 0) {
    run.timelines.fill(wanted.participant, &timeline, first.data());
  } else {
    uint32_t found = no_entry;
    for (uint32_t i = 0; i < run.timelines.cases() && found == no_entry; ++i)
      if (run.timelines.case_hearing(i) == wanted.hearing) found = i;
    if (found == no_entry)
      return base::Error{
          base::ErrorCode::not_found,
          "no case with this obligation: check that the files and options are the same as in the run that named it"};
    run.timelines.fill_case(found, &timeline, first.data());
  }
  std::vector<model::Obligation> out;
  kernel.judge(timeline, first.data(), &out);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const model::Obligation& o = out[i];
    if (o.duty != wanted.duty || o.trigger_row != wanted.trigger_row || o.interval != wanted.interval) continue;
    Explanation explanation{o, {}};
    const auto [from, to] = kernel.spans[i];
    explanation.steps.assign(kernel.trace.steps.begin() + static_cast<std::ptrdiff_t>(from),
                             kernel.trace.steps.begin() + static_cast<std::ptrdiff_t>(to));
    return explanation;
  }
  return base::Error{base::ErrorCode::not_found,
                     "no such obligation: check that the files and options are the same as in the run that named it"};
}

}  // namespace kept::engine
