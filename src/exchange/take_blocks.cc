#include "exchange/take_blocks.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "exchange/block_checker.h"
#include "exchange/block_taker.h"

namespace kept::exchange {
namespace {

/// A block on its way, or what ended the file. The threads hand it on under the lock.
struct Item {
  enum State : uint8_t { raw, being_checked, checked };
  State state = raw;
  std::unique_ptr<RowBlock> block;  ///< null: the end
  std::unique_ptr<CheckedBlock> facts;
  std::optional<base::Error> error;
};

/// Blocks between their reading, on a thread of its own, and the table, on the caller's. Whoever has nothing else to do
/// checks what was read: the reader when enough is ahead, the caller when the next block is not ready. A checker meets
/// its blocks in their order. At most some dozens are on their way, so that
/// memory stays bounded.
class Queue {
 public:
  Queue(const RowChecker& checker, int threads, const NextBlock& next) : next_(next) {
    const int helpers = std::clamp(threads, 2, 8) - 2;
    most_ = static_cast<std::size_t>(24 + 2 * helpers);
    for (int i = 0; i < helpers + 2; ++i) checkers_.push_back(std::make_unique<BlockChecker>(checker));
    threads_.emplace_back([this] { guarded([this] { read(); }); });
    for (int i = 0; i < helpers; ++i) {
      threads_.emplace_back([this, i] { guarded([this, i] { help(static_cast<std::size_t>(i) + 2); }); });
    }
  }
  Queue(const Queue&) = delete;
  Queue& operator=(const Queue&) = delete;
  ~Queue() {
    {
      const std::scoped_lock lock(mutex_);
      stopped_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }
  /// The next block, checked; without one at the end.
  std::unique_ptr<Item> pop() {
    std::unique_lock lock(mutex_);
    for (;;) {
      if (thrown_ != nullptr) std::rethrow_exception(thrown_);
      if (!items_.empty() && items_.front()->state == Item::checked) break;
      if (!check_one(lock, own)) changed_.wait(lock);
    }
    auto item = std::move(items_.front());
    items_.pop_front();
    changed_.notify_all();
    return item;
  }
  /// For use again: what it holds keeps its memory.
  void give_back(std::unique_ptr<CheckedBlock> facts) {
    const std::scoped_lock lock(mutex_);
    spare_.push_back(std::move(facts));
  }

 private:
  static constexpr std::size_t own = 0;
  static constexpr std::size_t readers = 1;

  template <class Work>
  void guarded(Work work) {
    try {
      work();
    } catch (...) {
      const std::scoped_lock lock(mutex_);
      thrown_ = std::current_exception();
      stopped_ = true;
      changed_.notify_all();
    }
  }
  void read() {
    for (bool more = true; more;) {
      {
        std::unique_lock lock(mutex_);
        while (!stopped_ && items_.size() >= most_) {
          if (!check_one(lock, readers)) changed_.wait(lock);
        }
        if (stopped_) return;
      }
      auto item = std::make_unique<Item>();
      auto block = next_();
      if (block) {
        item->block = std::move(*block);
      } else {
        item->error = block.error();
      }
      more = item->block != nullptr;
      if (!more) item->state = Item::checked;
      const std::scoped_lock lock(mutex_);
      items_.push_back(std::move(item));
      changed_.notify_all();
    }
    help(readers);
  }
  void help(std::size_t who) {
    std::unique_lock lock(mutex_);
    while (!stopped_) {
      if (!check_one(lock, who)) changed_.wait(lock);
    }
  }
  /// Checks the first block that nobody has begun. False: there is none. The lock is let go meanwhile.
  bool check_one(std::unique_lock<std::mutex>& lock, std::size_t who) {
    const auto found =
        std::find_if(items_.begin(), items_.end(), [](const auto& item) { return item->state == Item::raw; });
    if (found == items_.end()) return false;
    Item& item = **found;
    item.state = Item::being_checked;
    if (!spare_.empty()) {
      item.facts = std::move(spare_.back());
      spare_.pop_back();
    }
    lock.unlock();
    if (item.facts == nullptr) item.facts = std::make_unique<CheckedBlock>();
    item.facts->checker = who;
    checkers_[who]->check(*item.block, item.facts.get());
    lock.lock();
    item.state = Item::checked;
    changed_.notify_all();
    return true;
  }

  const NextBlock& next_;
  std::size_t most_ = 0;
  std::vector<std::unique_ptr<BlockChecker>> checkers_;  ///< one for each thread
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::unique_ptr<Item>> items_;
  std::vector<std::unique_ptr<CheckedBlock>> spare_;
  std::exception_ptr thrown_;
  bool stopped_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace

base::Status take_blocks(RowChecker& checker, int threads, const NextBlock& next,
                         const std::function<void(const RowBlock&)>& after) {
  BlockTaker taker(checker);
  if (threads <= 1) {
    BlockChecker first_half(checker);
    CheckedBlock checked;
    for (;;) {
      const auto block = next();
      if (!block) return block.error();
      if (*block == nullptr) return base::Done{};
      first_half.check(**block, &checked);
      if (!taker.take(**block, checked)) return checker.error();
      after(**block);
    }
  }
  Queue queue(checker, threads, next);
  for (;;) {
    const auto item = queue.pop();
    if (item->error) return *item->error;
    if (item->block == nullptr) return base::Done{};
    if (!taker.take(*item->block, *item->facts)) return checker.error();
    after(*item->block);
    queue.give_back(std::move(item->facts));
  }
}

}  // namespace kept::exchange
