/*
 * sh [-c TEXT [NAME [ARGUMENT...]] | FILE [ARGUMENT...]]: a small shell.
 *
 *   pipelines, `!`, `&&`, `||`, `;`, `&`            redirection: < > >> n> n>&m
 *   'single', "double", \x                          $NAME ${NAME} $? $$ $! $# $@ $* $0 to $9 $(command)
 *   ~, * ? [...]                                    NAME=value, for one command too
 *   if, while, until, for, { }, ( )                 cd echo exit export unset exec jobs fg bg wait kill umask pwd read
 *                                                   test [ true false : . help history
 *
 * At a terminal a line is edited (lib/edit.c): Tab completes, and lines are remembered, in the file of HISTFILE too.
 * With TERM=dumb the terminal's own editing is all there is.
 *
 * There is no fork here: what has to run beside the shell and is no program of its own, a `( )`, a `$( )`, a part of a
 * pipeline that is built in or compound, runs in another shell (`sh -c`), which knows the variables of this one.
 */
/* build: ../sysroot/lsmkit.c lib/malloc.c lib/edit.c */
#include <ctype.h>
#include <dirent.h>
#include <glob.h>

#include "lib/edit.h"
#include "lib/tools.h"
#include "tool.h"
TOOL("sh");

extern char **environ;

static int last_status, interactive, exiting, terminal = -1;
static pid_t last_background, shell_group;
static char **positional; /* $0 and on, ends with NULL */
static const char *shell_path = "/bin/sh";

/* ---- memory: what one command line needs is given back when it has run ---- */

struct block {
  struct block *next;
  char bytes[];
};
static struct block *blocks;

static void *allocate(size_t size) {
  struct block *block = malloc(sizeof *block + size);
  if (block == NULL) {
    complain("out of memory", NULL);
    _exit(1);
  }
  block->next = blocks;
  blocks = block;
  return memset(block->bytes, 0, size);
}
static void release(struct block *until) {
  while (blocks != until) {
    struct block *next = blocks->next;
    free(blocks);
    blocks = next;
  }
}
static char *copy_of(const char *text, size_t length) {
  char *copy = allocate(length + 1);
  return memcpy(copy, text, length);
}

/* A text or a list that grows. */
struct buffer {
  char *text;
  size_t used, room;
};
static void add(struct buffer *b, char c) {
  if (b->used + 2 > b->room) {
    char *more = allocate(b->room = b->room * 2 + 32);
    memcpy(more, b->text == NULL ? "" : b->text, b->used);
    b->text = more;
  }
  b->text[b->used++] = c;
  b->text[b->used] = '\0';
}
static void add_text(struct buffer *b, const char *text) {
  while (*text != '\0') add(b, *text++);
}

struct list {
  char **words;
  size_t count, room;
};
static void append(struct list *l, char *word) {
  if (l->count + 2 > l->room) {
    char **more = allocate((l->room = l->room * 2 + 8) * sizeof *more);
    if (l->count > 0) memcpy(more, l->words, l->count * sizeof *more);
    l->words = more;
  }
  l->words[l->count++] = word;
  l->words[l->count] = NULL;
}

/* ---- variables: environment and shell alike, those that are not exported marked ---- */

struct variable {
  struct variable *next;
  char *name, *value;
  int exported;
};
static struct variable *variables;

static struct variable *find_variable(const char *name) {
  for (struct variable *v = variables; v != NULL; v = v->next)
    if (strcmp(v->name, name) == 0) return v;
  return NULL;
}
static const char *value_of(const char *name) {
  struct variable *v = find_variable(name);
  return v == NULL ? NULL : v->value;
}
static void set_variable(const char *name, const char *value, int exported) {
  struct variable *v = find_variable(name);
  if (v == NULL) {
    v = calloc(1, sizeof *v);
    if (v == NULL) return;
    v->name = strdup(name);
    v->next = variables;
    variables = v;
  }
  if (value != NULL) {
    free(v->value);
    v->value = strdup(value);
  }
  if (v->value == NULL) v->value = strdup("");
  v->exported |= exported;
}
static void unset_variable(const char *name) {
  for (struct variable **at = &variables; *at != NULL; at = &(*at)->next)
    if (strcmp((*at)->name, name) == 0) {
      struct variable *gone = *at;
      *at = gone->next;
      free(gone->name);
      free(gone->value);
      free(gone);
      return;
    }
}
static size_t name_length(const char *text) {
  size_t n = 0;
  if (!isalpha((unsigned char)*text) && *text != '_') return 0;
  while (isalnum((unsigned char)text[n]) || text[n] == '_') n++;
  return n;
}
/* What a program gets: exported variables, or `all` of them, and assignments in front of its name. */
static char **environment(int all, const struct list *assignments) {
  struct list l = {0};
  for (struct variable *v = variables; v != NULL; v = v->next) {
    if (!v->exported && !all) continue;
    int overridden = 0;
    for (size_t i = 0; i < assignments->count; i++)
      if (strncmp(assignments->words[i], v->name, strlen(v->name)) == 0 && assignments->words[i][strlen(v->name)] == '=')
        overridden = 1;
    if (overridden) continue;
    struct buffer b = {0};
    add_text(&b, v->name);
    add(&b, '=');
    add_text(&b, v->value);
    append(&l, b.text);
  }
  for (size_t i = 0; i < assignments->count; i++) append(&l, assignments->words[i]);
  if (l.words == NULL) append(&l, NULL);
  return l.words;
}

/* ---- words and syntax ---- */

enum kind { SIMPLE, PIPE, AND, OR, SEQUENCE, BACKGROUND, NOT, IF, WHILE, UNTIL, FOR, GROUP, SUBSHELL };
struct redirect {
  struct redirect *next;
  int fd, flags, to; /* to >= 0: a copy of that descriptor; -2: closed */
  char *target;
};
struct node {
  enum kind kind;
  struct list words; /* of SIMPLE, as written; of FOR the name and its words */
  struct redirect *redirects;
  struct node *left, *right, *otherwise;
  const char *from, *to; /* where it stands */
  const char *inside, *to_inside; /* of SUBSHELL: what stands between its ( and ) */
};

static const char *at;
static int failed_syntax, want_more;

static void syntax(const char *what) {
  if (!failed_syntax) complain("syntax error", what);
  failed_syntax = 1;
}
static void skip_blank(void) {
  for (;;) {
    if (*at == ' ' || *at == '\t') at++;
    else if (*at == '\\' && at[1] == '\n') at += 2;
    else if (*at == '#') while (*at != '\0' && *at != '\n') at++;
    else return;
  }
}
static void skip_lines(void) {
  do skip_blank();
  while ((*at == '\n' || *at == ';') && at++);
}
static void skip_newlines(void) {
  do skip_blank();
  while (*at == '\n' && at++);
}
static int is_meta(char c) { return c == '\0' || strchr(" \t\n;&|<>()", c) != NULL; }

/* Behind a `$(`: over nested ones and quotes. */
static const char *close_of(const char *p, char close) {
  for (; *p != '\0' && *p != close; p++) {
    if (*p == '\\' && p[1] != '\0') p++;
    else if (*p == '\'') {
      const char *end = strchr(p + 1, '\'');
      if (end == NULL) return NULL;
      p = end;
    } else if (*p == '(') {
      const char *end = close_of(p + 1, ')');
      if (end == NULL) return NULL;
      p = end;
    } else if (*p == '"') {
      const char *end = close_of(p + 1, '"');
      if (end == NULL) return NULL;
      p = end;
    }
  }
  return *p == close ? p : NULL;
}

