#include "subsystems/workflow/manifest.h"

#include <array>
#include <cerrno>
#include <fstream>
#include <string>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "subsystems/support/nearest_name.h"
#include "subsystems/support/quote.h"
#include "subsystems/workflow/argo_format_internal.h"
#include "subsystems/workflow/load_context_internal.h"
#include "subsystems/workflow/object_reader_internal.h"
#include "subsystems/workflow/own_format_internal.h"
#include "subsystems/workflow/yaml_reader_internal.h"

namespace engine::workflow {
namespace {

using support::excerpt;
using support::in_quotes;

constexpr std::array<std::string_view, 2> api_versions = {internal::own_api_version,
                                                          internal::argo_api_version};

// Says why a document of a workflow's kind is of no known version.
std::string describe_version(std::string_view kind, std::string_view version,
                             support::guess_budget& guesses) {
  if (version.empty()) {
    return fmt::format("kind {} without apiVersion is not known", excerpt(kind));
  }
  const std::string_view nearest = support::nearest_name(version, api_versions, guesses);
  return fmt::format("apiVersion {} of kind {} is not known{}", in_quotes(version), excerpt(kind),
                     nearest == version ? "" : support::did_you_mean(nearest));
}

void read_document(const internal::node& document, internal::load_context& load) {
  if (document.kind == internal::node_kind::null) {
    return;
  }
  if (document.kind != internal::node_kind::map) {
    return load.skip(errc::not_a_workflow, document.where,
                     "the document is no map: not a workflow");
  }
  internal::object_reader fields(document, "document", load);
  const std::string version = fields.text("apiVersion");
  const std::string kind = fields.text("kind");
  if (kind.empty()) {
    load.skip(errc::not_a_workflow, document.where, "a document without kind is not a workflow");
  } else if (version == internal::own_api_version && kind == "Workflow") {
    internal::read_own(document, load);
  } else if (version == internal::argo_api_version && internal::is_argo_kind(kind)) {
    internal::read_argo(document, load);
  } else if (kind == "Workflow" || internal::is_argo_kind(kind)) {
    load.skip(errc::not_a_workflow, document.where,
              describe_version(kind, version, load.guesses()));
  } else {
    load.skip(errc::not_a_workflow, document.where,
              fmt::format("kind {} is not a workflow", excerpt(kind)));
  }
}

error file_error(errc code, const std::filesystem::path& path, std::string message) {
  return {.code = code, .source = path.string(), .where = {}, .message = std::move(message)};
}

result<std::string> read_file(const std::filesystem::path& path, std::size_t bytes_max) {
  std::error_code problem;
  const std::filesystem::file_status status = std::filesystem::status(path, problem);
  if (status.type() == std::filesystem::file_type::not_found) {
    return file_error(errc::file_missing, path, "the file does not exist");
  }
  if (problem) {
    return file_error(errc::file_unreadable, path, problem.message());
  }
  if (!std::filesystem::is_regular_file(status)) {
    return file_error(errc::file_not_regular, path, "not a regular file");
  }
  const std::uintmax_t bytes = std::filesystem::file_size(path, problem);
  if (!problem && bytes > bytes_max) {
    return file_error(errc::too_big, path,
                      fmt::format("{} bytes are more than the limit of {}", bytes, bytes_max));
  }
  std::ifstream file(path, std::ios::binary);
  if (problem || !file) {
    const std::error_code cause =
        problem ? problem : std::error_code(errno, std::generic_category());
    return file_error(errc::file_unreadable, path, cause.message());
  }
  std::string text(static_cast<std::size_t>(bytes), '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) {
    return file_error(errc::file_unreadable, path, "the file cannot be read to its end");
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

}  // namespace

result<manifest> load_manifest(std::string_view text, std::string_view source_name,
                               const limits& bounds) {
  internal::load_context load(source_name, bounds);
  const internal::forest read = internal::read_yaml(text, load);
  for (const internal::node* document : read.roots) {
    if (load.stopped()) {
      break;
    }
    read_document(*document, load);
  }
  return std::move(load).finish();
}

result<manifest> load_manifest_file(const std::filesystem::path& path, const limits& bounds) {
  const result<std::string> text = read_file(path, bounds.bytes_max);
  if (!text) {
    return text.error();
  }
  return load_manifest(*text, path.string(), bounds);
}

}  // namespace engine::workflow
