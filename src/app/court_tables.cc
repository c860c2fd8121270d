#include "app/court_tables.h"

#include <algorithm>
#include <map>
#include <optional>

#include "model/moment.h"

namespace kept::app {
namespace {

using Cell = AnswerTable::Cell;

const char* change_word(ListingNotice::Change change) {
  switch (change) {
    case ListingNotice::Change::listed:
      return "listed";
    case ListingNotice::Change::moved:
      return "moved";
    case ListingNotice::Change::vacated:
      return "taken out";
  }
  return "";
}

const char* receipt_word(ListingNotice::Receipt receipt) {
  switch (receipt) {
    case ListingNotice::Receipt::none:
      return "none";
    case ListingNotice::Receipt::carried:
      return "carried by us";
    case ListingNotice::Receipt::recorded:
      return "recorded";
    case ListingNotice::Receipt::typed:
      return "typed";
  }
  return "";
}

Cell cell(const std::optional<int64_t>& number) { return number ? Cell(*number) : Cell(); }
Cell cell(const std::string& text) { return text.empty() ? Cell() : Cell(text); }
Cell instant(int64_t at) { return model::instant_text(at); }
Cell count(uint64_t number) { return static_cast<int64_t>(number); }

/// The middle of some numbers: of an even number of them the lower one, so that it is one that was given.
Cell middle(std::vector<int64_t> numbers) {
  if (numbers.empty()) return {};
  const auto at = numbers.begin() + static_cast<std::ptrdiff_t>((numbers.size() - 1) / 2);
  std::nth_element(numbers.begin(), at, numbers.end());
  return *at;
}

/// Notices of one kind, gathered.
struct Gathered {
  std::vector<int64_t> working_days, hours;
  void add(const Notice& notice) {
    if (notice.working_days) working_days.push_back(*notice.working_days);
    if (notice.hours) hours.push_back(*notice.hours);
  }
};

/// The least notice of several; none of none.
std::optional<Notice> least(const std::vector<Notice>& notices) {
  if (notices.empty()) return std::nullopt;
  return *std::max_element(notices.begin(), notices.end(),
                           [](const Notice& a, const Notice& b) { return a.at < b.at; });
}

}  // namespace

AnswerTable table_of_changes(const std::vector<ListingChange>& changes) {
  AnswerTable table({{"court", "court"},
                     {"unit", "unit"},
                     {"hearing", "hearing"},
                     {"change", "change"},
                     {"hearing_on", "notice to"},
                     {"made_at", "made"},
                     {"after_list", "after the list"},
                     {"made_working_days", "working days"},
                     {"made_hours", "hours"},
                     {"receipt", "unit's receipt"},
                     {"unit_had_at", ""},
                     {"unit_working_days", "working days"},
                     {"unit_hours", "hours"},
                     {"victims", "victims"},
                     {"told", "told"},
                     {"told_too_late", "too late"},
                     {"last_told_at", ""},
                     {"least_working_days", "least: working days"},
                     {"least_hours", "hours"},
                     {"unlinked", "no crime linked"}});
  for (const ListingChange& c : changes) {
    const std::optional<Notice> told = least(c.victims_had);
    table.add({cell(c.court.name),
               cell(c.court.unit),
               c.hearing,
               std::string(change_word(c.change)),
               c.on ? Cell(to_string(*c.on)) : Cell(),
               instant(c.made.at),
               c.after_list,
               cell(c.made.working_days),
               cell(c.made.hours),
               std::string(receipt_word(c.receipt)),
               c.unit_had ? instant(c.unit_had->at) : Cell(),
               c.unit_had ? cell(c.unit_had->working_days) : Cell(),
               c.unit_had ? cell(c.unit_had->hours) : Cell(),
               count(c.victims),
               count(c.told),
               count(c.too_late),
               told ? instant(told->at) : Cell(),
               told ? cell(told->working_days) : Cell(),
               told ? cell(told->hours) : Cell(),
               c.unlinked});
  }
  return table;
}

AnswerTable table_by_court(const std::vector<ListingChange>& changes) {
  struct Court {
    uint64_t changes = 0, listed = 0, moved = 0, vacated = 0, after_list = 0, unlinked = 0;
    uint64_t unit_had = 0, typed = 0, victims = 0, told = 0, too_late = 0;
    Gathered made, unit, victim;
  };
  std::map<HearingCourt, Court> courts;
  for (const ListingChange& c : changes) {
    Court& court = courts[c.court];
    ++court.changes;
    court.listed += c.change == ListingNotice::Change::listed;
    court.moved += c.change == ListingNotice::Change::moved;
    court.vacated += c.change == ListingNotice::Change::vacated;
    court.after_list += c.after_list;
    court.unlinked += c.unlinked;
    court.made.add(c.made);
    if (c.unit_had) {
      ++court.unit_had;
      court.typed += c.receipt == ListingNotice::Receipt::typed;
      court.unit.add(*c.unit_had);
    }
    court.victims += c.victims;
    court.told += c.told;
    court.too_late += c.too_late;
    for (const Notice& notice : c.victims_had) court.victim.add(notice);
  }
  AnswerTable table({{"court", "court"},
                     {"unit", "unit"},
                     {"changes", "changes"},
                     {"listed", ""},
                     {"moved", "moved"},
                     {"taken_out", "out"},
                     {"after_list", "after list"},
                     {"made_working_days", "made: days"},
                     {"made_hours", "hours"},
                     {"unit_had", "unit had"},
                     {"unit_typed", "typed"},
                     {"unit_working_days", "unit: days"},
                     {"unit_hours", "hours"},
                     {"victims", "victims"},
                     {"told", "told"},
                     {"told_too_late", "too late"},
                     {"victim_working_days", "told: days"},
                     {"victim_hours", "hours"},
                     {"unlinked", ""}});
  for (const auto& [where, c] : courts)
    table.add({where.name.empty() ? Cell("court not recorded") : Cell(where.name), cell(where.unit), count(c.changes),
               count(c.listed), count(c.moved), count(c.vacated), count(c.after_list), middle(c.made.working_days),
               middle(c.made.hours), count(c.unit_had), count(c.typed), middle(c.unit.working_days),
               middle(c.unit.hours), count(c.victims), count(c.told), count(c.too_late), middle(c.victim.working_days),
               middle(c.victim.hours), count(c.unlinked)});
  return table;
}

AnswerTable table_of_unresulted(const std::vector<UnresultedHearing>& hearings) {
  AnswerTable table({{"court", "court"},
                     {"unit", "unit"},
                     {"hearing", "hearing"},
                     {"held", "recorded as held"},
                     {"results_due_at", "results due"}});
  for (const UnresultedHearing& h : hearings)
    table.add({h.court.name.empty() ? Cell("court not recorded") : Cell(h.court.name), cell(h.court.unit), h.hearing,
               h.held, instant(h.due_at)});
  return table;
}

AnswerTable table_of_reasons(const std::vector<ReasonCount>& reasons) {
  AnswerTable table({{"result", "result"}, {"code", "code"}, {"count", "number"}, {"says", "reason"}});
  for (const ReasonCount& reason : reasons)
    table.add({reason.result.empty() ? Cell("listed again") : Cell(reason.result), reason.code, count(reason.count),
               reason.says.empty() ? Cell("not one of the courts' 61 reasons") : Cell(reason.says)});
  return table;
}

}  // namespace kept::app
