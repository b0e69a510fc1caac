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

}  // namespace

std::span<const argo_key> keys_of(argo_shape which) {
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
    case shape::template_spec:
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
    case shape::container:
      return container_keys;
    case shape::container_set:
      return container_set_keys;
    case shape::variable:
      return variable_keys;
    case shape::mount:
      return mount_keys;
    case shape::resource:
      return resource_keys;
    case shape::request:
      return request_keys;
    case shape::memory:
      return memory_keys;
    case shape::locks:
      return locks_keys;
    case shape::metrics:
      return metrics_keys;
    case shape::metric:
      return metric_keys;
  }
  return {};
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
