// The parameters and artifacts of an Argo document: their names and where their values come from.
#pragma once

#include <string_view>

#include "subsystems/workflow/load_context_internal.h"
#include "subsystems/workflow/name_rules_internal.h"
#include "subsystems/workflow/tree_internal.h"

namespace engine::workflow::internal {

/// Refuses names in the list at `key` of `holder` that are missing, that Argo does not take, or
/// that are there twice. `noun`: what an element is called.
void check_names(const node* holder, std::string_view key, std::string_view subject, argo_name kind,
                 load_context& load);

/// Both for the parameters and the artifacts of `holder`.
void check_value_names(const node* holder, std::string_view subject, load_context& load);

/// Refuses arguments of a task whose value is missing or comes from where only outputs come from,
/// or which is none of its enum. A value may be missing if `may_lack_value`.
void check_arguments(const node* holder, std::string_view subject, bool may_lack_value,
                     load_context& load);

/// Refuses outputs of a template of `template_kind` that have no value or more than one source, or
/// one that such a template does not have.
void check_outputs(const node* holder, std::string_view subject, std::string_view template_kind,
                   load_context& load);

}  // namespace engine::workflow::internal
