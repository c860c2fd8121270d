#include "work_log.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <memory>

#include "calendar/local_date.h"
#include "columns/table_writer.h"

namespace kept::bench {

const std::array<const char*, work_types + 1> work_type_names = {"",
                                                                 "crime.reported",
                                                                 "crime.acknowledged",
                                                                 "needs.assessed",
                                                                 "victim.referred",
                                                                 "support.contacted",
                                                                 "leaflet.sent",
                                                                 "statement.offered",
                                                                 "statement.taken",
                                                                 "suspect.identified",
                                                                 "suspect.arrested",
                                                                 "told.arrest",
                                                                 "suspect.interviewed",
                                                                 "told.interview",
                                                                 "suspect.bailed",
                                                                 "told.bail",
                                                                 "bail.changed",
                                                                 "told.bail_change",
                                                                 "suspect.released",
                                                                 "told.release",
                                                                 "suspect.charged",
                                                                 "told.charge",
                                                                 "case.no_further_action",
                                                                 "told.no_further_action",
                                                                 "review.requested",
                                                                 "review.answered",
                                                                 "first_hearing.listed",
                                                                 "told.first_hearing",
                                                                 "hearing.adjourned",
                                                                 "told.adjournment",
                                                                 "trial.listed",
                                                                 "told.trial",
                                                                 "expenses.claimed",
                                                                 "expenses.paid",
                                                                 "verdict.given",
                                                                 "told.verdict",
                                                                 "sentence.passed",
                                                                 "told.sentence",
                                                                 "appeal.lodged",
                                                                 "told.appeal",
                                                                 "complaint.received",
                                                                 "complaint.answered",
                                                                 "note.added"};

const std::array<const char*, work_boroughs + 1> work_borough_names = {"",
                                                                       "Barking and Dagenham",
                                                                       "Barnet",
                                                                       "Bexley",
                                                                       "Brent",
                                                                       "Bromley",
                                                                       "Camden",
                                                                       "Croydon",
                                                                       "Ealing",
                                                                       "Enfield",
                                                                       "Greenwich",
                                                                       "Hackney",
                                                                       "Hammersmith and Fulham",
                                                                       "Haringey",
                                                                       "Harrow",
                                                                       "Havering",
                                                                       "Hillingdon",
                                                                       "Hounslow",
                                                                       "Islington",
                                                                       "Kensington and Chelsea",
                                                                       "Kingston upon Thames",
                                                                       "Lambeth",
                                                                       "Lewisham",
                                                                       "Merton",
                                                                       "Newham",
                                                                       "Redbridge",
                                                                       "Richmond upon Thames",
                                                                       "Southwark",
                                                                       "Sutton",
                                                                       "Tower Hamlets",
                                                                       "Waltham Forest",
                                                                       "Wandsworth",
                                                                       "Westminster"};

const std::array<const char*, work_offences + 1> work_offence_names = {"",
                                                                       "Violence with injury",
                                                                       "Violence without injury",
                                                                       "Stalking and harassment",
                                                                       "Rape",
                                                                       "Other sexual offences",
                                                                       "Robbery",
                                                                       "Burglary, residential",
                                                                       "Burglary, business",
                                                                       "Theft from the person",
                                                                       "Vehicle offences",
                                                                       "Arson and criminal damage",
                                                                       "Public order, hate \"aggravated\""};

namespace {

enum Type : uint8_t {
  reported = 1,
  acknowledged,
  assessed,
  referred,
  contacted,
  leaflet,
  statement_offered,
  statement_taken,
  identified,
  arrested,
  told_arrest,
  interviewed,
  told_interview,
  bailed,
  told_bail,
  bail_changed,
  told_bail_change,
  released,
  told_release,
  charged,
  told_charge,
  no_action,
  told_no_action,
  review_asked,
  review_answered,
  first_hearing,
  told_first_hearing,
  adjourned,
  told_adjournment,
  trial,
  told_trial,
  claimed,
  paid,
  verdict,
  told_verdict,
  sentence,
  told_sentence,
  appeal,
  told_appeal,
  complaint,
  complaint_answered,
  note
};
static_assert(note == work_types);

constexpr int64_t log_begins_s = 1'704'067'200;  // 2024-01-01T00:00:00Z
constexpr int64_t day_s = 86'400;
constexpr int64_t hour_s = 3'600;

/// splitmix64: a stream a participant, so that a log of more victims begins with the same people.
class Chance {
 public:
  Chance(uint64_t seed, uint32_t participant)
      : state_(seed * 0x9E3779B97F4A7C15u ^ (uint64_t{participant} << 20) * 0xD1B54A32D192ED03u) {
    next();
  }
  uint64_t next() {
    uint64_t z = (state_ += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }
  /// 0 to n-1.
  uint32_t below(uint32_t n) { return static_cast<uint32_t>((next() >> 32) * n >> 32); }
  int64_t between(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(below(static_cast<uint32_t>(high - low + 1)));
  }
  bool percent(uint32_t p) { return below(100) < p; }

 private:
  uint64_t state_;
};

/// Skewed, as places and offences are: the product of two draws leans to the low codes.
uint8_t leaning(Chance& chance, int codes) {
  const uint32_t n = static_cast<uint32_t>(codes);
  return static_cast<uint8_t>(1 + (chance.percent(40) ? chance.below(chance.below(n) + 1) : chance.below(n)));
}

class Life {
 public:
  Life(uint32_t participant, uint64_t seed, std::vector<WorkEvent>* out)
      : participant_(participant), chance_(seed, participant), out_(out) {}

