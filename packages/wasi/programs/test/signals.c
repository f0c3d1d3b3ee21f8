/* signals: what a parent sees of its children: SIGCHLD, EINTR, statuses, SIGPIPE. One line each. */
#include "../tool.h"
TOOL("signals");

extern char **environ;

static pid_t start(const char *text, int in, int out) {
  static char sh[] = "sh", dash_c[] = "-c";
  char *argv[] = {sh, dash_c, (char *)(uintptr_t)text, NULL};
  struct lsmkit_spawn_action actions[2] = {{LSMKIT_DUP2, in, 0, NULL, 0}, {LSMKIT_DUP2, out, 1, NULL, 0}};
  struct lsmkit_spawn request = {.path = "/bin/sh", .argv = argv, .envp = environ, .actions = actions, .action_count = 2,
                                 .flags = LSMKIT_SETSIGDEF, .sigdefault = ~0u >> 1};
  return lsmkit_spawn(&request);
}
static void tell(const char *what, long value) {
  put(what);
  put(": ");
  if (value < 0) put("-");
  put_number((unsigned long)(value < 0 ? -value : value), 0);
  put("\n");
}

int main(void) {
  int status, ends[2];
  char byte;
  tell("SIGCHLD was default", lsmkit_signal(LSMKIT_SIGCHLD, LSMKIT_SIG_CATCH));
  pid_t child = start("exit 7", 0, 1);
  tell("pause is interrupted", lsmkit_pause() < 0 && errno == EINTR);
  tell("by", lsmkit_sigtake());
  tell("no more", lsmkit_sigtake());
  tell("waited for the child", waitpid(child, &status, 0) == child);
  tell("status", WEXITSTATUS(status));
  tell("no child left", waitpid(-1, &status, 0) < 0 && errno == ECHILD);

  pipe(ends);
  child = start("exit 0", 0, 1);
  tell("read is interrupted", read(ends[0], &byte, 1) < 0 && errno == EINTR);
  tell("by", lsmkit_sigtake());
  waitpid(child, &status, 0);
  close(ends[1]);
  tell("end of file", read(ends[0], &byte, 1));
  close(ends[0]);

  lsmkit_signal(LSMKIT_SIGCHLD, LSMKIT_SIG_DFL);
  pipe(ends);
  lsmkit_setcloexec(ends[0], 1);
  lsmkit_setcloexec(ends[1], 1);
  child = start("exec fill 10000000", 0, ends[1]);
  close(ends[1]);
  read(ends[0], &byte, 1);
  close(ends[0]);
  waitpid(child, &status, 0);
  tell("the writer ended by", WIFSIGNALED(status) ? WTERMSIG(status) : 0);

  lsmkit_signal(LSMKIT_SIGPIPE, LSMKIT_SIG_IGN);
  pipe(ends);
  close(ends[0]);
  tell("EPIPE", write(ends[1], "x", 1) < 0 && errno == EPIPE);
  lsmkit_signal(LSMKIT_SIGPIPE, LSMKIT_SIG_DFL);

  tell("no such program", start("", 0, 99) < 0 && errno == EBADF);
  // it goes on no further than we let it, for who has ended has not continued
  pipe(ends);
  lsmkit_setcloexec(ends[1], 1);
  child = start("kill -STOP $$; cat; exit 3", ends[0], 1);
  close(ends[0]);
  tell("stopped by", waitpid(child, &status, WUNTRACED) == child && WIFSTOPPED(status) ? WSTOPSIG(status) : 0);
  tell("still there", waitpid(child, &status, WNOHANG));
  kill(child, LSMKIT_SIGCONT);
  tell("continued", waitpid(child, &status, WCONTINUED) == child && WIFCONTINUED(status));
  close(ends[1]);
  waitpid(child, &status, 0);
  tell("status", WEXITSTATUS(status));

  unsigned old;
  lsmkit_signal(LSMKIT_SIGUSR1, LSMKIT_SIG_CATCH);
  lsmkit_sigmask(LSMKIT_SIG_BLOCK, 1u << (LSMKIT_SIGUSR1 - 1), &old);
  kill(getpid(), LSMKIT_SIGUSR1);
  tell("blocked", lsmkit_sigtake());
  lsmkit_sigmask(LSMKIT_SIG_SETMASK, old, NULL);
  tell("unblocked", lsmkit_sigtake());
  flush();
  return 0;
}
