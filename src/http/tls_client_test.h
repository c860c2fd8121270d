#pragma once
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <sys/time.h>

#include <cerrno>
#include <string>

#include "http/client_test.h"

namespace kept::http {

/// How a client would like to speak, and what it says.
struct Wish {
  int version = 0;        ///< the only version it speaks; 0: any
  std::string ciphers;    ///< for TLS 1.2; empty: its own choice
  std::string protocols;  ///< ALPN, each with its length before it; empty: not offered
  std::string request = "GET / HTTP/1.1\r\nHost: kept\r\nConnection: close\r\n\r\n";
  std::string until = "";        ///< it listens no longer than until the answer holds this; empty: to the end
  int listens_ms = patience_ms;  ///< how long it waits for more, once it has asked, where the server does not close
};
/// What it got.
struct Outcome {
  bool agreed = false;
  std::string version;
  std::string cipher;
  std::string protocol;
  std::string certificate;  ///< of the server: DER
  std::string answer;       ///< all of it, to the end of the connection or of the listening
};

/// How long each read from a socket may take.
inline void set_longest_read(int descriptor, int ms) {
  const timeval longest{ms / 1000, ms % 1000 * 1000};
  setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof longest);
}

/// Whether a call was only interrupted, as that of a process that was stopped for a while.
inline bool is_interrupted(SSL* ssl, int result) {
  return result <= 0 && SSL_get_error(ssl, result) == SSL_ERROR_WANT_READ && errno == EINTR;
}

/// Agrees on TLS, sends the request and listens until the server closes.
inline Outcome meet(uint16_t port, const Wish& wish) {
  Outcome out;
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  // Old versions and weak ciphers are the client's to offer here, and the server's to refuse.
  SSL_CTX_set_security_level(context, 0);
  if (wish.version != 0) {
    SSL_CTX_set_min_proto_version(context, wish.version);
    SSL_CTX_set_max_proto_version(context, wish.version);
  }
  if (!wish.ciphers.empty()) SSL_CTX_set_cipher_list(context, wish.ciphers.c_str());
  if (!wish.protocols.empty())
    SSL_CTX_set_alpn_protos(context, reinterpret_cast<const unsigned char*>(wish.protocols.data()),
                            static_cast<unsigned>(wish.protocols.size()));
  TestClient client(port);
  set_longest_read(client.descriptor(), patience_ms);
  SSL* ssl = SSL_new(context);
  SSL_set_fd(ssl, client.descriptor());
  int result = 0;
  do {
    result = SSL_connect(ssl);
  } while (is_interrupted(ssl, result));
  out.agreed = result == 1;
  if (out.agreed) {
    out.version = SSL_get_version(ssl);
    out.cipher = SSL_get_cipher(ssl);
    X509* certificate = SSL_get1_peer_certificate(ssl);
    unsigned char* der = nullptr;
    if (const int size = i2d_X509(certificate, &der); size > 0)
      out.certificate.assign(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    X509_free(certificate);
    const unsigned char* protocol = nullptr;
    unsigned length = 0;
    SSL_get0_alpn_selected(ssl, &protocol, &length);
    out.protocol.assign(reinterpret_cast<const char*>(protocol), length);
    EXPECT_GT(SSL_write(ssl, wish.request.data(), static_cast<int>(wish.request.size())), 0);
    set_longest_read(client.descriptor(), wish.listens_ms);
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(wish.listens_ms);
    char bytes[65'536];
    while (wish.until.empty() || out.answer.find(wish.until) == std::string::npos) {
      const int count = SSL_read(ssl, bytes, sizeof bytes);
      if (is_interrupted(ssl, count) && std::chrono::steady_clock::now() < until) continue;
      if (count <= 0) break;
      out.answer.append(bytes, static_cast<std::size_t>(count));
    }
    SSL_shutdown(ssl);
  }
  SSL_free(ssl);
  SSL_CTX_free(context);
  return out;
}

}  // namespace kept::http
