/*
 * What POSIX has and WASI preview 1 has not, for programs that @lsmkit/wasi runs: processes, pipes, signals, terminals,
 * sockets, owners, modes and labels of files. Include it behind the headers of wasi-libc, and compile lsmkit.c with the
 * program: it makes the current directory what the parent has left.
 *
 * Functions have the names and answers of POSIX, as far as wasi-libc leaves them free. Numbers of signals, families and
 * modes are Linux's; errno is wasi-libc's.
 */
#ifndef LSMKIT_H
#define LSMKIT_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* An answer below 0 is an errno of wasi-libc with a minus in front. */
#define LSMKIT_IMPORT(name) __attribute__((import_module("lsmkit_posix"), import_name(#name)))

struct lsmkit_spawn;
struct lsmkit_stat;
struct termios;
struct winsize;

int __lsmkit_spawn(const struct lsmkit_spawn *) LSMKIT_IMPORT(spawn);
int __lsmkit_exec(const char *, char *const *, char *const *) LSMKIT_IMPORT(exec);
int __lsmkit_wait(int, int *, int) LSMKIT_IMPORT(wait);
int __lsmkit_getpid(void) LSMKIT_IMPORT(getpid);
int __lsmkit_getppid(void) LSMKIT_IMPORT(getppid);
int __lsmkit_getpgid(int) LSMKIT_IMPORT(getpgid);
int __lsmkit_setpgid(int, int) LSMKIT_IMPORT(setpgid);
int __lsmkit_getsid(int) LSMKIT_IMPORT(getsid);
int __lsmkit_setsid(void) LSMKIT_IMPORT(setsid);
int __lsmkit_getuid(void) LSMKIT_IMPORT(getuid);
int __lsmkit_geteuid(void) LSMKIT_IMPORT(geteuid);
int __lsmkit_getgid(void) LSMKIT_IMPORT(getgid);
int __lsmkit_getegid(void) LSMKIT_IMPORT(getegid);
int __lsmkit_chdir(const char *) LSMKIT_IMPORT(chdir);
int __lsmkit_getcwd(char *, size_t) LSMKIT_IMPORT(getcwd);
int __lsmkit_umask(unsigned) LSMKIT_IMPORT(umask);
int __lsmkit_chmod(const char *, unsigned) LSMKIT_IMPORT(chmod);
int __lsmkit_stat(const char *, struct lsmkit_stat *) LSMKIT_IMPORT(stat);
int __lsmkit_lstat(const char *, struct lsmkit_stat *) LSMKIT_IMPORT(lstat);
int __lsmkit_getxattr(const char *, const char *, void *, size_t) LSMKIT_IMPORT(getxattr);
int __lsmkit_lgetxattr(const char *, const char *, void *, size_t) LSMKIT_IMPORT(lgetxattr);
int __lsmkit_setxattr(const char *, const char *, const void *, size_t, int) LSMKIT_IMPORT(setxattr);
int __lsmkit_lsetxattr(const char *, const char *, const void *, size_t, int) LSMKIT_IMPORT(lsetxattr);
int __lsmkit_pipe(int *, unsigned) LSMKIT_IMPORT(pipe);
int __lsmkit_dup(int) LSMKIT_IMPORT(dup);
int __lsmkit_dup2(int, int) LSMKIT_IMPORT(dup2);
int __lsmkit_setcloexec(int, int) LSMKIT_IMPORT(setcloexec);
int __lsmkit_kill(int, int) LSMKIT_IMPORT(kill);
int __lsmkit_sigaction(int, int) LSMKIT_IMPORT(sigaction);
int __lsmkit_sigmask(int, unsigned, unsigned *) LSMKIT_IMPORT(sigmask);
int __lsmkit_sigtake(void) LSMKIT_IMPORT(sigtake);
int __lsmkit_pause(void) LSMKIT_IMPORT(pause);
int __lsmkit_tcgetattr(int, struct termios *) LSMKIT_IMPORT(tcgetattr);
int __lsmkit_tcsetattr(int, const struct termios *) LSMKIT_IMPORT(tcsetattr);
int __lsmkit_tcsetattr_flush(int, const struct termios *) LSMKIT_IMPORT(tcsetattr_flush);
int __lsmkit_tcgetwinsize(int, struct winsize *) LSMKIT_IMPORT(tcgetwinsize);
int __lsmkit_tcsetwinsize(int, const struct winsize *) LSMKIT_IMPORT(tcsetwinsize);
int __lsmkit_tcgetpgrp(int, int *) LSMKIT_IMPORT(tcgetpgrp);
int __lsmkit_tcsetpgrp(int, const int *) LSMKIT_IMPORT(tcsetpgrp);
int __lsmkit_tcsetsid(int, int) LSMKIT_IMPORT(tcsetsid);
int __lsmkit_socket(int, int, int) LSMKIT_IMPORT(socket);
int __lsmkit_socketpair(int, int, int, int *) LSMKIT_IMPORT(socketpair);
int __lsmkit_bind(int, const void *, unsigned) LSMKIT_IMPORT(bind);
int __lsmkit_connect(int, const void *, unsigned) LSMKIT_IMPORT(connect);
int __lsmkit_listen(int, int) LSMKIT_IMPORT(listen);
int __lsmkit_accept(int, void *, unsigned *, unsigned) LSMKIT_IMPORT(accept);
int __lsmkit_getsockname(int, void *, unsigned *) LSMKIT_IMPORT(getsockname);
int __lsmkit_getpeername(int, void *, unsigned *) LSMKIT_IMPORT(getpeername);
int __lsmkit_shutdown(int, int) LSMKIT_IMPORT(shutdown);
int __lsmkit_sendto(int, const void *, size_t, unsigned, const void *, unsigned) LSMKIT_IMPORT(sendto);
int __lsmkit_recvfrom(int, void *, size_t, unsigned, void *, unsigned *) LSMKIT_IMPORT(recvfrom);
int __lsmkit_resolve(const char *, void *, unsigned *) LSMKIT_IMPORT(resolve);
int __lsmkit_setsockopt(int, int, int, int) LSMKIT_IMPORT(setsockopt);

