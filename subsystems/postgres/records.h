// What the store holds, and how a change of it is written down.
//
// Texts are views: whoever takes a record says for how long. Payloads are JSON text, which the
// server checks; names are UTF-8 without zero bytes, of 1 to 200 bytes. Times are UTC in
// microseconds.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "subsystems/postgres/uuid.h"

namespace engine::postgres {

/// From succeeded on an execution is over: it moves into the history and changes no more.
enum class execution_status : std::int16_t { pending, running, succeeded, failed, cancelled };

[[nodiscard]] constexpr bool is_final(execution_status status) {
  return status >= execution_status::succeeded;
}

enum class task_status : std::int16_t { pending, running, succeeded, failed, skipped, cancelled };

[[nodiscard]] constexpr bool is_final(task_status status) {
  return status >= task_status::succeeded;
}

/// "running"; "unknown" for a number that is none.
[[nodiscard]] std::string_view name_of(execution_status status);
[[nodiscard]] std::string_view name_of(task_status status);

/// An execution begins, pending, with all of its tasks, pending. The key is the caller's
/// (make_uuid()); one that is there already is refused as errc::duplicate. Whether the tenant and
/// the workflow exist is not looked at.
struct new_execution {
  uuid id;
  std::int32_t tenant_id = 0;
  uuid workflow_id;
  std::int32_t workflow_version = 1;
  /// JSON; empty for none.
  std::string_view input = {};
  /// Names by number: task 0 is the first.
  std::span<const std::string_view> tasks = {};
};

/// Of an execution that is not over; errc::not_found otherwise.
struct execution_transition {
  uuid execution_id;
  execution_status status = execution_status::running;
  time_point at;
  /// JSON, of a final status: output, or error; empty for none.
  std::string_view outcome = {};
};

struct task_transition {
  uuid execution_id;
  std::int16_t task = 0;
  task_status status = task_status::running;
  std::int16_t attempt = 1;
  time_point at;
};

/// A piece of the trace; appended, never changed. (execution_id, span) is its key.
struct trace_span {
  uuid execution_id;
  std::int32_t span = 0;
  /// -1: none.
  std::int32_t parent = -1;
  /// -1: of the execution itself.
  std::int16_t task = -1;
  std::string_view name;
  time_point started_at;
  time_point finished_at;
  /// JSON; empty for none.
  std::string_view attributes = {};
};

/// Something that happened; appended, never changed. (execution_id, sequence) is its key.
struct event {
  uuid execution_id;
  std::int32_t sequence = 0;
  std::string_view kind;
  time_point at;
  /// JSON; empty for none.
  std::string_view detail = {};
};

using change =
    std::variant<new_execution, execution_transition, task_transition, trace_span, event>;

[[nodiscard]] inline const uuid& execution_of(const change& of) {
  struct {
    const uuid& operator()(const new_execution& begun) const { return begun.id; }
    const uuid& operator()(const execution_transition& made) const { return made.execution_id; }
    const uuid& operator()(const task_transition& made) const { return made.execution_id; }
    const uuid& operator()(const trace_span& made) const { return made.execution_id; }
    const uuid& operator()(const event& made) const { return made.execution_id; }
  } constexpr key{};
  return std::visit(key, of);
}

}  // namespace engine::postgres