/* The end of the word at `p`; NULL when a quote does not end. */
static const char *word_end(const char *p) {
  while (!is_meta(*p)) {
    const char *end = p;
    if (*p == '\\' && p[1] != '\0') end = p + 1;
    else if (*p == '\'') end = strchr(p + 1, '\'');
    else if (*p == '"') end = close_of(p + 1, '"');
    else if (*p == '$' && p[1] == '(') end = close_of(p + 2, ')');
    else if (*p == '$' && p[1] == '{') end = close_of(p + 2, '}');
    if (end == NULL) return NULL;
    p = end + 1;
  }
  return p;
}
static char *take_word(void) {
  skip_blank();
  const char *end = word_end(at);
  if (end == NULL) {
    want_more = 1;
    syntax("a quote does not end");
    return NULL;
  }
  char *word = copy_of(at, (size_t)(end - at));
  at = end;
  return word;
}
static int is_next(const char *word) {
  skip_blank();
  size_t n = strlen(word);
  return strncmp(at, word, n) == 0 && is_meta(at[n]);
}
static int take_if(const char *word) {
  if (!is_next(word)) return 0;
  at += strlen(word);
  return 1;
}
static void expect(const char *word) {
  skip_lines();
  if (take_if(word)) return;
  if (*at == '\0') want_more = 1;
  syntax(word);
}

static struct node *parse_list(void);

static struct node *new_node(enum kind kind, struct node *left, struct node *right) {
  struct node *n = allocate(sizeof *n);
  n->kind = kind;
  n->left = left;
  n->right = right;
  n->from = left == NULL ? at : left->from;
  return n;
}

static int parse_redirect(struct node *n) {
  skip_blank();
  const char *p = at;
  int fd = -1;
  if (isdigit((unsigned char)*p) && (p[1] == '<' || p[1] == '>')) fd = *p++ - '0';
  if (*p != '<' && *p != '>') return 0;
  struct redirect *r = allocate(sizeof *r), **last = &n->redirects;
  r->fd = fd >= 0 ? fd : *p == '<' ? 0 : 1;
  r->to = -1;
  r->flags = *p == '<' ? LSMKIT_O_RDONLY : LSMKIT_O_WRONLY | LSMKIT_O_CREAT | LSMKIT_O_TRUNC;
  if (*p++ == '>' && *p == '>') {
    r->flags = LSMKIT_O_WRONLY | LSMKIT_O_CREAT | LSMKIT_O_APPEND;
    p++;
  }
  int duplicates = *p == '&';
  at = p + duplicates;
  r->target = take_word();
  if (r->target == NULL || *r->target == '\0') {
    syntax("a redirection leads nowhere");
    return 0;
  }
  if (duplicates) r->to = strcmp(r->target, "-") == 0 ? -2 : isdigit((unsigned char)*r->target) ? *r->target - '0' : -1;
  if (duplicates && r->to == -1) syntax(r->target);
  while (*last != NULL) last = &(*last)->next;
  *last = r;
  return 1;
}

