// The limits that every manifest keeps. They hold while a text is parsed, so a hostile one costs no
// more than a full one.
#pragma once

#include <cstddef>
#include <cstdint>

namespace engine::workflow {

struct limits {
  /// Longer texts are refused with too_big before they are parsed, and so are texts whose aliases
  /// (*name) repeat more bytes than this. Peak memory is some 20 bytes for each byte of an ordinary
  /// text and up to 250 for each of a hostile one. An object in a Kubernetes store is at most 1.5
  /// MiB. At most 2^31 - 1.
  std::size_t bytes_max = std::size_t{2} << 20U;
  /// Collections inside collections, and aliases counted as what they stand for; too_deep. At most
  /// 400.
  std::uint32_t depth_max = 64;
  /// Values in all documents, each alias counted as all the values it stands for; too_many_nodes. A
  /// text with more than three times as many of the characters []{}, is refused likewise, before it
  /// is parsed.
  std::uint32_t nodes_max = 200'000;
  /// Documents of one manifest; too_many_documents.
  std::uint32_t documents_max = 1'000;
  /// Keys of one map in a parameter's value or a task's input; too_many_keys. Names that were made
  /// to collide take the square of their number, some 2 ms for as many as this.
  std::uint32_t keys_max = 1'000;
  /// Longer names (bytes) are refused with bad_value.
  std::uint32_t name_bytes_max = 255;
  /// Tasks of all definitions of one manifest; too_many_tasks.
  std::uint32_t tasks_max = 10'000;
  /// Dependencies of all these tasks; too_many_dependencies. Steps can ask for the square of their
  /// number.
  std::uint32_t dependencies_max = 100'000;
  /// Regular expressions in all documents: parameters' patterns, and what follows "| match" and
  /// "| replace" in the input of tasks; too_many_patterns. A hostile one takes some 40 ms to
  /// compile and 0.5 MiB to keep; together they may take templating::limits::pattern_time_max, the
  /// parameters' of a manifest and those of the tasks of each definition.
  std::uint32_t patterns_max = 200;
  /// Problems that one error tells of, and warnings that one manifest keeps. Nothing more is read
  /// once there are more problems. Without meaning below 1.
  std::uint32_t problems_max = 16;
};

}  // namespace engine::workflow
