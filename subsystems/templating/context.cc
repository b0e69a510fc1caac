#include "subsystems/templating/context.h"

#include "subsystems/templating/context_state_internal.h"

namespace engine::templating {

context::context() : context(options{}) {}
context::context(const options& chosen)
    : state_(std::make_unique<internal::context_state>(chosen)) {}
context::context(context&&) noexcept = default;
context& context::operator=(context&&) noexcept = default;
context::~context() = default;

void context::set(std::string_view path, const boost::json::value& document) {
  state_->set(path, document);
}

void context::unset(std::string_view path) { state_->unset(path); }

void context::forget() { state_->forget(); }

}  // namespace engine::templating
