#include "exchange/take_blocks.h"

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

/// One block on its way, or what ended the file.
struct Item {
  std::unique_ptr<RowBlock> block;
  std::unique_ptr<CheckedBlock> checked;
  std::optional<base::Error> error;
  std::exception_ptr thrown;
};

/// Checks blocks on a thread of its own. It is never more than a few blocks ahead, so that memory stays bounded.
class Ahead {
 public:
  Ahead(const RowChecker& checker, const NextBlock& next) : checker_(checker), next_(next) {
    thread_ = std::thread([this] { run(); });
  }
  Ahead(const Ahead&) = delete;
  Ahead& operator=(const Ahead&) = delete;
  ~Ahead() {
    {
      const std::scoped_lock lock(mutex_);
      stopped_ = true;
    }
    room_.notify_one();
    thread_.join();
  }
  /// The next block; without one at the end.
  Item pop() {
    std::unique_lock lock(mutex_);
    ready_.wait(lock, [this] { return !items_.empty(); });
    Item item = std::move(items_.front());
    items_.pop_front();
    lock.unlock();
    room_.notify_one();
    return item;
  }
  /// For use again: what it holds keeps its memory.
  void give_back(std::unique_ptr<CheckedBlock> checked) {
    const std::scoped_lock lock(mutex_);
    spare_.push_back(std::move(checked));
  }

 private:
  static constexpr std::size_t most = 6;

  void run() {
    try {
      for (bool going = true; going;) going = push(make());
    } catch (...) {
      push({nullptr, nullptr, std::nullopt, std::current_exception()});
    }
  }
  Item make() {
    auto block = next_();
    if (!block) return {nullptr, nullptr, block.error(), nullptr};
    if (*block == nullptr) return {};
    Item item{std::move(*block), spare(), std::nullopt, nullptr};
    checker_.check(*item.block, item.checked.get());
    return item;
  }
  std::unique_ptr<CheckedBlock> spare() {
    const std::scoped_lock lock(mutex_);
    if (spare_.empty()) return std::make_unique<CheckedBlock>();
    auto checked = std::move(spare_.back());
    spare_.pop_back();
    return checked;
  }
  /// False: this was the last, or nobody wants more.
  bool push(Item item) {
    const bool more = item.block != nullptr;
    std::unique_lock lock(mutex_);
    room_.wait(lock, [this] { return stopped_ || items_.size() < most; });
    if (stopped_) return false;
    items_.push_back(std::move(item));
    lock.unlock();
    ready_.notify_one();
    return more;
  }

  BlockChecker checker_;
  const NextBlock& next_;
  std::mutex mutex_;
  std::condition_variable ready_, room_;
  std::deque<Item> items_;
  std::vector<std::unique_ptr<CheckedBlock>> spare_;
  bool stopped_ = false;
  std::thread thread_;
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
  Ahead ahead(checker, next);
  for (;;) {
    Item item = ahead.pop();
    if (item.thrown != nullptr) std::rethrow_exception(item.thrown);
    if (item.error) return *item.error;
    if (item.block == nullptr) return base::Done{};
    if (!taker.take(*item.block, *item.checked)) return checker.error();
    after(*item.block);
    ahead.give_back(std::move(item.checked));
  }
}

}  // namespace kept::exchange
