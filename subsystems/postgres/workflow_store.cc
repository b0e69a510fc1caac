#include "subsystems/postgres/workflow_store.h"

#include <fmt/format.h>

#include "subsystems/postgres/cursor.h"
#include "subsystems/postgres/row_reader_internal.h"
#include "subsystems/postgres/text_check.h"
#include "subsystems/support/quote.h"

namespace engine::postgres {
namespace {

std::uint64_t list_of(std::int32_t tenant) {
  return hash_of({reinterpret_cast<const char*>(&tenant), sizeof tenant}, hash_of("workflows"));
}

result<void> check_definition(std::string_view definition) {
  return check_text("the definition", definition, document_bytes_max);
}

error no_workflow(std::int32_t tenant, const uuid& workflow) {
  return {errc::not_found, fmt::format("tenant {} has no workflow {}", tenant, workflow.text())};
}

}  // namespace

result<std::int32_t> workflow_store::create_tenant(std::string_view name) {
  if (const result<void> sound = check_name("the tenant's name", name); !sound) {
    return sound.error();
  }
  const result<query_result> made =
      run("create_tenant", "INSERT INTO tenants (name) VALUES ($1) RETURNING id",
          parameters().add(name));
  if (!made) {
    return made.error();
  }
  return row_reader(made->get(), 0).int4(0);
}

result<std::int32_t> workflow_store::find_tenant(std::string_view name) {
  if (const result<void> sound = check_name("the tenant's name", name); !sound) {
    return sound.error();
  }
  const result<query_result> rows =
      run("find_tenant", "SELECT id FROM tenants WHERE name = $1", parameters().add(name));
  if (!rows) {
    return rows.error();
  }
  if (PQntuples(rows->get()) == 0) {
    return error{errc::not_found, fmt::format("there is no tenant {}", support::in_quotes(name))};
  }
  return row_reader(rows->get(), 0).int4(0);
}

result<uuid> workflow_store::create_workflow(std::int32_t tenant, std::string_view name,
                                             std::string_view definition) {
  if (const result<void> sound = check_name("the workflow's name", name); !sound) {
    return sound.error();
  }
  if (const result<void> sound = check_definition(definition); !sound) {
    return sound.error();
  }
  const uuid id = make_uuid();
  const result<query_result> made =
      run("create_workflow",
          "WITH made AS (INSERT INTO workflows (id, tenant_id, name, latest_version) "
          "VALUES ($1, $2, $3, 1) RETURNING id) "
          "INSERT INTO workflow_versions (workflow_id, version, definition) "
          "SELECT id, 1, $4 FROM made",
          parameters().add(id).add(tenant).add(name).add(definition));
  if (!made) {
    return made.error();
  }
  return id;
}

result<std::int32_t> workflow_store::add_version(std::int32_t tenant, const uuid& workflow,
                                                 std::string_view definition) {
  if (const result<void> sound = check_definition(definition); !sound) {
    return sound.error();
  }
  const result<query_result> made =
      run("add_version",
          "WITH raised AS (UPDATE workflows SET latest_version = latest_version + 1 "
          "WHERE id = $1 AND tenant_id = $2 RETURNING id, latest_version) "
          "INSERT INTO workflow_versions (workflow_id, version, definition) "
          "SELECT id, latest_version, $3 FROM raised RETURNING version",
          parameters().add(workflow).add(tenant).add(definition));
  if (!made) {
    return made.error();
  }
  if (PQntuples(made->get()) == 0) {
    return no_workflow(tenant, workflow);
  }
  return row_reader(made->get(), 0).int4(0);
}

result<workflow_definition> workflow_store::get_definition(std::int32_t tenant,
                                                           const uuid& workflow,
                                                           std::int32_t version) {
  const result<query_result> rows =
      run("get_definition",
          "SELECT version, definition FROM workflows JOIN workflow_versions ON workflow_id = id "
          "WHERE id = $1 AND tenant_id = $2 AND version = coalesce(nullif($3, 0), latest_version)",
          parameters().add(workflow).add(tenant).add(version));
  if (!rows) {
    return rows.error();
  }
  if (PQntuples(rows->get()) == 0) {
    error missing = no_workflow(tenant, workflow);
    missing.message += version == 0 ? "" : fmt::format(" of version {}", version);
    return missing;
  }
  const row_reader row(rows->get(), 0);
  return workflow_definition{row.int4(0), std::string(row.text(1))};
}

result<page<workflow_view>> workflow_store::list_workflows(std::int32_t tenant,
                                                           const page_request& request) {
  if (request.size < 1 || request.size > page_size_max) {
    return error{errc::bad_input, fmt::format("a page of {} rows: 1 to {} can be asked for",
                                              request.size, page_size_max)};
  }
  std::string after;
  if (!request.after.empty()) {
    result<std::string> key = parse_cursor_of(list_of(tenant), request.after);
    if (!key) {
      return key.error();
    }
    if (!check_name("the cursor's key", *key)) {
      return error{errc::bad_cursor, "the cursor has no name of a workflow"};
    }
    after = std::move(*key);
  }
  const result<query_result> rows =
      run("list_workflows",
          "SELECT id, name, latest_version FROM workflows WHERE tenant_id = $1 AND name > $2 "
          "ORDER BY name LIMIT $3",
          parameters().add(tenant).add(after).add(static_cast<std::int64_t>(request.size) + 1));
  if (!rows) {
    return rows.error();
  }
  page<workflow_view> made;
  for (int at = 0; at < PQntuples(rows->get()); ++at) {
    const row_reader row(rows->get(), at);
    made.items.push_back({row.key(0), std::string(row.text(1)), row.int4(2)});
  }
  if (made.items.size() > request.size) {
    made.items.resize(request.size);
    made.next = text_of({list_of(tenant), made.items.back().name});
  }
  return made;
}

}  // namespace engine::postgres
