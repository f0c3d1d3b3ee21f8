/*
 * Asks a wall by system calls. `probe run QUESTIONS -- WALL...` starts `WALL... PROBE child`, makes what each question
 * needs, and prints an errno a line. `probe landlock|seccomp|apparmor FILE -- CMD...` puts a wall around CMD.
 * `probe init` is the first process of a virtual machine.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define GUEST 65534
#define OTHER ".other"

static int result(long rc) { return rc < 0 ? errno : 0; }

static int opened(const char *path, int flags) {
  int fd = open(path, flags | O_NONBLOCK | O_CLOEXEC);
  int rc = result(fd);
  if (fd >= 0) close(fd);
  return rc;
}

static void beside(char *out, const char *path, const char *name) {
  strcpy(out, path);
  strcpy(strrchr(out, '/') + 1, name);
}

static int port_act(int is_connect, int port) {
  struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), rc;
  if (fd < 0) return errno;
  rc = result(is_connect ? connect(fd, (void *)&at, sizeof at) : bind(fd, (void *)&at, sizeof at));
  close(fd);
  return rc;
}

/* In a process of its own: an act that succeeds must not change the next one. */
static int forked(const char *act, const char *arg) {
  int status;
  pid_t pid = fork();
  if (pid < 0) return errno;
  if (pid == 0) {
    if (!strcmp(act, "execute")) {
      char *argv[] = { (char *)arg, NULL }, *env[] = { NULL };
      execve(arg, argv, env);
    } else {
      long number = 0, first = 0;
      sscanf(arg, "%ld %*s %ld", &number, &first);
      if (syscall(number, first, 0, 0, 0, 0, 0) >= 0) _exit(0);
    }
    _exit(errno);
  }
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static int perform(const char *act, const char *arg) {
  char other[4096];
  int family, type, protocol;
  if (!strcmp(act, "read")) return opened(arg, O_RDONLY);
  if (!strcmp(act, "list")) return opened(arg, O_RDONLY | O_DIRECTORY);
  if (!strcmp(act, "write")) return opened(arg, O_WRONLY);
  if (!strcmp(act, "truncate")) return result(truncate(arg, 0));
  if (!strcmp(act, "make")) return result(mknod(arg, S_IFREG | 0666, 0));
  if (!strcmp(act, "make-dir")) return result(mkdir(arg, 0777));
  if (!strcmp(act, "make-link")) return result(symlink("x", arg));
  if (!strcmp(act, "make-pipe")) return result(mkfifo(arg, 0666));
  if (!strcmp(act, "make-device")) return result(mknod(arg, S_IFCHR | 0666, 0x103));
  if (!strcmp(act, "remove")) return result(unlink(arg));
  if (!strcmp(act, "remove-dir")) return result(rmdir(arg));
  if (!strcmp(act, "attributes")) return result(chmod(arg, 0755));
  if (!strcmp(act, "move")) {
    beside(other, arg, OTHER "/x");
    return result(rename(arg, other));
  }
  if (!strcmp(act, "execute") || !strcmp(act, "call")) return forked(act, arg);
  if (!strcmp(act, "connect") || !strcmp(act, "listen")) return port_act(*act == 'c', atoi(arg));
  if (!strcmp(act, "socket") && sscanf(arg, "%d %d %d", &family, &type, &protocol) == 3) {
    int fd = socket(family, type, protocol), rc = result(fd);
    if (fd >= 0) close(fd);
    return rc;
  }
  if (!strcmp(act, "pair") && sscanf(arg, "%d %d", &family, &type) == 2) {
    int fds[2], rc = result(socketpair(family, type, 0, fds));
    if (rc == 0) { close(fds[0]); close(fds[1]); }
    return rc;
  }
  return 999;
}

static char *words(char *line) {
  line[strcspn(line, "\n")] = 0;
  char *tab = strchr(line, '\t');
  if (!tab) return line + strlen(line);
  *tab = 0;
  return tab + 1;
}

static int child(void) {
  char line[8192];
  setvbuf(stdout, NULL, _IOLBF, 0);
  while (fgets(line, sizeof line, stdin)) {
    char *arg = words(line);
    printf("%d\n", perform(line, arg));
  }
  return 0;
}

static int is_made(const char *act) { return !strncmp(act, "make", 4); }
static int is_folder(const char *act) { return !strcmp(act, "list") || !strcmp(act, "remove-dir"); }

/* Makes the folders above a path, and answers how many. */
static int make_above(const char *path) {
  char above[4096];
  int made = 0;
  strcpy(above, path);
  for (char *at = above + 1; (at = strchr(at, '/')); at++) {
    *at = 0;
    if (mkdir(above, 0777) == 0) {
      made++;
      if (chmod(above, 0777) || lchown(above, GUEST, GUEST)) perror(above);
    }
    *at = '/';
  }
  return made;
}

static void remove_above(const char *path, int count) {
  char above[4096];
  strcpy(above, path);
  for (; count > 0; count--) {
    *strrchr(above, '/') = 0;
    rmdir(above);
  }
}

/* What the act needs, owned by the guest. Nothing that is there already is touched. */
static int prepare(const char *act, const char *path) {
  char other[4096];
  struct stat known;
  int was = lstat(path, &known) == 0;
  if (was || is_made(act)) return was;
  if (is_folder(act)) mkdir(path, 0777);
  else {
    int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0777);
    if (fd >= 0) { if (write(fd, "\177x\n", 3) < 0) perror(path); close(fd); }
  }
  if (chmod(path, 0777) || lchown(path, GUEST, GUEST)) perror(path);
  if (!strcmp(act, "move")) {
    beside(other, path, OTHER);
    mkdir(other, 0777);
    if (chmod(other, 0777) || lchown(other, GUEST, GUEST)) perror(other);
  }
  return 0;
}

