#include "app/erasure.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "app/quarantine.h"
#include "app/steps.h"
#include "ledger/batch_table.h"
#include "ledger/hash.h"
#include "ledger/quarantine_table.h"
#include "ledger/setting_table.h"
#include "ledger/transaction.h"

namespace kept::app {
namespace {

using base::Error;
using base::ErrorCode;

// Who was erased stands among the settings as well, so that what comes later finds it.
constexpr const char* setting_prefix = "erased:";

bool is_of_word(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || std::isalnum(byte) != 0 || c == '_' || c == '-' || c == '.' || c == '/';
}

/// Whether a file on the spool may name somebody, and the digest of its bytes. What is compressed may name anybody.
struct Spooled {
  bool names = false;
  std::string digest;
};
base::Result<Spooled> look_into(const std::filesystem::path& path, const std::string& person) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error{ErrorCode::io, fmt::format("{} cannot be read", path.string())};
  Spooled out;
  out.names = path.extension() == ".gz" || path.extension() == ".parquet";
  ledger::RunningHash digest;
  constexpr std::size_t piece_bytes = 1 << 16;
  std::string text, piece(piece_bytes, '\0');
  while (file.read(piece.data(), static_cast<std::streamsize>(piece.size())) || file.gcount() > 0) {
    const std::string_view read(piece.data(), static_cast<std::size_t>(file.gcount()));
    digest.add(read);
    text += read;
    out.names = out.names || names_person(text, person);
    // Enough is kept for a name that stands across two pieces, and what is before it.
    const std::size_t kept = person.size() + 2;
    if (text.size() > kept) text.erase(0, text.size() - kept);
  }
  if (file.bad()) return Error{ErrorCode::io, fmt::format("{} cannot be read to its end", path.string())};
  out.digest = ledger::to_hex(digest.end());
  return out;
}

/// The work of one call.
class Erasure {
 public:
  Erasure(Store& store, const std::string& person, const std::string& who, const std::string& why)
      : store_(store),
        person_(person),
        who_(who),
        why_(why),
        name_(ledger::name_text(ledger::name_participant, person)) {}

  base::Result<Erased> run() {
    // Keys first: were it the other way round, a kill in between would leave a record of what was not done.
    const base::Status done = take_steps(
        store_, *this,
        {&Erasure::find_rows, &Erasure::find_batches, &Erasure::check_known, &Erasure::destroy, &Erasure::record});
    if (!done) return done.error();
    return out_;
  }

 private:
  base::Status find_rows() {
    std::vector<uint64_t> positions;
    ledger::Ledger& ledger = store_.ledger();
    base::Status done =
        ledger::QuarantineTable(ledger.database()).each([&](const ledger::QuarantineRow& row) -> base::Status {
          positions.push_back(row.position);
          return base::Done{};
        });
    if (!done) return done;
    return ledger.facts(positions, [&](ledger::Fact& fact) -> base::Status {
      bool erased = false;
      const auto opened = ledger.unsealed(fact.entry, fact.position, &erased);
      if (!opened) return opened.error();
      const auto text = opened->find("row");
      if (erased || text == opened->end() || !names_person(text->second, person_)) return base::Done{};
      row_keys_.push_back(fact.entry.fields.at("key"));
      return base::Done{};
    });
  }

  base::Status find_batches() {
    std::error_code failed;
    for (std::filesystem::recursive_directory_iterator at(store_.paths().spool, failed), end; !failed && at != end;
         at.increment(failed)) {
      if (!at->is_regular_file()) continue;
      const auto spooled = look_into(at->path(), person_);
      if (!spooled) return spooled.error();
      if (!spooled->names) continue;
      const auto is_taken = ledger::BatchTable(store_.ledger().database()).is_taken(spooled->digest);
      if (!is_taken) return is_taken.error();
      if (!*is_taken)
        return Error{ErrorCode::conflict,
                     fmt::format("{} may name the person and was not wholly received yet: let it be taken, or remove "
                                 "it, then erase again",
                                 at->path().string())};
      batches_.push_back(at->path());
    }
    if (failed)
      return Error{ErrorCode::io, fmt::format("{} cannot be read: {}", store_.paths().spool, failed.message())};
    return base::Done{};
  }

