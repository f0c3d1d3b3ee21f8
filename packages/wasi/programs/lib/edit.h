/*
 * A line editor for a shell at a terminal: keys of Emacs and arrows, history, search, completion. The terminal is raw
 * while a line is edited and has its own settings again before the line is answered.
 */
#ifndef EDIT_H
#define EDIT_H

#include <stddef.h>

/* Bytes of a line, the NUL included. */
#define EDIT_MAX 4096

enum { EDIT_END = -1, EDIT_INTERRUPTED = -2 };

/* What the bytes from `from` to the cursor may become. Words are given to `edit_offer`. */
typedef void (*edit_complete)(const char *line, size_t cursor);

/*
 * Words that begin where the word under the cursor begins, at byte `from`. `more`: no blank goes behind it, as behind
 * the name of a directory. The text is copied.
 */
void edit_offer(size_t from, const char *word, int more);

/* Reads one line into `line`: its length, EDIT_END for Ctrl-D on an empty line, EDIT_INTERRUPTED for a signal. */
int edit_line(int fd, const char *prompt, edit_complete complete, char line[EDIT_MAX]);

/* Adds a line, unless it is blank, begins with a blank, or is the same as the last one. True when it was added. */
int edit_remember(const char *line);
/* The lines that are remembered, oldest first; NULL behind the last. */
const char *edit_remembered(size_t index);

#endif
