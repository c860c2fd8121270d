#pragma once
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "engine/assess.h"
#include "measures/figures.h"
#include "measures/obligations_file.h"

namespace kept::app {

/// Gathers figures; parts for other threads are added up again.
class FiguresSink : public engine::Sink {
 public:
  explicit FiguresSink(measures::Figures figures) : figures_(std::move(figures)) {}
  void take(const model::Obligation* first, std::size_t count) override { figures_.take(first, count); }
  std::unique_ptr<engine::Sink> fork() override { return std::make_unique<FiguresSink>(figures_.empty_part()); }
  void join(engine::Sink& part) override { figures_.merge(dynamic_cast<FiguresSink&>(part).figures_); }
  measures::Figures& figures() { return figures_; }

 private:
  measures::Figures figures_;
};

/// Gathers figures and hands every obligation to files, each written by a thread of its own. Bounded: the engine waits
/// when a writer is more than a few batches behind. Asks for one engine thread: lines stand in the order of
/// participants.
class WritingSink : public engine::Sink {
 public:
  WritingSink(measures::Figures figures, std::vector<measures::ObligationsFile> files);
  ~WritingSink() override;
  void take(const model::Obligation* first, std::size_t count) override;
  std::unique_ptr<engine::Sink> fork() override;
  void join(engine::Sink& part) override;
  measures::Figures& figures() { return figures_; }
  /// Waits for the writers and puts the files in their places. Errors: the first that a writer met.
  base::Status finish();

 private:
  using Batch = std::shared_ptr<const std::vector<model::Obligation>>;
  static constexpr std::size_t batch_size = 16384;
  static constexpr std::size_t waiting_batches = 6;

  /// One file, its queue and its thread.
  struct Writer {
    explicit Writer(measures::ObligationsFile opened) : file(std::move(opened)) {}
    measures::ObligationsFile file;
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<Batch> queue;
    bool closed = false;
    std::optional<base::Error> error;
    std::thread thread;
  };
  void hand_over();
  void close();

  measures::Figures figures_;
  std::vector<std::unique_ptr<Writer>> writers_;
  std::vector<model::Obligation> filling_;
};

}  // namespace kept::app
