/* threads: four threads of wasi-threads count together, and the first tells. Without a libc, which has none here. */
/* build: -nostdlib -ffreestanding -matomics -mbulk-memory -Wl,--shared-memory,--import-memory,--export-memory */
/* build: -Wl,--max-memory=262144,--export=_start,--export=wasi_thread_start,--no-entry */
#include <stdint.h>

#define IMPORT(module, name) __attribute__((import_module(module), import_name(name)))
int thread_spawn(void *argument) IMPORT("wasi", "thread-spawn");
int fd_write(int fd, const void *iovs, int count, uint32_t *written) IMPORT("wasi_snapshot_preview1", "fd_write");
_Noreturn void proc_exit(int code) IMPORT("wasi_snapshot_preview1", "proc_exit");

enum { THREADS = 4, ROUNDS = 1000, STACK = 4096 };

/* The first word is where its stack begins. */
struct start {
  char *stack;
  int number;
};
static char stacks[THREADS][STACK] __attribute__((aligned(16)));
static struct start starts[THREADS];
static int counter, running = THREADS, tids[THREADS];

__asm__(
  ".globaltype __stack_pointer, i32\n"
  ".functype thread_main (i32, i32) -> ()\n"
  ".globl wasi_thread_start\n"
  ".type wasi_thread_start,@function\n"
  "wasi_thread_start:\n"
  ".functype wasi_thread_start (i32, i32) -> ()\n"
  "local.get 1\n"
  "i32.load 0\n"
  "global.set __stack_pointer\n"
  "local.get 0\n"
  "local.get 1\n"
  "call thread_main\n"
  "end_function\n");

__attribute__((used)) void thread_main(int tid, struct start *start) {
  tids[start->number] = tid;
  for (int i = 0; i < ROUNDS; i++) __atomic_fetch_add(&counter, 1, __ATOMIC_SEQ_CST);
  if (__atomic_sub_fetch(&running, 1, __ATOMIC_SEQ_CST) == 0) __builtin_wasm_memory_atomic_notify(&running, 1);
}

static void say(const char *text, uint32_t length) {
  struct { const char *at; uint32_t length; } iov = {text, length};
  uint32_t written;
  fd_write(1, &iov, 1, &written);
}

void _start(void) {
  for (int i = 0; i < THREADS; i++) {
    starts[i] = (struct start){stacks[i] + STACK, i};
    if (thread_spawn(&starts[i]) < 0) proc_exit(1);
  }
  for (int left; (left = __atomic_load_n(&running, __ATOMIC_SEQ_CST)) != 0;)
    __builtin_wasm_memory_atomic_wait32(&running, left, -1);
  for (int i = 0; i < THREADS; i++)
    for (int j = 0; j < i; j++)
      if (tids[i] == tids[j] || tids[i] <= 0) proc_exit(2);
  if (counter != THREADS * ROUNDS) proc_exit(3);
  say("4000\n", 5);
  proc_exit(0);
}
