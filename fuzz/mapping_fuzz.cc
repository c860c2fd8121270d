#include "sample_events.h"

// A mapping from the bytes, then a small CSV through it: what it makes of that is bounded and accounted for.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kept;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto mapping = exchange::Mapping::parse(text, "mapping.yaml");
  if (!mapping) {
    assert(mapping.error().message.find("mapping.yaml") != std::string::npos);
    return 0;
  }
  static const std::string csv =
      "case,what,when,topic\n1,Told,2026-03-29 01:30:00,arrest\n2,Other,2026-10-25 01:30:00,bail\n3,,,\n";
  fuzz::read_twice(&exchange::read_csv, &*mapping, reinterpret_cast<const std::uint8_t*>(csv.data()), csv.size());
  return 0;
}