  void live() {
    const int64_t t0 = log_begins_s + chance_.between(0, 731 * day_s - 1);
    add(reported, t0);
    out_->back().borough = leaning(chance_, work_boroughs);
    out_->back().offence = leaning(chance_, work_offences);
    tell(acknowledged, t0, 88, 5);
    if (chance_.percent(70)) tell(referred, t0, 100, 2), follow(contacted, 55, 2);
    if (chance_.percent(66)) {
      if (add(assessed, t0 + chance_.between(hour_s, 9 * day_s))) out_->back().enhanced = chance_.percent(17) ? 2 : 1;
    }
    if (chance_.percent(35)) add(leaflet, t0 + chance_.between(hour_s, 4 * day_s));
    for (uint32_t notes = chance_.percent(30) ? chance_.below(4) : 0; notes > 0; --notes)
      add(note, t0 + chance_.between(hour_s, 150 * day_s));
    if (chance_.percent(6))
      add(complaint, t0 + chance_.between(10 * day_s, 150 * day_s)), follow(complaint_answered, 80, 20);

    int64_t t = t0;
    const uint32_t roll = chance_.below(100);
    const uint32_t arrests = roll < 33 ? 0 : roll < 74 ? 1 : roll < 93 ? 2 : 3;
    for (uint32_t i = 0; i < arrests; ++i) {
      t += chance_.between(2 * hour_s, i == 0 ? 35 * day_s : 20 * day_s);
      if (chance_.percent(25)) add(identified, t - hour_s);
      add(arrested, t), follow(told_arrest, 82, 3);
      if (chance_.percent(90)) add(interviewed, t += chance_.between(hour_s, 2 * day_s)), follow(told_interview, 74, 3);
      if (chance_.percent(35)) follow(statement_offered, 100, 10), follow(statement_taken, 60, 10);
      if (chance_.percent(62)) {
        add(bailed, t += chance_.between(hour_s, day_s)), follow(told_bail, 78, 3);
        for (uint32_t changes = chance_.below(3); changes > 0; --changes) {
          add(bail_changed, t += chance_.between(day_s, 28 * day_s)), follow(told_bail_change, 68, 4);
        }
      } else {
        add(released, t += chance_.between(hour_s, 2 * day_s)), follow(told_release, 76, 3);
      }
    }
    if (arrests == 0 || chance_.percent(42)) {
      if (chance_.percent(75)) {
        add(no_action, t += chance_.between(3 * day_s, 60 * day_s)), follow(told_no_action, 80, 5);
        if (chance_.percent(9))
          add(review_asked, t += chance_.between(day_s, 20 * day_s)), follow(review_answered, 75, 30);
      }
      return;
    }
    add(charged, t += chance_.between(hour_s, 30 * day_s)), follow(told_charge, 82, 4);
    add(first_hearing, t += chance_.between(hour_s, 6 * day_s)), follow(told_first_hearing, 74, 2);
    for (uint32_t i = chance_.below(4); i > 0; --i)
      add(adjourned, t += chance_.between(7 * day_s, 40 * day_s)), follow(told_adjournment, 70, 2);
    if (chance_.percent(80)) add(trial, t += chance_.between(5 * day_s, 40 * day_s)), follow(told_trial, 78, 4);
    if (chance_.percent(30)) add(claimed, t + chance_.between(5 * day_s, 40 * day_s)), follow(paid, 80, 10);
    add(verdict, t += chance_.between(20 * day_s, 150 * day_s)), follow(told_verdict, 76, 1);
    if (!chance_.percent(75)) return;
    add(sentence, t += chance_.between(0, 30 * day_s)), follow(told_sentence, 76, 1);
    if (chance_.percent(9)) add(appeal, t += chance_.between(5 * day_s, 28 * day_s)), follow(told_appeal, 70, 28);
  }

