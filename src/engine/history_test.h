#pragma once
// Duties of every kind, and random histories with late, corrected, retracted, out-of-order and coarse events.
#include <random>
#include <string>
#include <vector>

#include "engine/test_world.h"

namespace kept::engine::testing {

inline TestWorld make_world() {
  using Kind = TimeLimit::Kind;
  TestWorld w;
  w.add("D1", Kind::working_days, 3).limits[0].enhanced.count = 1;
  w.add("D2", Kind::working_days, 2, "charged").clock_known = true;
  w.add("D3", Kind::hours, 30);
  Duty& four = w.add("D4", Kind::days, 4);
  four.repeats = true;
  four.until.push_back(w.pattern("closed"));
  w.add("D5", Kind::no_number, 0).until.push_back(w.pattern("closed"));
  w.add("D6", Kind::working_days, 4).pausable = true;
  Duty& seven = w.add("D7", Kind::before, 2, "listed");
  seven.same = same_hearing;
  for (TimeLimit* limit : {&seven.limits[0].standard, &seven.limits[0].enhanced})
    limit->unit = Kind::days, limit->field = w.field("on");
  w.add("D8", Kind::months, 1).earlier_counts = true;
  Duty& nine = w.add("D9", Kind::days, 9);
  nine.all_of = true;
  nine.fulfilled_by.push_back(w.pattern("told"));
  Duty& ten = w.add("D10", Kind::agreed, 0);
  ten.repeats = true;
  ten.until.push_back(w.pattern("closed"));
  Duty& eleven = w.add("D11", Kind::working_days, 1, "result");
  eleven.owed_to_case = true;
  eleven.same = same_hearing;
  eleven.fulfilled_by = {w.pattern("referred")};
  w.add("D12", Kind::working_days, 2, "referred").same = same_hearing;
  Duty& chain = w.add("D13", Kind::no_number, 0);
  chain.kind = DutyKind::chain;
  chain.leg_one = 10;
  chain.leg_two = 11;
  chain.fulfilled_by.clear();
  // Indexes are stable from here on.
  w.book.duties[0].cancelled_by.push_back({w.pattern("charged"), 1});
  w.book.duties[6].cancelled_by.push_back({w.pattern("listed"), 6});
  w.finish();
  return w;
}

/// A history from a seed. `who` and `crime` name its victim and crime, so that two histories have nothing in common.
inline std::vector<Story> history(uint64_t seed, const std::string& who = "V", const std::string& crime = "X") {
  std::mt19937_64 random(seed);
  const auto below = [&](uint64_t n) { return static_cast<int>(random() % n); };
  const auto one_of = [&](std::initializer_list<const char*> list) {
    return std::string(*(list.begin() + below(list.size())));
  };
  const auto day = [&](int n) { return calendar::to_string(TestWorld::date("2026-03-01") + n); };
  const auto when = [&](bool coarse) {
    const int n = below(16);
    const int k = below(100);
    if (k < 45) return day(n);
    if (coarse && k > 97) return std::string("2026-03");
    if (coarse && k > 95) return day(n) + ".." + day(n + 3);
    return day(n) + "T" + (n % 24 < 10 ? "0" : "") + std::to_string(n % 24) + ":30:00Z";
  };
  const auto recorded = [&](const std::string& occurred) {
    static constexpr int delays[] = {0, 0, 0, 1, 3, 8, -1};
    const calendar::LocalDate on = model::parse_moment(occurred).value().on();
    return calendar::to_string(on + delays[below(7)]) + (below(2) ? "T23:45:00Z" : "T12:00:00Z");
  };
  std::vector<Story> out;
  const int n = 3 + below(11);
  for (int i = 0; i < n; ++i) {
    Story s;
    s.type = one_of({"arrested",    "arrested", "informed",   "informed", "informed",
                     "charged",     "listed",   "told",       "decline",  "decline.withdrawn",
                     "good_reason", "hold",     "hold.ended", "assessed", "died",
                     "ended",       "reopened", "closed",     "fix",      "fix",
                     "gone",        "gone",     "agreed",     "born",     "result",
                     "referred",    "accepted"});
    s.id = who + std::to_string(10 + i);
    s.source = who + one_of({"a", "b"});
    s.crime = crime;
    s.occurred = when(s.type == "arrested" || s.type == "informed" || s.type == "charged");
    s.recorded = recorded(s.occurred);
    if (s.type == "fix" || s.type == "gone") {
      if (out.empty()) continue;
      const Story& target = out[static_cast<std::size_t>(below(out.size()))];
      if (s.type == "gone") {
        s.type = "taken_back";
        s.retracts = target.id;
        s.source = target.source;
        s.participant = who;
      } else {
        Story fixed = target;
        fixed.id = s.id;
        fixed.corrects = target.id;
        fixed.retracts.clear();
        fixed.recorded = s.recorded;
        if (below(2)) fixed.occurred = s.occurred;
        if (below(6) == 0) fixed.type = "informed";
        s = fixed;
      }
    } else {
      const bool about_suspect = s.type == "arrested" || s.type == "charged";
      const bool of_court = s.type == "listed" || s.type == "result" || s.type == "referred";
      if (about_suspect) s.suspect = one_of({"A", "B"});
      if (s.type == "informed" || s.type == "told") s.suspect = one_of({"A", "B", ""});
      if (s.type == "informed" && below(2)) s.hearing = crime + "H";
      if (of_court) s.hearing = crime + "H";
      if (!about_suspect && !of_court) s.participant = who;
      if (!s.suspect.empty()) s.suspect += crime;
      if (s.type == "charged" && below(2)) s.known = below(2) ? s.occurred : recorded(s.occurred).substr(0, 10);
      if (below(4) == 0) s.agency = one_of({"police", "cps"});
      if (s.type == "decline" || s.type == "decline.withdrawn" || s.type == "good_reason")
        s.detail["topic"] = one_of({"D1", "D3", "D4", "D5", "D6", "D10"});
      if (s.type == "decline" && below(3) == 0) s.detail["until"] = day(below(20));
      if (s.type == "good_reason") {
        s.detail["who"] = "w";
        s.detail["why"] = "y";
        s.detail["evidence"] = one_of({"e", "e", ""});
        s.detail["second"] = one_of({"s", ""});
        s.detail["from"] = day(below(8));
        s.detail["until"] = day(8 + below(20));
      }
      if (s.type == "hold.ended") s.detail["hold"] = who + std::to_string(10 + below(12));
      if (s.type == "assessed") s.detail["enhanced"] = one_of({"yes", "yes", "no"});
      if (s.type == "listed") s.detail["on"] = day(8 + below(20));
      if (s.type == "agreed") s.detail["every"] = "2", s.detail["unit"] = one_of({"days", "weeks", "working_days"});
      if (s.type == "born") s.occurred = one_of({"2008", "2008-03-10", "1980-05"}), s.recorded = "2026-01-01T12:00:00Z";
    }
    out.push_back(s);
  }
  const auto link = [&](const char* type, const std::string& id, const std::string& from) {
    Story s;
    s.type = type;
    s.occurred = from;
    s.id = id;
    s.source = who + "a";
    s.crime = crime;
    return s;
  };
  Story victim = link("link.victim", who + "l", below(3) ? "2026-01-01" : "2026-03-05");
  victim.participant = who;
  out.push_back(victim);
  for (const char* suspect : {"A", "B"}) {
    if (*suspect == 'B' && below(3) == 0) continue;
    Story s = link("link.suspect", who + "s" + suspect, *suspect == 'A' ? "2026-01-01" : "2026-03-04");
    s.suspect = suspect + crime;
    out.push_back(s);
  }
  Story hearing = link("link.hearing", who + "h", "2026-01-01");
  hearing.hearing = crime + "H";
  out.push_back(hearing);
  return out;
}

}  // namespace kept::engine::testing
