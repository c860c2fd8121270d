// Writes the log of the fixed work (bench/work.md): log_generator VICTIMS FOLDER [SEED] -> FOLDER/log.parquet and
// FOLDER/log.csv.
#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <string>

#include "work_log.h"

int main(int argc, char** argv) {
  using namespace kept;
  uint32_t victims = 0;
  uint64_t seed = 1;
  const auto number = [](const char* text, auto* value) {
    return std::from_chars(text, text + std::strlen(text), *value).ec == std::errc();
  };
  if (argc < 3 || !number(argv[1], &victims) || (argc > 3 && !number(argv[3], &seed))) {
    std::fputs("log_generator VICTIMS FOLDER [SEED]\n", stderr);
    return 2;
  }
  const std::string folder = argv[2];
  const auto log = bench::make_work_log(victims, seed);
  std::array<uint64_t, bench::work_types + 1> by_type{};
  for (const auto& event : log) ++by_type[event.type];
  for (const auto& status :
       {bench::write_work_parquet(log, folder + "/log.parquet"), bench::write_work_csv(log, folder + "/log.csv")}) {
    if (!status) {
      std::fprintf(stderr, "%s\n", status.error().message.c_str());
      return 1;
    }
  }
  fmt::print("{{\"victims\": {}, \"seed\": {}, \"events\": {}}}\n", victims, seed, log.size());
  for (std::size_t type = 1; type < by_type.size(); ++type)
    fmt::print(stderr, "{:>10}  {}\n", by_type[type], bench::work_type_names[type]);
  return 0;
}
