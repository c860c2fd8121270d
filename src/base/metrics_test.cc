#include "base/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace kept::base {
namespace {

using testing::HasSubstr;

TEST(Metrics, AreShownInThePrometheusFormat) {
  Metrics metrics;
  metrics.counter("kept_events_total", "Events taken.", {{"feed", "listings"}}).add(3);
  metrics.gauge("kept_head_age_seconds", "Age of the last signed head.").set(12.5);
  Histogram& time = metrics.histogram("kept_request_seconds", "How long.", {0.1, 1}, {{"route", "/health"}});
  time.observe(0.05);
  time.observe(0.5);
  time.observe(5);
  const std::string text = render_metrics(metrics);
  for (const char* expected : {"# HELP kept_events_total Events taken.\n# TYPE kept_events_total "
                               "counter\nkept_events_total{feed=\"listings\"} 3\n",
                               "# TYPE kept_head_age_seconds gauge\nkept_head_age_seconds 12.5\n",
                               "kept_request_seconds_count{route=\"/health\"} 3\n",
                               "kept_request_seconds_bucket{route=\"/health\",le=\"0.1\"} 1\n",
                               "kept_request_seconds_bucket{route=\"/health\",le=\"1\"} 2\n",
                               "kept_request_seconds_bucket{route=\"/health\",le=\"+Inf\"} 3\n"}) {
    EXPECT_THAT(text, HasSubstr(expected));
  }
}

TEST(Metrics, ALabelCannotMakeALineOfItsOwn) {
  Metrics metrics;
  metrics.counter("kept_events_total", "Events taken.", {{"feed", "a\"} 1\nkept_lost_total 9"}}).add();
  EXPECT_THAT(render_metrics(metrics), HasSubstr(R"(kept_events_total{feed="a\"} 1\nkept_lost_total 9"} 1)"));
}

TEST(Metrics, TheSameSeriesIsTheSameObjectOnEveryThread) {
  Metrics metrics;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&metrics] {
      for (int n = 0; n < 1000; ++n) metrics.counter("kept_events_total", "Events taken.", {{"feed", "one"}}).add();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(render_metrics(metrics), HasSubstr("kept_events_total{feed=\"one\"} 4000\n"));
}

}  // namespace
}  // namespace kept::base
