#include "columns/column_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>

namespace kept::columns {
namespace {

static_assert(std::endian::native == std::endian::little, "column files are little-endian and mapped as they lie");

constexpr char magic[8] = {'K', 'E', 'P', 'T', 'C', 'O', 'L', '\n'};
constexpr uint32_t format_version = 1;
constexpr std::size_t alignment = 64;
constexpr std::size_t most_columns = 1000;
constexpr std::size_t longest_name = 255;
/// First in the file. The directory of columns stands at its end, so that columns are written once, in order.
struct Head {
  char magic[8];
  uint32_t version;
  uint32_t kind_version;
  uint64_t directory_at;
  uint64_t directory_bytes;
  uint64_t directory_checksum;
  uint64_t file_bytes;
  uint64_t reserved;
  uint64_t head_checksum;  ///< of the bytes before it
};
static_assert(sizeof(Head) == 64);

/// FNV-1a over words of eight bytes, then over the rest: finds damage, not intent.
class Checksum {
 public:
  void add(const void* data, std::size_t size) {
    const auto* bytes = static_cast<const unsigned char*>(data);
    while (size > 0 && held_ > 0) take(*bytes++, size);
    for (; size >= 8; bytes += 8, size -= 8) {
      uint64_t word = 0;
      std::memcpy(&word, bytes, 8);
      mix(word);
    }
    while (size > 0) take(*bytes++, size);
  }
  uint64_t value() const {
    uint64_t hash = (hash_ ^ word_ ^ (uint64_t{held_} << 56)) * prime;
    return hash ^ hash >> 29;
  }

 private:
  static constexpr uint64_t prime = 0x100000001b3ULL;
  void take(unsigned char byte, std::size_t& size) {
    word_ |= uint64_t{byte} << (8 * held_);
    --size;
    if (++held_ < 8) return;
    const uint64_t word = word_;
    word_ = 0;
    held_ = 0;
    mix(word);
  }
  void mix(uint64_t word) {
    hash_ = (hash_ ^ word) * prime;
    hash_ ^= hash_ >> 31;
  }
  uint64_t hash_ = 0xcbf29ce484222325ULL;
  uint64_t word_ = 0;
  unsigned held_ = 0;
};

uint64_t checksum_of(const void* data, std::size_t size) {
  Checksum sum;
  sum.add(data, size);
  return sum.value();
}

template <class T>
void put(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}
void put_text(std::string& out, std::string_view text) {
  put(out, static_cast<uint8_t>(text.size()));
  out.append(text);
}

/// Reads the directory without ever passing its end.
class Take {
 public:
  explicit Take(std::string_view rest) : rest_(rest) {}
  template <class T>
  bool number(T* value) {
    if (rest_.size() < sizeof(T)) return false;
    std::memcpy(value, rest_.data(), sizeof(T));
    rest_.remove_prefix(sizeof(T));
    return true;
  }
  bool text(std::string* value) {
    uint8_t size = 0;
    if (!number(&size) || rest_.size() < size) return false;
    value->assign(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return true;
  }
  bool empty() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

base::Error io_error(const std::string& path) {
  return base::Error{base::ErrorCode::io, fmt::format("{}: {}", path, std::strerror(errno))};
}

}  // namespace

std::size_t width_of(Element element) {
  switch (element) {
    case Element::uint8:
    case Element::bytes:
      return 1;
    case Element::uint16:
      return 2;
    case Element::uint32:
    case Element::int32:
      return 4;
    case Element::int64:
    case Element::uint64:
      return 8;
  }
  return 0;
}

struct ColumnFileWriter::State {
  std::string path, unfinished, kind;
  uint32_t kind_version = 0;
  std::FILE* file = nullptr;
  uint64_t at = 0;
  struct Entry {
    std::string name;
    Element element;
    uint64_t at = 0, bytes = 0;
    Checksum checksum;
  };
  std::vector<Entry> entries;

