#include "base/log.h"

#include <fmt/format.h>
#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <algorithm>
#include <cassert>
#include <cmath>

#include "base/json_text.h"

namespace kept::base {
namespace {

constexpr std::size_t lines_waiting_most = 8'192;

std::string_view level_name(LogLevel level) {
  switch (level) {
    case LogLevel::info:
      return "info";
    case LogLevel::warning:
      return "warning";
    case LogLevel::error:
      return "error";
  }
  return "error";
}

bool is_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

std::string value_text(const LogField& field) {
  if (const auto* text = std::get_if<std::string_view>(&field.value)) return json_quoted(*text);
  if (const auto* number = std::get_if<int64_t>(&field.value)) return std::to_string(*number);
  if (const auto* number = std::get_if<double>(&field.value))
    return std::isfinite(*number) ? fmt::format("{}", *number) : "null";
  return std::get<bool>(field.value) ? "true" : "false";
}

/// spdlog does the writing: a queue, a thread and a sink. What stands in a line is ours.
class LogBySpdlog final : public Log {
 public:
  LogBySpdlog(spdlog::sink_ptr sink, const Clock& clock)
      : clock_(clock), pool_(std::make_shared<spdlog::details::thread_pool>(lines_waiting_most, 1)) {
    sink->set_formatter(std::make_unique<spdlog::pattern_formatter>("%v", spdlog::pattern_time_type::utc, "\n"));
    logger_ = std::make_shared<spdlog::async_logger>("kept", std::move(sink), pool_,
                                                     spdlog::async_overflow_policy::overrun_oldest);
    logger_->flush_on(spdlog::level::trace);
  }
  /// The pool writes what waits and ends before the logger goes.
  ~LogBySpdlog() override { pool_.reset(); }

  void write(LogLevel level, std::string_view event, LogFields fields) override {
    put(log_line(clock_.now_ms(), level, event, fields));
    const std::size_t lost = pool_->overrun_counter();
    std::size_t told = lost_told_.load();
    if (lost > told && lost_told_.compare_exchange_strong(told, lost)) {
      put(log_line(clock_.now_ms(), LogLevel::error, "log_lines_lost", {{"lines", lost - told}}));
    }
  }

 private:
  void put(const std::string& line) {
    logger_->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
  }

  const Clock& clock_;
  std::atomic<std::size_t> lost_told_ = 0;
  std::shared_ptr<spdlog::details::thread_pool> pool_;
  std::shared_ptr<spdlog::async_logger> logger_;
};

}  // namespace

std::string log_line(int64_t now_ms, LogLevel level, std::string_view event, LogFields fields) {
  assert(is_name(event));
  std::string line =
      fmt::format(R"({{"time":"{}","level":"{}","event":"{}")", utc_text(now_ms), level_name(level), event);
  for (const LogField& field : fields) {
    assert(is_name(field.name) && field.name != "time" && field.name != "level" && field.name != "event");
    line += fmt::format(R"(,"{}":{})", field.name, value_text(field));
  }
  return line += '}';
}

Result<std::unique_ptr<Log>> log_to_file(const std::string& path, const Clock& clock) {
  try {
    return std::unique_ptr<Log>(
        std::make_unique<LogBySpdlog>(std::make_shared<spdlog::sinks::basic_file_sink_mt>(path), clock));
  } catch (const spdlog::spdlog_ex&) {
    return Error{
        ErrorCode::io,
        fmt::format("The log {} cannot be written. Is its folder there, and may this account write in it?", path)};
  }
}

std::unique_ptr<Log> log_to_stderr(const Clock& clock) {
  return std::make_unique<LogBySpdlog>(std::make_shared<spdlog::sinks::stderr_sink_mt>(), clock);
}

void LogInMemory::write(LogLevel level, std::string_view event, LogFields fields) {
  std::string line = log_line(clock_.now_ms(), level, event, fields);
  const std::lock_guard lock(mutex_);
  lines_.push_back(std::move(line));
}

std::vector<std::string> LogInMemory::lines() const {
  const std::lock_guard lock(mutex_);
  return lines_;
}

}  // namespace kept::base
