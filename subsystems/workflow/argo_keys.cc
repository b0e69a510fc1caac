#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "subsystems/dag/nearest_name.h"
#include "subsystems/workflow/argo_keys_internal.h"
#include "subsystems/workflow/quote_internal.h"

namespace engine::workflow::internal {
namespace {

// What a map holds, or each map of a list.
enum class shape : std::uint8_t {
  any,
  document,
  cron_document,
  metadata,
  cron_spec,
  spec,
  spec_reference,
  template_,
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
  backoff
};

struct known_key {
  std::string_view name;
  shape value = shape::any;
};

constexpr known_key document_keys[] = {
    {"apiVersion"}, {"kind"}, {"metadata", shape::metadata}, {"spec", shape::spec}, {"status"}};
constexpr known_key cron_document_keys[] = {{"apiVersion"},
                                            {"kind"},
                                            {"metadata", shape::metadata},
                                            {"spec", shape::cron_spec},
                                            {"status"}};
constexpr known_key metadata_keys[] = {{"name"},
                                       {"generateName"},
                                       {"namespace"},
                                       {"labels"},
                                       {"annotations"},
                                       {"uid"},
                                       {"generation"},
                                       {"finalizers"},
                                       {"selfLink"},
                                       {"creationTimestamp"},
                                       {"deletionTimestamp"},
                                       {"deletionGracePeriodSeconds"},
                                       {"managedFields"},
                                       {"ownerReferences"},
                                       {"resourceVersion"},
                                       {"clusterName"}};
constexpr known_key cron_spec_keys[] = {{"workflowSpec", shape::spec},
                                        {"workflowMetadata"},
                                        {"schedule"},
                                        {"schedules"},
                                        {"when"},
                                        {"timezone"},
                                        {"suspend"},
                                        {"stopStrategy"},
                                        {"concurrencyPolicy"},
                                        {"startingDeadlineSeconds"},
                                        {"successfulJobsHistoryLimit"},
                                        {"failedJobsHistoryLimit"}};
constexpr known_key spec_keys[] = {{"entrypoint"},
                                   {"templates", shape::template_},
                                   {"arguments", shape::arguments},
                                   {"workflowTemplateRef", shape::spec_reference},
                                   {"templateDefaults", shape::template_},
                                   {"onExit"},
                                   {"hooks", shape::hooks},
                                   {"retryStrategy", shape::retries},
                                   {"activeDeadlineSeconds"},
                                   {"affinity"},
                                   {"archiveLogs"},
                                   {"artifactGC"},
                                   {"artifactRepositoryRef"},
                                   {"automountServiceAccountToken"},
                                   {"dnsConfig"},
                                   {"dnsPolicy"},
                                   {"executor"},
                                   {"executorPlugins"},
                                   {"hostAliases"},
                                   {"hostNetwork"},
                                   {"imagePullSecrets"},
                                   {"metrics"},
                                   {"nodeSelector"},
                                   {"parallelism"},
                                   {"podDisruptionBudget"},
                                   {"podGC"},
                                   {"podMetadata"},
                                   {"podPriority"},
                                   {"podPriorityClassName"},
                                   {"podResources"},
                                   {"podSpecPatch"},
                                   {"priority"},
                                   {"resourceClaims"},
                                   {"schedulerName"},
                                   {"securityContext"},
                                   {"serviceAccountName"},
                                   {"shutdown"},
                                   {"suspend"},
                                   {"synchronization"},
                                   {"tolerations"},
                                   {"ttlSecondsAfterFinished"},
                                   {"ttlStrategy"},
                                   {"volumeClaimGC"},
                                   {"volumeClaimTemplates"},
                                   {"volumes"},
                                   {"workflowMetadata"}};
constexpr known_key template_keys[] = {{"name"},
                                       {"inputs", shape::arguments},
                                       {"outputs", shape::outputs},
                                       {"dag", shape::dag},
                                       {"steps", shape::step},
                                       {"retryStrategy", shape::retries},
                                       {"arguments", shape::arguments},
                                       {"template"},
                                       {"templateRef", shape::reference},
                                       {"activeDeadlineSeconds"},
                                       {"affinity"},
                                       {"annotations"},
                                       {"archiveLocation"},
                                       {"automountServiceAccountToken"},
                                       {"container"},
                                       {"containerSet"},
                                       {"daemon"},
                                       {"data"},
                                       {"executor"},
                                       {"failFast"},
                                       {"hostAliases"},
                                       {"http"},
                                       {"initContainers"},
                                       {"memoize"},
                                       {"metadata"},
                                       {"metrics"},
                                       {"nodeSelector"},
                                       {"parallelism"},
                                       {"pendingTimeout"},
                                       {"plugin"},
                                       {"podResources"},
                                       {"podSpecPatch"},
                                       {"priority"},
                                       {"priorityClassName"},
                                       {"resource"},
                                       {"resourceClaims"},
                                       {"resubmitPendingPods"},
                                       {"schedulerName"},
                                       {"script"},
                                       {"securityContext"},
                                       {"serviceAccountName"},
                                       {"sidecars"},
                                       {"suspend"},
                                       {"synchronization"},
                                       {"timeout"},
                                       {"tolerations"},
                                       {"volumes"}};
constexpr known_key spec_reference_keys[] = {{"name"}, {"clusterScope"}};
constexpr known_key dag_keys[] = {{"target"}, {"failFast"}, {"tasks", shape::task}};
constexpr known_key task_keys[] = {{"name"},
                                   {"template"},
                                   {"templateRef", shape::reference},
                                   {"inline", shape::template_},
                                   {"arguments", shape::arguments},
                                   {"depends"},
                                   {"dependencies"},
                                   {"when"},
                                   {"withItems"},
                                   {"withParam"},
                                   {"withSequence", shape::sequence},
                                   {"continueOn", shape::continuation},
                                   {"onExit"},
                                   {"hooks", shape::hooks}};
constexpr known_key step_keys[] = {{"name"},
                                   {"template"},
                                   {"templateRef", shape::reference},
                                   {"inline", shape::template_},
                                   {"arguments", shape::arguments},
                                   {"when"},
                                   {"withItems"},
                                   {"withParam"},
                                   {"withSequence", shape::sequence},
                                   {"continueOn", shape::continuation},
                                   {"onExit"},
                                   {"hooks", shape::hooks}};
constexpr known_key reference_keys[] = {
    {"name"}, {"template"}, {"clusterScope"}, {"runtimeResolution"}};
constexpr known_key arguments_keys[] = {{"parameters", shape::parameter},
                                        {"artifacts", shape::artifact}};
constexpr known_key outputs_keys[] = {
    {"parameters", shape::parameter}, {"artifacts", shape::artifact}, {"result"}, {"exitCode"}};
constexpr known_key parameter_keys[] = {
    {"name"},        {"value"},     {"valueFrom", shape::value_source}, {"default"}, {"enum"},
    {"description"}, {"globalName"}};
constexpr known_key value_source_keys[] = {
    {"path"},     {"jsonPath"},        {"jqFilter"}, {"event"},     {"parameter"},
    {"supplied"}, {"configMapKeyRef"}, {"default"},  {"expression"}};
constexpr known_key artifact_keys[] = {
    {"name"},        {"path"},        {"from"},    {"fromExpression"}, {"optional"},
    {"mode"},        {"recurseMode"}, {"subPath"}, {"globalName"},     {"archive"},
    {"archiveLogs"}, {"artifactGC"},  {"deleted"}, {"artifactory"},    {"azure"},
    {"gcs"},         {"git"},         {"hdfs"},    {"http"},           {"oss"},
    {"plugin"},      {"raw"},         {"s3"}};
constexpr known_key hook_keys[] = {{"template"},
                                   {"templateRef", shape::reference},
                                   {"arguments", shape::arguments},
                                   {"expression"}};
constexpr known_key continuation_keys[] = {{"error"}, {"failed"}};
constexpr known_key sequence_keys[] = {{"count"}, {"start"}, {"end"}, {"format"}};
constexpr known_key retries_keys[] = {
    {"limit"}, {"retryPolicy"}, {"backoff", shape::backoff}, {"affinity"}, {"expression"}};
constexpr known_key backoff_keys[] = {{"duration"}, {"factor"}, {"maxDuration"}, {"cap"}};

std::span<const known_key> keys_of(shape which) {
  switch (which) {
    case shape::any:
    case shape::hooks:
      return {};
    case shape::document:
      return document_keys;
    case shape::cron_document:
      return cron_document_keys;
    case shape::metadata:
      return metadata_keys;
    case shape::cron_spec:
      return cron_spec_keys;
    case shape::spec:
      return spec_keys;
    case shape::spec_reference:
      return spec_reference_keys;
    case shape::template_:
      return template_keys;
    case shape::dag:
      return dag_keys;
    case shape::task:
      return task_keys;
    case shape::step:
      return step_keys;
    case shape::reference:
      return reference_keys;
    case shape::arguments:
      return arguments_keys;
    case shape::outputs:
      return outputs_keys;
    case shape::parameter:
      return parameter_keys;
    case shape::value_source:
      return value_source_keys;
    case shape::artifact:
      return artifact_keys;
    case shape::hook:
      return hook_keys;
    case shape::continuation:
      return continuation_keys;
    case shape::sequence:
      return sequence_keys;
    case shape::retries:
      return retries_keys;
    case shape::backoff:
      return backoff_keys;
  }
  return {};
}

// What messages call an element of a list by its name; empty for what is called by its key.
std::string_view noun_of(shape which) {
  switch (which) {
    case shape::template_:
      return "template";
    case shape::task:
      return "task";
    case shape::step:
      return "step";
    case shape::parameter:
      return "parameter";
    case shape::artifact:
      return "artifact";
    default:
      return {};
  }
}

class key_check {
 public:
  explicit key_check(load_context& load) : load_(load) {}

