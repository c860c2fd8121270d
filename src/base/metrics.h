#pragma once
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace kept::base {

/// Words that tell series of one metric apart, as `{"feed", "listings"}`. Values come from closed lists (a route's
/// pattern, a feed's name, a status), never from what a client sent: each new value is another series, kept for good.
using MetricLabels = std::map<std::string, std::string>;

/// Goes up only.
class Counter {
 public:
  virtual ~Counter() = default;
  virtual void add(double amount = 1) = 0;
};

/// Goes up and down.
class Gauge {
 public:
  virtual ~Gauge() = default;
  virtual void set(double value) = 0;
  virtual void add(double amount) = 0;
};

/// How many observations were at most so large, for each of the bounds.
class Histogram {
 public:
  virtual ~Histogram() = default;
  virtual void observe(double value) = 0;
};

/// The figures that this program shows to whoever watches over it. Any thread may ask for a series and change it.
/// A series is made when it is first asked for and is the same object ever after; it lives as long as the `Metrics`.
/// Names follow Prometheus: a-z, 0-9 and _, the unit last (`kept_head_age_seconds`), counters end in `_total`.
/// Precondition: a name is always asked for as the same kind (and a histogram with the same bounds).
class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  Counter& counter(const std::string& name, const std::string& help, const MetricLabels& labels = {});
  Gauge& gauge(const std::string& name, const std::string& help, const MetricLabels& labels = {});
  /// `bounds` rise.
  Histogram& histogram(const std::string& name, const std::string& help, const std::vector<double>& bounds,
                       const MetricLabels& labels = {});

 private:
  friend std::string render_metrics(const Metrics& metrics);
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

/// All of them in Prometheus' text format 0.0.4.
std::string render_metrics(const Metrics& metrics);
inline constexpr std::string_view metrics_content_type = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace kept::base
