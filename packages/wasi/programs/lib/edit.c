/* The line editor of edit.h. What is on the screen is one row: a longer line scrolls sideways. */
#include "edit.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#include "lsmkit.h"

/* Lines that are remembered. */
#define REMEMBERED 1000
/* Words that are offered, and those of them that are shown. */
#define OFFERED 4096
#define SHOWN 200

static struct {
  int fd;
  const char *prompt;
  char *text;
  size_t length, cursor;
  size_t place; /* in the history; its count is the line that is being typed */
  char typed[EDIT_MAX];
  char killed[EDIT_MAX];
} edit;

/* ---- output, a screen row at once ---- */

static char out[8192];
static size_t out_used;

static void show_flush(void) {
  for (size_t at = 0; at < out_used;) {
    ssize_t n = write(STDOUT_FILENO, out + at, out_used - at);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    at += (size_t)n;
  }
  out_used = 0;
}
static void show_bytes(const char *text, size_t length) {
  for (size_t i = 0; i < length; i++) {
    if (out_used == sizeof out) show_flush();
    out[out_used++] = text[i];
  }
}
static void show(const char *text) { show_bytes(text, strlen(text)); }
static void show_number(size_t value) {
  char digits[24];
  size_t first = sizeof digits;
  do digits[--first] = (char)('0' + value % 10);
  while ((value /= 10) != 0);
  show_bytes(digits + first, sizeof digits - first);
}

/* ---- characters of UTF-8 and the columns that they take ---- */