/* -1 and errno for an error. */
static inline int lsmkit_result(int rc) {
  if (rc >= 0) return rc;
  errno = -rc;
  return -1;
}

/* Processes. There is no fork: a child begins as another program. */

enum { LSMKIT_SETPGROUP = 1, LSMKIT_SETSIGDEF = 2, LSMKIT_SETSIGMASK = 4, LSMKIT_SETSID = 8 };
enum {
  LSMKIT_CLOSE = 1,     /* fd */
  LSMKIT_DUP2 = 2,      /* fd becomes number `to` too */
  LSMKIT_OPEN = 3,      /* path as number fd, with the flags of Linux in `to`, and mode */
  LSMKIT_CHDIR = 4,     /* path */
  LSMKIT_TCSETPGRP = 5, /* its group is in the foreground of the terminal fd */
};
/* Flags of LSMKIT_OPEN. */
enum { LSMKIT_O_RDONLY = 0, LSMKIT_O_WRONLY = 1, LSMKIT_O_RDWR = 2, LSMKIT_O_CREAT = 0100, LSMKIT_O_TRUNC = 01000,
       LSMKIT_O_APPEND = 02000 };

struct lsmkit_spawn_action {
  uint32_t kind;
  int32_t fd;
  int32_t to;
  const char *path;
  uint32_t mode;
};

struct lsmkit_spawn {
  const char *path;
  char *const *argv;
  char *const *envp;
  const struct lsmkit_spawn_action *actions; /* in this order, behind what the flags say */
  uint32_t action_count;
  uint32_t flags;
  int32_t pgroup;      /* LSMKIT_SETPGROUP; 0: a group of its own */
  uint32_t sigdefault; /* LSMKIT_SETSIGDEF; bit n - 1 is signal n */
  uint32_t sigmask;    /* LSMKIT_SETSIGMASK */
};

/* The pid. An error of any step, execve included, is told here. */
static inline pid_t lsmkit_spawn(const struct lsmkit_spawn *request) { return lsmkit_result(__lsmkit_spawn(request)); }
static inline int execve(const char *path, char *const argv[], char *const envp[]) {
  return lsmkit_result(__lsmkit_exec(path, argv, envp));
}

enum { WNOHANG = 1, WUNTRACED = 2, WCONTINUED = 8 };
#define WIFEXITED(s) (((s) & 0x7f) == 0)
#define WEXITSTATUS(s) (((s) >> 8) & 0xff)
#define WIFSTOPPED(s) (((s) & 0xff) == 0x7f)
#define WSTOPSIG(s) WEXITSTATUS(s)
#define WIFCONTINUED(s) ((s) == 0xffff)
#define WTERMSIG(s) ((s) & 0x7f)
#define WIFSIGNALED(s) (WTERMSIG(s) != 0 && WTERMSIG(s) != 0x7f)

static inline pid_t waitpid(pid_t pid, int *status, int options) {
  return lsmkit_result(__lsmkit_wait(pid, status, options));
}
/* That of wasi-libc is a stub, and deprecated. */
#define getpid() ((pid_t)__lsmkit_getpid())
static inline pid_t getppid(void) { return __lsmkit_getppid(); }
static inline pid_t getpgid(pid_t pid) { return lsmkit_result(__lsmkit_getpgid(pid)); }
static inline int setpgid(pid_t pid, pid_t pgid) { return lsmkit_result(__lsmkit_setpgid(pid, pgid)); }
static inline pid_t getsid(pid_t pid) { return lsmkit_result(__lsmkit_getsid(pid)); }
static inline pid_t setsid(void) { return lsmkit_result(__lsmkit_setsid()); }
static inline uid_t getuid(void) { return (uid_t)__lsmkit_getuid(); }
static inline uid_t geteuid(void) { return (uid_t)__lsmkit_geteuid(); }
static inline gid_t getgid(void) { return (gid_t)__lsmkit_getgid(); }
static inline gid_t getegid(void) { return (gid_t)__lsmkit_getegid(); }
/* The kernel's directory and that of wasi-libc, together. */
int lsmkit_chdir(const char *path);

