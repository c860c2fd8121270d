#include "cli/ledger_command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>

#include "app/feeds_text.h"
#include "app/ledger_checks.h"
#include "app/migrate_store.h"
#include "app/store_folder.h"
#include "app/store_roles.h"
#include "cli/records_options.h"
#include "cli/store_options.h"

namespace kept::cli {
namespace {

constexpr int exit_wrong = 1;

struct Options {
  app::StoreRequest store;
  std::string tree = "facts", source, id;
  std::optional<uint64_t> position;
  std::string service = "kept_service";
  bool all = false, key = false, plan = false, apply = false;
};

/// The store, only to be read; null when it cannot be opened, which was said.
std::unique_ptr<app::Store> opened(Options& options) {
  options.store.read_only = true;
  auto store = app::Store::open(options.store);
  if (store) return std::move(*store);
  say_error(store.error());
  return nullptr;
}

int refused(const base::Error& error) {
  say_error(error);
  return exit_refused;
}

int run_verify(Options& options) {
  const auto store = opened(options);
  if (!store) return exit_refused;
  const auto check = app::check_ledger(*store, shown_progress());
  end_progress();
  if (!check) return refused(check.error());
  fmt::print("{}", app::check_text(*check));
  return check->is_good() ? exit_done : exit_wrong;
}

int run_proof(Options& options) {
  if (options.position.has_value() == !options.id.empty())
    return refused(base::invalid("say which: either --position, or --source and --id"));
  const auto store = opened(options);
  if (!store) return exit_refused;
  const ledger::TreeName tree = options.tree == "audit" ? ledger::TreeName::audit : ledger::TreeName::facts;
  uint64_t position = options.position.value_or(0);
  if (!options.position) {
    const auto found = store->ledger().find(options.source, options.id);
    if (!found) return refused(found.error());
    position = *found;
  }
  const auto receipt = store->ledger().receipt(tree, position);
  if (!receipt) return refused(receipt.error());
  fmt::print("{{\"ledger\":\"{}\",\"tree\":\"{}\",{}\n", store->ledger().id(), options.tree,
             app::proof_json(*receipt).substr(1));
  return exit_done;
}

int run_heads(Options& options) {
  const auto store = opened(options);
  if (!store) return exit_refused;
  const ledger::LedgerParts& parts = store->ledger().parts();
  if (options.key) {
    for (const ledger::PublicKey& key : parts.known_keys) fmt::print("{}\n", key.line());
    return exit_done;
  }
  constexpr uint64_t newest_bytes = 64 << 10;
  const auto read = ledger::HeadFile::read(*parts.disk, parts.heads_path, store->ledger().id(), parts.known_keys,
                                           options.all ? UINT64_MAX : newest_bytes);
  if (!read) return refused(read.error());
  if (options.all) {
    for (const ledger::SignedHead& head : read->heads) fmt::print("{}\n", head.line());
  } else {
    for (const char* tree : {"facts", "audit"})
      if (const ledger::SignedHead* head = read->newest(tree)) fmt::print("{}\n", head->line());
  }
  for (const auto& fault : read->faults) fmt::print(stderr, "kept: line {}: {}\n", fault.line, fault.message);
  return read->faults.empty() ? exit_done : exit_wrong;
}

int run_migrate(Options& options) {
  const auto shape = options.plan ? app::shape_of_store(options.store) : app::migrate_store(options.store);
  if (!shape) return refused(shape.error());
  fmt::print("The store's shape stands at step {}.\n", shape->stands_at);
  for (const std::string& step : shape->to_apply)
    fmt::print("  {} {}\n", options.plan ? "To be taken:" : "Taken:", step);
  if (shape->to_apply.empty()) fmt::print("Nothing is to be done.\n");
  return exit_done;
}

int run_roles(Options& options) {
  if (options.apply) {
    if (const base::Status applied = app::apply_roles(options.store, options.service); !applied)
      return refused(applied.error());
    fmt::print("{} may read the store and add to it, and neither change nor delete facts and audit entries.\n",
               options.service);
    return exit_done;
  }
  const auto text = app::roles_text(options.service);
  if (!text) return refused(text.error());
  fmt::print("{}", *text);
  return exit_done;
}

}  // namespace

void add_ledger_command(CLI::App& app, int* exit_code) {
  CLI::App* ledger = app.add_subcommand("ledger", "What a store holds, shown to be whole");
  ledger->require_subcommand(1);
  auto options = std::make_shared<Options>();
  const auto add = [&](const char* name, const char* what, int (*run)(Options&)) {
    CLI::App* command = ledger->add_subcommand(name, what);
    add_store_options(*command, &options->store);
    command->callback([options, exit_code, run] { *exit_code = run(*options); });
    return command;
  };
  add("verify", "Hold every fact, tree, signed head, list and obligation against one another", run_verify);
  CLI::App* proof = add("proof", "A receipt for one fact: JSON that an outside verifier takes", run_proof);
  proof->add_option("--position", options->position, "Where it stands")->type_name("N");
  proof->add_option("--source", options->source, "The system that sent it")->type_name("NAME");
  proof->add_option("--id", options->id, "Its id in that system")->type_name("ID");
  proof->add_option("--tree", options->tree, "facts or audit")
      ->check(CLI::IsMember({"facts", "audit"}))
      ->capture_default_str();
  CLI::App* heads = add("heads", "The newest signed heads, to be copied away", run_heads);
  heads->add_flag("--all", options->all, "Every head that was signed");
  heads->add_flag("--key", options->key, "The public key instead, for who verifies");
  CLI::App* migrate = add("migrate", "Bring an older store into the shape of this build", run_migrate);
  migrate->add_flag("--plan", options->plan, "Say what would be done, and do nothing");
  CLI::App* roles = add("roles", "PostgreSQL: what the service may do, so that it can change no fact", run_roles);
  roles->add_option("--service", options->service, "The role the service's own roles belong to")
      ->type_name("ROLE")
      ->capture_default_str();
  roles->add_flag("--apply", options->apply, "Do it, as the schema's owner, instead of printing the SQL");
}

}  // namespace kept::cli
