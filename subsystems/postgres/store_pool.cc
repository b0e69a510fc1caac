#include "subsystems/postgres/store_pool.h"

#include <sys/socket.h>

#include <exception>

#include "subsystems/postgres/socket_look_internal.h"

namespace engine::postgres {

result<std::unique_ptr<store_connection>> store_connector::connect(
    std::chrono::steady_clock::time_point deadline) const {
  result<session> opened = session::connect(conninfo_, deadline);
  if (!opened) {
    return opened.error();
  }
  return std::make_unique<store_connection>(std::move(*opened), options_);
}

bool store_connector::is_usable(const store_connection& idle) noexcept {
  return is_open(idle) && !has_hung_up(PQsocket(idle.on().native()));
}

bool store_connector::validate(store_connection& idle) const noexcept {
  try {
    return idle.on()
        .execute("SELECT 1", std::chrono::steady_clock::now() + options_.timeout)
        .has_value();
  } catch (const std::exception&) {
    return false;
  }
}

void store_connector::hang_up(const store_connection& stuck) noexcept {
  ::shutdown(PQsocket(stuck.on().native()), SHUT_RDWR);
}

}  // namespace engine::postgres