static int is_reserved(void) {
  static const char *const words[] = {"then", "else", "elif", "fi", "do", "done", "}"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (is_next(words[i])) return 1;
  return 0;
}

static struct node *parse_if(void) {
  struct node *n = new_node(IF, NULL, NULL);
  n->left = parse_list();
  expect("then");
  n->right = parse_list();
  skip_lines();
  if (take_if("elif")) {
    n->otherwise = parse_if();
    return n;
  }
  if (take_if("else")) n->otherwise = parse_list();
  expect("fi");
  return n;
}

static struct node *parse_command(void) {
  skip_blank();
  struct node *n;
  const char *from = at;
  if (take_if("if")) n = parse_if();
  else if (is_next("while") || is_next("until")) {
    n = new_node(*at == 'w' ? WHILE : UNTIL, NULL, NULL);
    at += 5;
    n->left = parse_list();
    expect("do");
    n->right = parse_list();
    expect("done");
  } else if (take_if("for")) {
    n = new_node(FOR, NULL, NULL);
    char *name = take_word();
    if (name == NULL || name_length(name) != strlen(name)) syntax("for needs a name");
    append(&n->words, name);
    skip_newlines();
    if (take_if("in")) {
      for (skip_blank(); !is_meta(*at); skip_blank()) append(&n->words, take_word());
    } else append(&n->words, copy_of("\"$@\"", 4));
    expect("do");
    n->right = parse_list();
    expect("done");
  } else if (take_if("{")) {
    n = new_node(GROUP, NULL, NULL);
    n->left = parse_list();
    expect("}");
  } else if (*at == '(') {
    at++;
    n = new_node(SUBSHELL, NULL, NULL);
    n->inside = at;
    n->left = parse_list();
    skip_lines();
    n->to_inside = at;
    if (*at == ')') at++;
    else {
      if (*at == '\0') want_more = 1;
      syntax("a ( is not closed");
    }
  } else {
    n = new_node(SIMPLE, NULL, NULL);
    if (is_reserved()) syntax("not expected here");
    while (!failed_syntax) {
      if (parse_redirect(n)) continue;
      skip_blank();
      if (is_meta(*at)) break;
      append(&n->words, take_word());
    }
    if (n->words.count == 0 && n->redirects == NULL && !failed_syntax) {
      if (*at == '\0') want_more = 1;
      syntax(*at == '\0' ? "a command is missing" : "a command is expected");
    }
  }
  n->from = from;
  if (n->kind != SIMPLE) while (!failed_syntax && parse_redirect(n)) continue;
  n->to = at;
  return n;
}

static struct node *parse_pipeline(void) {
  skip_blank();
  if (take_if("!")) {
    struct node *n = new_node(NOT, parse_pipeline(), NULL);
    n->to = at;
    return n;
  }
  struct node *n = parse_command();
  for (skip_blank(); !failed_syntax && *at == '|' && at[1] != '|'; skip_blank()) {
    at++;
    skip_newlines();
    n = new_node(PIPE, n, parse_command());
    n->to = at;
  }
  return n;
}

static struct node *parse_and_or(void) {
  struct node *n = parse_pipeline();
  for (skip_blank(); !failed_syntax && ((*at == '&' && at[1] == '&') || (*at == '|' && at[1] == '|')); skip_blank()) {
    enum kind kind = *at == '&' ? AND : OR;
    at += 2;
    skip_newlines();
    n = new_node(kind, n, parse_pipeline());
    n->to = at;
  }
  return n;
}

/* Up to what ends it: the end, a `)`, a reserved word. NULL when there is nothing. */
static struct node *parse_list(void) {
  struct node *whole = NULL;
  for (;;) {
    skip_lines();
    if (failed_syntax || *at == '\0' || *at == ')' || is_reserved()) break;
    struct node *n = parse_and_or();
    skip_blank();
    if (!failed_syntax && *at == '&') {
      at++;
      n = new_node(BACKGROUND, n, NULL);
      n->to = n->left->to;
    }
    whole = whole == NULL ? n : new_node(SEQUENCE, whole, n);
    whole->to = at;
  }
  return whole;
}

/* ---- expansion ---- */

static int run_text_into(const char *text, struct buffer *out);

/* A pattern of fnmatch for a text in which quoted characters mean themselves. */
struct expansion {
  struct list *out;
  struct buffer text;    /* a `\` in front of quoted characters that mean something to patterns */
  int begun, has_glob;
};
static void add_quoted(struct expansion *e, char c) {
  if (strchr("*?[]\\", c) != NULL) add(&e->text, '\\');
  add(&e->text, c);
  e->begun = 1;
}
static char *unquoted(const char *pattern) {
  struct buffer b = {0};
  for (; *pattern != '\0'; pattern++) {
    if (*pattern == '\\' && pattern[1] != '\0') pattern++;
    add(&b, *pattern);
  }
  return b.text == NULL ? copy_of("", 0) : b.text;
}
static void end_field(struct expansion *e) {
  if (!e->begun) return;
  glob_t found = {0};
  const char *pattern = e->text.text == NULL ? "" : e->text.text;
  if (e->has_glob && glob(pattern, 0, NULL, &found) == 0) {
    for (size_t i = 0; i < found.gl_pathc; i++) append(e->out, copy_of(found.gl_pathv[i], strlen(found.gl_pathv[i])));
    globfree(&found);
  } else append(e->out, unquoted(pattern));
  e->text = (struct buffer){0};
  e->begun = e->has_glob = 0;
}
/* The value of something: split at blanks unless it stands in quotes. */
static void add_value(struct expansion *e, const char *value, int quoted, int split) {
  if (quoted) e->begun = 1;
  for (; value != NULL && *value != '\0'; value++) {
    if (quoted || !split) add_quoted(e, *value);
    else if (isspace((unsigned char)*value)) end_field(e);
    else {
      e->has_glob |= strchr("*?[", *value) != NULL;
      add(&e->text, *value);
      e->begun = 1;
    }
  }
}
static char *number_text(unsigned long value) {
  char digits[24];
  size_t first = sizeof digits;
  do digits[--first] = (char)('0' + value % 10);
  while ((value /= 10) != 0);
  return copy_of(digits + first, sizeof digits - first);
}
static int argument_count(void) {
  int n = 0;
  while (positional[n] != NULL) n++;
  return n - 1;
}

/* At a `$`: what it stands for goes into `e`; the answer is what lies behind it. */
static const char *expand_dollar(struct expansion *e, const char *p, int quoted, int split) {
  p++;
  if (*p == '(') {
    const char *end = close_of(p + 1, ')');
    struct buffer out = {0};
    last_status = run_text_into(copy_of(p + 1, (size_t)(end - p - 1)), &out);
    while (out.used > 0 && out.text[out.used - 1] == '\n') out.text[--out.used] = '\0';
    add_value(e, out.text, quoted, split);
    return end + 1;
  }
  int braces = *p == '{';
  p += braces;
  size_t n = name_length(p);
  const char *value = NULL;
  if (n > 0) value = value_of(copy_of(p, n));
  else {
    n = 1;
    if (isdigit((unsigned char)*p)) value = *p - '0' <= argument_count() ? positional[*p - '0'] : NULL;
    else if (*p == '?') value = number_text((unsigned)last_status);
    else if (*p == '$') value = number_text((unsigned)getpid());
    else if (*p == '!') value = last_background == 0 ? NULL : number_text((unsigned)last_background);
    else if (*p == '#') value = number_text((unsigned)argument_count());
    else if (*p == '@' || *p == '*') {
      for (int i = 1; i <= argument_count(); i++) {
        if (i > 1 && *p == '*' && quoted) add_quoted(e, ' ');
        else if (i > 1) end_field(e);
        add_value(e, positional[i], quoted, split);
      }
      if (quoted && argument_count() == 0 && e->text.text == NULL) e->begun = 0;
      return p + 1 + (braces && p[1] == '}');
    } else {
      add_quoted(e, '$');
      return p;
    }
  }
  p += n;
  /* ${NAME:-word} */
  if (braces && (*p == '-' || (*p == ':' && p[1] == '-'))) {
    const char *word = p + 1 + (*p == ':'), *end = strchr(word, '}');
    if (end == NULL) end = word + strlen(word);
    if (value == NULL || (*p == ':' && *value == '\0')) value = copy_of(word, (size_t)(end - word));
    p = end;
  }
  if (braces && *p == '}') p++;
  add_value(e, value, quoted, split);
  return p;
}

static void expand_word(const char *p, struct list *out, int split) {
  struct expansion e = {.out = out};
  if (*p == '~' && (p[1] == '/' || p[1] == '\0') && value_of("HOME") != NULL) {
    add_value(&e, value_of("HOME"), 1, 0);
    p++;
  }
  int quoted = 0;
  while (*p != '\0') {
    if (*p == '$') p = expand_dollar(&e, p, quoted, split);
    else if (*p == '"') {
      quoted = !quoted;
      e.begun = 1;
      p++;
    } else if (*p == '\'' && !quoted) {
      for (p++; *p != '\''; p++) add_quoted(&e, *p);
      e.begun = 1;
      p++;
    } else if (*p == '\\' && p[1] != '\0') {
      if (quoted && strchr("$\"\\`", p[1]) == NULL) add_quoted(&e, '\\');
      add_quoted(&e, p[1]);
      p += 2;
    } else {
      if (quoted) add_quoted(&e, *p);
      else {
        e.has_glob |= split && strchr("*?[", *p) != NULL;
        add(&e.text, *p);
        e.begun = 1;
      }
      p++;
    }
  }
  end_field(&e);
}
/* As one text, for assignments and redirections. */
static char *expand_one(const char *word) {
  struct list out = {0};
  expand_word(word, &out, 0);
  return out.count == 0 ? copy_of("", 0) : out.words[0];
}

/* ---- jobs ---- */

struct job {
  struct job *next;
  int number;
  pid_t group, pids[16], last; /* 0: gone */
  int count, status, stopped, told;
  char *text;
};
static struct job *jobs;

static struct job *add_job(const char *text, size_t length) {
  struct job *job = calloc(1, sizeof *job);
  if (job == NULL) _exit(1);
  for (struct job *j = jobs; j != NULL; j = j->next)
    if (j->number >= job->number) job->number = j->number;
  job->number++;
  job->text = strndup(text, length);
  job->next = jobs;
  return jobs = job;
}
static void drop_job(struct job *job) {
  for (struct job **p = &jobs; *p != NULL; p = &(*p)->next)
    if (*p == job) {
      *p = job->next;
      free(job->text);
      free(job);
      return;
    }
}
static int is_over(const struct job *job) {
  for (int i = 0; i < job->count; i++)
    if (job->pids[i] != 0) return 0;
  return 1;
}
static int status_of(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

/* A child has something to tell. */
static void note_child(pid_t pid, int status) {
  for (struct job *job = jobs; job != NULL; job = job->next)
    for (int i = 0; i < job->count; i++) {
      if (job->pids[i] != pid) continue;
      if (WIFSTOPPED(status)) {
        job->stopped = 1;
        job->status = 128 + WSTOPSIG(status);
        return;
      }
      job->pids[i] = 0;
      if (job->last == pid) job->status = status_of(status);
      if (job->last == pid && WIFSIGNALED(status) && WTERMSIG(status) == LSMKIT_SIGINT) put("\n"), flush();
      return;
    }
}
static void reap(void) {
  int status;
  for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0;) note_child(pid, status);
}
static void take_signals(void) {
  while (lsmkit_sigtake() > 0) continue;
}
static void show_job(const struct job *job, const char *how) {
  put("[");
  put_number((unsigned)job->number, 0);
  put("] ");
  put(how);
  put("  ");
  put(job->text);
  put("\n");
  flush();
}
static void to_foreground(pid_t group) {
  if (terminal >= 0) tcsetpgrp(terminal, group);
}

/* Until the job is over or stopped; its status. */
static int wait_for(struct job *job) {
  while (!is_over(job) && !job->stopped) {
    int status;
    pid_t pid = waitpid(-1, &status, WUNTRACED);
    if (pid > 0) note_child(pid, status);
    else if (errno == EINTR) {
      take_signals();
      if (!interactive) continue;
    } else break;
  }
  int status = job->status;
  if (job->stopped) {
    if (interactive) show_job(job, "Stopped");
    return status;
  }
  drop_job(job);
  return status;
}
static void tell_jobs(void) {
  reap();
  for (struct job *job = jobs, *next; job != NULL; job = next) {
    next = job->next;
    if (is_over(job)) {
      if (interactive) show_job(job, "Done");
      drop_job(job);
    }
  }
}

/* ---- running ---- */

struct streams {
  int in, out; /* -1: as the shell has them */
};
static const struct streams no_streams = {-1, -1};

/* A program gets an end as descriptor 0 or 1, and no other. */
static int own_pipe(int ends[2]) { return lsmkit_result(__lsmkit_pipe(ends, LSMKIT_PIPE_CLOEXEC)); }

static int run(struct node *n);
static int (*builtin_of(const char *name))(char **);
static int is_builtin(const char *name) { return builtin_of(name) != NULL; }

static int redirect_self(const struct redirect *r, int saved[10]);
static void restore_self(int saved[10]);

static struct lsmkit_spawn_action *actions;
static unsigned action_count;
static void act(uint32_t kind, int fd, int to, const char *path, unsigned mode) {
  actions[action_count++] = (struct lsmkit_spawn_action){kind, fd, to, path, mode};
}
static int count_redirects(const struct redirect *r) { return r == NULL ? 0 : 1 + count_redirects(r->next); }

/* Starts a program of the tree; -1 with a complaint. `job` gets it. */
static int start(char **argv, char **envp, const struct redirect *redirects, struct streams streams, struct job *job,
                 int background) {
  struct lsmkit_spawn_action list[16 + 2 * 16];
  if (count_redirects(redirects) > 16) {
    complain(argv[0], "too many redirections");
    return -1;
  }
  actions = list;
  action_count = 0;
  if (interactive && !background && job->group == 0) act(LSMKIT_TCSETPGRP, terminal, 0, NULL, 0);
  if (streams.in >= 0) act(LSMKIT_DUP2, streams.in, 0, NULL, 0);
  if (streams.out >= 0) act(LSMKIT_DUP2, streams.out, 1, NULL, 0);
  for (const struct redirect *r = redirects; r != NULL; r = r->next) {
    if (r->to == -2) act(LSMKIT_CLOSE, r->fd, 0, NULL, 0);
    else if (r->to >= 0) act(LSMKIT_DUP2, r->to, r->fd, NULL, 0);
    else act(LSMKIT_OPEN, r->fd, r->flags, expand_one(r->target), 0666);
  }
  struct lsmkit_spawn request = {
    .argv = argv, .envp = envp, .actions = list, .action_count = action_count,
    .flags = LSMKIT_SETSIGDEF | (interactive ? LSMKIT_SETPGROUP : 0), .pgroup = job->group,
    .sigdefault = 1u << (LSMKIT_SIGINT - 1) | 1u << (LSMKIT_SIGQUIT - 1) | 1u << (LSMKIT_SIGTSTP - 1) |
                  1u << (LSMKIT_SIGTTIN - 1) | 1u << (LSMKIT_SIGTTOU - 1) | 1u << (LSMKIT_SIGCHLD - 1),
  };
  static char whole[PATH_MAX];
  pid_t pid = -1;
  const char *path = value_of("PATH");
  int error = ENOENT;
  flush();
  if (strchr(argv[0], '/') != NULL) {
    request.path = argv[0];
    pid = lsmkit_spawn(&request);
    error = errno;
  } else {
    for (const char *p = path == NULL ? "" : path; pid < 0;) {
      size_t length = strcspn(p, ":");
      if (length + strlen(argv[0]) + 2 <= sizeof whole) {
        memcpy(whole, p, length);
        whole[length] = '/';
        strcpy(whole + length + (length > 0), argv[0]);
        struct lsmkit_stat st;
        if (lsmkit_stat(whole, &st) == 0 && (st.mode & 0170000) != 0040000) {
          request.path = whole;
          pid = lsmkit_spawn(&request);
          error = errno;
          break;
        }
        if (errno == EACCES) error = EACCES;
      }
      if (p[length] == '\0') break;
      p += length + 1;
    }
  }
  if (pid < 0) {
    int saved[10] = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1};
    if (redirect_self(redirects, saved) == 0) complain(argv[0], error == ENOENT ? "not found" : strerror(error));
    restore_self(saved);
    last_status = error == ENOENT ? 127 : 126;
    return -1;
  }
  if (job->group == 0 && interactive) job->group = pid;
  if (job->count < (int)(sizeof job->pids / sizeof *job->pids)) job->pids[job->count++] = pid;
  job->last = pid;
  return 0;
}

