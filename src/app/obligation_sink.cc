#include "app/obligation_sink.h"

#include <cassert>

namespace kept::app {

WritingSink::WritingSink(measures::Figures figures, std::vector<measures::ObligationsFile> files)
    : figures_(std::move(figures)) {
  for (measures::ObligationsFile& file : files) {
    writers_.push_back(std::make_unique<Writer>(std::move(file)));
    Writer* const writer = writers_.back().get();
    writer->thread = std::thread([writer] {
      for (;;) {
        Batch batch;
        {
          std::unique_lock lock(writer->mutex);
          writer->changed.wait(lock, [&] { return writer->closed || !writer->queue.empty(); });
          if (writer->queue.empty()) return;
          batch = std::move(writer->queue.front());
          writer->queue.pop_front();
        }
        writer->changed.notify_all();
        // After an error the rest is let go, so that the engine is never left waiting.
        if (writer->error) continue;
        if (const base::Status taken = writer->file.take(batch->data(), batch->size()); !taken)
          writer->error = taken.error();
      }
    });
  }
  filling_.reserve(batch_size + 1024);
}

WritingSink::~WritingSink() { close(); }

void WritingSink::take(const model::Obligation* first, std::size_t count) {
  figures_.take(first, count);
  filling_.insert(filling_.end(), first, first + count);
  if (filling_.size() >= batch_size) hand_over();
}

void WritingSink::hand_over() {
  if (filling_.empty()) return;
  const Batch batch = std::make_shared<const std::vector<model::Obligation>>(std::move(filling_));
  filling_ = {};
  filling_.reserve(batch_size + 1024);
  for (const auto& writer : writers_) {
    std::unique_lock lock(writer->mutex);
    writer->changed.wait(lock, [&] { return writer->queue.size() < waiting_batches; });
    writer->queue.push_back(batch);
    lock.unlock();
    writer->changed.notify_all();
  }
}

void WritingSink::close() {
  for (const auto& writer : writers_) {
    {
      const std::lock_guard lock(writer->mutex);
      writer->closed = true;
    }
    writer->changed.notify_all();
    if (writer->thread.joinable()) writer->thread.join();
  }
}

std::unique_ptr<engine::Sink> WritingSink::fork() {
  assert(false && "obligations are written in the order of participants: ask the engine for one thread");
  return nullptr;
}

void WritingSink::join(engine::Sink&) { assert(false && "never forked"); }

base::Status WritingSink::finish() {
  hand_over();
  close();
  for (const auto& writer : writers_) {
    if (writer->error) return *writer->error;
    if (const base::Status finished = writer->file.finish(); !finished) return finished.error();
  }
  return base::Done{};
}

}  // namespace kept::app