/* Descriptors. Nothing that waits loses what it has: a write goes on until all is gone. */

enum { LSMKIT_PIPE_CLOEXEC = 02000000, LSMKIT_PIPE_NONBLOCK = 04000 };
static inline int pipe(int fds[2]) { return lsmkit_result(__lsmkit_pipe(fds, 0)); }
static inline int dup(int fd) { return lsmkit_result(__lsmkit_dup(fd)); }
static inline int dup2(int fd, int to) { return lsmkit_result(__lsmkit_dup2(fd, to)); }
static inline int lsmkit_setcloexec(int fd, int on) { return lsmkit_result(__lsmkit_setcloexec(fd, on)); }

/* Files. */

struct lsmkit_stat {
  uint32_t mode, nlink, uid, gid;
  uint64_t size, ino, blocks, mtime;
};
static inline int lsmkit_stat(const char *path, struct lsmkit_stat *st) { return lsmkit_result(__lsmkit_stat(path, st)); }
static inline int lsmkit_lstat(const char *path, struct lsmkit_stat *st) {
  return lsmkit_result(__lsmkit_lstat(path, st));
}
static inline int lsmkit_chmod(const char *path, unsigned mode) { return lsmkit_result(__lsmkit_chmod(path, mode)); }
static inline unsigned lsmkit_umask(unsigned mask) { return (unsigned)__lsmkit_umask(mask); }
static inline ssize_t getxattr(const char *path, const char *name, void *value, size_t size) {
  return lsmkit_result(__lsmkit_getxattr(path, name, value, size));
}
static inline ssize_t lgetxattr(const char *path, const char *name, void *value, size_t size) {
  return lsmkit_result(__lsmkit_lgetxattr(path, name, value, size));
}
static inline int setxattr(const char *path, const char *name, const void *value, size_t size, int flags) {
  return lsmkit_result(__lsmkit_setxattr(path, name, value, size, flags));
}
static inline int lsetxattr(const char *path, const char *name, const void *value, size_t size, int flags) {
  return lsmkit_result(__lsmkit_lsetxattr(path, name, value, size, flags));
}

/*
 * Signals, by the numbers of Linux (wasi-libc has no <signal.h> that could be included). One that is caught interrupts
 * a call that waits (EINTR); the program then asks which it was. Nothing is called behind its back.
 */

enum { LSMKIT_SIGHUP = 1, LSMKIT_SIGINT = 2, LSMKIT_SIGQUIT = 3, LSMKIT_SIGKILL = 9, LSMKIT_SIGUSR1 = 10,
       LSMKIT_SIGPIPE = 13, LSMKIT_SIGTERM = 15, LSMKIT_SIGCHLD = 17, LSMKIT_SIGCONT = 18, LSMKIT_SIGSTOP = 19,
       LSMKIT_SIGTSTP = 20, LSMKIT_SIGTTIN = 21, LSMKIT_SIGTTOU = 22, LSMKIT_SIGWINCH = 28 };
enum { LSMKIT_SIG_DFL = 0, LSMKIT_SIG_IGN = 1, LSMKIT_SIG_CATCH = 2 };

static inline int kill(pid_t pid, int sig) { return lsmkit_result(__lsmkit_kill(pid, sig)); }
/* What it was before. */
static inline int lsmkit_signal(int sig, int how) { return lsmkit_result(__lsmkit_sigaction(sig, how)); }
/* The next signal that was caught, 0: none. */
static inline int lsmkit_sigtake(void) { return __lsmkit_sigtake(); }
enum { LSMKIT_SIG_BLOCK = 0, LSMKIT_SIG_UNBLOCK = 1, LSMKIT_SIG_SETMASK = 2 };
static inline int lsmkit_sigmask(int how, unsigned set, unsigned *old) {
  return lsmkit_result(__lsmkit_sigmask(how, set, old));
}
static inline int lsmkit_pause(void) { return lsmkit_result(__lsmkit_pause()); }

/* Terminals. */

