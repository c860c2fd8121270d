// nginx with the configuration of docs/how-to/behind-nginx.md before a server of ours: requests pass, and none is
// smuggled.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "http/certificate_test.h"
#include "http/client_test.h"
#include "http/server_test.h"
#include "http/tls_client_test.h"

namespace kept::http {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

/// The block of the page that is nginx' configuration.
std::string configuration_of_page() {
  std::ifstream file(KEPT_SOURCE_DIR "/docs/how-to/behind-nginx.md");
  std::stringstream all;
  all << file.rdbuf();
  const std::string page = all.str(), start = "```nginx\n";
  const std::size_t from = page.find(start);
  const std::size_t to = page.find("\n```\n", from + start.size());
  EXPECT_TRUE(from != std::string::npos && to != std::string::npos);
  return page.substr(from + start.size(), to + 1 - from - start.size());
}

/// Puts other words in the place of some that stand there exactly once.
void put(std::string& text, const std::string& old_words, const std::string& new_words) {
  const std::size_t at = text.find(old_words);
  ASSERT_NE(at, std::string::npos) << "the page no longer says: " << old_words;
  ASSERT_EQ(text.find(old_words, at + 1), std::string::npos) << old_words;
  text.replace(at, old_words.size(), new_words);
}

uint16_t free_port() {
  const int probe = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  EXPECT_EQ(::bind(probe, reinterpret_cast<sockaddr*>(&address), size), 0);
  getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size);
  ::close(probe);
  return ntohs(address.sin_port);
}

