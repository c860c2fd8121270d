#include "base/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <mutex>
#include <utility>

namespace kept::base {
namespace {

class CounterByPrometheus final : public Counter {
 public:
  explicit CounterByPrometheus(prometheus::Counter& counter) : counter_(counter) {}
  void add(double amount) override { counter_.Increment(amount); }

 private:
  prometheus::Counter& counter_;
};

class GaugeByPrometheus final : public Gauge {
 public:
  explicit GaugeByPrometheus(prometheus::Gauge& gauge) : gauge_(gauge) {}
  void set(double value) override { gauge_.Set(value); }
  void add(double amount) override { gauge_.Increment(amount); }

 private:
  prometheus::Gauge& gauge_;
};

class HistogramByPrometheus final : public Histogram {
 public:
  explicit HistogramByPrometheus(prometheus::Histogram& histogram) : histogram_(histogram) {}
  void observe(double value) override { histogram_.Observe(value); }

 private:
  prometheus::Histogram& histogram_;
};

}  // namespace

struct Metrics::Inside {
  using Key = std::pair<std::string, MetricLabels>;
  prometheus::Registry registry;
  std::mutex mutex;
  std::map<Key, std::unique_ptr<Counter>> counters;
  std::map<Key, std::unique_ptr<Gauge>> gauges;
  std::map<Key, std::unique_ptr<Histogram>> histograms;
};

Metrics::Metrics() : inside_(std::make_unique<Inside>()) {}
Metrics::~Metrics() = default;

Counter& Metrics::counter(const std::string& name, const std::string& help, const MetricLabels& labels) {
  const std::lock_guard lock(inside_->mutex);
  auto& series = inside_->counters[{name, labels}];
  if (!series) {
    auto& family = prometheus::BuildCounter().Name(name).Help(help).Register(inside_->registry);
    series = std::make_unique<CounterByPrometheus>(family.Add(labels));
  }
  return *series;
}

Gauge& Metrics::gauge(const std::string& name, const std::string& help, const MetricLabels& labels) {
  const std::lock_guard lock(inside_->mutex);
  auto& series = inside_->gauges[{name, labels}];
  if (!series) {
    auto& family = prometheus::BuildGauge().Name(name).Help(help).Register(inside_->registry);
    series = std::make_unique<GaugeByPrometheus>(family.Add(labels));
  }
  return *series;
}

Histogram& Metrics::histogram(const std::string& name, const std::string& help, const std::vector<double>& bounds,
                              const MetricLabels& labels) {
  const std::lock_guard lock(inside_->mutex);
  auto& series = inside_->histograms[{name, labels}];
  if (!series) {
    auto& family = prometheus::BuildHistogram().Name(name).Help(help).Register(inside_->registry);
    series = std::make_unique<HistogramByPrometheus>(family.Add(labels, bounds));
  }
  return *series;
}

std::string render_metrics(const Metrics& metrics) {
  return prometheus::TextSerializer().Serialize(metrics.inside_->registry.Collect());
}

}  // namespace kept::base