 private:
  bool add(Type type, int64_t at_s) {
    last_ = at_s;
    if (at_s > work_as_at_s) return false;
    out_->push_back({at_s, participant_, type, 0, 0, 0});
    return true;
  }
  /// The act that answers an event at `at_s`, in so many of a hundred cases; `days`: what the typical limit is. Now and
  /// then somebody was told before, which fulfils nothing, or is told twice.
  void tell(Type type, int64_t at_s, uint32_t in_a_hundred, int64_t days) {
    if (at_s > work_as_at_s) return;
    if (chance_.percent(2)) add(type, std::max(at_s - chance_.between(1, 3 * day_s), log_begins_s));
    if (!chance_.percent(in_a_hundred)) {
      last_ = at_s;
      return;
    }
    const uint32_t roll = chance_.below(100);
    const int64_t delay = roll < 25   ? chance_.between(0, 10 * hour_s)
                          : roll < 70 ? chance_.between(hour_s, days * day_s)
                          : roll < 88 ? chance_.between(hour_s, 3 * days * day_s)
                                      : chance_.between(days * day_s, (6 * days + 10) * day_s);
    add(type, at_s + delay);
    const int64_t told = last_;
    if (chance_.percent(4)) add(type, told + chance_.between(1, 6 * day_s));
    last_ = told;
  }
  void follow(Type type, uint32_t in_a_hundred, int64_t days) { tell(type, last_, in_a_hundred, days); }

