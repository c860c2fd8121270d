#include "cli/store_options.h"

namespace kept::cli {

void add_store_options(CLI::App& command, app::StoreRequest* request) {
  request->data = ".kept";
  command.add_option("--data", request->data, "The store's folder: keys, signed heads and the database (SQLite)")
      ->type_name("DIR")
      ->capture_default_str();
  command
      .add_option("--database", request->database,
                  "PostgreSQL instead: postgresql://...; keys and heads stay in --data")
      ->type_name("URL");
  command.add_option("--rules", request->rules, "A folder of rules instead of the Code's own")->type_name("DIR");
  command.add_option("--calendar", request->calendar, "A file of bank holidays")->type_name("FILE");
  command.add_option("--feeds", request->feeds, "A folder of feed contracts instead of the project's own")
      ->type_name("DIR");
}

}  // namespace kept::cli
