#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "subsystems/postgres/write_queue_internal.h"

namespace engine::postgres {
namespace {

/// Calls `on_text` with each text of a change, by reference.
template <class Change, class OnText>
void for_each_text(Change& of, const OnText& on_text) {
  if (auto* begun = std::get_if<new_execution>(&of)) {
    on_text(begun->input);
  } else if (auto* made = std::get_if<execution_transition>(&of)) {
    on_text(made->outcome);
  } else if (auto* span = std::get_if<trace_span>(&of)) {
    on_text(span->name);
    on_text(span->attributes);
  } else if (auto* happened = std::get_if<event>(&of)) {
    on_text(happened->kind);
    on_text(happened->detail);
  }
}

}  // namespace

std::size_t text_bytes_of(const change& of) {
  std::size_t bytes = 0;
  for_each_text(of, [&bytes](std::string_view text) { bytes += text.size(); });
  if (const auto* begun = std::get_if<new_execution>(&of)) {
    for (const std::string_view name : begun->tasks) {
      bytes += sizeof(std::string_view) + name.size();
    }
  }
  return bytes;
}

std::string_view pending_writes::keep(std::string_view text) {
  if (text.empty()) {
    return {};
  }
  auto* kept = static_cast<char*>(texts_.allocate(text.size(), 1));
  std::memcpy(kept, text.data(), text.size());
  return {kept, text.size()};
}

void pending_writes::keep_texts(change& of) {
  if (std::holds_alternative<task_transition>(of)) {
    return;
  }
  for_each_text(of, [this](std::string_view& text) { text = keep(text); });
  if (auto* begun = std::get_if<new_execution>(&of); begun != nullptr && !begun->tasks.empty()) {
    const std::size_t count = begun->tasks.size();
    auto* names = static_cast<std::string_view*>(
        texts_.allocate(count * sizeof(std::string_view), alignof(std::string_view)));
    for (std::size_t at = 0; at < count; ++at) {
      new (names + at) std::string_view(keep(begun->tasks[at]));
    }
    begun->tasks = {names, count};
  }
}

void pending_writes::add(std::span<const change> changes, receipt& to) {
  const std::size_t first = changes_.size();
  for (const change& each : changes) {
    keep_texts(changes_.emplace_back(each));
  }
  writes_.push_back(
      {&to, static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(changes.size())});
}

void pending_writes::clear() {
  writes_.clear();
  changes_.clear();
  texts_.release();
}

bool write_queue::has_room(std::size_t changes, std::size_t bytes) const {
  return pending_->changes() + taken_changes_ + changes <= limits_.changes_max &&
         pending_bytes_ + taken_bytes_ + bytes <= limits_.bytes_max;
}

result<void> write_queue::push(std::span<const change> changes, receipt& to,
                               std::chrono::steady_clock::time_point deadline, wake_up when) {
  std::size_t bytes = 0;
  for (const change& each : changes) {
    bytes += text_bytes_of(each);
  }
  if (changes.size() > limits_.changes_max || bytes > limits_.bytes_max) {
    return error{errc::bad_input,
                 fmt::format("a write of {} changes with {} bytes is larger than a lane's queue "
                             "({} changes, {} bytes)",
                             changes.size(), bytes, limits_.changes_max, limits_.bytes_max)};
  }
  std::unique_lock lock(mutex_);
  if (!closed_ && !has_room(changes.size(), bytes)) {
    if (std::exchange(taker_waits_, false)) {
      filled_.notify_one();
    }
    ++waiting_for_room_;
    has_room_.wait_until(lock, deadline,
                         [&] { return closed_ || has_room(changes.size(), bytes); });
    --waiting_for_room_;
  }
  if (closed_) {
    return error{errc::writer_closed, "the writer is closed"};
  }
  if (!has_room(changes.size(), bytes)) {
    return error{errc::queue_full, fmt::format("{} changes wait to be written, which is the limit",
                                               pending_->changes() + taken_changes_)};
  }
  pending_->add(changes, to);
  to.expect(1);
  pending_bytes_ += bytes;
  if (when == wake_up::now && std::exchange(taker_waits_, false)) {
    lock.unlock();
    filled_.notify_one();
  }
  return {};
}

void write_queue::wake() {
  std::unique_lock lock(mutex_);
  if (pending_->changes() > 0 && std::exchange(taker_waits_, false)) {
    lock.unlock();
    filled_.notify_one();
  }
}

bool write_queue::take(std::unique_ptr<pending_writes>& into) {
  std::unique_lock lock(mutex_);
  while (pending_->changes() == 0) {
    if (closed_) {
      return false;
    }
    taker_waits_ = true;
    filled_.wait(lock);
  }
  taker_waits_ = false;
  std::swap(pending_, into);
  taken_changes_ = into->changes();
  taken_bytes_ = std::exchange(pending_bytes_, 0);
  return true;
}

void write_queue::release() {
  const std::lock_guard lock(mutex_);
  taken_changes_ = 0;
  taken_bytes_ = 0;
  if (waiting_for_room_ > 0) {
    has_room_.notify_all();
  }
}

void write_queue::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  filled_.notify_all();
  has_room_.notify_all();
}

std::size_t write_queue::waiting() const {
  const std::lock_guard lock(mutex_);
  return pending_->changes() + taken_changes_;
}

}  // namespace engine::postgres
