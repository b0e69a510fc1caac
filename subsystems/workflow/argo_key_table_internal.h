// The maps of an Argo document, each with the keys that some version since 3.0 knows.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace engine::workflow::internal {

/// What a map holds, or each map of a list.
enum class argo_shape : std::uint8_t {
  any,
  document,
  cron_document,
  metadata,
  cron_spec,
  spec,
  spec_reference,
  template_spec,
  dag,
  task,
  step,
  reference,
  arguments,
  outputs,
  parameter,
  value_source,
  artifact,
  hooks,  // any names of hooks
  hook,
  continuation,
  sequence,
  retries,
  backoff,
  container,  // also a script, a sidecar and a member of a container set
  container_set,
  variable,
  mount,
  resource,
  request,
  memory,
  locks,
  metrics,
  metric
};

struct argo_key {
  std::string_view name;
  argo_shape value = argo_shape::any;
};

/// None for those in which any key may stand.
[[nodiscard]] std::span<const argo_key> keys_of(argo_shape which);

/// What messages call an element of a list by its name; empty for what is called by its key.
[[nodiscard]] std::string_view noun_of(argo_shape which);

}  // namespace engine::workflow::internal