static size_t char_length(const char *p, size_t left) {
  unsigned char c = (unsigned char)*p;
  size_t length = c < 0x80 ? 1 : c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;
  for (size_t i = 1; i < length; i++)
    if (i >= left || ((unsigned char)p[i] & 0xc0) != 0x80) return 1;
  return length;
}
static size_t char_before(const char *text, size_t at) {
  size_t back = 1;
  while (back < 4 && back < at && ((unsigned char)text[at - back] & 0xc0) == 0x80) back++;
  return char_length(text + at - back, back) == back ? back : 1;
}
static int char_width(const char *p, size_t length) {
  static const unsigned char masks[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
  wchar_t code = (unsigned char)*p & masks[length];
  for (size_t i = 1; i < length; i++) code = code << 6 | ((unsigned char)p[i] & 0x3f);
  int width = length == 1 && (unsigned char)*p >= 0x80 ? 1 : wcwidth(code);
  return width < 0 ? 1 : width;
}
static int width_of(const char *text, size_t length) {
  int width = 0;
  for (size_t i = 0; i < length;) {
    size_t n = char_length(text + i, length - i);
    width += char_width(text + i, n);
    i += n;
  }
  return width;
}
/* A byte that would drive the terminal is a question mark. */
static void show_text(const char *text, size_t length) {
  for (size_t i = 0; i < length;) {
    size_t n = char_length(text + i, length - i);
    unsigned char c = (unsigned char)text[i];
    /* C0, DEL, a byte that is no character, and C1 */
    int is_plain = n == 1 ? c >= 0x20 && c < 0x7f : !(n == 2 && c == 0xc2 && (unsigned char)text[i + 1] < 0xa0);
    if (is_plain) show_bytes(text + i, n);
    else show("?");
    i += n;
  }
}

static int columns(void) {
  struct winsize size;
  return tcgetwinsize(edit.fd, &size) == 0 && size.ws_col > 10 ? size.ws_col : 80;
}

/* Draws the row: `prompt`, and of the text as much as fits with the cursor in it. */
static void draw(const char *prompt) {
  int room = columns() - width_of(prompt, strlen(prompt)) - 1;
  if (room < 8) room = 8;
  size_t from = 0;
  while (width_of(edit.text + from, edit.cursor - from) > room) from += char_length(edit.text + from, edit.length - from);
  size_t to = from;
  for (int width = 0; to < edit.length;) {
    size_t n = char_length(edit.text + to, edit.length - to);
    width += char_width(edit.text + to, n);
    if (width > room) break;
    to += n;
  }
  show("\r");
  show(prompt);
  show_text(edit.text + from, to - from);
  show("\x1b[K");
  int back = width_of(edit.text + edit.cursor, to - edit.cursor);
  if (back > 0) {
    show("\x1b[");
    show_number((size_t)back);
    show("D");
  }
  show_flush();
}
static void redraw(void) { draw(edit.prompt); }

/* ---- changes of the text ---- */

static void replace(size_t from, size_t to, const char *with, size_t length) {
  if (edit.length - (to - from) + length >= EDIT_MAX) return;
  memmove(edit.text + from + length, edit.text + to, edit.length - to);
  memcpy(edit.text + from, with, length);
  edit.length += length - (to - from);
  edit.cursor = from + length;
  edit.text[edit.length] = '\0';
}
static int fits(void) {
  return width_of(edit.prompt, strlen(edit.prompt)) + width_of(edit.text, edit.length) < columns() - 1;
}
/* Behind a text that fits, the new characters are all there is to draw. */
static void insert(const char *with, size_t length) {
  int at_end = edit.cursor == edit.length;
  replace(edit.cursor, edit.cursor, with, length);
  if (!at_end || !fits()) redraw();
  else {
    show_text(with, length);
    show_flush();
  }
}
static void kill_range(size_t from, size_t to) {
  if (from == to) return;
  memcpy(edit.killed, edit.text + from, to - from);
  edit.killed[to - from] = '\0';
  replace(from, to, "", 0);
  redraw();
}
static void erase_before(void) {
  if (edit.cursor == 0) return;
  size_t length = char_before(edit.text, edit.cursor);
  int is_plain = edit.cursor == edit.length && fits() && char_width(edit.text + edit.cursor - length, length) == 1;
  replace(edit.cursor - length, edit.cursor, "", 0);
  if (!is_plain) return redraw();
  show("\b \b");
  show_flush();
}
static void erase_under(void) {
  if (edit.cursor == edit.length) return;
  size_t at = edit.cursor;
  replace(at, at + char_length(edit.text + at, edit.length - at), "", 0);
  redraw();
}
static void set_text(const char *text) {
  edit.length = strlen(text);
  if (edit.length >= EDIT_MAX) edit.length = EDIT_MAX - 1;
  memmove(edit.text, text, edit.length);
  edit.text[edit.length] = '\0';
  edit.cursor = edit.length;
}

static void move_to(size_t at) {
  edit.cursor = at;
  redraw();
}
static void move_left(void) {
  if (edit.cursor > 0) move_to(edit.cursor - char_before(edit.text, edit.cursor));
}
static void move_right(void) {
  if (edit.cursor < edit.length)
    move_to(edit.cursor + char_length(edit.text + edit.cursor, edit.length - edit.cursor));
}
static size_t word_left(void) {
  size_t at = edit.cursor;
  while (at > 0 && edit.text[at - 1] == ' ') at--;
  while (at > 0 && edit.text[at - 1] != ' ') at--;
  return at;
}
static size_t word_right(void) {
  size_t at = edit.cursor;
  while (at < edit.length && edit.text[at] == ' ') at++;
  while (at < edit.length && edit.text[at] != ' ') at++;
  return at;
}

/* ---- history ---- */

static char *lines[REMEMBERED];
static size_t line_count;

int edit_remember(const char *line) {
  if (line[strspn(line, " \t")] == '\0' || *line == ' ' || strlen(line) >= EDIT_MAX) return 0;
  if (line_count > 0 && strcmp(lines[line_count - 1], line) == 0) return 0;
  char *copy = strdup(line);
  if (copy == NULL) return 0;
  if (line_count == REMEMBERED) {
    free(lines[0]);
    memmove(lines, lines + 1, (REMEMBERED - 1) * sizeof *lines);
    line_count--;
  }
  lines[line_count++] = copy;
  return 1;
}
const char *edit_remembered(size_t index) { return index < line_count ? lines[index] : NULL; }

static void ring(void) {
  show("\a");
  show_flush();
}
/* `place` is one behind the last line at most; one in front of the first is very big. */
static void go_to(size_t place) {
  if (place > line_count) return ring();
  if (edit.place == line_count) strcpy(edit.typed, edit.text);
  edit.place = place;
  set_text(place == line_count ? edit.typed : lines[place]);
  redraw();
}

/* ---- completion ---- */

static struct {
  char *words[OFFERED];
  int more[OFFERED];
  size_t count, from;
} offers;

void edit_offer(size_t from, const char *word, int more) {
  if (offers.count == OFFERED) return;
  for (size_t i = 0; i < offers.count; i++)
    if (strcmp(offers.words[i], word) == 0) return;
  char *copy = strdup(word);
  if (copy == NULL) return;
  size_t at = offers.count++;
  for (; at > 0 && strcmp(offers.words[at - 1], copy) > 0; at--) {
    offers.words[at] = offers.words[at - 1];
    offers.more[at] = offers.more[at - 1];
  }
  offers.words[at] = copy;
  offers.more[at] = more;
  offers.from = from;
}

/* The part behind the last slash that is not the end: what tells one offer from another. */
static const char *shown_part(const char *word) {
  const char *part = word;
  for (const char *p = word; *p != '\0'; p++)
    if (*p == '/' && p[1] != '\0') part = p + 1;
  return part;
}
static void show_offers(void) {
  size_t count = offers.count < SHOWN ? offers.count : SHOWN;
  int width = 0;
  for (size_t i = 0; i < count; i++) {
    int one = width_of(shown_part(offers.words[i]), strlen(shown_part(offers.words[i])));
    if (one > width) width = one;
  }
  size_t across = (size_t)(columns() / (width + 2)), down;
  if (across == 0) across = 1;
  down = (count + across - 1) / across;
  show("\n");
  for (size_t row = 0; row < down; row++) {
    for (size_t i = row; i < count; i += down) {
      const char *part = shown_part(offers.words[i]);
      show_text(part, strlen(part));
      if (i + down < count)
        for (int pad = width + 2 - width_of(part, strlen(part)); pad > 0; pad--) show(" ");
    }
    show("\n");
  }
  if (offers.count > count) {
    show("and ");
    show_number(offers.count - count);
    show(" more\n");
  }
  redraw();
}
static void complete_word(edit_complete complete) {
  for (size_t i = 0; i < offers.count; i++) free(offers.words[i]);
  offers.count = 0;
  complete(edit.text, edit.cursor);
  if (offers.count == 0) return ring();
  size_t common = strlen(offers.words[0]);
  for (size_t i = 1; i < offers.count; i++)
    while (strncmp(offers.words[0], offers.words[i], common) != 0) common--;
  /* no half character */
  while (common > 0 && ((unsigned char)offers.words[0][common] & 0xc0) == 0x80) common--;
  size_t before = edit.cursor - offers.from;
  int is_news = common != before || strncmp(edit.text + offers.from, offers.words[0], common) != 0;
  if (is_news) replace(offers.from, edit.cursor, offers.words[0], common);
  if (offers.count == 1 && !offers.more[0] && edit.text[edit.cursor] != ' ') replace(edit.cursor, edit.cursor, " ", 1);
  if (offers.count > 1 && !is_news) show_offers();
  else redraw();
}

/* ---- keys ---- */

enum { KEY_END = -1, KEY_INTERRUPTED = -2, UP = 256, DOWN, LEFT, RIGHT, HOME, END, DELETE, WORD_LEFT, WORD_RIGHT,
       KILL_WORD, OTHER };

static int read_byte(void) {
  unsigned char c;
  ssize_t n = read(edit.fd, &c, 1);
  return n == 1 ? c : n < 0 && errno == EINTR ? KEY_INTERRUPTED : KEY_END;
}

/* What is behind an ESC: keys of terminals that send CSI or SS3, and Alt with a letter. */
static int read_escape(void) {
  int c = read_byte();
  if (c == 'b') return WORD_LEFT;
  if (c == 'f') return WORD_RIGHT;
  if (c == 'd') return KILL_WORD;
  if (c != '[' && c != 'O') return c < 0 ? c : OTHER;
  int number = 0, modifier = 0, *digits = &number;
  while ((c = read_byte()) >= 0) {
    if (c >= '0' && c <= '9') *digits = *digits * 10 + c - '0';
    else if (c == ';') digits = &modifier;
    else break;
    if (*digits > 999) return OTHER;
  }
  switch (c) {
    case 'A': return UP;
    case 'B': return DOWN;
    case 'C': return modifier > 1 ? WORD_RIGHT : RIGHT;
    case 'D': return modifier > 1 ? WORD_LEFT : LEFT;
    case 'H': return HOME;
    case 'F': return END;
    case '~': return number == 3 ? DELETE : number == 1 || number == 7 ? HOME : number == 4 || number == 8 ? END : OTHER;
    default: return c < 0 ? c : OTHER;
  }
}
static int read_key(void) {
  int c = read_byte();
  return c == 0x1b ? read_escape() : c;
}

/* Ctrl-R: the newest line that has what is typed in it. The answer is the key that ended the search. */
static int search(void) {
  char wanted[128] = "", prompt[192];
  size_t length = 0, at = line_count;
  strcpy(edit.typed, edit.text);
  for (;;) {
    strcpy(prompt, "(search) ");
    strcat(prompt, wanted);
    strcat(prompt, ": ");
    draw(prompt);
    int key = read_byte();
    size_t from = at;
    if (key == 0x12) {
      if (at == 0) continue;
      from = at - 1;
    } else if (key == 0x7f || key == 8) {
      if (length > 0) wanted[--length] = '\0';
      from = line_count - (line_count > 0);
    } else if (key >= 0x20 && length + 1 < sizeof wanted) {
      wanted[length++] = (char)key;
      wanted[length] = '\0';
      if (from == line_count) from = line_count - (line_count > 0);
    } else if (key == 7 || key < 0) {
      set_text(edit.typed);
      redraw();
      return key == 7 ? OTHER : key;
    } else {
      redraw();
      return key == 0x1b ? read_escape() : key;
    }
    for (size_t i = from + 1; i-- > 0 && length > 0;) {
      const char *found = i < line_count ? strstr(lines[i], wanted) : NULL;
      if (found == NULL) continue;
      at = edit.place = i;
      set_text(lines[i]);
      edit.cursor = (size_t)(found - lines[i]);
      break;
    }
  }
}

static void plain_key(int key) {
  char bytes[4] = {(char)key};
  size_t length = key >= 0xf0 ? 4 : key >= 0xe0 ? 3 : key >= 0xc0 ? 2 : 1;
  for (size_t i = 1; i < length; i++) {
    int c = read_byte();
    if (c < 0) return;
    bytes[i] = (char)c;
  }
  if (char_length(bytes, length) == length && key != 0x7f && (key >= 0xc0 || key < 0x80)) insert(bytes, length);
}

/* Does what a key means. True for the end of the line: `*result` is the answer. */
static int act(int key, edit_complete complete, int *result) {
  switch (key) {
    case '\r': case '\n':
      if (edit.cursor < edit.length) move_to(edit.length);
      show("\n");
      show_flush();
      return *result = (int)edit.length, 1;
    case KEY_INTERRUPTED:
      show("^C");
      show_flush();
      return *result = EDIT_INTERRUPTED, 1;
    case KEY_END: return *result = EDIT_END, 1;
    case 4:
      if (edit.length == 0) return *result = EDIT_END, 1;
      erase_under();
      break;
    case '\t': complete_word(complete); break;
    case 0x7f: case 8: erase_before(); break;
    case DELETE: erase_under(); break;
    case 1: case HOME: move_to(0); break;
    case 5: case END: move_to(edit.length); break;
    case 2: case LEFT: move_left(); break;
    case 6: case RIGHT: move_right(); break;
    case WORD_LEFT: move_to(word_left()); break;
    case WORD_RIGHT: move_to(word_right()); break;
    case 0x10: case UP: go_to(edit.place - 1); break;
    case 0x0e: case DOWN: go_to(edit.place + 1); break;
    case 0x0b: kill_range(edit.cursor, edit.length); break;
    case 0x15: kill_range(0, edit.cursor); break;
    case 0x17: kill_range(word_left(), edit.cursor); break;
    case KILL_WORD: kill_range(edit.cursor, word_right()); break;
    case 0x19: insert(edit.killed, strlen(edit.killed)); break;
    case 0x0c:
      show("\x1b[H\x1b[2J");
      redraw();
      break;
    default: if (key >= 0x20 && key < 256) plain_key(key);
  }
  return 0;
}

int edit_line(int fd, const char *prompt, edit_complete complete, char line[EDIT_MAX]) {
  edit.fd = fd;
  edit.prompt = prompt;
  edit.text = line;
  edit.length = edit.cursor = 0;
  *line = '\0';
  edit.place = line_count;
  struct termios own, raw;
  if (tcgetattr(fd, &own) < 0) return EDIT_END;
  raw = own;
  raw.c_lflag &= ~(unsigned)(ICANON | ECHO | IEXTEN);
  tcsetattr(fd, TCSADRAIN, &raw);
  show(prompt);
  show_flush();
  int result = 0;
  for (int key = read_key();; key = read_key()) {
    if (key == 0x12) key = search();
    if (act(key, complete, &result)) break;
  }
  tcsetattr(fd, TCSADRAIN, &own);
  return result;
}
