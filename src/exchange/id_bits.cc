#include "exchange/id_bits.h"

#include <algorithm>
#include <cassert>

namespace kept::exchange {

bool IdBits::make_page(uint32_t source, std::size_t page) {
  assert(page <= above >> page_bits);
  using Pages = std::vector<std::unique_ptr<Page>>;
  const std::size_t sources = std::max<std::size_t>(pages_.size(), source + std::size_t{1});
  const std::size_t held = source < pages_.size() ? pages_[source].size() : 0;
  const std::size_t more = sizeof(Page) + (sources - pages_.size()) * sizeof(Pages) +
                           (page < held ? 0 : page + 1 - held) * sizeof(std::unique_ptr<Page>);
  if (bytes_ + more > (std::size_t{16} << 20) + 16 * numbers_) return false;
  pages_.resize(sources);
  if (page >= held) pages_[source].resize(page + 1);
  pages_[source][page] = std::make_unique<Page>();
  bytes_ += more;
  return true;
}

}  // namespace kept::exchange
