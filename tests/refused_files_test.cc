// Files that are no batch, or not a whole one: what a feed's owner is told, that nothing is lost, and that nothing of
// what they hold is shown.
#include <gmock/gmock.h>

#include "app/backup.h"
#include "app/delivery.h"
#include "app/feeds_text.h"
#include "app/quarantine.h"
#include "app/simulate_london.h"
#include "support/intake_store_test.h"

namespace kept::app {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

std::string victims(const std::vector<Cells>& rows) { return csv(victims_heading, rows); }

class RefusedFiles : public IntakeStore {
 protected:
  base::Result<BatchReceipt> take(const std::string& file, const Change& change = {}) {
    BatchRequest request;
    request.feed = "police-victims";
    request.path = file;
    if (change) change(request);
    return receive_batch(store(), request);
  }
};

TEST_F(RefusedFiles, SayWhatTheyAreAndLeaveNothingBehind) {
  fs::create_directories(path("folder.csv"));
  const std::string good = victims({victim("C1", "V1", "v1"), described("V1", "v2", "CANARY-NAME")});
  const std::string without_heading = good.substr(good.find('\n') + 1);
  const struct {
    const char* why;
    std::string file;
    const char* says;
  } rows[] = {
      {"a folder", path("folder.csv"), "is a folder: name the files in it, or the folder around it with --delivery"},
      {"it is gone", path("gone.csv"), "gone.csv: there is no such file"},
      {"it cannot be opened", write("plain", "x") + "/inside.csv", "cannot be opened to be read: Not a directory"},
      {"nothing in it", write("empty.csv", ""), "the file is empty; its first line should name the columns"},
      {"no text", write("binary.csv", "\x7f\x45\x4c\x46\x02\xff\xfe\n\xff"), "is not UTF-8"},
      {"UTF-16",
       write("wide.csv", std::string("\xff\xfe"
                                     "C\0r\0",
                                     6)),
       "iconv -f UTF-16 -t UTF-8"},
      {"no heading", write("bare.csv", without_heading), "bare.csv: its first line names none of the 39 columns of "},
      {"another feed's", write("other.csv", csv("Some,Other,Heading", {{{"Some", "x"}}})),
       "or the file is another feed's"},
      {"a column misspelt", write("spelt.csv", "Crime Number" + good.substr(good.find(','))),
       "has no column \"Crime No\"; its columns are: Crime Number, URN"},
  };
  const uint64_t size = store().ledger().size();
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    const auto receipt = take(row.file);
    ASSERT_FALSE(receipt);
    EXPECT_THAT(receipt.error().message, HasSubstr(row.says));
    EXPECT_THAT(receipt.error().message, HasSubstr(fs::path(row.file).filename().string())) << "which file";
    EXPECT_THAT(receipt.error().message, Not(HasSubstr("CANARY"))) << "nothing of what it holds";
  }
  EXPECT_EQ(store().ledger().size(), size);
  EXPECT_EQ(state("police-victims").last_batch, 0u);
  EXPECT_TRUE(state("police-victims").held.empty());
  // The next one is the first batch still.
  EXPECT_EQ(send("police-victims", good).number, 1u);
}

TEST_F(RefusedFiles, AByteOrderMarkAndOtherEndsOfLinesAreNoFault) {
  std::string windows = victims({victim("C1", "V1", "v1"), victim("C1", "V2", "v2")});
  for (std::size_t at = 0; (at = windows.find('\n', at)) != std::string::npos; at += 2) windows.insert(at, "\r");
  const BatchReceipt receipt = send("police-victims", "\xef\xbb\xbf" + windows);
  EXPECT_EQ(receipt.counts.accepted, 2u);
  // The same rows without them are the same events.
  EXPECT_EQ(send("police-victims", victims({victim("C1", "V1", "v1"), victim("C1", "V2", "v2")})).counts.duplicate, 2u);
}

TEST_F(RefusedFiles, ALineThatNeverEndsIsOneRowPutAside) {
  std::string text = victims({victim("C1", "V1", "v1")}) + std::string(5 << 20, 'x') + "\n";
  const std::string last = victims({victim("C1", "V2", "v2")});
  text += last.substr(last.find('\n') + 1);
  const BatchReceipt receipt = send("police-victims", text);
  EXPECT_EQ(receipt.counts.rows, 3u);
  EXPECT_EQ(receipt.counts.accepted, 2u);
  EXPECT_THAT(receipt.reasons, ElementsAre(Pair("too_large", 1u)));
  ASSERT_EQ(receipt.put_aside.size(), 1u);
  EXPECT_EQ(receipt.put_aside[0].row, 2u);
  EXPECT_THAT(receipt.put_aside[0].why, HasSubstr("longer than a row may be (1 MiB)"));
  const auto kept = quarantined_bytes(store(), receipt.put_aside[0].position, "desk");
  ASSERT_TRUE(kept);
  EXPECT_THAT(*kept, Not(testing::IsEmpty()));
}