#define NCCS 19
typedef unsigned tcflag_t;
typedef unsigned char cc_t;
struct termios {
  tcflag_t c_iflag, c_oflag, c_cflag, c_lflag;
  cc_t c_line;
  cc_t c_cc[NCCS];
};
struct winsize {
  unsigned short ws_row, ws_col, ws_xpixel, ws_ypixel;
};
enum { ICRNL = 0400, OPOST = 1, ONLCR = 4, ISIG = 1, ICANON = 2, ECHO = 8, ECHOE = 020, ECHOK = 040, ECHONL = 0100,
       IEXTEN = 0100000, IXON = 02000, ISTRIP = 040, INLCR = 0100, IGNCR = 0200, BRKINT = 2, PARMRK = 010, IGNBRK = 1 };
enum { TCSANOW = 0, TCSADRAIN = 1, TCSAFLUSH = 2 };

static inline int tcgetattr(int fd, struct termios *to) { return lsmkit_result(__lsmkit_tcgetattr(fd, to)); }
static inline int tcsetattr(int fd, int when, const struct termios *from) {
  return lsmkit_result(when == TCSAFLUSH ? __lsmkit_tcsetattr_flush(fd, from) : __lsmkit_tcsetattr(fd, from));
}
static inline void cfmakeraw(struct termios *t) {
  t->c_iflag &= ~(unsigned)(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
  t->c_oflag &= ~(unsigned)OPOST;
  t->c_lflag &= ~(unsigned)(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
}
static inline int tcgetwinsize(int fd, struct winsize *to) { return lsmkit_result(__lsmkit_tcgetwinsize(fd, to)); }
static inline int tcsetwinsize(int fd, const struct winsize *from) {
  return lsmkit_result(__lsmkit_tcsetwinsize(fd, from));
}
static inline pid_t tcgetpgrp(int fd) {
  int pgrp = 0;
  int rc = lsmkit_result(__lsmkit_tcgetpgrp(fd, &pgrp));
  return rc < 0 ? rc : pgrp;
}
static inline int tcsetpgrp(int fd, pid_t pgrp) {
  int to = pgrp;
  return lsmkit_result(__lsmkit_tcsetpgrp(fd, &to));
}
/* The terminal becomes that of the caller's session (TIOCSCTTY). */
static inline int lsmkit_tcsetsid(int fd) { return lsmkit_result(__lsmkit_tcsetsid(fd, 0)); }

/* Sockets. Addresses are laid out as Linux has them, and families are its numbers: not those of <sys/socket.h> here. */

enum { LSMKIT_AF_UNIX = 1, LSMKIT_AF_INET = 2, LSMKIT_SOCK_STREAM = 1, LSMKIT_SOCK_DGRAM = 2,
       LSMKIT_SOL_SOCKET = 1, LSMKIT_SO_REUSEADDR = 2 };
struct lsmkit_sockaddr_in {
  uint16_t family;
  uint16_t port; /* network order */
  uint8_t addr[4];
  uint8_t zero[8];
};
struct lsmkit_sockaddr_un {
  uint16_t family;
  char path[108];
};
static inline uint16_t lsmkit_port(unsigned port) { return (uint16_t)((port & 0xff) << 8 | (port >> 8 & 0xff)); }
static inline int lsmkit_socket(int domain, int type, int protocol) {
  return lsmkit_result(__lsmkit_socket(domain, type, protocol));
}
static inline int lsmkit_socketpair(int domain, int type, int protocol, int fds[2]) {
  return lsmkit_result(__lsmkit_socketpair(domain, type, protocol, fds));
}
static inline int lsmkit_bind(int fd, const void *addr, unsigned len) {
  return lsmkit_result(__lsmkit_bind(fd, addr, len));
}
static inline int lsmkit_connect(int fd, const void *addr, unsigned len) {
  return lsmkit_result(__lsmkit_connect(fd, addr, len));
}
/* The address of a name, with port 0; ENOENT where there is none. */
static inline int lsmkit_resolve(const char *name, void *addr, unsigned *len) {
  return lsmkit_result(__lsmkit_resolve(name, addr, len));
}
static inline int lsmkit_listen(int fd, int backlog) { return lsmkit_result(__lsmkit_listen(fd, backlog)); }
static inline int lsmkit_accept(int fd, void *addr, unsigned *len) {
  return lsmkit_result(__lsmkit_accept(fd, addr, len, 0));
}
static inline int lsmkit_shutdown(int fd, int how) { return lsmkit_result(__lsmkit_shutdown(fd, how)); }
static inline ssize_t lsmkit_sendto(int fd, const void *buf, size_t len, unsigned flags, const void *addr, unsigned alen) {
  return lsmkit_result(__lsmkit_sendto(fd, buf, len, flags, addr, alen));
}
static inline ssize_t lsmkit_recvfrom(int fd, void *buf, size_t len, unsigned flags, void *addr, unsigned *alen) {
  return lsmkit_result(__lsmkit_recvfrom(fd, buf, len, flags, addr, alen));
}

#ifdef __cplusplus
}
#endif
#endif