  base::Status check_known() {
    const std::string names[] = {name_};
    const auto keys = store_.ledger().keys_of(names);
    if (!keys) return keys.error();
    if ((*keys)[0] == 0 && row_keys_.empty())
      return Error{ErrorCode::not_found,
                   "no fact and no row put aside names that person; give the reference as the feeds write it"};
    return base::Done{};
  }

  base::Status destroy() {
    if (base::Status done = store_.keys().destroy(name_); !done) return done;
    for (const std::string& key : row_keys_)
      if (base::Status done = store_.keys().destroy(key); !done) return done;
    for (const std::filesystem::path& path : batches_) {
      std::error_code failed;
      if (!std::filesystem::remove(path, failed) || failed)
        return Error{ErrorCode::io, fmt::format("{} cannot be removed: {}", path.string(), failed.message())};
    }
    out_.rows = row_keys_.size();
    out_.batches = batches_.size();
    return base::Done{};
  }

  base::Status record() {
    const std::string setting = setting_prefix + person_;
    ledger::Ledger& ledger = store_.ledger();
    ledger::SettingTable settings(ledger.database());
    const auto before = settings.read(setting);
    if (!before) return before.error();
    if (*before) {
      out_.again = true;
      out_.entry = std::stoull(**before);
    }
    if (out_.again && out_.rows == 0 && out_.batches == 0) return base::Done{};
    ledger::Entry entry;
    entry.kind = ledger::EntryKind::erased;
    entry.received_at = store_.now();
    entry.historic = true;
    entry.fields = {{"person", person_},
                    {"who", who_},
                    {"why", why_},
                    {"rows", std::to_string(out_.rows)},
                    {"batches", std::to_string(out_.batches)}};
    return ledger::in_transaction(ledger, [&]() -> base::Status {
      const auto position = ledger.add(ledger::TreeName::facts, entry);
      if (!position) return position.error();
      if (const auto audited = ledger.add(ledger::TreeName::audit, entry); !audited) return audited.error();
      if (out_.again) return base::Done{};
      out_.entry = *position;
      return settings.add(setting, std::to_string(*position));
    });
  }

  Store& store_;
  const std::string& person_;
  const std::string& who_;
  const std::string& why_;
  const std::string name_;
  std::vector<std::string> row_keys_;
  std::vector<std::filesystem::path> batches_;
  Erased out_;
};

}  // namespace

bool names_person(std::string_view text, std::string_view person) {
  if (person.empty()) return false;
  for (std::size_t at = text.find(person); at != std::string_view::npos; at = text.find(person, at + 1)) {
    const std::size_t end = at + person.size();
    if ((at == 0 || !is_of_word(text[at - 1])) && (end == text.size() || !is_of_word(text[end]))) return true;
  }
  return false;
}

base::Result<std::vector<std::string>> erased_people(ledger::Ledger& ledger) {
  std::vector<std::string> out;
  const base::Status done =
      ledger::SettingTable(ledger.database())
          .each_of(setting_prefix, [&](std::string_view person, std::string_view) -> base::Status {
            out.emplace_back(person);
            return base::Done{};
          });
  if (!done) return done.error();
  return out;
}

base::Result<Erased> erase_person(Store& store, const std::string& person, const std::string& who,
                                  const std::string& why) {
  base::Status said = check_said(person, "PERSON");
  if (said) said = check_said(who, "--who");
  if (said) said = check_said(why, "--why");
  if (!said) return said.error();
  return Erasure(store, person, who, why).run();
}

}  // namespace kept::app