TEST_F(RefusedFiles, AFileThatIsStillWrittenIsNotTakenForWhole) {
  const std::string whole = victims({victim("C1", "V1", "v1"), victim("C1", "V2", "v2")});
  const std::string file = write("export.csv", whole.substr(0, whole.find("C1,,V2")));
  const auto early = take(file, [&](BatchRequest& request) {
    request.number = 1;
    request.progress = [&](uint64_t, uint64_t) { write("export.csv", whole); };
  });
  ASSERT_FALSE(early);
  EXPECT_EQ(early.error().code, base::ErrorCode::conflict);
  EXPECT_THAT(early.error().message,
              AllOf(HasSubstr("export.csv: it changed while it was read"), HasSubstr("nothing of it was taken")));
  EXPECT_EQ(events(), 0u);
  // And one that is taken away meanwhile.
  const auto gone = take(file, [&](BatchRequest& request) {
    request.number = 1;
    request.progress = [&](uint64_t, uint64_t) { fs::remove(file); };
  });
  ASSERT_FALSE(gone);
  EXPECT_THAT(gone.error().message, HasSubstr("there is no such file"));
  EXPECT_EQ(events(), 0u);
  write("export.csv", whole);
  const auto late = take(file, [](BatchRequest& request) { request.number = 1; });
  ASSERT_TRUE(late) << late.error().message;
  EXPECT_EQ(late->counts.accepted, 2u);
}

TEST_F(RefusedFiles, OfADeliveryTheOthersAreTakenAndEachIsNamed) {
  const fs::path folder = path("delivered");
  SimulationRequest simulation;
  simulation.plan = {20, 5, *calendar::parse_date("2024-02-01"), *calendar::parse_date("2024-02-07")};
  simulation.with_truth = false;
  simulation.feeds = folder.string();
  ASSERT_TRUE(simulate_london(simulation));
  std::ofstream(folder / "police-crimes" / "000002.csv", std::ios::app) << "cut\n";
  fs::remove(folder / "police-victims" / "000003.csv");
  const auto delivery = Delivery::read(folder.string());
  ASSERT_TRUE(delivery) << delivery.error().message;
  const auto tally = take_delivery(store(), *delivery, false, {});
  ASSERT_TRUE(tally) << tally.error().message;
  EXPECT_EQ(tally->batches + 2, delivery->batches.size());
  EXPECT_THAT(tally->refused,
              testing::UnorderedElementsAre(
                  AllOf(HasSubstr("batch 2 of police-crimes: "), HasSubstr("it was cut or changed on the way")),
                  AllOf(HasSubstr("batch 3 of police-victims: "), HasSubstr("there is no such file"))));
  EXPECT_TRUE(tally->counts.add_up());
  EXPECT_THAT(state("police-crimes").missing, ElementsAre(2u)) << "named until it comes";
  EXPECT_THAT(state("police-victims").missing, ElementsAre(3u));
}

TEST_F(RefusedFiles, AFolderThatIsNoStoreIsSaidToBeNone) {
  const auto open = [&](const std::string& folder, bool read_only) {
    StoreRequest request;
    request.data = folder;
    request.read_only = read_only;
    request.clock = &clock_;
    const auto opened = Store::open(request);
    return opened ? std::string("opened") : opened.error().message;
  };
  fs::create_directories(path("nothing"));
  for (const char* folder : {"nowhere", "nothing"}) {
    EXPECT_EQ(open(path(folder), true), "there is no store in " + path(folder) + ": import something first");
  }
  EXPECT_TRUE(fs::is_empty(path("nothing"))) << "looking leaves nothing behind";
  write("letter.txt", "keep me");
  for (const bool read_only : {true, false})
    EXPECT_EQ(open(path("letter.txt"), read_only),
              path("letter.txt") + " is a file: --data names the folder of a store");
  send("police-victims", victims({victim("C1", "V1", "v1")}));
  close();
  fs::rename(data() + "/keys", path("keys"));
  EXPECT_THAT(open(data(), true), HasSubstr("has a ledger and no keys: put its folder keys back as it was"));
  fs::rename(path("keys"), data() + "/keys");
  EXPECT_EQ(open(data(), true), "opened");
}

TEST_F(RefusedFiles, ABackupThatFindsNoRoomSaysWhereAndLeavesNothing) {
  send("police-victims", victims({victim("C1", "V1", "v1")}));
  close();
  BackupRequest request;
  request.store.data = data();
  request.store.clock = &clock_;
  request.to = write("plain", "x") + "/backup";
  const auto made = make_backup(request);
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message, HasSubstr(request.to));
  EXPECT_FALSE(fs::exists(request.to));
}

}  // namespace
}  // namespace kept::app
