#pragma once
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace kept::base {

enum class LogLevel { info, warning, error };

/// One named value of a log line. Names are literals of ours: a-z, 0-9 and _ (asserted).
/// Values never hold personal data: no name, address, reference, path with its values, header or body. What varies is a
/// number, a word of a closed list, a request id or a digest.
struct LogField {
  std::string_view name;
  std::variant<std::string_view, int64_t, double, bool> value;

  LogField(std::string_view field, std::string_view text) : name(field), value(text) {}
  LogField(std::string_view field, const char* text) : name(field), value(std::string_view(text)) {}
  LogField(std::string_view field, double number) : name(field), value(number) {}
  template <class Number>
    requires std::is_integral_v<Number>
  LogField(std::string_view field, Number number) : name(field) {
    if constexpr (std::is_same_v<Number, bool>) {
      value = number;
    } else {
      value = static_cast<int64_t>(number);
    }
  }
};
using LogFields = std::initializer_list<LogField>;

/// Where what happened is written, a line an event. Any thread may write; writing never fails and never waits for the
/// disk.
class Log {
 public:
  virtual ~Log() = default;
  /// `event` names what happened, as a literal of ours: `request`, `feed_silent`.
  virtual void write(LogLevel level, std::string_view event, LogFields fields = {}) = 0;
};

/// A line of the log: one JSON object with time, level and event, then the fields, and no line break anywhere in it,
/// whatever the values hold.
std::string log_line(int64_t now_ms, LogLevel level, std::string_view event, LogFields fields);

/// Lines at the end of a file. Written by a thread of its own: where the disk cannot keep up with 8,192 waiting lines,
/// the oldest of them are dropped and the next line that is written is followed by `log_lines_lost` with their number.
/// Destroying it writes what waits. `clock` must outlive it. Errors: io, naming the path.
Result<std::unique_ptr<Log>> log_to_file(const std::string& path, const Clock& clock = system_clock());

/// As log_to_file, to standard error.
std::unique_ptr<Log> log_to_stderr(const Clock& clock = system_clock());

/// Keeps the lines: for tests, and for a program that wants no log.
class LogInMemory final : public Log {
 public:
  explicit LogInMemory(const Clock& clock = system_clock()) : clock_(clock) {}
  void write(LogLevel level, std::string_view event, LogFields fields = {}) override;
  std::vector<std::string> lines() const;

 private:
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

}  // namespace kept::base
