// What an idle connection's socket tells without a round trip.
#pragma once

#include <poll.h>
#include <sys/socket.h>

namespace engine::postgres {

/// Whether the server has hung up, or is about to. One or two system calls.
inline bool has_hung_up(int socket) noexcept {
  pollfd watched{socket, POLLIN | POLLRDHUP, 0};
  if (poll(&watched, 1, 0) == 0) {
    return false;
  }
  if ((watched.revents & (POLLERR | POLLHUP | POLLNVAL | POLLRDHUP)) != 0) {
    return true;
  }
  // Something was said unasked: a notification, or the error with which a server says goodbye.
  char kind = 0;
  const ssize_t peeked = recv(socket, &kind, 1, MSG_PEEK | MSG_DONTWAIT);
  return peeked != 1 || kind == 'E';
}

}  // namespace engine::postgres
