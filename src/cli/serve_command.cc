#include "cli/serve_command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "cli/records_options.h"
#include "cli/store_options.h"
#include "web/service_config.h"

namespace kept::cli {
namespace {

constexpr uint16_t ports_tried = 20;

struct Options {
  web::ServiceConfig given;  ///< by options, where there is no file
  std::string config;
  bool show_key = false;
};

int refuse(const base::Error& error) {
  say_error(error);
  return exit_refused;
}

int run_serve(Options& options) {
  web::ServiceConfig config = options.given;
  if (!options.config.empty()) {
    auto read = web::ServiceConfig::load(options.config);
    if (!read) return refuse(read.error());
    config = std::move(*read);
  }
  std::unique_ptr<base::Log> log;
  if (config.log.empty()) {
    log = base::log_to_stderr();
  } else {
    auto opened = base::log_to_file(config.log);
    if (!opened) return refuse(opened.error());
    log = std::move(*opened);
  }
  web::ServiceOptions wanted;
  wanted.store = config.store;
  http::ServerOptions& server = wanted.server;
  server.address = config.address;
  server.limits = config.limits;
  server.log = log.get();
  if (config.certificate.empty() != config.certificate_key.empty())
    return refuse(base::invalid("TLS needs both --certificate and --certificate-key"));
  if (!config.certificate.empty()) server.tls = http::TlsFiles{config.certificate, config.certificate_key};
  server.hosts = config.hosts;
  server.hosts.insert(server.hosts.end(), {"localhost", server.address});
  // Where the port is taken, the next that is free; said, because somebody will call the wrong one.
  base::Result<std::unique_ptr<web::Service>> service = base::invalid("no port was tried");
  for (uint16_t tried = 0; tried < ports_tried; ++tried) {
    server.port = static_cast<uint16_t>(config.port + tried);
    service = web::Service::start(wanted);
    if (service || service.error().code != base::ErrorCode::io || config.port == 0) break;
  }
  if (!service) return refuse(service.error());
  if (config.port != 0 && (*service)->port() != config.port)
    fmt::print("Port {} is taken: this is the next that is free.\n", config.port);
  const std::string address =
      fmt::format("{}://{}:{}", server.tls ? "https" : "http", server.address, (*service)->port());
  fmt::print("Kept is up at {}\n", address);
  if (options.show_key) {
    const auto key = (*service)->keys().make("operator", "demo", base::system_chance());
    if (!key) return refuse(key.error());
    fmt::print("Try it:  curl -s -H 'Authorization: Bearer {}' {}/v1/feeds\n", *key, address);
  } else if ((*service)->keys().empty()) {
    fmt::print("Nobody has a key yet: make one with  kept key operator NAME --data {}\n", config.store.data);
  }
  fmt::print("Ctrl-C stops it.\n");
  std::fflush(stdout);
  (*service)->run_until_signal();
  if (const base::Status stopped = (*service)->stop(); !stopped) return refuse(stopped.error());
  fmt::print("Stopped: requests in flight were answered, and the heads are signed.\n");
  return exit_done;
}

struct KeyOptions {
  app::StoreRequest store;
  std::string role, name;
};

int run_key(KeyOptions& options) {
  const app::StorePaths paths(options.store.data);
  const auto keys = web::AccessKeys::open(*options.store.disk, paths.folder + "/keys/access.keys");
  if (!keys) return refuse(keys.error());
  for (const char c : options.name)
    if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-')
      return refuse(base::invalid("a name is made of a-z, 0-9 and -"));
  const auto key = (*keys)->make(options.role, options.name, base::system_chance());
  if (!key) return refuse(key.error());
  fmt::print("{}\n", *key);
  fmt::print(stderr,
             "This is the only copy: hand it over safely. A service that runs knows it within a few seconds.\n");
  return exit_done;
}

}  // namespace

void add_serve_command(CLI::App& app, int* exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("serve", "Take feeds' batches over HTTP and keep obligations right, until Ctrl-C");
  command->add_option("--config", options->config, "A service's file instead of these options: docs/formats/service.md")
      ->type_name("FILE");
  web::ServiceConfig& given = options->given;
  command->add_option("--address", given.address, "Loopback only, until people can sign in")->capture_default_str();
  command->add_option("--port", given.port, "The next free one where it is taken; 0: any")->capture_default_str();
  command->add_option("--certificate", given.certificate, "TLS: a certificate and its chain, PEM")->type_name("FILE");
  command->add_option("--certificate-key", given.certificate_key, "TLS: its key, PEM")->type_name("FILE");
  command->add_option("--log", given.log, "JSON lines to a file instead of standard error")->type_name("FILE");
  command->add_flag("--show-key", options->show_key, "Make an operator's key and print a line that uses it");
  add_store_options(*command, &given.store);
  command->callback([options, exit_code] { *exit_code = run_serve(*options); });
}

void add_config_command(CLI::App& app, int* exit_code) {
  auto file = std::make_shared<std::string>();
  CLI::App* config = app.add_subcommand("config", "A service's file");
  config->require_subcommand(1);
  CLI::App* check = config->add_subcommand("check", "Say what is wrong with it, before it is used");
  check->add_option("FILE", *file, "docs/formats/service.md says what stands in it")->required();
  check->callback([file, exit_code] {
    const auto read = web::ServiceConfig::load(*file);
    if (!read) {
      *exit_code = refuse(read.error());
      return;
    }
    const std::vector<std::string> findings = read->check();
    for (const std::string& finding : findings) fmt::print("{}\n", finding);
    if (findings.empty()) fmt::print("{}: nothing is wrong: kept serve --config {}\n", *file, *file);
    *exit_code = findings.empty() ? exit_done : exit_refused;
  });
}

void add_key_command(CLI::App& app, int* exit_code) {
  auto options = std::make_shared<KeyOptions>();
  CLI::App* command = app.add_subcommand("key", "Make a key for an operator or a feed; it is shown once");
  command->add_option("ROLE", options->role, "operator or feed")
      ->required()
      ->check(CLI::IsMember({"operator", "feed"}));
  command->add_option("NAME", options->name, "A name for the operator, or the feed's name")->required();
  add_store_options(*command, &options->store);
  command->callback([options, exit_code] { *exit_code = run_key(*options); });
}

}  // namespace kept::cli