static void undo(const char *act, const char *path, int was) {
  char other[4096];
  if (was) return;
  if (!strcmp(act, "move")) {
    beside(other, path, OTHER "/x");
    unlink(other);
    *strrchr(other, '/') = 0;
    rmdir(other);
  }
  if (unlink(path)) rmdir(path);
}

static int run(const char *questions, char **wall, char *self) {
  char line[8192], answer[64];
  char *command[256];
  int to[2], from[2], n = 0;
  for (; wall[n] && n < 250; n++) command[n] = wall[n];
  command[n] = self; command[n + 1] = "child"; command[n + 2] = NULL;
  if (pipe(to) || pipe(from)) return 1;
  if (fork() == 0) {
    dup2(to[0], 0); dup2(from[1], 1);
    close(to[0]); close(to[1]); close(from[0]); close(from[1]);
    execvp(command[0], command);
    perror(command[0]);
    _exit(127);
  }
  close(to[0]); close(from[1]);
  FILE *in = fopen(questions, "r"), *out = fdopen(to[1], "w"), *back = fdopen(from[0], "r");
  if (!in || !out || !back) return 1;
  while (fgets(line, sizeof line, in)) {
    char *arg = words(line);
    int above = *arg == '/' ? make_above(arg) : 0;
    int was = *arg == '/' ? prepare(line, arg) : 1;
    fprintf(out, "%s\t%s\n", line, arg);
    fflush(out);
    if (!fgets(answer, sizeof answer, back)) { fprintf(stderr, "the wall ended at %s %s\n", line, arg); return 1; }
    fputs(answer, stdout);
    undo(line, arg, was);
    remove_above(arg, above);
  }
  fclose(out);
  while (wait(NULL) > 0);
  return 0;
}

