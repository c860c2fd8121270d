#include "ledger/event_index.h"

#include <vector>

#include "ledger/ask_numbers.h"

namespace kept::ledger {
namespace {

constexpr Statement find_event{"SELECT position FROM event WHERE source = $1 AND id = $2"};
constexpr Statement find_mention{"SELECT 1 FROM mention WHERE name = $1 AND position = $2"};
constexpr Statement count_of_events{"SELECT COUNT(*) FROM event"};
constexpr Statement count_of_mentions{"SELECT COUNT(*) FROM mention"};

base::Result<uint64_t> count(Database& database, const Statement& statement) {
  const auto number = ask_number(database, statement, {});
  if (!number) return number.error();
  return static_cast<uint64_t>(*number);
}

}  // namespace

base::Status EventIndex::find(std::span<const EventId> ids,
                              const std::function<base::Status(std::size_t which, uint64_t position)>& visit) {
  if (ids.empty()) return base::Done{};
  std::vector<In> wanted;
  wanted.reserve(ids.size() * 2);
  for (const EventId& id : ids) {
    wanted.emplace_back(id.source);
    wanted.emplace_back(id.id);
  }
  return database_.ask(find_event, wanted, 2, [&](std::size_t which, const Answer& answer) {
    return visit(which, static_cast<uint64_t>(answer.number(0)));
  });
}

base::Status EventIndex::find(std::span<const Mention> mentions,
                              const std::function<base::Status(std::size_t which)>& visit) {
  if (mentions.empty()) return base::Done{};
  std::vector<In> wanted;
  wanted.reserve(mentions.size() * 2);
  for (const Mention& mention : mentions) {
    wanted.emplace_back(mention.name);
    wanted.emplace_back(static_cast<int64_t>(mention.position));
  }
  return database_.ask(find_mention, wanted, 2, [&](std::size_t which, const Answer&) { return visit(which); });
}

base::Result<uint64_t> EventIndex::count_events() { return count(database_, count_of_events); }
base::Result<uint64_t> EventIndex::count_mentions() { return count(database_, count_of_mentions); }

}  // namespace kept::ledger
