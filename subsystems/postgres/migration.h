// The schema, and how a database comes to it: numbered steps, each applied once.
//
// Names are not qualified: the connection's search_path says in which schema everything lies.
// Several programs may migrate at the same time; one does the work, the others wait for it.
#pragma once

#include <pqxx/connection>
#include <string_view>

#include "subsystems/postgres/error.h"

namespace engine::postgres {

/// What a program of this version works with.
inline constexpr int schema_version = 2;

struct migration_report {
  int from = 0;  ///< 0: there was nothing
  int to = 0;
};

/// Brings the schema to `target`, in one transaction: afterwards it is there whole, or as it was
/// before. Does nothing if it is there already. errc::schema_too_new if the database is ahead of
/// this program, errc::migration_failed with the step and what the server said.
/// REQUIRES: 0 < target <= schema_version, and no transaction is open.
[[nodiscard]] result<migration_report> migrate(pqxx::connection& on, int target = schema_version);

/// The version of the schema; 0 if there is none.
[[nodiscard]] result<int> installed_schema_version(pqxx::connection& on);

}  // namespace engine::postgres
