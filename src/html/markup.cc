#include "html/markup.h"

#include <cassert>

#include "base/utf8.h"

namespace kept::html {
namespace {

bool is_name(std::string_view name) {
  if (name.empty()) return false;
  for (const char c : name) {
    const bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    if (!good) return false;
  }
  return true;
}

void append_escaped(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = base::utf8_length(text);
    if (length == 0) {
      out += base::utf8_replacement;
      text.remove_prefix(1);
      continue;
    }
    const char c = text.front();
    if (length > 1) {
      out += text.substr(0, length);
    } else if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '"') {
      out += "&quot;";
    } else if (c == '\'') {
      out += "&#39;";
    } else if ((static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7F) {
      out += base::utf8_replacement;
    } else {
      out += c;
    }
    text.remove_prefix(length);
  }
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  append_escaped(out, text);
  return out;
}

void Markup::start(std::string_view element, Attributes attributes) {
  assert(is_name(element));
  out_ += '<';
  out_ += element;
  for (const Attribute& attribute : attributes) {
    assert(is_name(attribute.name));
    out_ += ' ';
    out_ += attribute.name;
    if (attribute.value.empty()) continue;
    out_ += "=\"";
    append_escaped(out_, attribute.value);
    out_ += '"';
  }
}

Markup& Markup::open(std::string_view element, Attributes attributes) {
  start(element, attributes);
  out_ += '>';
  open_.emplace_back(element);
  return *this;
}

Markup& Markup::close(std::string_view element) {
  assert(!open_.empty() && open_.back() == element);
  out_ += "</";
  out_ += element;
  out_ += '>';
  open_.pop_back();
  return *this;
}

Markup& Markup::empty(std::string_view element, Attributes attributes) {
  start(element, attributes);
  out_ += "/>";
  return *this;
}

Markup& Markup::text(std::string_view text) {
  append_escaped(out_, text);
  return *this;
}

Markup& Markup::leaf(std::string_view element, Attributes attributes, std::string_view text) {
  return open(element, attributes).text(text).close(element);
}

Markup& Markup::add(const Markup& other) {
  out_ += other.finished();
  return *this;
}

std::string Markup::fresh_id(std::string_view prefix) {
  assert(is_name(prefix));
  return std::string(prefix) + "-" + std::to_string(++ids_);
}

const std::string& Markup::finished() const {
  assert(open_.empty());
  return out_;
}

std::string whole_page(const Page& page, const Markup& body) {
  Markup head;
  head.open("head")
      .empty("meta", {{"charset", "utf-8"}})
      .empty("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}})
      .empty("meta",
             {{"http-equiv", "Content-Security-Policy"},
              {"content", "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'"}})
      .empty("meta", {{"name", "robots"}, {"content", "noindex"}})
      .empty("meta", {{"name", "referrer"}, {"content", "no-referrer"}})
      .leaf("title", page.title);
  head.open("style");
  // A style sheet is not escaped by HTML's rules; ours never holds the one thing that could end it early.
  assert(page.style.find("</") == std::string_view::npos);
  head.out_ += page.style;
  head.close("style").close("head");

  std::string out = "<!DOCTYPE html>\n<html lang=\"" + escaped(page.language) + "\">\n";
  out += head.finished();
  out += "\n<body>\n";
  out += body.finished();
  out += "\n</body>\n</html>\n";
  return out;
}

}  // namespace kept::html
