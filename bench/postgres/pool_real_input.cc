#include "bench/postgres/pool_real_input.h"

#include <pqxx/nontransaction>
#include <thread>

#include "bench/postgres/server.h"

namespace headroom::pool_bench {

int ask_one(connection& over) {
  return pqxx::nontransaction(over.native()).exec("SELECT 1")[0][0].as<int>();
}

std::unique_ptr<connection> connect(const std::string& url) {
  return std::make_unique<connection>(url);
}

real_pools::real_pools()
    : engine(
          engine::postgres::pool::open(engine::postgres::connector(postgres_bench::server().url()),
                                       {.size_min = connections, .size_max = connections})
              .value()),
      bouncer(postgres_bench::server().url(),
              {.mode = engine::fixtures::pgbouncer_options::pooling::transaction,
               .pool_size = static_cast<int>(connections)}) {
  for (std::size_t at = 0; at < connections; ++at) {
    mutex_condvar.add(connect(postgres_bench::server().url()));
  }
  while (engine.statistics().idle < connections) {
    std::this_thread::yield();
  }
}

backend_killer::backend_killer() : admin_(connect(postgres_bench::server().url())) {}

void backend_killer::kill(int pid) {
  pqxx::nontransaction session(admin_->native());
  session.exec(fmt::format("SELECT pg_terminate_backend({})", pid));
  while (
      session.exec(fmt::format("SELECT count(*) FROM pg_stat_activity WHERE pid = {}", pid))[0][0]
          .as<int>() > 0) {
    std::this_thread::yield();
  }
}

}  // namespace headroom::pool_bench