/* What the parser has seen, as text for another shell. */
static int start_shell(const char *text, const struct redirect *redirects, struct streams streams, struct job *job,
                       int background) {
  struct list words = {0}, none = {0};
  append(&words, copy_of(shell_path, strlen(shell_path)));
  append(&words, copy_of("-c", 2));
  append(&words, copy_of(text, strlen(text)));
  for (char **p = positional; *p != NULL; p++) append(&words, *p);
  return start(words.words, environment(1, &none), redirects, streams, job, background);
}

static void split_assignments(struct node *n, struct list *assignments, struct list *words) {
  size_t i = 0;
  for (; i < n->words.count; i++) {
    const char *word = n->words.words[i];
    size_t length = name_length(word);
    if (length == 0 || word[length] != '=') break;
    struct buffer b = {0};
    add_text(&b, copy_of(word, length + 1));
    add_text(&b, expand_one(word + length + 1));
    append(assignments, b.text);
  }
  for (; i < n->words.count; i++) expand_word(n->words.words[i], words, 1);
}

/* One part of a pipeline, or all of it: begins to run beside the shell. */
static int launch(struct node *n, struct streams streams, struct job *job, int background) {
  if (n->kind == SIMPLE) {
    struct list assignments = {0}, words = {0};
    split_assignments(n, &assignments, &words);
    if (words.count > 0 && !is_builtin(words.words[0]))
      return start(words.words, environment(0, &assignments), n->redirects, streams, job, background);
  }
  if (n->kind == SUBSHELL)
    return start_shell(copy_of(n->inside, (size_t)(n->to_inside - n->inside)), n->redirects, streams, job, background);
  return start_shell(copy_of(n->from, (size_t)(n->to - n->from)), NULL, streams, job, background);
}

static int launch_pipeline(struct node *n, struct streams streams, struct job *job, int background) {
  if (n->kind != PIPE) return launch(n, streams, job, background);
  int ends[2];
  if (own_pipe(ends) < 0) return fail("pipe"), -1;
  /* whoever fails to start leaves the others an end of file */
  launch_pipeline(n->left, (struct streams){streams.in, ends[1]}, job, background);
  close(ends[1]);
  int rc = launch(n->right, (struct streams){ends[0], streams.out}, job, background);
  close(ends[0]);
  return rc;
}

static int run_beside(struct node *n, int background) {
  struct job *job = add_job(n->from, (size_t)(n->to - n->from));
  int rc = launch_pipeline(n, no_streams, job, background);
  if (job->count == 0) {
    drop_job(job);
    return last_status;
  }
  if (background) {
    last_background = job->last;
    if (interactive) {
      put("[");
      put_number((unsigned)job->number, 0);
      put("] ");
      put_number((unsigned)job->last, 0);
      put("\n");
      flush();
    }
    return 0;
  }
  int failed = last_status, status = wait_for(job);
  to_foreground(shell_group);
  return rc < 0 ? failed : status;
}

/* Redirections of the shell itself, for what is built in. `saved` keeps what was there, by number; 0 or -1. */
static int redirect_self(const struct redirect *r, int saved[10]) {
  for (; r != NULL; r = r->next) {
    if (r->fd > 9) return complain("redirection", "descriptors go up to 9"), -1;
    if (saved[r->fd] == -1) {
      saved[r->fd] = dup(r->fd);
      if (saved[r->fd] < 0) saved[r->fd] = -2;
      else lsmkit_setcloexec(saved[r->fd], 1);
    }
    if (r->to == -2) close(r->fd);
    else if (r->to >= 0) {
      if (dup2(r->to, r->fd) < 0) return fail("redirection"), -1;
    } else {
      char *path = expand_one(r->target);
      int flags = r->flags == LSMKIT_O_RDONLY ? O_RDONLY
                  : O_WRONLY | O_CREAT | (r->flags & LSMKIT_O_APPEND ? O_APPEND : O_TRUNC);
      int fd = open(path, flags, 0666);
      if (fd < 0) return fail(path), -1;
      if (fd != r->fd) {
        dup2(fd, r->fd);
        close(fd);
      }
    }
  }
  return 0;
}
static void restore_self(int saved[10]) {
  flush();
  for (int fd = 0; fd < 10; fd++) {
    if (saved[fd] == -1) continue;
    if (saved[fd] == -2) close(fd);
    else {
      dup2(saved[fd], fd);
      close(saved[fd]);
    }
  }
}

