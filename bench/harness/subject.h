// A candidate on one input, with its type forgotten: what every driver of timed bodies (Google
// Benchmark, a fixed count under callgrind or a profiler) works with.
//
// A candidate is a type with
//   static constexpr std::string_view name;
//   explicit candidate(const Input&);     the input outlives it
//   void run();                           the timed body
// and either, for those that produce an answer,
//   answer() -> Answer                    of the last run(), compared by Input::mismatch(answer)
// or, for a floor, which has none,
//   check() -> std::string                asserts the amount of its work; empty if right
// and, where they apply,
//   static constexpr std::uint64_t batch; runs between two calls of prepare(), 1 if absent
//   void prepare();                       untimed, before each batch
//   counters() -> std::vector<counter>    figures to report beside the time, of all runs so far;
//                                         read after each repetition, of the first thread's body
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace headroom {

/// A figure beside the time; the name ends in its unit, as in bytes_per_node.
struct counter {
  std::string name;
  double value;
};

template <class C, class Input>
concept candidate = std::constructible_from<C, const Input&> &&
    requires(C body, const Input& input) {
  { C::name } -> std::convertible_to<std::string_view>;
  body.run();
  { input.items() } -> std::convertible_to<double>;
};

template <class C, class Input>
concept answering_candidate = candidate<C, Input> && requires(C body, const Input& input) {
  { input.mismatch(body.answer()) } -> std::convertible_to<std::string>;
};

template <class C, class Input>
concept floor_candidate = candidate<C, Input> && requires(C body) {
  { body.check() } -> std::convertible_to<std::string>;
};

class subject {
 public:
  subject() = default;
  subject(const subject&) = delete;
  subject& operator=(const subject&) = delete;
  virtual ~subject() = default;

  /// Runs one batch and compares the answer; empty if it is right.
  virtual std::string check() = 0;
  /// Untimed, before each batch.
  virtual void prepare() = 0;
  [[nodiscard]] virtual bool has_prepare() const = 0;
  [[nodiscard]] virtual std::uint64_t batch() const = 0;
  /// The timed body, `times` times. REQUIRES: times is a multiple of batch() if has_prepare().
  virtual void run(std::uint64_t times) = 0;
  /// Items of work in one run.
  [[nodiscard]] virtual double items() const = 0;
  [[nodiscard]] virtual std::vector<counter> counters() const = 0;
};

template <class Input, candidate<Input> C>
requires answering_candidate<C, Input> || floor_candidate<C, Input>
class subject_of final : public subject {
 public:
  explicit subject_of(std::shared_ptr<const Input> input)
      : input_(std::move(input)), body_(*input_) {}

  std::string check() override {
    prepare();
    run(batch());
    if constexpr (answering_candidate<C, Input>) {
      return input_->mismatch(body_.answer());
    } else {
      return body_.check();
    }
  }

  void prepare() override {
    if constexpr (prepares) {
      body_.prepare();
    }
  }

  [[nodiscard]] bool has_prepare() const override { return prepares; }

  [[nodiscard]] std::uint64_t batch() const override {
    if constexpr (requires { C::batch; }) {
      return C::batch;
    } else {
      return 1;
    }
  }

  // The loop stands on this side of the virtual call, so that short bodies do not pay for it.
  void run(std::uint64_t times) override {
    for (; times > 0; --times) {
      body_.run();
      asm volatile("" : : "r"(&body_) : "memory");  // What the body wrote counts as read.
    }
  }

  [[nodiscard]] double items() const override { return input_->items(); }

  [[nodiscard]] std::vector<counter> counters() const override {
    if constexpr (requires { body_.counters(); }) {
      return body_.counters();
    } else {
      return {};
    }
  }

 private:
  static constexpr bool prepares = requires(C body) { body.prepare(); };

  std::shared_ptr<const Input> input_;
  C body_;
};

}  // namespace headroom
