/* wasmedge: the sockets that WasmEdge adds to preview 1: TCP with oneself, then UDP. One line each. */
#include "../tool.h"
TOOL("wasmedge");

#define SOCK(name) __attribute__((import_module("wasi_snapshot_preview1"), import_name(#name)))
struct address {
  uint8_t *buf;
  uint32_t size;
};
struct iovec_ {
  void *buf;
  uint32_t size;
};
uint32_t sock_open(uint32_t, uint32_t, uint32_t *) SOCK(sock_open);
uint32_t sock_bind(uint32_t, struct address *, uint32_t) SOCK(sock_bind);
uint32_t sock_listen(uint32_t, uint32_t) SOCK(sock_listen);
uint32_t sock_accept(uint32_t, uint32_t *) SOCK(sock_accept);
uint32_t sock_connect(uint32_t, struct address *, uint32_t) SOCK(sock_connect);
uint32_t sock_recv_from(uint32_t, struct iovec_ *, uint32_t, struct address *, uint32_t, uint32_t *, uint32_t *,
                        uint32_t *) SOCK(sock_recv_from);
uint32_t sock_send_to(uint32_t, struct iovec_ *, uint32_t, struct address *, uint32_t, uint32_t, uint32_t *)
  SOCK(sock_send_to);
uint32_t sock_getpeeraddr(uint32_t, struct address *, uint32_t *, uint32_t *) SOCK(sock_getpeeraddr);
uint32_t sock_getlocaladdr(uint32_t, struct address *, uint32_t *, uint32_t *) SOCK(sock_getlocaladdr);
uint32_t sock_getsockopt(uint32_t, int, int, int *, uint32_t *) SOCK(sock_getsockopt);
uint32_t sock_setsockopt(uint32_t, int, int, const int *, uint32_t) SOCK(sock_setsockopt);

struct sockaddr_ {
  uint8_t family;
  uint32_t size;
  uint8_t *data;
};
struct addrinfo_ {
  uint16_t flags;
  uint8_t family, type;
  uint32_t protocol, length;
  struct sockaddr_ *addr;
  char *name;
  uint32_t name_size;
  struct addrinfo_ *next;
};
uint32_t sock_getaddrinfo(const char *, uint32_t, const char *, uint32_t, const struct addrinfo_ *, struct addrinfo_ **,
                          uint32_t, uint32_t *) SOCK(sock_getaddrinfo);

static void tell(const char *what, uint32_t value) {
  put(what);
  put(": ");
  put_number(value, 0);
  put("\n");
}

int main(void) {
  uint8_t local[4] = {127, 0, 0, 1}, wide[128] = {1, 0, 127, 0, 0, 1}, seen[128];
  struct address loopback = {local, 4}, same = {wide, 128}, from = {seen, 128};
  uint32_t server, client, peer, type, port, n, flags, size = 4;
  int on = 1, value = 0;
  tell("open", sock_open(1, 2, &server));
  tell("setsockopt", sock_setsockopt(server, 0, 0, &on, 4));
  tell("bind", sock_bind(server, &loopback, 8000));
  tell("listen", sock_listen(server, 1));
  tell("accepts", (sock_getsockopt(server, 0, 13, &value, &size), (uint32_t)value));
  sock_open(1, 2, &client);
  tell("connect", sock_connect(client, &same, 8000));
  tell("accept", sock_accept(server, &peer));
  tell("peer", sock_getpeeraddr(client, &from, &type, &port));
  tell("port", port);
  tell("family", seen[0] == 1 && seen[2] == 127 && type == 4);
  write((int)client, "over", 4);
  char text[8] = {0};
  tell("read", (uint32_t)read((int)peer, text, sizeof text));
  close((int)client);
  tell("end", (uint32_t)read((int)peer, text, sizeof text));

  uint32_t a, b;
  struct iovec_ out = {(void *)(uintptr_t)"datagram", 8}, in = {text, 8};
  sock_open(1, 1, &a);
  sock_open(1, 1, &b);
  tell("bind", sock_bind(a, &loopback, 9000));
  tell("send_to", sock_send_to(b, &out, 1, &same, 9000, 0, &n));
  tell("recv_from", sock_recv_from(a, &in, 1, &from, 0, &port, &n, &flags));
  tell("bytes", n);
  tell("local", sock_getlocaladdr(b, &from, &type, &n));
  tell("from", port == n);

  uint8_t data[14] = {0};
  struct sockaddr_ room = {0, sizeof data, data};
  struct addrinfo_ hints = {0, 1, 2, 1, 0, NULL, NULL, 0, NULL}, answer = {0, 0, 0, 0, 0, &room, NULL, 0, NULL};
  struct addrinfo_ *list = &answer;
  tell("getaddrinfo", sock_getaddrinfo("localhost", 9, "8000", 5, &hints, &list, 1, &n));
  tell("found", n == 1 && answer.family == 1 && room.family == 1 && memcmp(data, "\x1f\x40\x7f\0\0\1", 6) == 0);
  tell("no name", sock_getaddrinfo("nowhere.example", 15, "80", 2, &hints, &list, 1, &n));
  flush();
  return memcmp(text, "datagram", 8) != 0;
}
