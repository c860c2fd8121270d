#include "exchange/byte_source.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

namespace kept::exchange {
namespace {

base::Error io_error(const std::string& path, const char* what) {
  return base::Error{base::ErrorCode::io, fmt::format("{}: {}: {}", path, what, std::strerror(errno))};
}

class File : public ByteSource {
 public:
  File(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}
  ~File() override { ::close(descriptor_); }
  base::Result<std::size_t> read(char* into, std::size_t capacity) override {
    for (;;) {
      const ssize_t count = ::read(descriptor_, into, capacity);
      if (count >= 0) {
        done_ += static_cast<uint64_t>(count);
        return static_cast<std::size_t>(count);
      }
      if (errno != EINTR) return io_error(path_, "cannot be read");
    }
  }
  uint64_t bytes_done() const override { return done_; }

 private:
  std::string path_;
  int descriptor_;
  uint64_t done_ = 0;
};

class Memory : public ByteSource {
 public:
  Memory(const char* bytes, std::size_t size) : bytes_(bytes), size_(size) {}
  base::Result<std::size_t> read(char* into, std::size_t capacity) override {
    const std::size_t count = std::min(capacity, size_ - at_);
    if (count != 0) std::memcpy(into, bytes_ + at_, count);
    at_ += count;
    return count;
  }
  uint64_t bytes_done() const override { return at_; }

 private:
  const char* bytes_;
  std::size_t size_;
  std::size_t at_ = 0;
};

class Unpacked : public ByteSource {
 public:
  Unpacked(std::string path, std::unique_ptr<ByteSource> packed)
      : path_(std::move(path)), packed_(std::move(packed)), input_(65536) {}
  ~Unpacked() override {
    if (started_) inflateEnd(&stream_);
  }
  base::Result<std::size_t> read(char* into, std::size_t capacity) override {
    if (!started_) {
      // 16: a gzip heading is wanted.
      if (inflateInit2(&stream_, 15 + 16) != Z_OK)
        return base::Error{base::ErrorCode::io, path_ + ": zlib cannot start"};
      started_ = true;
    }
    stream_.next_out = reinterpret_cast<Bytef*>(into);
    stream_.avail_out = static_cast<uInt>(std::min<std::size_t>(capacity, 1U << 30));
    const uInt wanted = stream_.avail_out;
    while (stream_.avail_out == wanted) {
      if (stream_.avail_in == 0) {
        auto more = packed_->read(input_.data(), input_.size());
        if (!more) return more.error();
        if (*more == 0) {
          if (!between_) {
            return base::invalid(fmt::format(
                "{}: the gzip file ends too early; it may have been cut short in copying: fetch it again", path_));
          }
          return std::size_t{0};
        }
        stream_.next_in = reinterpret_cast<Bytef*>(input_.data());
        stream_.avail_in = static_cast<uInt>(*more);
      }
      between_ = false;
      const int code = inflate(&stream_, Z_NO_FLUSH);
      if (code == Z_STREAM_END) {
        // Several gzip files one after the other are one file.
        between_ = true;
        if (inflateReset(&stream_) != Z_OK) return base::Error{base::ErrorCode::io, path_ + ": zlib cannot go on"};
      } else if (code != Z_OK && code != Z_BUF_ERROR) {
        return base::invalid(fmt::format("{}: the gzip file is broken; fetch it again", path_));
      }
    }
    return static_cast<std::size_t>(wanted - stream_.avail_out);
  }
  uint64_t bytes_done() const override { return packed_->bytes_done(); }

 private:
  std::string path_;
  std::unique_ptr<ByteSource> packed_;
  std::vector<char> input_;
  z_stream stream_{};
  bool started_ = false;
  bool between_ = true;  ///< at the end of a whole gzip member
};

// Bytes 0x80-0x9f of windows-1252. Source: encoding.spec.whatwg.org, which
// maps the five unassigned bytes to the control characters of the same number.
constexpr uint16_t windows_1252[32] = {0x20ac, 0x81,   0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
                                       0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8d,   0x017d, 0x8f,
                                       0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
                                       0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x9d,   0x017e, 0x0178};

class Recoded : public ByteSource {
 public:
  Recoded(std::unique_ptr<ByteSource> source, Encoding encoding) : source_(std::move(source)), encoding_(encoding) {}
  base::Result<std::size_t> read(char* into, std::size_t capacity) override {
    // A byte becomes at most three.
    if (ready_.size() == at_) {
      char bytes[16384];
      auto count = source_->read(bytes, sizeof bytes);
      if (!count || *count == 0) return count;
      ready_.clear();
      at_ = 0;
      for (std::size_t i = 0; i < *count; ++i) {
        const auto byte = static_cast<unsigned char>(bytes[i]);
        uint32_t point = byte;
        if (encoding_ == Encoding::windows_1252 && byte >= 0x80 && byte < 0xa0) point = windows_1252[byte - 0x80];
        if (point < 0x80) {
          ready_ += static_cast<char>(point);
        } else if (point < 0x800) {
          ready_ += static_cast<char>(0xc0 | (point >> 6));
          ready_ += static_cast<char>(0x80 | (point & 0x3f));
        } else {
          ready_ += static_cast<char>(0xe0 | (point >> 12));
          ready_ += static_cast<char>(0x80 | ((point >> 6) & 0x3f));
          ready_ += static_cast<char>(0x80 | (point & 0x3f));
        }
      }
    }
    const std::size_t count = std::min(capacity, ready_.size() - at_);
    std::memcpy(into, ready_.data() + at_, count);
    at_ += count;
    return count;
  }
  uint64_t bytes_done() const override { return source_->bytes_done(); }

 private:
  std::unique_ptr<ByteSource> source_;
  Encoding encoding_;
  std::string ready_;
  std::size_t at_ = 0;
};

}  // namespace

base::Result<std::unique_ptr<ByteSource>> ByteSource::open(const std::string& path, Encoding encoding) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    if (errno == ENOENT)
      return base::Error{base::ErrorCode::not_found,
                         fmt::format("{}: no such file; check the name and the folder", path)};
    return io_error(path, "cannot be opened");
  }
  struct stat facts{};
  if (::fstat(descriptor, &facts) == 0 && S_ISDIR(facts.st_mode)) {
    ::close(descriptor);
    return base::Error{base::ErrorCode::io, fmt::format("{}: is a folder; name the files in it", path)};
  }
  unsigned char magic[2] = {0, 0};
  const bool packed = ::pread(descriptor, magic, 2, 0) == 2 && magic[0] == 0x1f && magic[1] == 0x8b;
  std::unique_ptr<ByteSource> source = std::make_unique<File>(path, descriptor);
  if (packed) source = std::make_unique<Unpacked>(path, std::move(source));
  if (encoding != Encoding::utf_8) source = std::make_unique<Recoded>(std::move(source), encoding);
  return source;
}

std::unique_ptr<ByteSource> ByteSource::of(const char* bytes, std::size_t size) {
  return std::make_unique<Memory>(bytes, size);
}

}  // namespace kept::exchange