static int run_simple(struct node *n) {
  struct list assignments = {0}, words = {0};
  split_assignments(n, &assignments, &words);
  if (words.count > 0 && !is_builtin(words.words[0])) {
    struct job *job = add_job(n->from, (size_t)(n->to - n->from));
    if (start(words.words, environment(0, &assignments), n->redirects, no_streams, job, 0) < 0) {
      drop_job(job);
      return last_status;
    }
    int status = wait_for(job);
    to_foreground(shell_group);
    return status;
  }
  for (size_t i = 0; i < assignments.count; i++) {
    char *equals = strchr(assignments.words[i], '=');
    *equals = '\0';
    set_variable(assignments.words[i], equals + 1, 0);
  }
  int saved[10] = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1};
  int status = words.count == 0 ? last_status : 0, kept = words.count > 0 && strcmp(words.words[0], "exec") == 0;
  if (n->words.count > 0 && words.count == 0 && strstr(n->words.words[0], "$(") == NULL) status = 0;
  if (redirect_self(n->redirects, saved) < 0) status = 1;
  else if (words.count > 0) status = builtin_of(words.words[0])(words.words);
  if (kept && status == 0) flush();
  else restore_self(saved);
  return status;
}

static int run(struct node *n) {
  if (n == NULL || exiting) return last_status;
  struct block *before = blocks;
  int saved[10] = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1}, compound = n->kind >= IF && n->kind != SUBSHELL;
  if (compound && redirect_self(n->redirects, saved) < 0) {
    restore_self(saved);
    return last_status = 1;
  }
  int status = 0;
  switch (n->kind) {
    case SIMPLE: status = run_simple(n); break;
    case PIPE: case SUBSHELL: status = run_beside(n, 0); break;
    case BACKGROUND: status = run_beside(n->left, 1); break;
    case NOT: status = run(n->left) == 0; break;
    case AND: status = run(n->left); if (status == 0) status = run(n->right); break;
    case OR: status = run(n->left); if (status != 0 && !exiting) status = run(n->right); break;
    case SEQUENCE: run(n->left); status = run(n->right); break;
    case GROUP: status = run(n->left); break;
    case IF: status = run(n->left) == 0 ? run(n->right) : n->otherwise == NULL ? 0 : run(n->otherwise); break;
    case WHILE: case UNTIL:
      while (!exiting && (run(n->left) == 0) == (n->kind == WHILE) && status != 130) status = run(n->right);
      break;
    case FOR: {
      struct list words = {0};
      for (size_t i = 1; i < n->words.count; i++) expand_word(n->words.words[i], &words, 1);
      for (size_t i = 0; i < words.count && !exiting && status != 130; i++) {
        set_variable(n->words.words[0], words.words[i], 0);
        status = run(n->right);
      }
      break;
    }
  }
  if (compound) restore_self(saved);
  release(before);
  return exiting ? last_status : (last_status = status);
}

/* ---- what is built in ---- */

static struct job *job_of(const char *word) {
  if (word == NULL) return jobs;
  int number = atoi(*word == '%' ? word + 1 : word);
  for (struct job *job = jobs; job != NULL; job = job->next)
    if (job->number == number) return job;
  complain(word, "no such job");
  return NULL;
}

static int signal_number(const char *name) {
  static const struct { const char *name; int number; } known[] = {
    {"HUP", 1}, {"INT", 2}, {"QUIT", 3}, {"KILL", 9}, {"USR1", 10}, {"PIPE", 13}, {"TERM", 15}, {"CHLD", 17},
    {"CONT", 18}, {"STOP", 19}, {"TSTP", 20},
  };
  if (isdigit((unsigned char)*name)) return atoi(name);
  if (strncmp(name, "SIG", 3) == 0) name += 3;
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (strcmp(known[i].name, name) == 0) return known[i].number;
  return -1;
}