class BehindNginx : public testing::Test {
 protected:
  void SetUp() override {
    Router router;
    router.add({.method = "GET", .pattern = "/echo/{word}", .permission = "public", .handler = [](Request& request) {
                  return answer(200, "text/plain", request.names.at("word"));
                }});
    router.add(
        {.method = "POST",
         .pattern = "/",
         .permission = "public",
         .body_limit_bytes = 1000,
         .handler = [](Request& request) { return answer(200, "text/plain", std::to_string(request.body.size())); }});
    router.add({.method = "POST",
                .pattern = "/stream",
                .permission = "public",
                .body_limit_bytes = 1u << 30u,
                .streamed = true,
                .handler = [](Request& request) {
                  std::vector<char> piece(65'536);
                  std::size_t size = 0;
                  for (;;) {
                    const auto got = request.stream->read(piece.data(), piece.size());
                    if (!got) return problem(500, "Broken off");
                    if (*got == 0) return answer(200, "text/plain", std::to_string(size));
                    size += *got;
                  }
                }});
    router.add({.method = "GET", .pattern = "/smuggled", .permission = "public", .handler = [this](Request&) {
                  ++smuggled_;
                  return answer(200, "text/plain", "smuggled");
                }});
    server_ = started(std::move(router));
    start_nginx();
  }

  void start_nginx() {
    ASSERT_TRUE(std::filesystem::exists("/usr/sbin/nginx")) << "apt-get install nginx-light";
    std::string pattern = testing::TempDir() + "kept-nginx-XXXXXX";
    folder_ = mkdtemp(pattern.data());
    const TlsFiles files = fresh_certificate("nginx");
    // A port that is free may be taken by another program before nginx has it: then another one.
    for (int tries = 0; tries < 10; ++tries) {
      front_ = free_port();
      if (begin_nginx(files) || HasFatalFailure()) return;
    }
    FAIL() << "nginx does not listen";
  }

  /// Whether it holds the port: it writes the number of its process down only then.
  bool begin_nginx(const TlsFiles& files) {
    std::string text = configuration_of_page();
    put(text, "listen 443 ssl", "listen 127.0.0.1:" + std::to_string(front_) + " ssl");
    put(text, "127.0.0.1:8080", "127.0.0.1:" + std::to_string(server_->port()));
    put(text, "/etc/kept/certificate.pem", files.certificates);
    put(text, "/etc/kept/key.pem", files.key);
    put(text, "error_log /var/log/nginx/error.log", "error_log " + folder_ + "/error.log");
    std::string own = "http {\n";
    for (const char* name : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"})
      own += std::string(name) + "_temp_path " + folder_ + "/" + name + ";\n";
    put(text, "http {\n", own);
    std::ofstream(folder_ + "/nginx.conf") << text;
    const std::string configuration = folder_ + "/nginx.conf";
    const std::string number = folder_ + "/nginx.pid", globals = "daemon off; pid " + number + ";";
    nginx_ = fork();
    if (nginx_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGTERM);
      execl("/usr/sbin/nginx", "nginx", "-e", "stderr", "-p", folder_.c_str(), "-c", configuration.c_str(), "-g",
            globals.c_str(), nullptr);
      _exit(127);
    }
    for (;;) {
      std::error_code ignored;
      if (std::filesystem::file_size(number, ignored) > 0 && !ignored) return TestClient(front_).connected();
      if (waitpid(nginx_, nullptr, WNOHANG) != 0) {
        nginx_ = -1;
        return false;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }

  void TearDown() override {
    if (nginx_ > 0) {
      kill(nginx_, SIGTERM);
      waitpid(nginx_, nullptr, 0);
    }
    std::filesystem::remove_all(folder_);
  }

  std::string say(const std::string& bytes) {
    Wish wish;
    wish.request = bytes;
    const Outcome out = meet(front_, wish);
    EXPECT_TRUE(out.agreed);
    return out.answer;
  }

  std::atomic<int> smuggled_ = 0;
  std::unique_ptr<Server> server_;
  std::string folder_;
  uint16_t front_ = 0;
  pid_t nginx_ = -1;
};

std::string last_get(const std::string& target) {
  return "GET " + target + " HTTP/1.1\r\nHost: kept.example\r\nConnection: close\r\n\r\n";
}

TEST_F(BehindNginx, RequestsPass) {
  const std::string answer = say(last_get("/echo/D%C5%B5r%20x"));
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\nDŵr x"));
  EXPECT_THAT(answer, HasSubstr("\r\nStrict-Transport-Security: max-age=63072000\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\nX-Content-Type-Options: nosniff\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\nX-Request-Id: "));
  EXPECT_THAT(say(last_get("/nothing")), StartsWith("HTTP/1.1 404 Not Found\r\n"));
  // Many on one connection, each with its own answer.
  std::string all;
  for (int i = 0; i < 200; ++i)
    all += "GET /echo/" + std::to_string(1000 + i) + " HTTP/1.1\r\nHost: kept.example\r\n\r\n";
  const std::string answers = say(all + last_get("/echo/last"));
  std::size_t at = 0;
  for (int i = 0; i < 200; ++i) {
    at = answers.find("\r\n\r\n" + std::to_string(1000 + i), at);
    ASSERT_NE(at, std::string::npos) << i;
  }
  EXPECT_THAT(answers, EndsWith("\r\n\r\nlast"));
}

TEST_F(BehindNginx, AFeedPassesAsItArrives) {
  const std::string head = "POST /stream HTTP/1.1\r\nHost: kept.example\r\nConnection: close\r\n";
  const std::string block(1u << 16u, 'x');
  std::string whole = head + "Content-Length: " + std::to_string(block.size() * 256) + "\r\n\r\n";
  std::string chunked = head + "Transfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 256; ++i) {
    whole += block;
    chunked += "10000\r\n" + block + "\r\n";
  }
  EXPECT_THAT(say(whole), EndsWith("\r\n\r\n16777216"));
  EXPECT_THAT(say(chunked + "0\r\n\r\n"), EndsWith("\r\n\r\n16777216"));
}

TEST_F(BehindNginx, NothingIsSmuggledThroughIt) {
  struct Row {
    const char* why;
    std::string bytes;
  };
  const std::string inner = "GET /smuggled HTTP/1.1\r\nHost: kept.example\r\n\r\n";
  const std::string post = "POST / HTTP/1.1\r\nHost: kept.example\r\n";
  const std::string get = "GET /echo/outer HTTP/1.1\r\nHost: kept.example\r\n";
  const std::string size = std::to_string(inner.size());
  const auto hex = [](std::size_t number) {
    std::stringstream out;
    out << std::hex << number;
    return out.str();
  };
  const std::string in_chunk = hex(inner.size()) + "\r\n" + inner + "\r\n0\r\n\r\n";
  const std::string ends = "0\r\n\r\n" + inner;
  const std::string ends_size = std::to_string(ends.size());
  const Row rows[] = {
      {"CL.TE", post + "Content-Length: " + ends_size + "\r\nTransfer-Encoding: chunked\r\n\r\n" + ends},
      {"TE.CL", post + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n" + in_chunk},
      {"TE with a tab before it",
       post + "Content-Length: " + ends_size + "\r\nTransfer-Encoding:\tchunked\r\n\r\n" + ends},
      {"TE with a space before its colon",
       post + "Content-Length: " + ends_size + "\r\nTransfer-Encoding : chunked\r\n\r\n" + ends},
      {"TE with a vertical tab", post + "Content-Length: " + ends_size +
                                     "\r\nTransfer-Encoding: \x0b"
                                     "chunked\r\n\r\n" +
                                     ends},
      {"TE under another header's line",
       post + "Content-Length: " + ends_size + "\r\nX: y\nTransfer-Encoding: chunked\r\n\r\n" + ends},
      {"TE with an underscore",
       post + "Content-Length: " + ends_size + "\r\nTransfer_Encoding: chunked\r\n\r\n" + ends},
      {"TE folded", post + "Content-Length: " + ends_size + "\r\nTransfer-Encoding:\r\n chunked\r\n\r\n" + ends},
      {"TE twice, once unknown",
       post + "Content-Length: " + ends_size + "\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n" + ends},
      {"TE identity", post + "Content-Length: " + ends_size + "\r\nTransfer-Encoding: identity\r\n\r\n" + ends},
      {"TE in other letters", post + "Transfer-Encoding: cHuNkEd\r\n\r\n" + in_chunk},
      {"TE in HTTP/1.0", "POST / HTTP/1.0\r\nHost: kept.example\r\nTransfer-Encoding: chunked\r\n\r\n" + in_chunk},
      {"two lengths", post + "Content-Length: 0\r\nContent-Length: " + size + "\r\n\r\n" + inner},
      {"two lengths, the other way round", post + "Content-Length: " + size + "\r\nContent-Length: 0\r\n\r\n" + inner},
      {"a list of lengths", post + "Content-Length: " + size + ", 0\r\n\r\n" + inner},
      {"a length with a plus", post + "Content-Length: +" + size + "\r\n\r\n" + inner},
      {"a length under a NUL", post + std::string("X: \0\r\n", 6) + "Content-Length: " + size + "\r\n\r\n" + inner},
      {"a length with an underscore", post + "Content_Length: 0\r\nContent-Length: " + size + "\r\n\r\n" + inner},
      {"GET with a length", get + "Content-Length: " + size + "\r\n\r\n" + inner},
      {"GET with chunks", get + "Transfer-Encoding: chunked\r\n\r\n" + in_chunk},
      {"HEAD with a length",
       "HEAD /echo/outer HTTP/1.1\r\nHost: kept.example\r\nContent-Length: " + size + "\r\n\r\n" + inner},
      {"a chunk in an extension",
       post + "Transfer-Encoding: chunked\r\n\r\n0;\n" + hex(inner.size()) + "\r\n" + inner + "\r\n0\r\n\r\n"},
      {"a chunk's size that overflows",
       post + "Transfer-Encoding: chunked\r\n\r\n10000000000000000\r\n" + inner + "\r\n0\r\n\r\n"},
      {"a chunk behind 0x", post + "Transfer-Encoding: chunked\r\n\r\n0x" + in_chunk},
      {"in a trailer", post + "Transfer-Encoding: chunked\r\n\r\n0\r\nX: " + inner},
      {"an expectation, refused", post + "Expect: 100-continue\r\nContent-Length: 5000\r\n\r\n" + inner},
      {"a body the route does not take",
       "POST /echo/outer HTTP/1.1\r\nHost: kept.example\r\nContent-Length: " + size + "\r\n\r\n" + inner},
      {"a line break in the target", "GET /echo/%0d%0a%0d%0aGET%20/smuggled HTTP/1.1\r\nHost: kept.example\r\n\r\n"},
      {"a climbing target", "GET /echo/..%2fsmuggled HTTP/1.1\r\nHost: kept.example\r\n\r\n"},
      {"an upgrade to HTTP/2", get + "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\nConnection: Upgrade, "
                                     "HTTP2-Settings\r\n\r\nPRI * HTTP/2.0\r\n\r\n"},
      {"an upgrade to a socket",
       get + "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 777\r\nContent-Length: " + size +
           "\r\n\r\n" + inner},
      {"names that hop", post + "Connection: close, Content-Length\r\nContent-Length: " + size + "\r\n\r\n" + inner},
  };
  int number = 0;
  for (const Row& row : rows) {
    // Over TLS, without waiting for an end: some of these leave nginx waiting for more.
    SSL_CTX* context = SSL_CTX_new(TLS_client_method());
    TestClient client(front_);
    SSL* ssl = SSL_new(context);
    SSL_set_fd(ssl, client.descriptor());
    ASSERT_EQ(SSL_connect(ssl), 1) << row.why;
    SSL_write(ssl, row.bytes.data(), static_cast<int>(row.bytes.size()));
    // Whatever became of it, the next clients have answers of their own: no answer was left over on nginx' side to us.
    for (int i = 0; i < 3; ++i) {
      const std::string word = std::to_string(++number);
      EXPECT_THAT(say(last_get("/echo/" + word)), EndsWith("\r\n\r\n" + word)) << row.why;
    }
    EXPECT_EQ(smuggled_, 0) << row.why;
    SSL_free(ssl);
    SSL_CTX_free(context);
  }
  EXPECT_THAT(say(last_get("/smuggled")), EndsWith("smuggled"));
  EXPECT_EQ(smuggled_, 1) << "it would have been seen";
}

// ---- HTTP/2, which nginx turns into HTTP/1.1 for us ----------------------------------------------------------------

using Fields = std::vector<std::pair<std::string, std::string>>;

std::string frame(int type, int flags, int stream, const std::string& payload) {
  std::string out;
  for (const std::size_t byte : {payload.size() >> 16, payload.size() >> 8, payload.size()})
    out += static_cast<char>(byte & 0xff);
  out += static_cast<char>(type);
  out += static_cast<char>(flags);
  for (const int byte : {stream >> 24, stream >> 16, stream >> 8, stream}) out += static_cast<char>(byte & 0xff);
  return out + payload;
}

/// One request in frames, every header written out (RFC 7541 6.2.2).
std::string by_http2(const Fields& fields, const std::string& body) {
  std::string block;
  for (const auto& [name, value] : fields) {
    for (const std::string* text : {&name, &value}) {
      EXPECT_LT(text->size(), 127u);
      if (text == &name) block += '\0';
      block += static_cast<char>(text->size());
      block += *text;
    }
  }
  const int end_stream = 1, end_headers = 4;
  std::string out = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, "");
  out += frame(1, end_headers | (body.empty() ? end_stream : 0), 1, block);
  if (!body.empty()) out += frame(0, end_stream, 1, body);
  return out;
}

TEST_F(BehindNginx, NothingIsSmuggledByHttp2) {
  // nginx keeps the connection: the answer ends with what was expected, or else some time after the question.
  const auto say_by_http2 = [&](const Fields& fields, const std::string& body, const std::string& until) {
    Wish wish;
    wish.protocols = "\x02h2";
    wish.until = until;
    if (until.empty()) wish.listens_ms = 150;
    wish.request = by_http2(fields, body);
    const Outcome out = meet(front_, wish);
    EXPECT_EQ(out.protocol, "h2");
    return out.answer;
  };
  const auto start = [](const char* method, const std::string& path) {
    return Fields{{":method", method}, {":scheme", "https"}, {":authority", "kept.example"}, {":path", path}};
  };
  const auto with = [](Fields fields, const std::string& name, const std::string& value) {
    fields.emplace_back(name, value);
    return fields;
  };
  EXPECT_THAT(say_by_http2(start("GET", "/echo/hello"), "", "hello"), HasSubstr("hello"));
  const std::string five(
      "\0\0\0\x01"
      "5",
      5);  // the end of a frame's head, of the first stream, and its length
  EXPECT_THAT(say_by_http2(with(start("POST", "/stream"), "content-length", "5"), "12345", five), HasSubstr(five));

  const std::string inner = "GET /smuggled HTTP/1.1\r\nHost: kept.example\r\n\r\n";
  const std::string line = "\r\n\r\n" + inner;
  struct Row {
    const char* why;
    Fields fields;
    std::string body;
  };
  const Row rows[] = {
      {"a length of nothing before a body", with(start("POST", "/stream"), "content-length", "0"), inner},
      {"a length that is too short", with(start("POST", "/stream"), "content-length", "3"), "abc" + inner},
      {"a length that is too long", with(start("POST", "/stream"), "content-length", "900"), inner},
      {"two lengths",
       with(with(start("POST", "/stream"), "content-length", "0"), "content-length", std::to_string(inner.size())),
       inner},
      {"chunks, which HTTP/2 has not", with(start("POST", "/stream"), "transfer-encoding", "chunked"),
       "0\r\n\r\n" + inner},
      {"chunks with a length",
       with(with(start("POST", "/stream"), "transfer-encoding", "chunked"), "content-length",
            std::to_string(inner.size() + 5)),
       "0\r\n\r\n" + inner},
      {"a body behind GET", start("GET", "/echo/outer"), inner},
      {"a body behind GET with a length",
       with(start("GET", "/echo/outer"), "content-length", std::to_string(inner.size())), inner},
      {"a request in a header's value", with(start("GET", "/echo/outer"), "x-a", "b" + line), ""},
      {"chunks in a header's value", with(start("POST", "/stream"), "x-a", "b\r\ntransfer-encoding: chunked"),
       "0\r\n\r\n" + inner},
      {"a request in a header's name", with(start("GET", "/echo/outer"), "x-a: b" + line + "x", "y"), ""},
      {"a request in the path", start("GET", "/echo/outer HTTP/1.1\r\nhost: x" + line), ""},
      {"a space in the path", start("GET", "/smuggled HTTP/1.1"), ""},
      {"a request in the method",
       {{":method", "GET /smuggled HTTP/1.1\r\nx: y\r\n\r\nGET"},
        {":scheme", "https"},
        {":authority", "kept.example"},
        {":path", "/echo/outer"}},
       ""},
      {"a request in the authority",
       {{":method", "GET"}, {":scheme", "https"}, {":authority", "kept.example" + line}, {":path", "/echo/outer"}},
       ""},
      {"a NUL in a value", with(start("GET", "/echo/outer"), "x-a", std::string("b\0c", 3)), ""},
      {"a host beside the authority", with(start("GET", "/echo/outer"), "host", "other" + line), ""},
  };
  int number = 0;
  for (const Row& row : rows) {
    say_by_http2(row.fields, row.body, "");
    for (int i = 0; i < 3; ++i) {
      const std::string word = "next" + std::to_string(++number);
      EXPECT_THAT(say(last_get("/echo/" + word)), EndsWith("\r\n\r\n" + word)) << row.why;
    }
    EXPECT_EQ(smuggled_, 0) << row.why;
  }
  EXPECT_THAT(say_by_http2(start("GET", "/smuggled"), "", "smuggled"), HasSubstr("smuggled"));
  EXPECT_EQ(smuggled_, 1) << "it would have been seen";
}

}  // namespace
}  // namespace kept::http
