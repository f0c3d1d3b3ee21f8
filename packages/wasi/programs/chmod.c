/* chmod MODE FILE...: changes modes: octal, or `u+x,go-w`; without u, g or o for all. */
#include "tool.h"
TOOL("chmod");

#define USAGE "chmod MODE FILE... (MODE: 755, u+x, go-w, a=rw)"

static unsigned bit_of(const char *letters, char c) {
  const char *at = c == '\0' ? NULL : strchr(letters, c);
  return at == NULL ? 0 : 1u << (at - letters);
}

/* What `text` makes of a mode; -1 when it is none. */
static int changed(const char *text, unsigned mode) {
  if (*text >= '0' && *text <= '7') {
    char *end;
    unsigned long octal = strtoul(text, &end, 8);
    return *end != '\0' || octal > 07777 ? -1 : (int)octal;
  }
  for (;; text++) {
    unsigned who = 0, bits = 0, bit;
    for (; (bit = bit_of("ogu", *text)) != 0; text++) who |= bit;
    if (*text == 'a') who = 7, text++;
    if (who == 0) who = 7;
    char how = *text;
    if (how == '\0' || strchr("+-=", how) == NULL) return -1;
    for (text++; (bit = bit_of("xwr", *text)) != 0; text++) bits |= bit;
    for (unsigned i = 0; i < 3; i++) {
      if ((who & 1u << i) == 0) continue;
      unsigned own = bits << 3 * i;
      mode = how == '-' ? mode & ~own : how == '+' ? mode | own : (mode & ~(7u << 3 * i)) | own;
    }
    if (*text == '\0') return (int)mode;
    if (*text != ',') return -1;
  }
}

int main(int argc, char **argv) {
  if (argc < 3 || changed(argv[1], 0) < 0) usage(USAGE);
  int status = 0;
  for (int i = 2; i < argc; i++) {
    struct lsmkit_stat st;
    if (lsmkit_stat(argv[i], &st) < 0 || lsmkit_chmod(argv[i], (unsigned)changed(argv[1], st.mode & 07777)) < 0)
      status = fail(argv[i]);
  }
  return status;
}
