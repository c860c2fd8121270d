// Writes a ledger as the program does, for tests/ledger_verifier_test.py: DIR/ledger.sqlite with FACTS facts,
// DIR/heads, the public key in DIR/keys; and what others were given in time: DIR/outside-heads (copied after five
// eighths of the facts) and DIR/receipts (of a few facts, the last of them after three quarters).
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "ledger/key_store.h"
#include "ledger/ledger.h"
#include "ledger/sqlite_database.h"

namespace {

using namespace kept;
using ledger::Entry;
using ledger::EntryKind;
using ledger::to_hex;
using ledger::TreeName;

void must(base::Status status) {
  if (status) return;
  fmt::print(stderr, "{}\n", status.error().message);
  std::exit(2);
}

template <class T>
T must(base::Result<T> result) {
  if (result) return std::move(*result);
  fmt::print(stderr, "{}\n", result.error().message);
  std::exit(2);
}

void write_receipt(std::ofstream& file, ledger::Ledger& ledger, uint64_t position) {
  const ledger::Receipt receipt = must(ledger.receipt(TreeName::facts, position));
  std::string proof;
  for (const ledger::Hash& hash : receipt.proof)
    proof += fmt::format("{}\"{}\"", proof.empty() ? "" : ",", to_hex(hash));
  file << fmt::format(
              R"({{"ledger":"{}","tree":"facts","position":{},"size":{},"leaf":"{}","root":"{}","proof":[{}]}})",
              ledger.id(), receipt.position, receipt.size, to_hex(receipt.leaf), to_hex(receipt.root), proof)
       << "\n";
}

}  // namespace

int main(int, char** words) {
  const std::string folder = words[1];
  const int facts = std::atoi(words[2]);
  constexpr int64_t minute = 60'000;
  base::ManualClock clock(1'772'445'600'000);
  const ledger::SigningKey key =
      must(ledger::SigningKey::open_or_create(base::system_disk(), folder + "/signing.key", base::system_chance()));
  const std::unique_ptr<ledger::KeyStore> keys =
      must(ledger::KeyStore::open(folder + "/keys.sqlite", base::system_chance()));
  ledger::LedgerParts parts;
  parts.vocabulary = std::make_shared<model::Vocabulary>();
  parts.clock = &clock;
  parts.chance = &base::system_chance();
  parts.keys = keys.get();
  parts.disk = &base::system_disk();
  parts.heads_path = folder + "/heads";
  parts.signing_key = &key;
  const std::unique_ptr<ledger::Ledger> ledger =
      must(ledger::Ledger::open(must(ledger::open_sqlite({folder + "/ledger.sqlite"})), parts));
  std::ofstream(folder + "/keys") << key.public_key().line() << "\n";
  std::ofstream receipts(folder + "/receipts");

  for (int number = 0; number < facts; ++number) {
    must(ledger->begin());
    Entry entry;
    entry.kind = EntryKind::settled;
    entry.received_at = clock.now_ms();
    entry.fields = {{"note", fmt::format("fact {} of {}", number, facts)}};
    // A text of a person, sealed: the tree holds what nobody can read without the key.
    entry.sealed = {
        {"text", must(ledger->seal(fmt::format("p{}", number % 50), "text", fmt::format("words {}", number)))}};
    entry.fields.emplace("key", fmt::format("p{}", number % 50));
    must(ledger->add(TreeName::facts, entry));
    Entry why;
    why.kind = EntryKind::commit;
    why.received_at = clock.now_ms();
    must(ledger->add(TreeName::audit, why));
    must(ledger->commit());
    clock.advance_ms(20 * minute);
    if (number % 100 == 99) must(ledger->publish_heads());
    if (number + 1 == facts * 5 / 8) {
      must(ledger->publish_heads());
      std::filesystem::copy_file(folder + "/heads", folder + "/outside-heads");
    }
    if ((number + 1) % (facts / 4) == 0 && number + 1 < facts)
      write_receipt(receipts, *ledger, static_cast<uint64_t>(number) / 2);
  }
  must(ledger->publish_heads());
  return 0;
}
