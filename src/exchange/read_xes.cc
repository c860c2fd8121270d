#include <expat.h>
#include <fmt/format.h>

#include <deque>
#include <memory>
#include <optional>

#include "exchange/form_readers.h"

namespace kept::exchange {
namespace {

constexpr std::size_t piece = 64 * 1024;
/// Expat keeps an unfinished tag or comment in memory: longer than this is refused.
constexpr uint64_t longest_token = 4 * 1024 * 1024;

std::string_view local_name(const char* name) {
  const std::string_view text(name);
  const std::size_t colon = text.rfind(':');
  return colon == std::string_view::npos ? text : text.substr(colon + 1);
}

/// Follows the tags of one log. Attributes are elements in XES: <string key="concept:name" value="A"/>.
class Log {
 public:
  Log(RowChecker& checker, const ReadLimits& limits, const std::string& file)
      : checker_(checker),
        limits_(limits),
        file_(file),
        cells_(checker.width()),
        of_trace_(checker.width(), 0),
        seen_(checker.width(), 0) {}

  void attach(XML_Parser parser) {
    parser_ = parser;
    XML_SetUserData(parser, this);
    XML_SetElementHandler(
        parser,
        [](void* self, const XML_Char* name, const XML_Char** attributes) {
          static_cast<Log*>(self)->open(name, attributes);
        },
        [](void* self, const XML_Char*) { static_cast<Log*>(self)->close(); });
    XML_SetCharacterDataHandler(parser, [](void* self, const XML_Char*, int) { static_cast<Log*>(self)->moved(); });
    XML_SetCommentHandler(parser, [](void* self, const XML_Char*) { static_cast<Log*>(self)->moved(); });
    // A document type is where entities are declared: neither belongs in a log, and both are how a small file becomes a
    // huge one.
    XML_SetStartDoctypeDeclHandler(parser, [](void* self, const XML_Char*, const XML_Char*, const XML_Char*, int) {
      static_cast<Log*>(self)->stop(
          "the file declares a document type (<!DOCTYPE ...>); that is not read, because it can make a small file "
          "huge: "
          "remove it and send the file again");
    });
  }
  void fed(uint64_t bytes) { fed_ = bytes; }
  bool stuck() const { return fed_ - moved_at_ > longest_token; }
  const std::optional<base::Error>& error() const { return error_; }
  bool saw_log() const { return saw_log_; }

 private:
  void moved() { moved_at_ = fed_; }
  void stop(const std::string& why) {
    if (error_) return;
    error_ = base::invalid(fmt::format("{}:{}: {}", file_, XML_GetCurrentLineNumber(parser_), why));
    XML_StopParser(parser_, XML_FALSE);
  }
  void stop_with(const base::Error& error) {
    error_ = error;
    XML_StopParser(parser_, XML_FALSE);
  }

  void open(const char* tag, const char** attributes) {
    moved();
    if (error_) return;
    ++depth_;
    if (depth_ > limits_.depth + 4) return stop(fmt::format("elements are nested more than {} deep", limits_.depth));
    const std::string_view name = local_name(tag);
    if (depth_ == 1) {
      if (name != "log") return stop(fmt::format("an event log begins with <log>, not <{}>", shown(name, 40)));
      saw_log_ = true;
      return;
    }
    if (depth_ == 2) {
      in_trace_ = name == "trace";
      if (in_trace_) clear(true);
      return;
    }
    if (!in_trace_) return;
    if (depth_ == 3 && name == "event") {
      in_event_ = true;
      clear(false);
      line_ = XML_GetCurrentLineNumber(parser_);
      attributes_ = 0;
      return;
    }
    if (depth_ == 3) return attribute(attributes, true);
    if (depth_ == 4 && in_event_) return attribute(attributes, false);
  }

  void attribute(const char** pairs, bool trace) {
    if (fault_) return;
    std::string_view key;
    std::string_view value;
    for (; *pairs != nullptr; pairs += 2) {
      if (std::string_view(pairs[0]) == "key") key = pairs[1];
      if (std::string_view(pairs[0]) == "value") value = pairs[1];
    }
    if (++attributes_ > limits_.columns)
      return note(RejectReason::too_large, {}, fmt::format("more than {} attributes", limits_.columns));
    const std::string name = trace ? "case:" + std::string(key) : std::string(key);
    const int32_t slot = checker_.slot(name);
    if (slot < 0) return;
    const auto index = static_cast<uint32_t>(slot);
    if (seen_[index] != 0) {
      if (trace) return stop(fmt::format("the trace has the attribute \"{}\" twice; keep one", shown(key, 60)));
      return note(RejectReason::duplicate_key, name, "the attribute stands twice in one event; keep one");
    }
    seen_[index] = 1;
    of_trace_[index] = trace ? 1 : 0;
    used_.push_back(index);
    if (value.size() > limits_.row_bytes) value = value.substr(0, limits_.row_bytes);
    kept_.emplace_back(value);
    cells_[index] = Cell::of(kept_.back());
  }