  uint32_t participant_;
  Chance chance_;
  std::vector<WorkEvent>* out_;
  int64_t last_ = 0;
};

std::string csv_field(const char* text) {
  if (std::strpbrk(text, ",\"") == nullptr) return text;
  std::string out = "\"";
  for (const char* c = text; *c != '\0'; ++c) {
    if (*c == '"') out += '"';
    out += *c;
  }
  return out + '"';
}

}  // namespace

std::vector<WorkEvent> make_work_log(uint32_t victims, uint64_t seed) {
  std::vector<WorkEvent> unsorted;
  unsorted.reserve(std::size_t{victims} * 17);
  for (uint32_t participant = 1; participant <= victims; ++participant) Life(participant, seed, &unsorted).live();
  // A counting sort by day, then each day by time: a hundred million events need no third copy.
  constexpr std::size_t days = 731;
  std::vector<std::size_t> start(days + 1, 0);
  for (const WorkEvent& event : unsorted) ++start[static_cast<std::size_t>((event.at_s - log_begins_s) / day_s) + 1];
  for (std::size_t day = 0; day < days; ++day) start[day + 1] += start[day];
  std::vector<WorkEvent> log(unsorted.size());
  std::vector<std::size_t> next(start.begin(), start.end() - 1);
  for (const WorkEvent& event : unsorted)
    log[next[static_cast<std::size_t>((event.at_s - log_begins_s) / day_s)]++] = event;
  for (std::size_t day = 0; day < days; ++day) {
    std::sort(log.begin() + static_cast<std::ptrdiff_t>(start[day]),
              log.begin() + static_cast<std::ptrdiff_t>(start[day + 1]), [](const WorkEvent& a, const WorkEvent& b) {
                if (a.at_s != b.at_s) return a.at_s < b.at_s;
                if (a.participant != b.participant) return a.participant < b.participant;
                return a.type < b.type;
              });
  }
  return log;
}

base::Status write_work_parquet(const std::vector<WorkEvent>& log, const std::string& path) {
  using columns::ColumnKind;
  auto opened = columns::TableWriter::open(path, {{"participant", ColumnKind::int32, {}},
                                                  {"type", ColumnKind::int16, {}},
                                                  {"occurred_at", ColumnKind::instant, {}},
                                                  {"borough", ColumnKind::int16, {}},
                                                  {"offence", ColumnKind::int16, {}},
                                                  {"enhanced", ColumnKind::int16, {}}});
  if (!opened) return opened.error();
  columns::TableWriter& writer = *opened;
  for (std::size_t from = 0; from < log.size(); from += columns::TableWriter::batch_rows) {
    const std::size_t rows = std::min(columns::TableWriter::batch_rows, log.size() - from);
    for (std::size_t i = 0; i < rows; ++i) {
      const WorkEvent& event = log[from + i];
      writer.values<int32_t>(0)[i] = static_cast<int32_t>(event.participant);
      writer.values<int16_t>(1)[i] = event.type;
      writer.values<int64_t>(2)[i] = event.at_s * 1000;
      const uint8_t details[] = {event.borough, event.offence, event.enhanced};
      for (std::size_t column = 0; column < 3; ++column) {
        writer.values<int16_t>(3 + column)[i] = details[column];
        if (details[column] == 0) writer.set_absent(3 + column, i);
      }
    }
    if (auto done = writer.commit(rows); !done) return done;
  }
  return writer.finish();
}

base::Status write_work_csv(const std::vector<WorkEvent>& log, const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "wb"), &std::fclose);
  if (!file) return base::Error{base::ErrorCode::io, path + ": cannot be written"};
  std::array<std::string, work_boroughs + 1> boroughs;
  std::array<std::string, work_offences + 1> offences;
  for (std::size_t i = 0; i < boroughs.size(); ++i) boroughs[i] = csv_field(work_borough_names[i]);
  for (std::size_t i = 0; i < offences.size(); ++i) offences[i] = csv_field(work_offence_names[i]);
  static const char* const yes_no[] = {"", "no", "yes"};
  std::string block = "participant,type,occurred_at,borough,offence,enhanced\n";
  bool written = true;
  const auto two = [&](int64_t value) {
    block += static_cast<char>('0' + value / 10);
    block += static_cast<char>('0' + value % 10);
  };
  for (const WorkEvent& event : log) {
    const calendar::LocalDate day{static_cast<int32_t>(event.at_s / day_s)};
    const int64_t second = event.at_s % day_s;
    block += std::to_string(event.participant);
    block += ',';
    block += work_type_names[event.type];
    block += ',';
    block += calendar::to_string(day);
    block += 'T';
    two(second / 3600);
    block += ':';
    two(second / 60 % 60);
    block += ':';
    two(second % 60);
    block += "Z,";
    block += boroughs[event.borough];
    block += ',';
    block += offences[event.offence];
    block += ',';
    block += yes_no[event.enhanced];
    block += '\n';
    if (block.size() > (1u << 20)) {
      written = written && std::fwrite(block.data(), 1, block.size(), file.get()) == block.size();
      block.clear();
    }
  }
  written = written && std::fwrite(block.data(), 1, block.size(), file.get()) == block.size();
  if (!written) return base::Error{base::ErrorCode::io, path + ": cannot be written: is the disk full?"};
  return base::Done{};
}

}  // namespace kept::bench