  ~State() {
    if (file == nullptr) return;
    std::fclose(file);
    std::remove(unfinished.c_str());
  }
  base::Status write(const void* data, std::size_t size) {
    if (size != 0 && std::fwrite(data, 1, size, file) != size) return io_error(path);
    at += size;
    return base::Done{};
  }
  base::Status align() {
    static constexpr char zeros[alignment] = {};
    return write(zeros, (alignment - at % alignment) % alignment);
  }
};

ColumnFileWriter::ColumnFileWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
ColumnFileWriter::ColumnFileWriter(ColumnFileWriter&&) noexcept = default;
ColumnFileWriter& ColumnFileWriter::operator=(ColumnFileWriter&&) noexcept = default;
ColumnFileWriter::~ColumnFileWriter() = default;

base::Result<ColumnFileWriter> ColumnFileWriter::create(const std::string& path, const std::string& kind,
                                                        uint32_t kind_version) {
  auto state = std::make_unique<State>();
  state->path = path;
  state->unfinished = fmt::format("{}.{}.unfinished", path, getpid());
  state->kind = kind.substr(0, longest_name);
  state->kind_version = kind_version;
  state->file = std::fopen(state->unfinished.c_str(), "wb");
  if (state->file == nullptr) return io_error(path);
  const Head empty{};
  if (auto done = state->write(&empty, sizeof empty); !done) return done.error();
  return ColumnFileWriter(std::move(state));
}

base::Status ColumnFileWriter::begin(const std::string& name, Element element) {
  if (name.empty() || name.size() > longest_name)
    return base::invalid(fmt::format("{}: a column's name has 1 to {} bytes", state_->path, longest_name));
  if (state_->entries.size() >= most_columns)
    return base::invalid(fmt::format("{}: more than {} columns", state_->path, most_columns));
  for (const auto& entry : state_->entries) {
    if (entry.name == name) return base::invalid(fmt::format("{}: the column `{}` is named twice", state_->path, name));
  }
  if (auto done = state_->align(); !done) return done;
  state_->entries.push_back({name, element, state_->at, 0, {}});
  return base::Done{};
}

base::Status ColumnFileWriter::add_bytes(const void* data, std::size_t size, std::size_t width) {
  if (state_->entries.empty()) return base::invalid(fmt::format("{}: values before the first column", state_->path));
  auto& entry = state_->entries.back();
  if (width != width_of(entry.element))
    return base::invalid(fmt::format("{}: values of {} bytes in the column `{}`", state_->path, width, entry.name));
  entry.bytes += size;
  entry.checksum.add(data, size);
  return state_->write(data, size);
}

base::Status ColumnFileWriter::finish() {
  State& state = *state_;
  if (auto done = state.align(); !done) return done;
  std::string directory;
  put_text(directory, state.kind);
  put(directory, static_cast<uint32_t>(state.entries.size()));
  for (const auto& entry : state.entries) {
    put_text(directory, entry.name);
    put(directory, static_cast<uint8_t>(entry.element));
    put(directory, entry.at);
    put(directory, entry.bytes);
    put(directory, entry.checksum.value());
  }
  Head head{};
  std::memcpy(head.magic, magic, sizeof magic);
  head.version = format_version;
  head.kind_version = state.kind_version;
  head.directory_at = state.at;
  head.directory_bytes = directory.size();
  head.directory_checksum = checksum_of(directory.data(), directory.size());
  head.file_bytes = state.at + directory.size();
  head.head_checksum = checksum_of(&head, offsetof(Head, head_checksum));
  if (auto done = state.write(directory.data(), directory.size()); !done) return done;
  const bool written = std::fseek(state.file, 0, SEEK_SET) == 0 &&
                       std::fwrite(&head, sizeof head, 1, state.file) == 1 && std::fflush(state.file) == 0 &&
                       fsync(fileno(state.file)) == 0;
  if (!written) return io_error(state.path);
  const bool closed = std::fclose(state.file) == 0;
  state.file = nullptr;
  if (!closed || std::rename(state.unfinished.c_str(), state.path.c_str()) != 0) return io_error(state.path);
  return base::Done{};
}

struct ColumnFile::State {
  std::string path;
  const char* data = nullptr;
  std::size_t size = 0;
  uint32_t kind_version = 0;
  std::vector<Column> columns;
  ~State() {
    if (data != nullptr) munmap(const_cast<char*>(data), size);
  }
};

ColumnFile::ColumnFile(std::unique_ptr<State> state) : state_(std::move(state)) {}
ColumnFile::ColumnFile(ColumnFile&&) noexcept = default;
ColumnFile& ColumnFile::operator=(ColumnFile&&) noexcept = default;
ColumnFile::~ColumnFile() = default;
uint32_t ColumnFile::kind_version() const { return state_->kind_version; }
const std::vector<ColumnFile::Column>& ColumnFile::columns() const { return state_->columns; }

base::Result<ColumnFile> ColumnFile::open(const std::string& path, const std::string& kind,
                                          uint32_t newest_kind_version) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    if (errno == ENOENT)
      return base::Error{base::ErrorCode::not_found,
                         fmt::format("{}: no such file; check the name and the folder", path)};
    return io_error(path);
  }
  const auto broken = [&](const char* what) {
    return base::invalid(
        fmt::format("{}: {}; the file can be made again from the events it was made from", path, what));
  };
  struct stat facts{};
  auto state = std::make_unique<State>();
  state->path = path;
  const bool known_size = fstat(descriptor, &facts) == 0 && S_ISREG(facts.st_mode);
  if (known_size && facts.st_size >= static_cast<off_t>(sizeof(Head))) {
    state->size = static_cast<std::size_t>(facts.st_size);
    void* mapped = mmap(nullptr, state->size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    if (mapped != MAP_FAILED) state->data = static_cast<const char*>(mapped);
  }
  ::close(descriptor);
  if (!known_size || state->size < sizeof(Head)) return broken("this is no column file of Kept");
  if (state->data == nullptr)
    return base::Error{base::ErrorCode::io, fmt::format("{}: cannot be mapped into memory", path)};

  Head head{};
  std::memcpy(&head, state->data, sizeof head);
  if (std::memcmp(head.magic, magic, sizeof magic) != 0) return broken("this is no column file of Kept");
  if (head.version > format_version) {
    return base::Error{base::ErrorCode::unsupported,
                       fmt::format("{}: written in version {} of the form; this build reads up to {}: use a newer Kept",
                                   path, head.version, format_version)};
  }
  if (head.head_checksum != checksum_of(&head, offsetof(Head, head_checksum))) return broken("its head is damaged");
  if (head.file_bytes != state->size) return broken("it was cut short or grew after it was written");
  if (head.directory_at > state->size || head.directory_bytes > state->size - head.directory_at)
    return broken("its directory lies outside the file");
  const std::string_view directory(state->data + head.directory_at, head.directory_bytes);
  if (head.directory_checksum != checksum_of(directory.data(), directory.size()))
    return broken("its directory is damaged");

  Take take(directory);
  std::string found_kind;
  uint32_t count = 0;
  if (!take.text(&found_kind) || !take.number(&count) || count > most_columns)
    return broken("its directory makes no sense");
  if (found_kind != kind) {
    return base::Error{base::ErrorCode::unsupported,
                       fmt::format("{}: holds \"{}\", not \"{}\"; name the right file", path, found_kind, kind)};
  }
  if (head.kind_version > newest_kind_version) {
    return base::Error{base::ErrorCode::unsupported,
                       fmt::format("{}: \"{}\" of version {}; this build reads up to {}: use a newer Kept", path, kind,
                                   head.kind_version, newest_kind_version)};
  }
  state->kind_version = head.kind_version;
  for (uint32_t i = 0; i < count; ++i) {
    Column column;
    uint8_t element = 0;
    uint64_t at = 0;
    uint64_t bytes = 0;
    if (!take.text(&column.name) || !take.number(&element) || !take.number(&at) || !take.number(&bytes) ||
        !take.number(&column.checksum)) {
      return broken("its directory makes no sense");
    }
    column.element = static_cast<Element>(element);
    const std::size_t width = width_of(column.element);
    if (width == 0 || at % alignment != 0 || at > head.directory_at || bytes > head.directory_at - at ||
        bytes % width != 0) {
      return broken("its directory makes no sense");
    }
    column.count = bytes / width;
    column.data = state->data + at;
    state->columns.push_back(std::move(column));
  }
  if (!take.empty()) return broken("its directory makes no sense");
  return ColumnFile(std::move(state));
}

base::Result<const ColumnFile::Column*> ColumnFile::find(std::string_view name, Element element,
                                                         std::size_t width) const {
  for (const auto& column : state_->columns) {
    if (column.name != name) continue;
    if (column.element != element || width_of(element) != width) {
      return base::invalid(
          fmt::format("{}: the column `{}` holds other values than were asked for", state_->path, name));
    }
    return &column;
  }
  return base::Error{base::ErrorCode::not_found, fmt::format("{}: there is no column `{}`", state_->path, name)};
}

base::Status ColumnFile::verify() const {
  for (const auto& column : state_->columns) {
    if (checksum_of(column.data, column.count * width_of(column.element)) == column.checksum) continue;
    return base::invalid(
        fmt::format("{}: the column `{}` is damaged; make the file again from the events it was made from",
                    state_->path, column.name));
  }
  return base::Done{};
}

}  // namespace kept::columns
