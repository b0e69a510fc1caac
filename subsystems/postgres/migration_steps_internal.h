// The steps of the schema, in order. What is released is never edited: a change is a new step.
#pragma once

#include <span>
#include <string_view>

namespace engine::postgres {

struct migration_step {
  int version;
  std::string_view name;
  const char* sql;
};

[[nodiscard]] std::span<const migration_step> migration_steps();

}  // namespace engine::postgres