static int do_cd(char **argv) {
  const char *to = argv[1] == NULL ? value_of("HOME") : argv[1];
  if (to == NULL) to = "/";
  return lsmkit_chdir(to) < 0 ? fail(to) : 0;
}
static int do_pwd(char **argv) {
  static char path[PATH_MAX];
  (void)argv;
  if (getcwd(path, sizeof path) == NULL) return fail("pwd");
  put(path);
  put_char('\n');
  return 0;
}
static int do_echo(char **argv) {
  int newline = 1;
  if (argv[1] != NULL && strcmp(argv[1], "-n") == 0) newline = 0, argv++;
  for (char **p = argv + 1; *p != NULL; p++) {
    if (p > argv + 1) put_char(' ');
    put(*p);
  }
  if (newline) put_char('\n');
  return 0;
}
static int do_exit(char **argv) {
  last_status = argv[1] == NULL ? last_status : atoi(argv[1]) & 255;
  exiting = 1;
  return last_status;
}
static int do_export(char **argv) {
  for (char **p = argv + 1; *p != NULL; p++) {
    char *equals = strchr(*p, '=');
    if (equals != NULL) *equals = '\0';
    set_variable(*p, equals == NULL ? NULL : equals + 1, 1);
  }
  if (argv[1] == NULL)
    for (struct variable *v = variables; v != NULL; v = v->next) {
      if (!v->exported) continue;
      put(v->name);
      put_char('=');
      put(v->value);
      put_char('\n');
    }
  return 0;
}
static int do_unset(char **argv) {
  for (char **p = argv + 1; *p != NULL; p++) unset_variable(*p);
  return 0;
}
static int do_exec(char **argv) {
  if (argv[1] == NULL) return 0;
  struct list none = {0};
  flush();
  char **envp = environment(0, &none);
  static char whole[PATH_MAX];
  if (strchr(argv[1], '/') != NULL) execve(argv[1], argv + 1, envp);
  else {
    const char *p = value_of("PATH");
    for (p = p == NULL ? "" : p;; p++) {
      size_t length = strcspn(p, ":");
      if (length + strlen(argv[1]) + 2 <= sizeof whole) {
        memcpy(whole, p, length);
        whole[length] = '/';
        strcpy(whole + length + 1, argv[1]);
        execve(whole, argv + 1, envp);
      }
      p += length;
      if (*p == '\0') break;
    }
  }
  fail(argv[1]);
  exiting = !interactive;
  return last_status = errno == ENOENT ? 127 : 126;
}
static int do_jobs(char **argv) {
  (void)argv;
  reap();
  for (struct job *job = jobs; job != NULL; job = job->next)
    show_job(job, is_over(job) ? "Done" : job->stopped ? "Stopped" : "Running");
  return 0;
}
static int do_fg(char **argv) {
  struct job *job = job_of(argv[1]);
  if (job == NULL || job->group == 0) return 1;
  to_foreground(job->group);
  job->stopped = 0;
  kill(-job->group, LSMKIT_SIGCONT);
  int status = wait_for(job);
  to_foreground(shell_group);
  return status;
}
static int do_bg(char **argv) {
  struct job *job = job_of(argv[1]);
  if (job == NULL || job->group == 0) return 1;
  job->stopped = 0;
  return kill(-job->group, LSMKIT_SIGCONT) < 0 ? fail("bg") : 0;
}
static int do_wait(char **argv) {
  int status = 0;
  if (argv[1] != NULL && *argv[1] != '%') {
    pid_t pid = atoi(argv[1]);
    for (struct job *job = jobs; job != NULL; job = job->next)
      if (job->last == pid) return wait_for(job);
    return 127;
  }
  if (argv[1] != NULL) {
    struct job *job = job_of(argv[1]);
    return job == NULL ? 127 : wait_for(job);
  }
  for (struct job *job = jobs, *next; job != NULL; job = next) {
    next = job->next;
    if (!job->stopped) wait_for(job);
  }
  return status;
}
static int do_kill(char **argv) {
  int sig = LSMKIT_SIGTERM, status = 0;
  char **p = argv + 1;
  if (*p != NULL && **p == '-') sig = signal_number(*p++ + 1);
  if (sig < 0 || *p == NULL) return complain("usage", "kill [-SIGNAL] PID..."), 2;
  for (; *p != NULL; p++) {
    struct job *job = **p == '%' ? job_of(*p) : NULL;
    if (**p == '%' && job == NULL) status = 1;
    else if (kill(job == NULL ? atoi(*p) : job->group != 0 ? -job->group : job->last, sig) < 0) status = fail(*p);
  }
  return status;
}
static int do_umask(char **argv) {
  if (argv[1] != NULL) {
    lsmkit_umask((unsigned)strtoul(argv[1], NULL, 8));
    return 0;
  }
  unsigned mask = lsmkit_umask(022);
  lsmkit_umask(mask);
  for (int shift = 9; shift >= 0; shift -= 3) put_char((char)('0' + (mask >> shift & 7)));
  put_char('\n');
  return 0;
}
static int do_read(char **argv) {
  struct buffer line = {0};
  char c;
  ssize_t n;
  while ((n = read(STDIN_FILENO, &c, 1)) == 1 && c != '\n') add(&line, c);
  char *rest = line.text == NULL ? copy_of("", 0) : line.text;
  for (char **p = argv + 1; *p != NULL; p++) {
    while (isspace((unsigned char)*rest)) rest++;
    size_t length = p[1] == NULL ? strlen(rest) : strcspn(rest, " \t");
    set_variable(*p, copy_of(rest, length), 0);
    rest += length;
  }
  return n == 1 || line.used > 0 ? 0 : 1;
}
static int do_test(char **argv) {
  int n = 0, not = 0;
  while (argv[n] != NULL) n++;
  if (strcmp(argv[0], "[") == 0 && (n == 0 || strcmp(argv[--n], "]") != 0)) return complain("[", "] is missing"), 2;
  char **a = argv + 1;
  n--;
  if (n > 0 && strcmp(*a, "!") == 0) not = 1, a++, n--;
  struct lsmkit_stat st;
  int yes = 0;
  if (n == 1) yes = **a != '\0';
  else if (n == 2 && strcmp(*a, "-n") == 0) yes = *a[1] != '\0';
  else if (n == 2 && strcmp(*a, "-z") == 0) yes = *a[1] == '\0';
  else if (n == 2 && strcmp(*a, "-e") == 0) yes = lsmkit_stat(a[1], &st) == 0;
  else if (n == 2 && strcmp(*a, "-f") == 0) yes = lsmkit_stat(a[1], &st) == 0 && (st.mode & 0170000) == 0100000;
  else if (n == 2 && strcmp(*a, "-d") == 0) yes = lsmkit_stat(a[1], &st) == 0 && (st.mode & 0170000) == 0040000;
  else if (n == 2 && strcmp(*a, "-t") == 0) yes = isatty(atoi(a[1]));
  else if (n == 3 && strcmp(a[1], "=") == 0) yes = strcmp(*a, a[2]) == 0;
  else if (n == 3 && strcmp(a[1], "!=") == 0) yes = strcmp(*a, a[2]) != 0;
  else if (n == 3 && strcmp(a[1], "-eq") == 0) yes = atoi(*a) == atoi(a[2]);
  else if (n == 3 && strcmp(a[1], "-ne") == 0) yes = atoi(*a) != atoi(a[2]);
  else if (n == 3 && strcmp(a[1], "-lt") == 0) yes = atoi(*a) < atoi(a[2]);
  else if (n == 3 && strcmp(a[1], "-gt") == 0) yes = atoi(*a) > atoi(a[2]);
  else if (n != 0) return complain("test", "not known"), 2;
  return yes == not;
}
static int do_true(char **argv) { return (void)argv, 0; }
static int do_false(char **argv) { return (void)argv, 1; }
static int run_source(const char *text);
static int do_source(char **argv) {
  if (argv[1] == NULL) return complain("usage", ". FILE"), 2;
  int fd = open(argv[1], O_RDONLY);
  if (fd < 0) return fail(argv[1]);
  struct buffer text = {0};
  char part[512];
  for (ssize_t n; (n = read(fd, part, sizeof part)) > 0;)
    for (ssize_t i = 0; i < n; i++) add(&text, part[i]);
  close(fd);
  return run_source(text.text == NULL ? "" : text.text);
}

static int do_help(char **argv);
static int do_history(char **argv);

static const struct {
  const char *name;
  int (*run)(char **argv);
  const char *synopsis, *summary; /* NULL: another name of the one above */
} builtins[] = {
  {"cd", do_cd, "cd [DIRECTORY]", "goes to a directory, or home"},
  {"pwd", do_pwd, "pwd", "prints the directory"},
  {"echo", do_echo, "echo [-n] [WORD...]", "prints words"},
  {"help", do_help, "help [NAME...]", "lists what there is, or describes it"},
  {"history", do_history, "history", "prints the lines that were typed"},
  {"exit", do_exit, "exit [STATUS]", "ends the shell"},
  {"export", do_export, "export [NAME[=VALUE]...]", "gives variables to programs, or lists those"},
  {"unset", do_unset, "unset NAME...", "forgets variables"},
  {"exec", do_exec, "exec PROGRAM [ARGUMENT...]", "becomes a program"},
  {"jobs", do_jobs, "jobs", "lists what runs or is stopped"},
  {"fg", do_fg, "fg [%JOB]", "brings a job to the foreground"},
  {"bg", do_bg, "bg [%JOB]", "lets a stopped job go on behind the prompt"},
  {"wait", do_wait, "wait [PID | %JOB]", "waits for jobs"},
  {"kill", do_kill, "kill [-SIGNAL] PID...", "sends a signal; %JOB is a job"},
  {"umask", do_umask, "umask [MASK]", "prints or sets the mask of new files"},
  {"read", do_read, "read NAME...", "reads a line into variables"},
  {"test", do_test, "test EXPRESSION", "-e -f -d FILE, -n -z TEXT, -t FD, = !=, -eq -ne -lt -gt"},
  {"[", do_test, NULL, NULL},
  {"true", do_true, "true", "succeeds"},
  {":", do_true, NULL, NULL},
  {"false", do_false, "false", "fails"},
  {".", do_source, ". FILE", "runs the lines of a file in this shell"},
};
enum { BUILTINS = sizeof builtins / sizeof *builtins, TOOLS = sizeof tools / sizeof *tools };

static int (*builtin_of(const char *name))(char **) {
  for (size_t i = 0; i < BUILTINS; i++)
    if (strcmp(builtins[i].name, name) == 0) return builtins[i].run;
  return NULL;
}
static const struct tool *tool_of(const char *name) {
  for (size_t i = 0; i < TOOLS; i++)
    if (strcmp(tools[i].name, name) == 0) return tools + i;
  return NULL;
}

/* ---- what can be typed: help, completion, history ---- */

static const char *const keywords[] = {"if", "then", "else", "elif", "fi", "while", "until", "do", "done", "for", "in"};
enum { KEYWORDS = sizeof keywords / sizeof *keywords };

/* Calls `found` with each name that begins with `start`, of the directories of PATH. */
static void each_program(const char *start, void (*found)(const char *name)) {
  const char *path = value_of("PATH");
  for (const char *p = path == NULL ? "" : path; *p != '\0';) {
    size_t length = strcspn(p, ":");
    DIR *dir = length == 0 ? NULL : opendir(copy_of(p, length));
    for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;)
      if (*entry->d_name != '.' && strncmp(entry->d_name, start, strlen(start)) == 0)
        found(copy_of(entry->d_name, strlen(entry->d_name)));
    if (dir != NULL) closedir(dir);
    p += length + (p[length] == ':');
  }
}

