#include "subsystems/postgres/session.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>

#include <fmt/format.h>

#include "subsystems/support/quote.h"

namespace engine::postgres {
namespace {

/// Waits until the socket is ready for `events`; false at the deadline.
bool wait_for(int socket, short events, steady_time deadline) {
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) {
      return false;
    }
    pollfd watched{socket, events, 0};
    const int ready =
        poll(&watched, 1, static_cast<int>(std::min<std::int64_t>(left.count(), INT_MAX)));
    if (ready > 0) {
      return true;
    }
    if (ready < 0 && errno != EINTR) {
      return false;
    }
  }
}

/// libpq's messages end in line breaks and may have several lines.
std::string one_line(std::string_view message) {
  std::string line;
  for (const char character : message) {
    line += character == '\n' || character == '\t' ? ' ' : character;
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return support::printable(line);
}

// While connecting, libpq keeps no SQLSTATE.
errc connect_code_of(std::string_view message) {
  return message.find("too many clients") != std::string_view::npos ||
                 message.find("too many connections") != std::string_view::npos ||
                 message.find("remaining connection slots") != std::string_view::npos
             ? errc::too_many_connections
             : errc::connect_failed;
}

// What libpq says of a text that it cannot read quotes from it, and so may show a password.
bool is_readable(const std::string& conninfo) {
  char* message = nullptr;
  PQconninfoOption* const options = PQconninfoParse(conninfo.c_str(), &message);
  PQconninfoFree(options);
  PQfreemem(message);
  return options != nullptr;
}

bool ends_session(const PGresult* failed) {
  const char* severity =
      failed == nullptr ? nullptr : PQresultErrorField(failed, PG_DIAG_SEVERITY_NONLOCALIZED);
  return severity != nullptr &&
         (std::strcmp(severity, "FATAL") == 0 || std::strcmp(severity, "PANIC") == 0);
}

}  // namespace

result<session> session::connect(const std::string& conninfo, steady_time deadline) {
  if (!is_readable(conninfo)) {
    return error{errc::connect_failed, "cannot connect: this is not a connection string"};
  }
  session made(PQconnectStart(conninfo.c_str()));
  if (made.native() == nullptr) {
    return error{errc::connect_failed, "cannot connect: out of memory"};
  }
  // libpq would print them. What matters ends in an error as well.
  PQsetNoticeReceiver(
      made.native(), [](void*, const PGresult*) {}, nullptr);
  PostgresPollingStatusType wanted = PGRES_POLLING_WRITING;
  while (PQstatus(made.native()) != CONNECTION_BAD) {
    if (wanted == PGRES_POLLING_OK) {
      PQsetnonblocking(made.native(), 1);
      return made;
    }
    if (wanted == PGRES_POLLING_FAILED) {
      break;
    }
    const short events = wanted == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    if (!wait_for(PQsocket(made.native()), events, deadline)) {
      return error{errc::connect_failed, "cannot connect: the server did not answer in time"};
    }
    wanted = PQconnectPoll(made.native());
  }
  const std::string message = one_line(PQerrorMessage(made.native()));
  return error{connect_code_of(message), fmt::format("cannot connect: {}", message)};
}

void session::lose() {
  lost_ = true;
  ::shutdown(PQsocket(native()), SHUT_RDWR);
}

bool session::flush(steady_time deadline) {
  for (;;) {
    const int left = PQflush(native());
    if (left == 0) {
      return true;
    }
    if (left < 0) {
      return false;
    }
    // The server may want to be read from before it reads on.
    if (!wait_for(PQsocket(native()), POLLIN | POLLOUT, deadline)) {
      lose();
      return false;
    }
    if (PQconsumeInput(native()) == 0) {
      return false;
    }
  }
}

query_result session::next_result(steady_time deadline) {
  if (!flush(deadline)) {
    return query_result(PQmakeEmptyPGresult(nullptr, PGRES_FATAL_ERROR));
  }
  while (PQisBusy(native()) != 0) {
    if (!wait_for(PQsocket(native()), POLLIN, deadline)) {
      lose();
      return query_result(PQmakeEmptyPGresult(nullptr, PGRES_FATAL_ERROR));
    }
    if (PQconsumeInput(native()) == 0) {
      break;  // Lost; libpq makes a result of it.
    }
  }
  return query_result(PQgetResult(native()));
}

result<query_result> session::execute(const char* sql, steady_time deadline) {
  if (PQsendQuery(native(), sql) == 0) {
    return note_failure(nullptr);
  }
  query_result last;
  for (query_result next = next_result(deadline); next != nullptr; next = next_result(deadline)) {
    if (is_lost() || last == nullptr || PQresultStatus(last.get()) != PGRES_FATAL_ERROR) {
      last = std::move(next);
    }
    if (is_lost()) {
      break;
    }
  }
  if (last == nullptr || PQresultStatus(last.get()) == PGRES_FATAL_ERROR) {
    return note_failure(last.get());
  }
  return last;
}

result<void> session::prepare(const char* name, const char* sql, steady_time deadline) {
  query_result last;
  if (PQsendPrepare(native(), name, sql, 0, nullptr) == 0) {
    return note_failure(nullptr);
  }
  for (query_result next = next_result(deadline); next != nullptr; next = next_result(deadline)) {
    last = std::move(next);
    if (is_lost()) {
      break;
    }
  }
  if (last == nullptr || PQresultStatus(last.get()) != PGRES_COMMAND_OK) {
    return note_failure(last.get());
  }
  return {};
}

error session::note_failure(const PGresult* result) {
  last_sqlstate_ = sqlstate_of(result);
  return error_of(result);
}

std::string_view sqlstate_of(const PGresult* failed) {
  const char* state = failed == nullptr ? nullptr : PQresultErrorField(failed, PG_DIAG_SQLSTATE);
  return state == nullptr ? std::string_view() : state;
}

errc code_of(std::string_view sqlstate) {
  if (sqlstate == "53300") {
    return errc::too_many_connections;
  }
  if (sqlstate.starts_with("08") || sqlstate.starts_with("57P")) {
    return errc::connection_lost;
  }
  if (sqlstate == "23505") {
    return errc::duplicate;
  }
  // Besides data and constraints: what triggers and functions raise, views with a check, and values
  // that are beyond a limit of the server, such as deeply nested JSON.
  for (const std::string_view of_a_row : {"21", "22", "23", "27", "38", "39", "44", "54", "P0"}) {
    if (sqlstate.starts_with(of_a_row)) {
      return errc::rejected;
    }
  }
  return errc::query_failed;
}

error session::error_of(const PGresult* failed) const {
  const std::string_view state = sqlstate_of(failed);
  const char* said = failed == nullptr ? "" : PQresultErrorMessage(failed);
  const std::string message = one_line(*said != '\0' ? said : PQerrorMessage(native()));
  if (state.empty() && is_lost()) {
    return {errc::connection_lost, fmt::format("the connection was lost: {}", message)};
  }
  const errc code = code_of(state);
  return {ends_session(failed) && code != errc::too_many_connections ? errc::connection_lost : code,
          message};
}

}  // namespace engine::postgres
