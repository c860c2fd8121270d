#pragma once
#include <string>
#include <utility>
#include <variant>

namespace kept::base {

/// What kind of refusal an `Error` is. Closed: a caller may switch over it.
enum class ErrorCode {
  invalid,      ///< the input breaks a stated rule; the message says which, where, and the mend
  not_found,    ///< a named thing (file, id, type) does not exist
  not_covered,  ///< the answer lies outside what is known (a calendar's end); never guessed
  conflict,     ///< two inputs contradict each other; the message shows both
  io,           ///< the disk or a library under it refused
  too_large,    ///< a stated bound (size, depth, count) is exceeded
  unsupported,  ///< a newer version or a feature this build does not have; said in words
};

/// A refusal in words: what, where, which value, what to do next. Never holds personal data.
struct Error {
  ErrorCode code;
  std::string message;
};

/// Either a value or an `Error`. A `Result` that is not looked at is a compile-time warning (an error in our builds).
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}      // NOLINT(google-explicit-constructor): `return value;` reads best
  Result(Error error) : state_(std::move(error)) {}  // NOLINT(google-explicit-constructor)
  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }
  T& value() & { return std::get<0>(state_); }
  const T& value() const& { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  const Error& error() const { return std::get<1>(state_); }

 private:
  std::variant<T, Error> state_;
};

/// The value of a `Result` that carries none.
struct Done {};
using Status = Result<Done>;

inline Error invalid(std::string message) { return {ErrorCode::invalid, std::move(message)}; }

}  // namespace kept::base
