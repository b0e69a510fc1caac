#include "subsystems/postgres/error.h"

#include <boost/system/system_error.hpp>
#include <boost/throw_exception.hpp>

namespace engine::postgres {
namespace {

const char* text_of(errc code) {
  switch (code) {
    case errc::pool_timeout:
      return "no connection became free in time";
    case errc::too_many_waiters:
      return "too many callers wait for a connection";
    case errc::pool_closed:
      return "the pool is closed";
    case errc::cancelled:
      return "the wait was cancelled";
    case errc::connect_failed:
      return "the server cannot be reached";
    case errc::too_many_connections:
      return "the server has no connection left";
    case errc::connection_lost:
      return "the connection was lost";
    case errc::bad_input:
      return "an argument cannot be stored";
    case errc::bad_cursor:
      return "the cursor is not one of ours";
    case errc::not_found:
      return "there is no such row";
    case errc::duplicate:
      return "the row exists already";
    case errc::rejected:
      return "the server refused the row";
    case errc::query_failed:
      return "the server could not run the statement";
    case errc::queue_full:
      return "the queue of writes is full";
    case errc::write_timeout:
      return "the write was not acknowledged in time";
    case errc::writer_closed:
      return "the writer is closed";
    case errc::migration_failed:
      return "the schema could not be migrated";
    case errc::schema_too_new:
      return "the schema is newer than this program";
  }
  return "unknown error";
}

class postgres_category final : public boost::system::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "postgres"; }
  [[nodiscard]] std::string message(int code) const override {
    return text_of(static_cast<errc>(code));
  }
};

}  // namespace

const boost::system::error_category& category() noexcept {
  static const postgres_category instance;
  return instance;
}

void throw_exception_from_error(const error& refusal, const boost::source_location& where) {
  boost::throw_with_location(
      boost::system::system_error(make_error_code(refusal.code), refusal.what()), where);
}

}  // namespace engine::postgres
