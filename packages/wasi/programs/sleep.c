/* sleep SECONDS...: waits, also for parts of a second. */
#include <time.h>

#include "tool.h"
TOOL("sleep");

#define MOST 1000000000ull /* seconds; what is longer waits as long */

/* In nanoseconds: digits, and a point with digits behind it. Returns 0 when the text is no such number. */
static int add_time(const char *text, unsigned long long *to) {
  unsigned long long seconds = 0, part = 0, unit = 1000000000;
  const char *digits = text;
  for (; *text >= '0' && *text <= '9'; text++)
    if (seconds < MOST) seconds = seconds * 10 + (unsigned)(*text - '0');
  if (*text == '.') {
    digits++;
    for (text++; *text >= '0' && *text <= '9'; text++) part += (unsigned)(*text - '0') * (unit /= 10);
  }
  if (text == digits || *text != '\0') return 0;
  *to += (seconds < MOST ? seconds : MOST) * 1000000000 + part;
  return 1;
}

int main(int argc, char **argv) {
  unsigned long long left = 0;
  if (argc < 2) usage("sleep SECONDS...");
  for (int i = 1; i < argc; i++)
    if (!add_time(argv[i], &left)) usage("sleep SECONDS...");
  struct timespec time = {(time_t)(left / 1000000000), (long)(left % 1000000000)};
  // a signal that is ignored, and a stop and its end, do not wake it for good
  while (nanosleep(&time, &time) < 0)
    if (errno != EINTR) return fail("nanosleep");
  return 0;
}
