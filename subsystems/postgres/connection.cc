#include "subsystems/postgres/connection.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <exception>
#include <libpq-fe.h>
#include <optional>
#include <pqxx/except>
#include <pqxx/nontransaction>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "subsystems/support/quote.h"

namespace engine::postgres {
namespace {

using options_pointer = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>;

struct target {
  std::string connection_string;
  std::string password;
};

void append_option(std::string& to, std::string_view keyword, std::string_view value) {
  to += fmt::format("{}{}='", to.empty() ? "" : " ", keyword);
  for (const char character : value) {
    if (character == '\'' || character == '\\') {
      to += '\\';
    }
    to += character;
  }
  to += '\'';
}

// The same target with another timeout; nothing if it cannot be read.
std::optional<target> with_timeout(const std::string& connection_string,
                                   std::chrono::seconds timeout) {
  char* complaint = nullptr;
  const options_pointer options(PQconninfoParse(connection_string.c_str(), &complaint),
                                &PQconninfoFree);
  PQfreemem(complaint);
  if (options == nullptr) {
    return std::nullopt;
  }
  target read;
  for (const PQconninfoOption* each = options.get(); each->keyword != nullptr; ++each) {
    const std::string_view keyword = each->keyword;
    if (each->val == nullptr || keyword == "connect_timeout") {
      continue;
    }
    append_option(read.connection_string, keyword, each->val);
    if (keyword == "password") {
      read.password = each->val;
    }
  }
  append_option(read.connection_string, "connect_timeout", std::to_string(timeout.count()));
  return read;
}

// What libpq says of it may quote a password.
error malformed() { return {errc::bad_input, "the connection string is malformed"}; }

error explain_failure(std::string said, const std::string& password) {
  if (!password.empty()) {
    for (std::size_t at = said.find(password); at != std::string::npos;
         at = said.find(password, at)) {
      said.replace(at, password.size(), "***");
      at += 3;
    }
  }
  while (!said.empty() && (said.back() == '\n' || said.back() == ' ')) {
    said.pop_back();
  }
  said = support::printable(said, support::line_ends::kept);
  // libpq tells no SQLSTATE of a connection that was refused. The last is PgBouncer's.
  constexpr std::string_view full[] = {"too many clients", "remaining connection slots",
                                       "too many connections", "53300",
                                       "no more connections allowed"};
  const bool is_full = std::any_of(std::begin(full), std::end(full), [&](std::string_view sign) {
    return said.find(sign) != std::string::npos;
  });
  return is_full ? error{errc::too_many_connections, "the server has no connection left: " + said}
                 : error{errc::connect_failed, "cannot connect: " + said};
}

}  // namespace

connection::connection(const std::string& connection_string) : native_(connection_string) {
  // Deprecated, because libpqxx 7 never connects anew.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  native_.inhibit_reactivation(true);
#pragma GCC diagnostic pop
}

bool connection::is_usable() const noexcept {
  if (!is_open()) {
    return false;
  }
  pollfd socket{native_.sock(), POLLIN | POLLRDHUP, 0};
  if (poll(&socket, 1, 0) == 0) {
    return true;
  }
  if ((socket.revents & (POLLERR | POLLHUP | POLLNVAL | POLLRDHUP)) != 0) {
    return false;
  }
  // Something was said unasked: a notification, or the error with which a server says goodbye.
  char kind = 0;
  const ssize_t peeked = recv(socket.fd, &kind, 1, MSG_PEEK | MSG_DONTWAIT);
  return peeked == 1 && kind != 'E';
}

void connection::hang_up() const noexcept { shutdown(native_.sock(), SHUT_RDWR); }

result<void> connector::check() const {
  if (!with_timeout(connection_string_, std::chrono::seconds(1))) {
    return malformed();
  }
  return {};
}

result<std::unique_ptr<connection>> connector::connect(
    std::chrono::steady_clock::time_point deadline) {
  const auto left =
      std::chrono::ceil<std::chrono::seconds>(deadline - std::chrono::steady_clock::now());
  const std::optional<target> where =
      with_timeout(connection_string_, std::max(left, std::chrono::seconds(1)));
  if (!where) {
    return malformed();
  }
  try {
    auto made = std::make_unique<connection>(where->connection_string);
    if (prepare_) {
      prepare_(made->native());
    }
    return made;
  } catch (const std::exception& failure) {
    return explain_failure(failure.what(), where->password);
  }
}

bool connector::validate(connection& idle) noexcept {
  try {
    pqxx::nontransaction(idle.native()).exec("SELECT 1");
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

}  // namespace engine::postgres