/* Columns of a line of help, and of the names in front of it. */
enum { HELP_WIDTH = 80, NAME_WIDTH = 11 };

static void put_entry(const char *name, const char *text) {
  put("  ");
  put(name);
  for (size_t pad = strlen(name); pad < NAME_WIDTH; pad++) put_char(' ');
  size_t column = 2 + (strlen(name) < NAME_WIDTH ? NAME_WIDTH : strlen(name));
  for (const char *p = text; *p != '\0';) {
    size_t length = strcspn(p, " ");
    if (column + 1 + length > HELP_WIDTH) {
      put("\n             ");
      column = 2 + NAME_WIDTH;
    } else if (p > text) put_char(' '), column++;
    put_bytes(p, length);
    column += length;
    p += length + (p[length] == ' ');
  }
  put_char('\n');
}

static struct list programs;
static void keep_program(const char *name) {
  for (size_t i = 0; i < programs.count; i++)
    if (strcmp(programs.words[i], name) == 0) return;
  append(&programs, (char *)name);
}
static int by_text(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static int describe(const char *name) {
  const struct tool *tool = tool_of(name);
  for (size_t i = 0; i < BUILTINS; i++) {
    if (strcmp(builtins[i].name, name) != 0) continue;
    while (builtins[i].synopsis == NULL) i--;
    put_entry(builtins[i].synopsis, "");
    put_entry("", builtins[i].summary);
    return 0;
  }
  if (tool == NULL) return complain(name, "there is no help for it"), 1;
  put_entry(tool->synopsis, "");
  put_entry("", tool->summary);
  return 0;
}

static int do_help(char **argv) {
  int status = 0;
  for (char **p = argv + 1; *p != NULL; p++) status |= describe(*p);
  if (argv[1] != NULL) return status;
  put("Words of the shell:\n");
  for (size_t i = 0; i < BUILTINS; i++)
    if (builtins[i].summary != NULL) put_entry(builtins[i].name, builtins[i].summary);
  programs = (struct list){0};
  each_program("", keep_program);
  if (programs.count > 0) qsort(programs.words, programs.count, sizeof *programs.words, by_text);
  put("\nPrograms:\n");
  for (size_t i = 0; i < programs.count; i++) {
    const struct tool *tool = tool_of(programs.words[i]);
    put_entry(programs.words[i], tool == NULL ? "" : tool->summary);
  }
  put("\nLines:\n");
  put_entry("a | b", "pipeline; also a && b, a || b, a; b, a &, ! a, ( a ), { a; }");
  put_entry("< > >>", "redirection; also 2> and 2>&1");
  put_entry("$NAME", "a variable, set by NAME=value; also ${NAME:-else}, $(command), $?, $!, $#, $@");
  put_entry("* ? [...]", "names of files");
  put_entry("if while", "if a; then b; fi, while a; do b; done, until, for x in ...; do b; done");
  put("\nKeys:\n");
  put_entry("Tab", "completes a word");
  put_entry("Up Down", "lines of before; Ctrl-R searches them");
  put_entry("Ctrl-C", "ends a program; Ctrl-Z stops it; Ctrl-D ends the shell");
  put("\n`help NAME` describes one word or program.\n");
  return 0;
}

static int do_history(char **argv) {
  (void)argv;
  const char *line;
  for (size_t i = 0; (line = edit_remembered(i)) != NULL; i++) {
    put_number(i + 1, 5);
    put("  ");
    put(line);
    put_char('\n');
  }
  return 0;
}

/* Where words begin in a line whose quotes are closed: the word under the cursor, and the command that it belongs to. */
struct typed_word {
  size_t from;
  char *command; /* NULL: the word itself is a command */
  char *text;
  int is_plain;
};

static int leads_to_command(const char *word) {
  static const char *const words[] = {"if", "then", "else", "elif", "while", "until", "do", "!", "{"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (strcmp(words[i], word) == 0) return 1;
  return 0;
}
static struct typed_word typed_word_of(const char *line, size_t cursor) {
  struct typed_word typed = {.command = NULL};
  const char *text = copy_of(line, cursor), *p = text;
  for (;;) {
    while (*p != '\0' && is_meta(*p)) {
      /* behind a redirection comes a file, as behind a command */
      if (*p == '<' || *p == '>') typed.command = copy_of("", 0);
      else if (*p != ' ' && *p != '\t') typed.command = NULL;
      p++;
    }
    const char *end = word_end(p);
    if (end == NULL) end = text + cursor;
    char *word = copy_of(p, (size_t)(end - p));
    if (end == text + cursor) {
      typed.from = (size_t)(p - text);
      typed.text = unquoted(word);
      typed.is_plain = strpbrk(word, "'\"$`*?[") == NULL;
      return typed;
    }
    size_t name = name_length(word);
    int is_assignment = name > 0 && word[name] == '=';
    if (typed.command == NULL && !is_assignment && !leads_to_command(word)) typed.command = word;
    p = end;
  }
}

static size_t offer_from;
static void offer(const char *text, int more) {
  struct buffer quoted = {0};
  for (; *text != '\0'; text++) {
    if (strchr(" \t'\"\\$&;|<>()*?[#`!", *text) != NULL) add(&quoted, '\\');
    add(&quoted, *text);
  }
  if (quoted.text != NULL) edit_offer(offer_from, quoted.text, more);
}
static void offer_program(const char *name) { offer(name, 0); }

static void offer_paths(const char *word) {
  const char *slash = strrchr(word, '/'), *start = slash == NULL ? word : slash + 1;
  char *folder = copy_of(word, (size_t)(start - word)), *place = *folder == '\0' ? "." : folder;
  if (strncmp(folder, "~/", 2) == 0 && value_of("HOME") != NULL) {
    struct buffer b = {0};
    add_text(&b, value_of("HOME"));
    add_text(&b, folder + 1);
    place = b.text;
  }
  DIR *dir = opendir(place);
  if (dir == NULL) return;
  for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
    const char *name = entry->d_name;
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || (*name == '.' && *start != '.')) continue;
    if (strncmp(name, start, strlen(start)) != 0) continue;
    struct buffer b = {0}, path = {0};
    add_text(&path, place);
    add(&path, '/');
    add_text(&path, name);
    struct lsmkit_stat st;
    int is_folder = lsmkit_stat(path.text, &st) == 0 && (st.mode & 0170000) == 0040000;
    add_text(&b, folder);
    add_text(&b, name);
    if (is_folder) add(&b, '/');
    offer(b.text, is_folder);
  }
  closedir(dir);
}

/* The letters behind each hyphen that begins a word of the synopsis. */
static void offer_options(const char *command, const char *word) {
  const struct tool *tool = tool_of(command);
  const char *synopsis = tool == NULL ? NULL : tool->synopsis;
  for (size_t i = 0; i < BUILTINS; i++)
    if (strcmp(builtins[i].name, command) == 0) synopsis = builtins[i].synopsis;
  if (synopsis == NULL) return;
  for (const char *p = synopsis; *p != '\0'; p++) {
    if (*p != '-' || p == synopsis || strchr(" [", p[-1]) == NULL) continue;
    size_t count = 0;
    while (isalnum((unsigned char)p[1 + count])) count++;
    /* a longer word is a name in the place of an option */
    for (size_t i = 1; count <= 3 && i <= count; i++) {
      char option[3] = {'-', p[i], '\0'};
      if (strncmp(option, word, strlen(word)) == 0) offer(option, 0);
    }
  }
}
static void offer_variables(const char *word) {
  for (struct variable *v = variables; v != NULL; v = v->next) {
    if (strncmp(v->name, word + 1, strlen(word + 1)) != 0) continue;
    struct buffer b = {0};
    add(&b, '$');
    add_text(&b, v->name);
    edit_offer(offer_from, b.text, 0);
  }
}
static void complete(const char *line, size_t cursor) {
  struct block *before = blocks;
  struct typed_word typed = typed_word_of(line, cursor);
  offer_from = typed.from;
  const char *word = typed.text;
  if (*word == '$' && name_length(word + 1) == strlen(word + 1)) offer_variables(word);
  else if (!typed.is_plain) offer_from = cursor;
  else if (typed.command != NULL && *word == '-') offer_options(typed.command, word);
  else if (typed.command != NULL || strchr(word, '/') != NULL || *word == '~') offer_paths(word);
  else {
    for (size_t i = 0; i < BUILTINS; i++)
      if (strncmp(builtins[i].name, word, strlen(word)) == 0 && isalpha((unsigned char)*builtins[i].name))
        offer(builtins[i].name, 0);
    for (size_t i = 0; i < KEYWORDS; i++)
      if (strncmp(keywords[i], word, strlen(word)) == 0) offer(keywords[i], 0);
    each_program(word, offer_program);
  }
  release(before);
}

