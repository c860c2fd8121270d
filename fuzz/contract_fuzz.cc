#include "exchange/court_routes.h"
#include "exchange/feed_contract.h"
#include "sample_events.h"

// A feed contract and a table of courts from the same bytes: read, or refused with file and line.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kept;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto contract = exchange::FeedContract::parse(text, "feed.yaml", *fuzz::vocabulary());
  if (contract) {
    assert(!contract->sends.empty() && contract->rhythm.every > 0 && contract->late_after_ms > 0);
  } else {
    assert(contract.error().message.starts_with("feed.yaml:"));
  }
  const auto courts = exchange::CourtRoutes::parse(text, "courts.yaml", *fuzz::vocabulary());
  assert(courts || courts.error().message.starts_with("courts.yaml:"));
  return 0;
}
