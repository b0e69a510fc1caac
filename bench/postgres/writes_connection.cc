#include "bench/postgres/writes_connection.h"

#include <stdexcept>

#include <fmt/format.h>

namespace headroom::postgres_bench {

blocking_connection::blocking_connection(const std::string& url)
    : connection_(PQconnectdb(url.c_str())) {
  if (PQstatus(native()) != CONNECTION_OK) {
    fail("cannot connect");
  }
  execute("SET client_min_messages = warning");
}

void blocking_connection::fail(const char* what) const {
  throw std::runtime_error(fmt::format("{}: {}", what, PQerrorMessage(native())));
}

void blocking_connection::require_success(const query_result& of) {
  const ExecStatusType status = PQresultStatus(of.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
    const char* said = PQresultErrorMessage(of.get());
    throw std::runtime_error(fmt::format("a statement failed: {}: {}", PQresStatus(status), said));
  }
}

void blocking_connection::execute(const std::string& sql) {
  require_success(query_result(PQexec(native(), sql.c_str())));
}

std::string blocking_connection::value(const std::string& sql) {
  const query_result got(PQexec(native(), sql.c_str()));
  require_success(got);
  if (PQntuples(got.get()) != 1 || PQnfields(got.get()) != 1) {
    throw std::runtime_error(fmt::format("not one value: {}", sql));
  }
  return PQgetvalue(got.get(), 0, 0);
}

void blocking_connection::prepare(const char* name, const std::string& sql) {
  require_success(query_result(PQprepare(native(), name, sql.c_str(), 0, nullptr)));
}

void blocking_connection::send(const char* name, std::span<const std::string_view> parameters) {
  values_.clear();
  lengths_.clear();
  for (const std::string_view each : parameters) {
    values_.push_back(each.data());
    lengths_.push_back(static_cast<int>(each.size()));
  }
  formats_.resize(parameters.size(), 1);
  if (PQsendQueryPrepared(native(), name, static_cast<int>(parameters.size()), values_.data(),
                          lengths_.data(), formats_.data(), 0) == 0) {
    fail("cannot send");
  }
}

void blocking_connection::run(const char* name, std::span<const std::string_view> parameters) {
  send(name, parameters);
  require_success(receive());
}

query_result blocking_connection::receive() {
  query_result last;
  while (PGresult* next = PQgetResult(native())) {
    last.reset(next);
  }
  return last;
}

void blocking_connection::copy_in(const char* sql, std::string_view bytes) {
  const query_result begun(PQexec(native(), sql));
  if (PQresultStatus(begun.get()) != PGRES_COPY_IN ||
      PQputCopyData(native(), bytes.data(), static_cast<int>(bytes.size())) != 1 ||
      PQputCopyEnd(native(), nullptr) != 1) {
    fail("cannot copy");
  }
  require_success(receive());
}

std::string blocking_connection::copy_out(const std::string& sql) {
  const query_result begun(PQexec(native(), sql.c_str()));
  if (PQresultStatus(begun.get()) != PGRES_COPY_OUT) {
    fail("cannot copy");
  }
  std::string bytes;
  char* row = nullptr;
  for (int length = 0; (length = PQgetCopyData(native(), &row, 0)) > 0;) {
    bytes.append(row, static_cast<std::size_t>(length));
    PQfreemem(row);
  }
  require_success(receive());
  return bytes;
}

}  // namespace headroom::postgres_bench