static void become_guest(void) {
  if (getuid() == 0 && (setgid(GUEST) || setuid(GUEST))) { perror("setuid"); exit(1); }
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

/* Lines `handled FS NET SCOPE`, `path RIGHTS PATH`, `port RIGHTS PORT`. */
static int landlock(const char *plan) {
  char line[8192], name[4096];
  unsigned long long fs, net, scope, rights, port;
  int set = -1;
  FILE *in = fopen(plan, "r");
  while (in && fgets(line, sizeof line, in)) {
    line[strcspn(line, "\n")] = 0;
    if (sscanf(line, "handled %llu %llu %llu", &fs, &net, &scope) == 3) {
      unsigned long long attr[3] = { fs, net, scope };
      set = syscall(444, attr, sizeof attr, 0);
      if (set < 0) return perror("landlock_create_ruleset"), 1;
    } else if (sscanf(line, "path %llu %4095[^\n]", &rights, name) == 2) {
      struct { unsigned long long rights; int fd; } __attribute__((packed)) rule = { rights, open(name, O_PATH | O_CLOEXEC) };
      if (syscall(445, set, 1, &rule, 0)) return perror(name), 1;
      close(rule.fd);
    } else if (sscanf(line, "port %llu %llu", &rights, &port) == 2) {
      unsigned long long rule[2] = { rights, port };
      if (syscall(445, set, 2, rule, 0)) return perror("port"), 1;
    }
  }
  if (syscall(446, set, 0)) return perror("landlock_restrict_self"), 1;
  close(set);
  return 0;
}

static int filter(const char *name) {
  static struct sock_filter steps[4096];
  int fd = open(name, O_RDONLY | O_CLOEXEC);
  ssize_t size = read(fd, steps, sizeof steps);
  struct sock_fprog program = { size / 8, steps };
  close(fd);
  if (size <= 0 || syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program)) return perror("seccomp"), 1;
  return 0;
}

/* The profile is loaded already. */
static int apparmor(const char *profile) {
  char text[256];
  int fd = open("/proc/self/attr/apparmor/exec", O_WRONLY | O_CLOEXEC);
  int size = snprintf(text, sizeof text, "exec %s", profile);
  if (fd < 0 || write(fd, text, size) != size) return perror("apparmor"), 1;
  close(fd);
  return 0;
}

/* Files of /runs are lines: NAME, a tab, QUESTIONS, a tab, and the words of the wall. */
static int init(char *self) {
  char line[8192];
  mkdir("/proc", 0755); mkdir("/sys", 0755); mkdir("/tmp", 0777);
  mount("proc", "/proc", "proc", 0, NULL);
  mount("sys", "/sys", "sysfs", 0, NULL);
  mount("security", "/sys/kernel/security", "securityfs", 0, NULL);
  int load = open("/sys/kernel/security/apparmor/.load", O_WRONLY | O_CLOEXEC), from = open("/policy.bin", O_RDONLY | O_CLOEXEC);
  static char policy[1 << 20];
  ssize_t size = read(from, policy, sizeof policy);
  if (size > 0 && write(load, policy, size) != size) perror("load");
  close(load);
  close(from);
  setvbuf(stdout, NULL, _IOLBF, 0);
  FILE *runs = fopen("/runs", "r");
  while (runs && fgets(line, sizeof line, runs)) {
    char *questions = words(line), *rest = words(questions), *command[64];
    int n = 0;
    for (char *word = strtok(rest, " "); word && n < 63; word = strtok(NULL, " ")) command[n++] = word;
    command[n] = NULL;
    printf("wall %s\n", line);
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) _exit(run(questions, command, self) + (fflush(stdout) ? 1 : 0));
    waitpid(pid, NULL, 0);
    puts("done");
  }
  sync();
  return reboot(RB_POWER_OFF);
}

int main(int count, char **argv) {
  char *mode = count > 1 ? argv[1] : "init";
  if (!strcmp(mode, "child")) return child();
  if (!strcmp(mode, "init")) return init("/tmp/lsmkit-walls/bin/probe");
  if (count < 5) return 2;
  if (!strcmp(mode, "run")) return run(argv[2], argv + 4, argv[0]);
  if (strcmp(mode, "apparmor")) become_guest();
  if (!strcmp(mode, "landlock") && landlock(argv[2])) return 1;
  if (!strcmp(mode, "seccomp") && filter(argv[2])) return 1;
  if (!strcmp(mode, "apparmor")) {
    if (setgid(GUEST) || setuid(GUEST) || apparmor(argv[2])) return 1;
  }
  execvp(argv[4], argv + 4);
  perror(argv[4]);
  return 127;
}
