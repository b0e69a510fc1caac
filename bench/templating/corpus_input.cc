#include "bench/templating/corpus_input.h"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

namespace headroom::templating_bench {
namespace {

bool is_path(std::string_view text) {
  return !text.empty() && text.front() != '.' && text.back() != '.' &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '_' || c == '-' || c == '.' || c == '/';
         });
}

}  // namespace

corpus_input::corpus_input(const std::vector<std::string>& strings) {
  for (const std::string& each : strings) {
    add(each);
  }
}

// Fills the string in as it is read; leaves it out if anything but a path stands in its braces.
bool corpus_input::add(const std::string& text) {
  std::string output;
  std::size_t copied = 0;
  for (std::size_t begin = text.find("{{"); begin != std::string::npos;
       begin = text.find("{{", copied)) {
    const std::size_t end = text.find("}}", begin);
    std::string path = end == std::string::npos ? "" : text.substr(begin + 2, end - begin - 2);
    path.erase(0, path.find_first_not_of(' '));
    path.erase(path.find_last_not_of(' ') + 1);
    if (!is_path(path)) {
      return false;
    }
    auto known = values_.find(path);
    if (known == values_.end()) {
      documents_.push_back(
          {path, boost::json::value(fmt::format("value {} of {}", values_.size(), path))});
      known = values_.emplace(path, documents_.back().value.get_string()).first;
    }
    output.append(text, copied, begin - copied);
    output += known->second;
    copied = end + 2;
  }
  output.append(text, copied);
  texts_.push_back(text);
  outputs_.push_back(std::move(output));
  return true;
}

std::size_t corpus_input::output_bytes() const {
  return std::accumulate(
      outputs_.begin(), outputs_.end(), std::size_t{0},
      [](std::size_t sum, const std::string& each) { return sum + each.size(); });
}

double corpus_input::items() const {
  return static_cast<double>(
      std::accumulate(texts_.begin(), texts_.end(), std::size_t{0},
                      [](std::size_t sum, const std::string& each) { return sum + each.size(); }));
}

std::string corpus_input::mismatch(const std::vector<std::string>& rendered) const {
  if (rendered.size() != outputs_.size()) {
    return fmt::format("{} strings rendered instead of {}", rendered.size(), outputs_.size());
  }
  for (std::size_t at = 0; at < outputs_.size(); ++at) {
    if (const std::string wrong = difference(rendered[at], outputs_[at]); !wrong.empty()) {
      return fmt::format("string {}: {}", at, wrong);
    }
  }
  return {};
}

}  // namespace headroom::templating_bench
