#include <algorithm>
#include <iterator>

#include "subsystems/workflow/argo_key_table_internal.h"

namespace engine::workflow::internal {
namespace {

using shape = argo_shape;

constexpr argo_key document_keys[] = {
    {"apiVersion"}, {"kind"}, {"metadata", shape::metadata}, {"spec", shape::spec}, {"status"}};
constexpr argo_key cron_document_keys[] = {{"apiVersion"},
                                           {"kind"},
                                           {"metadata", shape::metadata},
                                           {"spec", shape::cron_spec},
                                           {"status"}};
constexpr argo_key metadata_keys[] = {{"name"},
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
constexpr argo_key cron_spec_keys[] = {{"workflowSpec", shape::spec},
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
constexpr argo_key spec_keys[] = {{"entrypoint"},
                                  {"templates", shape::template_spec},
                                  {"arguments", shape::arguments},
                                  {"workflowTemplateRef", shape::spec_reference},
                                  {"templateDefaults", shape::template_spec},
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
                                  {"metrics", shape::metrics},
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
                                  {"synchronization", shape::locks},
                                  {"tolerations"},
                                  {"ttlSecondsAfterFinished"},
                                  {"ttlStrategy"},
                                  {"volumeClaimGC"},
                                  {"volumeClaimTemplates"},
                                  {"volumes"},
                                  {"workflowMetadata"}};
constexpr argo_key template_keys[] = {{"name"},
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
                                      {"container", shape::container},
                                      {"containerSet", shape::container_set},
                                      {"daemon"},
                                      {"data"},
                                      {"executor"},
                                      {"failFast"},
                                      {"hostAliases"},
                                      {"http", shape::request},
                                      {"initContainers", shape::container},
                                      {"memoize", shape::memory},
                                      {"metadata"},
                                      {"metrics", shape::metrics},
                                      {"nodeSelector"},
                                      {"parallelism"},
                                      {"pendingTimeout"},
                                      {"plugin"},
                                      {"podResources"},
                                      {"podSpecPatch"},
                                      {"priority"},
                                      {"priorityClassName"},
                                      {"resource", shape::resource},
                                      {"resourceClaims"},
                                      {"resubmitPendingPods"},
                                      {"schedulerName"},
                                      {"script", shape::container},
                                      {"securityContext"},
                                      {"serviceAccountName"},
                                      {"sidecars", shape::container},
                                      {"suspend"},
                                      {"synchronization", shape::locks},
                                      {"timeout"},
                                      {"tolerations"},
                                      {"volumes"}};
constexpr argo_key spec_reference_keys[] = {{"name"}, {"clusterScope"}};
constexpr argo_key dag_keys[] = {{"target"}, {"failFast"}, {"tasks", shape::task}};
constexpr argo_key task_keys[] = {{"name"},
                                  {"template"},
                                  {"templateRef", shape::reference},
                                  {"inline", shape::template_spec},
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
constexpr argo_key step_keys[] = {{"name"},
                                  {"template"},
                                  {"templateRef", shape::reference},
                                  {"inline", shape::template_spec},
                                  {"arguments", shape::arguments},
                                  {"when"},
                                  {"withItems"},
                                  {"withParam"},
                                  {"withSequence", shape::sequence},
                                  {"continueOn", shape::continuation},
                                  {"onExit"},
                                  {"hooks", shape::hooks}};
constexpr argo_key reference_keys[] = {
    {"name"}, {"template"}, {"clusterScope"}, {"runtimeResolution"}};
constexpr argo_key arguments_keys[] = {{"parameters", shape::parameter},
                                       {"artifacts", shape::artifact}};
constexpr argo_key outputs_keys[] = {
    {"parameters", shape::parameter}, {"artifacts", shape::artifact}, {"result"}, {"exitCode"}};
constexpr argo_key parameter_keys[] = {{"name"},      {"value"}, {"valueFrom", shape::value_source},
                                       {"default"},   {"enum"},  {"description"},
                                       {"globalName"}};
constexpr argo_key value_source_keys[] = {
    {"path"},     {"jsonPath"},        {"jqFilter"}, {"event"},     {"parameter"},
    {"supplied"}, {"configMapKeyRef"}, {"default"},  {"expression"}};
constexpr argo_key artifact_keys[] = {
    {"name"},        {"path"},        {"from"},    {"fromExpression"}, {"optional"},
    {"mode"},        {"recurseMode"}, {"subPath"}, {"globalName"},     {"archive"},
    {"archiveLogs"}, {"artifactGC"},  {"deleted"}, {"artifactory"},    {"azure"},
    {"gcs"},         {"git"},         {"hdfs"},    {"http"},           {"oss"},
    {"plugin"},      {"raw"},         {"s3"}};
constexpr argo_key hook_keys[] = {{"template"},
                                  {"templateRef", shape::reference},
                                  {"arguments", shape::arguments},
                                  {"expression"}};
constexpr argo_key continuation_keys[] = {{"error"}, {"failed"}};
constexpr argo_key sequence_keys[] = {{"count"}, {"start"}, {"end"}, {"format"}};
constexpr argo_key retries_keys[] = {
    {"limit"}, {"retryPolicy"}, {"backoff", shape::backoff}, {"affinity"}, {"expression"}};
constexpr argo_key container_keys[] = {{"name"},
                                       {"image"},
                                       {"command"},
                                       {"args"},
                                       {"source"},
                                       {"dependencies"},
                                       {"mirrorVolumeMounts"},
                                       {"workingDir"},
                                       {"ports"},
                                       {"env", shape::variable},
                                       {"envFrom"},
                                       {"resources"},
                                       {"resizePolicy"},
                                       {"restartPolicy"},
                                       {"restartPolicyRules"},
                                       {"volumeMounts", shape::mount},
                                       {"volumeDevices"},
                                       {"livenessProbe"},
                                       {"readinessProbe"},
                                       {"startupProbe"},
                                       {"lifecycle"},
                                       {"terminationMessagePath"},
                                       {"terminationMessagePolicy"},
                                       {"imagePullPolicy"},
                                       {"securityContext"},
                                       {"stdin"},
                                       {"stdinOnce"},
                                       {"tty"}};
constexpr argo_key container_set_keys[] = {
    {"containers", shape::container}, {"retryStrategy"}, {"volumeMounts", shape::mount}};
constexpr argo_key variable_keys[] = {{"name"}, {"value"}, {"valueFrom"}};
constexpr argo_key mount_keys[] = {
    {"name"},        {"mountPath"},        {"subPath"},          {"readOnly"},
    {"subPathExpr"}, {"mountPropagation"}, {"recursiveReadOnly"}};
constexpr argo_key resource_keys[] = {{"action"},
                                      {"mergeStrategy"},
                                      {"manifest"},
                                      {"manifestFrom"},
                                      {"setOwnerReference"},
                                      {"successCondition"},
                                      {"failureCondition"},
                                      {"flags"}};
constexpr argo_key request_keys[] = {
    {"method"},           {"url"},  {"headers"},  {"timeoutSeconds"},
    {"successCondition"}, {"body"}, {"bodyFrom"}, {"insecureSkipVerify"}};
constexpr argo_key memory_keys[] = {{"key"}, {"cache"}, {"maxAge"}};
constexpr argo_key locks_keys[] = {{"mutex"}, {"mutexes"}, {"semaphore"}, {"semaphores"}};
constexpr argo_key metrics_keys[] = {{"prometheus", shape::metric}};
constexpr argo_key metric_keys[] = {{"name"},  {"help"},      {"labels"}, {"when"},
                                    {"gauge"}, {"histogram"}, {"counter"}};
constexpr argo_key backoff_keys[] = {{"duration"}, {"factor"}, {"maxDuration"}, {"cap"}};

struct known_map {
  argo_shape which;
  std::span<const argo_key> keys;
};

constexpr known_map known_maps[] = {{shape::document, document_keys},
                                    {shape::cron_document, cron_document_keys},
                                    {shape::metadata, metadata_keys},
                                    {shape::cron_spec, cron_spec_keys},
                                    {shape::spec, spec_keys},
                                    {shape::spec_reference, spec_reference_keys},
                                    {shape::template_spec, template_keys},
                                    {shape::dag, dag_keys},
                                    {shape::task, task_keys},
                                    {shape::step, step_keys},
                                    {shape::reference, reference_keys},
                                    {shape::arguments, arguments_keys},
                                    {shape::outputs, outputs_keys},
                                    {shape::parameter, parameter_keys},
                                    {shape::value_source, value_source_keys},
                                    {shape::artifact, artifact_keys},
                                    {shape::hook, hook_keys},
                                    {shape::continuation, continuation_keys},
                                    {shape::sequence, sequence_keys},
                                    {shape::retries, retries_keys},
                                    {shape::backoff, backoff_keys},
                                    {shape::container, container_keys},
                                    {shape::container_set, container_set_keys},
                                    {shape::variable, variable_keys},
                                    {shape::mount, mount_keys},
                                    {shape::resource, resource_keys},
                                    {shape::request, request_keys},
                                    {shape::memory, memory_keys},
                                    {shape::locks, locks_keys},
                                    {shape::metrics, metrics_keys},
                                    {shape::metric, metric_keys}};

}  // namespace

std::span<const argo_key> keys_of(argo_shape which) {
  const auto* const found =
      std::find_if(std::begin(known_maps), std::end(known_maps),
                   [which](const known_map& each) { return each.which == which; });
  return found == std::end(known_maps) ? std::span<const argo_key>() : found->keys;
}

std::string_view noun_of(argo_shape which) {
  switch (which) {
    case shape::template_spec:
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

}  // namespace engine::workflow::internal
