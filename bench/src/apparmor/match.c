/* Matches strings on the tables of an automaton, as the kernel does it and nothing else: prints nanoseconds a string. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static uint32_t *base, *accept_words;
static uint16_t *check, *next, *def;
static uint8_t classes[256];

static unsigned walk(unsigned state, const unsigned char *text) {
  for (; *text; text++) {
    unsigned c = classes[*text];
    for (;;) {
      uint32_t b = base[state];
      unsigned at = (b & 0xffffff) + c;
      if (check[at] == state) { state = next[at]; break; }
      state = def[state];
      if (!(b & 0x80000000u)) break;
    }
  }
  return state;
}

static void *take(FILE *file, size_t size) {
  void *memory = malloc(size);
  if (!memory || fread(memory, 1, size, file) != size) exit(2);
  return memory;
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e9 + time.tv_nsec;
}

/* FILE: states, transitions, start, strings; tables; strings with their NULs. */
int main(int argc, char **argv) {
  if (argc < 3) return 2;
  FILE *file = fopen(argv[1], "rb");
  int rounds = atoi(argv[2]);
  if (!file) return 2;
  uint32_t *head = take(file, 20);
  base = take(file, head[0] * 4);
  accept_words = take(file, head[0] * 4);
  def = take(file, head[0] * 2);
  check = take(file, head[1] * 2);
  next = take(file, head[1] * 2);
  memcpy(classes, take(file, 256), 256);
  unsigned char *texts = take(file, head[4]);
  double best = 1e18;
  uint32_t sum = 0;
  for (int pass = 0; pass < 15; pass++) {
    double start = now();
    for (int round = 0; round < rounds; round++) {
      unsigned char *text = texts;
      for (uint32_t i = 0; i < head[3]; i++) {
        sum += (accept_words[walk(head[2], text)] & 4) != 0;
        text += strlen((char *)text) + 1;
      }
    }
    double took = now() - start;
    if (took < best) best = took;
  }
  printf("%.4f %u\n", best / rounds / head[3], sum);
  return 0;
}
