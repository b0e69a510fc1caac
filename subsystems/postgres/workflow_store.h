// Tenants, and the definitions of their workflows, by version.
//
// What changes seldom: each call is one statement, which commits by itself. Does not own the
// session, which may be the one of a history (history.h). Not thread-safe; callers on different
// sessions may do anything at the same time.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "subsystems/postgres/prepared.h"
#include "subsystems/postgres/session.h"
#include "subsystems/postgres/views.h"

namespace engine::postgres {

struct workflow_definition {
  std::int32_t version = 0;
  /// JSON, as it was given.
  std::string document;
};

/// Beside what is said below, each call fails with errc::bad_input for a text that cannot be stored
/// (text_check.h), errc::connection_lost, or errc::query_failed with what the server said.
class workflow_store {
 public:
  explicit workflow_store(session& on, std::chrono::milliseconds timeout = std::chrono::seconds(10))
      : statements_(on, timeout, statements_max) {}

  /// Its number. errc::duplicate if the name is taken.
  [[nodiscard]] result<std::int32_t> create_tenant(std::string_view name);
  /// errc::not_found if there is none of that name.
  [[nodiscard]] result<std::int32_t> find_tenant(std::string_view name);

  /// Its key; the definition becomes version 1. errc::duplicate if the tenant has one of that name,
  /// errc::rejected if there is no such tenant or the definition is not JSON.
  [[nodiscard]] result<uuid> create_workflow(std::int32_t tenant, std::string_view name,
                                             std::string_view definition);
  /// The new version, one above the latest. errc::not_found if the tenant has no such workflow,
  /// errc::rejected if the definition is not JSON.
  [[nodiscard]] result<std::int32_t> add_version(std::int32_t tenant, const uuid& workflow,
                                                 std::string_view definition);
  /// Of that version; 0: the latest. errc::not_found if the tenant has no such workflow or version.
  [[nodiscard]] result<workflow_definition> get_definition(std::int32_t tenant,
                                                           const uuid& workflow,
                                                           std::int32_t version = 0);

  /// By name, in the order of the database's collation. errc::bad_input if the size is not 1 to
  /// page_size_max; errc::bad_cursor if `after` is not from a page of this tenant.
  [[nodiscard]] result<page<workflow_view>> list_workflows(std::int32_t tenant,
                                                           const page_request& request = {});

 private:
  static constexpr std::size_t statements_max = 16;

  [[nodiscard]] result<query_result> run(const char* name, const char* sql,
                                         const parameters& with) {
    return statements_.run(
        name, [sql] { return std::string(sql); }, with);
  }

  prepared_statements statements_;
};

}  // namespace engine::postgres