  void note(RejectReason reason, const std::string& field, std::string why) {
    if (!in_event_) return stop(why);
    fault_ = Fault{reason, field, std::move(why)};
  }

  void close() {
    moved();
    if (error_) return;
    if (depth_ == 3 && in_event_) {
      in_event_ = false;
      const bool going = fault_ ? checker_.reject(line_, {}, fault_->reason, fault_->field, {}, fault_->why)
                                : checker_.take(cells_.data(), line_, {});
      fault_.reset();
      if (!going) stop_with(checker_.error());
    }
    --depth_;
  }

  /// Forgets the event's attributes, and with `all` the trace's.
  void clear(bool all) {
    std::size_t left = 0;
    for (const uint32_t index : used_) {
      if (!all && of_trace_[index] != 0) {
        used_[left++] = index;
        continue;
      }
      cells_[index] = {};
      seen_[index] = 0;
    }
    used_.resize(left);
    if (all) attributes_ = 0;
    // The trace's own texts stay, in front.
    std::deque<std::string> texts;
    for (const uint32_t index : used_) {
      texts.emplace_back(cells_[index].text());
      cells_[index] = Cell::of(texts.back());
    }
    kept_.swap(texts);
  }

  struct Fault {
    RejectReason reason;
    std::string field, why;
  };

  RowChecker& checker_;
  const ReadLimits& limits_;
  const std::string& file_;
  XML_Parser parser_ = nullptr;
  std::size_t depth_ = 0;
  bool saw_log_ = false, in_trace_ = false, in_event_ = false;
  std::vector<Cell> cells_;
  std::vector<uint8_t> of_trace_, seen_;
  std::vector<uint32_t> used_;
  std::deque<std::string> kept_;  ///< the texts of the cells; none ever moves
  std::size_t attributes_ = 0;
  uint64_t line_ = 0;
  uint64_t fed_ = 0, moved_at_ = 0;
  std::optional<Fault> fault_;
  std::optional<base::Error> error_;
};

}  // namespace

Mapping xes_mapping() {
  Mapping mapping;
  mapping.file = "XES log";
  mapping.form = Form::xes;
  const auto column = [](const char* name) {
    ValueSource source;
    source.kind = ValueSource::Kind::column;
    source.text = name;
    return source;
  };
  mapping.case_column = "case:concept:name";
  mapping.link_each_case = true;
  mapping.fields["occurred_at"] = column("time:timestamp");
  mapping.fields["agency"] = column("org:group");
  mapping.fields["actor"] = column("org:resource");
  TypeTable types;
  types.column = "concept:name";
  types.by_name = true;
  types.unlisted_ignored = true;
  mapping.types = types;
  return mapping;
}

base::Status read_xes(Reading& reading, const Mapping* mapping, const std::string& file, ByteSource& source,
                      const Progress& progress) {
  const Mapping own = xes_mapping();
  const bool by_default = mapping == nullptr;
  auto checker = RowChecker::make(reading, by_default ? &own : mapping, file, nullptr);
  if (!checker) return checker.error();
  const std::unique_ptr<std::remove_pointer_t<XML_Parser>, decltype(&XML_ParserFree)> parser(XML_ParserCreate(nullptr),
                                                                                             &XML_ParserFree);
  if (parser == nullptr) return base::Error{base::ErrorCode::io, file + ": no memory for the XML parser"};
  Log log(*checker, reading.request.limits, file);
  log.attach(parser.get());
  uint64_t bytes = 0;
  for (uint64_t pieces = 0;; ++pieces) {
    void* buffer = XML_GetBuffer(parser.get(), static_cast<int>(piece));
    if (buffer == nullptr) return base::Error{base::ErrorCode::io, file + ": no memory for the XML parser"};
    const auto count = source.read(static_cast<char*>(buffer),
                                   std::min(piece, std::max<std::size_t>(reading.request.limits.block_bytes, 1)));
    if (!count) return count.error();
    bytes += *count;
    log.fed(bytes);
    const XML_Status status = XML_ParseBuffer(parser.get(), static_cast<int>(*count), *count == 0);
    if (log.error()) return *log.error();
    if (status != XML_STATUS_OK) {
      return base::invalid(
          fmt::format("{}:{}: not XML that can be read ({}); it may have been cut short in copying: fetch it again",
                      file, XML_GetCurrentLineNumber(parser.get()), XML_ErrorString(XML_GetErrorCode(parser.get()))));
    }
    if (log.stuck()) {
      return base::Error{base::ErrorCode::too_large,
                         fmt::format("{}:{}: one tag or comment is longer than {} MiB", file,
                                     XML_GetCurrentLineNumber(parser.get()), longest_token >> 20)};
    }
    if (*count == 0) break;
    if (pieces % 16 == 0 && progress) progress(source.bytes_done());
  }
  reading.link_cases_by_default = reading.link_cases_by_default || by_default;
  return base::Done{};
}

}  // namespace kept::exchange
