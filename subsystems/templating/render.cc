#include "subsystems/templating/render.h"

#include <cassert>

#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include "subsystems/templating/context_state_internal.h"

namespace engine::templating {

namespace {

inline void write(const internal::binding& bound, const internal::kernels& code, std::string& out) {
  if (bound.size != out.size()) {
    if (bound.size > out.capacity()) {
      std::string larger;  // What `out` holds need not be copied to it.
      larger.resize(bound.size);
      out.swap(larger);
    } else {
      out.resize(bound.size);
    }
  }
  code.gather(bound.pieces, out.data());
}

}  // namespace

result<void> render(const compiled_template& which, context& values, std::string& out) {
  internal::context_state& state = values.state();
  if (const internal::binding* const known = state.remembered(which)) [[likely]] {
    write(*known, state.code(), out);
    return {};
  }
  const result<const internal::binding*> bound = state.bind(which);
  if (!bound) {
    return bound.error();
  }
  write(**bound, state.code(), out);
  return {};
}

result<std::size_t> render(const compiled_template& which, context& values, std::span<char> out) {
  internal::context_state& state = values.state();
  const internal::binding* known = state.remembered(which);
  if (known == nullptr) [[unlikely]] {
    const result<const internal::binding*> bound = state.bind(which);
    if (!bound) {
      return bound.error();
    }
    known = *bound;
  }
  if (known->size > out.size()) {
    return error{errc::buffer_too_small,
                 {},
                 fmt::format("the result has {} bytes, the buffer {}", known->size, out.size()),
                 {}};
  }
  state.code().gather(known->pieces, out.data());
  return known->size;
}

result<std::string> render(const compiled_template& which, context& values) {
  std::string out;
  if (const result<void> rendered = render(which, values, out); !rendered) {
    return rendered.error();
  }
  return out;
}

result<boost::json::value> render_value(const compiled_template& which, context& values) {
  assert(which.is_document());
  const result<std::string> text = render(which, values);
  if (!text) {
    return text.error();
  }
  boost::json::parse_options options;
  options.max_depth = std::size_t{2} * values.state().options().bounds.value_depth_max;
  boost::system::error_code problem;
  boost::json::value parsed = boost::json::parse(*text, problem, {}, options);
  if (problem) {  // Values that are no UTF-8.
    return error{
        errc::wrong_type, {}, fmt::format("the result is no JSON: {}", problem.message()), {}};
  }
  return parsed;
}

}  // namespace engine::templating