  // As deep as the tree, whose depth is bounded.
  void check(const node& value, shape which, std::string_view key) {
    if (value.kind == node_kind::sequence) {
      for (const node* each : value.items) {
        check(*each, which, key);
      }
    } else if (value.kind == node_kind::map && !load_.warns_no_more()) {
      way_.push_back({&value, which, key});
      check_members(value, which);
      way_.pop_back();
    }
  }

 private:
  struct place {
    const node* map;
    shape which;
    std::string_view key;
  };

  void check_members(const node& map, shape which) {
    const std::span<const known_key> keys = keys_of(which);
    for (const member& each : map.members) {
      if (which == shape::hooks) {
        check(*each.value, shape::hook, each.key);
        continue;
      }
      const auto known = std::find_if(keys.begin(), keys.end(), [&](const known_key& candidate) {
        return candidate.name == each.key;
      });
      if (known == keys.end()) {
        warn(each, keys);
      } else if (known->value != shape::any) {
        check(*each.value, known->value, known->name);
      }
    }
  }

  void warn(const member& unknown, std::span<const known_key> keys) const {
    if (load_.warns_no_more()) {
      return;
    }
    std::vector<std::string_view> names;
    for (const known_key& each : keys) {
      names.push_back(each.name);
    }
    const std::string_view nearest = dag::nearest_name(unknown.key, names);
    load_.warn(errc::unknown_key, unknown.where,
               fmt::format("{}unknown key {}{}", subject(), in_quotes(unknown.key),
                           did_you_mean(nearest)));
  }

  // The way to the map, from the template on where there is one.
  [[nodiscard]] std::string subject() const {
    std::string shown;
    for (const place& each : way_) {
      if (each.which == shape::template_ && each.key != "inline") {
        shown.clear();
      }
      const std::string_view name = name_of(*each.map);
      const std::string_view noun = noun_of(each.which);
      if (!noun.empty() && !name.empty()) {
        shown += fmt::format("{} {}: ", noun, in_quotes(name));
      } else if (!each.key.empty() && (each.which != shape::dag || &each == &way_.back())) {
        shown += fmt::format("{}: ", each.key);
      }
    }
    return shown;
  }

  static std::string_view name_of(const node& map) {
    const auto found = std::find_if(map.members.begin(), map.members.end(),
                                    [](const member& each) { return each.key == "name"; });
    return found == map.members.end() ? std::string_view() : std::string_view(found->value->text);
  }

  load_context& load_;
  std::vector<place> way_;
};

}  // namespace

void warn_of_unknown_keys(const node& document, bool is_cron, load_context& load) {
  key_check(load).check(document, is_cron ? shape::cron_document : shape::document, "");
}

}  // namespace engine::workflow::internal
