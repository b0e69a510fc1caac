// The strings with placeholders of a folder of real manifests.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <vector>

#include <boost/json/value.hpp>

#include "bench/templating/text_input.h"

namespace headroom::templating_bench {

/// Strings that every candidate understands alike: without expressions ({{=…}}) and filters. Each
/// path has a value of its own. Items: bytes of all strings.
class corpus_input {
 public:
  explicit corpus_input(const std::vector<std::string>& strings);

  [[nodiscard]] const std::vector<std::string>& texts() const { return texts_; }
  [[nodiscard]] const flat_values& values() const { return values_; }
  /// The same values, each a document of its own.
  struct value_at {
    std::string path;
    boost::json::value value;
  };
  [[nodiscard]] const std::deque<value_at>& documents() const { return documents_; }
  [[nodiscard]] std::size_t output_bytes() const;
  [[nodiscard]] const std::vector<std::string>& outputs() const { return outputs_; }
  [[nodiscard]] double items() const;

  [[nodiscard]] std::string mismatch(const std::vector<std::string>& rendered) const;

 private:
  bool add(const std::string& text);

  std::vector<std::string> texts_;
  std::vector<std::string> outputs_;
  flat_values values_;
  std::deque<value_at> documents_;
};

}  // namespace headroom::templating_bench
