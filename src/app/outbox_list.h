#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/answer_table.h"
#include "app/outbox.h"
#include "app/store_folder.h"
#include "base/result.h"

namespace kept::app {

/// Which rows of the outbox; what is not said is not asked for.
struct OutboxFilter {
  std::string agency = {};
  std::optional<model::Act> act = {};
  std::optional<OutboxState> state = {};
  std::optional<bool> live = {};
  std::optional<int64_t> due_before = {};
  uint64_t most = 1000;
};

/// One row: what is to be done, by whom, until when. Nothing of the person but the store's own number for them.
struct OutboxItem {
  std::string reference;  ///< the store's number of the person or case, `/`, and the obligation's name among theirs
  std::string duty;       ///< the duty's id
  std::string agency;     ///< by whom it is owed; empty: not known
  model::Act act = model::Act::unsaid;
  OutboxState state = OutboxState::waiting;
  bool live = false;
  std::optional<int64_t> due_at;
  int64_t since = 0;
};

/// The first `most` rows in order of their deadlines, those without one last, then of their references. `matching`: how
/// many there are. Errors: the ledger's; not_found for an agency that the store never heard of.
base::Result<std::vector<OutboxItem>> outbox_items(Store& store, const OutboxFilter& filter, uint64_t* matching);

/// How many rows of one agency and act are in which state. Historic rows wait for a person and never speak (C1).
struct OutboxSum {
  std::string agency;  ///< empty: not known
  model::Act act = model::Act::unsaid;
  uint64_t live_waiting = 0, historic_waiting = 0;
  uint64_t overdue = 0;  ///< of all that wait, past their deadline
  uint64_t done = 0, ended = 0;
};
/// By agency, then act. `filter`: agency, act and live only. Errors: the ledger's.
base::Result<std::vector<OutboxSum>> outbox_sums(Store& store, const OutboxFilter& filter, int64_t now);

AnswerTable table_of_items(const std::vector<OutboxItem>& items);
AnswerTable table_of_sums(const std::vector<OutboxSum>& sums);
/// `{"as_at":..., "outbox":[...]}` and an end of line.
std::string sums_json(const std::vector<OutboxSum>& sums, int64_t now);

}  // namespace kept::app
