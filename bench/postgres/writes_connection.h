// A blocking connection of libpq, as the candidates that speak it directly use one.
//
// Failures throw std::runtime_error with what the server said: here they end the measurement. Not
// thread-safe.
#pragma once

#include <cstddef>
#include <libpq-fe.h>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "subsystems/postgres/session.h"

namespace headroom::postgres_bench {

using engine::postgres::query_result;

class blocking_connection {
 public:
  explicit blocking_connection(const std::string& url);

  [[nodiscard]] PGconn* native() const { return connection_.get(); }

  /// Statements without parameters.
  void execute(const std::string& sql);
  /// The one value, as text.
  [[nodiscard]] std::string value(const std::string& sql);
  void prepare(const char* name, const std::string& sql);

  /// Sends a prepared statement with parameters in binary; a null view is NULL.
  void send(const char* name, std::span<const std::string_view> parameters);
  /// Sends it and waits until it has succeeded.
  void run(const char* name, std::span<const std::string_view> parameters);
  /// Waits for the results of what was sent, and returns the last; of a failed statement, that.
  [[nodiscard]] query_result receive();
  /// Throws unless the statement succeeded.
  static void require_success(const query_result& of);

  /// COPY … FROM STDIN.
  void copy_in(const char* sql, std::string_view bytes);
  /// COPY … TO STDOUT.
  [[nodiscard]] std::string copy_out(const std::string& sql);

 private:
  struct closer {
    void operator()(PGconn* owned) const { PQfinish(owned); }
  };

  [[noreturn]] void fail(const char* what) const;

  std::unique_ptr<PGconn, closer> connection_;
  // Of the statement that is being sent.
  std::vector<const char*> values_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
};

}  // namespace headroom::postgres_bench
