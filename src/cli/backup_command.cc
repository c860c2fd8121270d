#include "cli/backup_command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "app/backup.h"
#include "app/restore.h"
#include "cli/records_options.h"
#include "cli/store_options.h"
#include "model/moment.h"

namespace kept::cli {
namespace {

constexpr int exit_wrong = 1;

struct Options {
  app::BackupRequest backup;
  app::RestoreRequest restore;
  std::string check, key;
};

int refused(const base::Error& error) {
  say_error(error);
  return exit_refused;
}

/// The public keys of a file as `kept ledger heads --key` writes it.
base::Result<std::vector<ledger::PublicKey>> keys_in(const std::string& path) {
  std::vector<ledger::PublicKey> keys;
  if (path.empty()) return keys;
  const auto text = base::system_disk().read(path);
  if (!text) return text.error();
  std::string_view rest = *text;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    auto key = ledger::PublicKey::from_line(rest.substr(0, end));
    if (!key) return base::invalid(fmt::format("{}: {}", path, key.error().message));
    keys.push_back(*key);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (keys.empty()) return base::invalid(fmt::format("{} holds no key", path));
  return keys;
}

int run_check(const Options& options) {
  const auto keys = keys_in(options.key);
  if (!keys) return refused(keys.error());
  const auto check = app::check_backup(options.check, *keys, shown_progress());
  end_progress();
  if (!check) return refused(check.error());
  fmt::print("{}", app::backup_check_text(*check));
  return check->is_good() ? exit_done : exit_wrong;
}

int run_backup(Options& options) {
  if (!options.check.empty()) return run_check(options);
  if (options.backup.to.empty()) return refused(base::invalid("say where to: --to FOLDER, or --check FOLDER to look"));
  options.backup.progress = shown_progress();
  const auto made = app::make_backup(options.backup);
  end_progress();
  if (!made) return refused(made.error());
  const app::BackupManifest& manifest = made->manifest;
  fmt::print("{}: {} facts and {} audit entries of {} as of {}, {} rows of all tables, {} bytes; read back and right\n",
             options.backup.to, manifest.trees[0].size, manifest.trees[1].size, manifest.ledger,
             model::instant_text(manifest.made_at), made->rows, made->bytes);
  if (options.backup.keys_to.empty()) {
    fmt::print(
        "The keys are not in it: without them nothing personal in it can be read, and it cannot be restored. Copy them "
        "apart, for a shorter time, with --keys-to.\n");
  } else {
    fmt::print("{}: {} keys ({} more are destroyed), and the signing key. Whoever has both folders reads everything.\n",
               options.backup.keys_to, made->keys, made->keys_destroyed);
  }
  return exit_done;
}

int run_restore(Options& options) {
  options.restore.progress = shown_progress();
  const auto restored = app::restore_backup(options.restore);
  end_progress();
  if (!restored) return refused(restored.error());
  fmt::print("{}", app::restored_text(*restored));
  return exit_done;
}

}  // namespace

void add_backup_commands(CLI::App& app, int* exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* backup = app.add_subcommand("backup", "A copy of a store that can be put back, made while it runs");
  CLI::Option* to =
      backup->add_option("--to", options->backup.to, "A folder that is not there yet")->type_name("FOLDER");
  backup
      ->add_option("--keys-to", options->backup.keys_to,
                   "Copy the keys as well, to another folder; without them nothing personal can be read")
      ->type_name("FOLDER")
      ->needs(to);
  CLI::Option* check =
      backup->add_option("--check", options->check, "Read this backup whole and say whether it is good")
          ->type_name("FOLDER")
          ->excludes(to);
  backup->add_option("--key", options->key, "With --check: the ledger's public key, from `kept ledger heads --key`")
      ->type_name("FILE")
      ->needs(check);
  add_store_options(*backup, &options->backup.store);
  backup->callback([options, exit_code] { *exit_code = run_backup(*options); });

  CLI::App* restore = app.add_subcommand("restore", "Put a store back from a backup, into an empty place");
  app::RestoreRequest& request = options->restore;
  restore->add_option("--from", request.from, "The backup")->required()->type_name("FOLDER");
  restore
      ->add_option("--keys", request.keys,
                   "What `kept backup --keys-to` wrote, or the folder `keys` of the store that was")
      ->required()
      ->type_name("FOLDER");
  restore
      ->add_option(
          "--heads", request.heads,
          "The newest signed heads there are: the folder `heads` of the store that was, the file in it, or a copy "
          "that somebody else holds")
      ->type_name("PATH");
  restore->add_option("--who", request.who, "Who decides: kept for good")->required()->type_name("WHO");
  restore->add_option("--why", request.why, "Why: kept for good, so nothing personal in it")
      ->required()
      ->type_name("TEXT");
  restore->add_flag("--accept-loss", request.accept_loss,
                    "Go on although something is lost, or nobody can tell whether anything is");
  add_store_options(*restore, &request.store);
  restore->callback([options, exit_code] { *exit_code = run_restore(*options); });
}

}  // namespace kept::cli
