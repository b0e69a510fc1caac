#include "bench/harness/describe.h"

#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "bench/harness/context.h"

namespace headroom {
namespace {

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char each : text) {
    if (each == '"' || each == '\\') {
      out += '\\';
    }
    if (static_cast<unsigned char>(each) >= 0x20) {
      out += each;
    }
  }
  return out += '"';
}

}  // namespace

void describe(const suite& measured) {
  std::vector<std::string> context;
  for (const auto& [key, value] : describe_context()) {
    context.push_back(fmt::format("{}: {}", quoted(key), quoted(value)));
  }
  std::vector<std::string> rows;
  for (const group& each : measured.groups()) {
    for (std::size_t index = 0; index < each.candidates.size(); ++index) {
      rows.push_back(fmt::format(R"({{"name": {}, "threads": {}, "size": {}, "waits": {}}})",
                                 quoted(each.row_name(index)), each.threads, each.size,
                                 each.waits));
    }
  }
  std::vector<std::string> gate;
  for (const std::string& each : measured.gate()) {
    gate.push_back(quoted(each));
  }
  fmt::print(R"({{"protocol": {}, "context": {{{}}}, "rows": [{}], "gate": [{}]}})",
             driver_protocol, fmt::join(context, ", "), fmt::join(rows, ", "),
             fmt::join(gate, ", "));
  fmt::print("\n");
}

}  // namespace headroom
