#include "ledger/group_commit.h"

#include <new>

#include "ledger/transaction.h"

namespace kept::ledger {

base::Status GroupCommit::commit(Part& part) {
  Place place{&part};
  std::unique_lock<std::mutex> line(line_mutex_);
  line_.push_back(&place);
  moved_.wait(line, [&] { return place.is_done || (!is_led_ && line_.front() == &place); });
  if (place.is_done) return place.status;
  is_led_ = true;
  line.unlock();
  std::vector<Place*> group;
  {
    const std::lock_guard<std::mutex> at_the_ledger(mutex_);
    // Taken late: who came while the ledger was busy is in it, too.
    group = next_group();
    commit_group(group);
  }
  line.lock();
  is_led_ = false;
  for (Place* each : group) each->is_done = true;
  line.unlock();
  moved_.notify_all();
  return place.status;
}

std::size_t GroupCommit::waiting() const {
  const std::lock_guard<std::mutex> line(line_mutex_);
  return line_.size();
}

uint64_t GroupCommit::commits() const {
  const std::lock_guard<std::mutex> line(line_mutex_);
  return commits_;
}

std::vector<GroupCommit::Place*> GroupCommit::next_group() {
  const std::lock_guard<std::mutex> line(line_mutex_);
  std::vector<Place*> group{line_.front()};
  line_.pop_front();
  std::size_t size = group[0]->part->size();
  while (!group[0]->part->is_alone() && !line_.empty() && !line_.front()->part->is_alone() &&
         size + line_.front()->part->size() <= most_together) {
    size += line_.front()->part->size();
    group.push_back(line_.front());
    line_.pop_front();
  }
  return group;
}

void GroupCommit::commit_group(const std::vector<Place*>& group) {
  const base::Status together = commit_some(group);
  if (group.size() == 1 || together || together.error().code == base::ErrorCode::io) {
    for (Place* place : group) place->status = together;
  } else {
    // One of them cannot be taken, and nothing was: each by itself, so that it harms no other.
    for (Place* place : group) place->status = commit_some({place});
  }
  for (Place* place : group)
    if (place->status) place->status = settle(*place->part);
}

base::Status GroupCommit::settle(Part& part) {
  try {
    return part.settle();
  } catch (const std::bad_alloc&) {
    return base::Error{base::ErrorCode::io,
                       "memory ran out once a batch was in the store: sent again, it is found there"};
  }
}

base::Status GroupCommit::commit_some(const std::vector<Place*>& group) {
  base::Status done = base::Done{};
  try {
    done = in_transaction(ledger_, [&]() -> base::Status {
      for (Place* place : group)
        if (base::Status put = place->part->put(); !put) return put;
      return base::Done{};
    });
  } catch (const std::bad_alloc&) {
    // Those who wait are told, and not left waiting.
    (void)ledger_.roll_back();
    done = base::Error{base::ErrorCode::io, "memory ran out while a batch was put into the store"};
  }
  if (done) {
    const std::lock_guard<std::mutex> line(line_mutex_);
    ++commits_;
  }
  return done;
}

}  // namespace kept::ledger