/* The file is not asked for again when it was refused once. */
static int history_is_kept;

static void load_history(void) {
  const char *file = value_of("HISTFILE");
  if (file == NULL) return;
  int fd = open(file, O_RDONLY);
  if (fd < 0) return;
  history_is_kept = 1;
  static char line[EDIT_MAX];
  size_t length = 0;
  char part[512];
  for (ssize_t n; (n = read(fd, part, sizeof part)) > 0;)
    for (ssize_t i = 0; i < n; i++) {
      if (part[i] != '\n') {
        if (length < EDIT_MAX) line[length++] = part[i];
        continue;
      }
      if (length < EDIT_MAX) {
        line[length] = '\0';
        edit_remember(line);
      }
      length = 0;
    }
  close(fd);
}
static void remember(const char *line) {
  if (!edit_remember(line) || !history_is_kept) return;
  const char *file = value_of("HISTFILE");
  int fd = file == NULL ? -1 : open(file, O_WRONLY | O_APPEND);
  if (fd < 0 || write_all(fd, line, strlen(line)) < 0 || write_all(fd, "\n", 1) < 0) history_is_kept = 0;
  if (fd >= 0) close(fd);
}

/* ---- texts ---- */

/* All of a text that is there at once. */
static int run_source(const char *text) {
  const char *before = at;
  at = text;
  failed_syntax = want_more = 0;
  struct node *n = parse_list();
  if (!failed_syntax && *at != '\0') syntax("a ) or a word is not expected here");
  if (failed_syntax) last_status = 2;
  else if (n == NULL) last_status = 0;
  else run(n);
  at = before;
  failed_syntax = 0;
  return last_status;
}

static int run_text_into(const char *text, struct buffer *out) {
  int ends[2];
  if (own_pipe(ends) < 0) return fail("pipe");
  struct job *job = add_job(text, strlen(text));
  int was = interactive;
  interactive = 0;
  int rc = start_shell(text, NULL, (struct streams){-1, ends[1]}, job, 0);
  close(ends[1]);
  char part[512];
  for (ssize_t n; rc == 0 && (n = read(ends[0], part, sizeof part)) != 0;) {
    if (n < 0 && errno != EINTR) break;
    for (ssize_t i = 0; i < n; i++) add(out, part[i]);
  }
  close(ends[0]);
  int status = last_status;
  if (rc == 0) status = wait_for(job);
  else drop_job(job);
  interactive = was;
  return status;
}

/* Complete so far? An unfinished one reads on. */
static int is_complete(const char *text) {
  const char *before = at;
  struct block *block = blocks;
  int error = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY);
  if (null >= 0) dup2(null, STDERR_FILENO);
  at = text;
  failed_syntax = want_more = 0;
  parse_list();
  int complete = !want_more;
  failed_syntax = want_more = 0;
  at = before;
  if (error >= 0) dup2(error, STDERR_FILENO), close(error);
  if (null >= 0) close(null);
  release(block);
  size_t length = strlen(text);
  if (length >= 2 && text[length - 2] == '\\') complete = 0;
  return complete;
}

static int edits; /* lines of a terminal that can be edited */

static const char *prompt_text(int more) { return more ? "> " : getuid() == 0 ? "# " : "$ "; }
static void prompt(int more) {
  if (!interactive) return;
  tell_jobs();
  if (!edits) put(prompt_text(more));
  flush();
}

enum { LINE_READ, LINE_INTERRUPTED, LINE_END };

/* Adds one line to `text`, a byte at a time: what a program reads from there is its own. */
static int read_line(struct buffer *text, int more) {
  if (edits) {
    static char line[EDIT_MAX];
    int length = edit_line(terminal, prompt_text(more), complete, line);
    if (length < 0) return length == EDIT_INTERRUPTED ? LINE_INTERRUPTED : LINE_END;
    remember(line);
    add_text(text, line);
    add(text, '\n');
    return LINE_READ;
  }
  for (;;) {
    char c;
    ssize_t n = read(STDIN_FILENO, &c, 1);
    if (n < 0 && errno == EINTR) {
      take_signals();
      if (interactive) return LINE_INTERRUPTED;
      continue;
    }
    if (n <= 0) return LINE_END;
    add(text, c);
    if (c == '\n') return LINE_READ;
  }
}

/* Line by line from descriptor 0. */
static int run_input(void) {
  static struct block *line_blocks;
  while (!exiting) {
    line_blocks = blocks;
    struct buffer text = {0};
    int more = 0, got;
    do {
      prompt(more);
      got = read_line(&text, more);
      if (got == LINE_INTERRUPTED) {
        take_signals();
        reap();
        text = (struct buffer){0};
        put("\n");
      }
      more = got == LINE_READ && !is_complete(text.text);
    } while (more || got == LINE_INTERRUPTED);
    if (got == LINE_END) {
      if (text.used > 0) run_source(text.text);
      else if (interactive) put("\n"), flush();
      release(line_blocks);
      return last_status;
    }
    run_source(text.text);
    release(line_blocks);
    if (!interactive) reap();
  }
  return last_status;
}

static void take_terminal(void) {
  terminal = STDIN_FILENO;
  static const int ignored[] = {LSMKIT_SIGQUIT, LSMKIT_SIGTSTP, LSMKIT_SIGTTIN, LSMKIT_SIGTTOU};
  for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++) lsmkit_signal(ignored[i], LSMKIT_SIG_IGN);
  lsmkit_signal(LSMKIT_SIGINT, LSMKIT_SIG_CATCH);
  if (getsid(0) != getpid()) setpgid(0, 0);
  shell_group = getpgid(0);
  to_foreground(shell_group);
}

int main(int argc, char **argv) {
  for (char **p = environ; *p != NULL; p++) {
    char *equals = strchr(*p, '=');
    if (equals == NULL) continue;
    char name[256];
    size_t length = (size_t)(equals - *p);
    if (length >= sizeof name) continue;
    memcpy(name, *p, length);
    name[length] = '\0';
    set_variable(name, equals + 1, 1);
  }
  if (value_of("SHELL") != NULL) shell_path = value_of("SHELL");
  positional = argv;
  if (argc > 2 && strcmp(argv[1], "-c") == 0) {
    if (argc > 3) positional = argv + 3;
    else argv[1] = NULL;
    run_source(argv[2]);
  } else if (argc > 1) {
    if (argv[1][0] == '-') usage("sh [-c TEXT [NAME [ARGUMENT...]] | FILE [ARGUMENT...]]");
    positional = argv + 1;
    char *source[] = {argv[0], argv[1], NULL};
    last_status = do_source(source);
    if (!exiting && last_status == 1 && access(argv[1], 4) < 0) last_status = 127;
  } else {
    interactive = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
    if (interactive) take_terminal();
    const char *kind = value_of("TERM");
    edits = interactive && kind != NULL && strcmp(kind, "dumb") != 0;
    if (edits) load_history();
    run_input();
  }
  flush();
  return last_status;
}
