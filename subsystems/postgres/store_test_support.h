// A store of one's own for a test, on whatever server there is.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <pqxx/connection>
#include <pqxx/nontransaction>
#include <pqxx/result>
#include <string>

#include "fixtures/postgres_server.h"
#include "subsystems/postgres/migration.h"
#include "subsystems/postgres/partitions.h"
#include "subsystems/postgres/session.h"
#include "subsystems/postgres/uuid.h"

namespace engine::postgres {

inline fixtures::postgres_server& test_server() {
  static fixtures::postgres_server server{{.durable = false}};
  return server;
}

/// An empty schema and a connection to it.
class test_schema {
 public:
  test_schema() : schema_(test_server().url()), on_(schema_.url()) {}

  [[nodiscard]] const std::string& url() const { return schema_.url(); }
  [[nodiscard]] pqxx::connection& on() { return on_; }
  /// A connection of libpq to it.
  [[nodiscard]] session connect() const {
    return session::connect(url(), std::chrono::steady_clock::now() + std::chrono::seconds(30))
        .value();
  }
  pqxx::result run(const std::string& sql) {
    pqxx::nontransaction work(on_);
    return work.exec(sql);
  }
  std::int64_t number(const std::string& sql) { return run(sql)[0][0].as<std::int64_t>(); }
  std::string text(const std::string& sql) { return run(sql)[0][0].c_str(); }
  /// Pages that the server looks at for a statement: those it has, and those it reads.
  int blocks_of(const std::string& statement) {
    const std::string plan = text("EXPLAIN (ANALYZE, BUFFERS, FORMAT json) " + statement);
    int blocks = 0;
    for (const std::string wanted : {"\"Shared Hit Blocks\": ", "\"Shared Read Blocks\": "}) {
      blocks += std::stoi(plan.substr(plan.find(wanted) + wanted.size()));
    }
    return blocks;
  }

 private:
  fixtures::scratch_schema schema_;
  pqxx::connection on_;
};

/// With the tables, and partitions of these months.
class test_store : public test_schema {
 public:
  test_store(month first, month last) {
    migrate(on()).value();
    make_partitions(on(), first, last).value();
  }
};

/// A key in a month, the first, second, … of it.
inline uuid key_in(month of, std::uint64_t number = 0) {
  return make_uuid(of.begin() + std::chrono::milliseconds(number), number);
}

}  // namespace engine::postgres
