/* The programs of /bin, out of the first comment of each source; build.sh writes this. */
static const struct tool {
  const char *name, *synopsis, *summary;
} tools[] = {
  {"cat", "cat [FILE...]", "copies files, or standard input, to standard output"},
  {"chcon", "chcon [-h] LABEL FILE...", "gives files a label, for the module that labelled them"},
  {"chmod", "chmod MODE FILE...", "changes modes: octal, or `u+x,go-w`; without u, g or o for all"},
  {"cp", "cp FROM... TO", "copies files; TO may be a directory"},
  {"httpd", "httpd [-1] [-p PORT] DIRECTORY", "serves files; -1 ends after one connection"},
  {"id", "id [-Z] [-u]", "prints your user, groups and label; -Z the label alone"},
  {"ls", "ls [-l] [-Z] [-a] [-d] [FILE...]", "lists files; -l modes and owners, -Z labels, -a all, -d no contents"},
  {"mkdir", "mkdir [-p] DIRECTORY...", "makes directories; -p those above them too"},
  {"mv", "mv FROM... TO", "renames files; TO may be a directory"},
  {"nc", "nc [-u [-w SECONDS]] HOST PORT, nc -l [HOST] PORT, nc -U [-l] PATH", "connects standard input and output to a socket"},
  {"ps", "ps [-Z]", "lists processes; -Z their labels"},
  {"rm", "rm [-rf] FILE...", "removes files; -r directories too"},
  {"runcon", "runcon LABEL PROGRAM [ARGUMENT...]", "executes a program with a label: SELinux's at the exec, Smack's at once"},
  {"sh", "sh [-c TEXT [NAME [ARGUMENT...]] | FILE [ARGUMENT...]]", "a small shell"},
  {"sleep", "sleep SECONDS...", "waits, also for parts of a second"},
  {"wget", "wget [-O FILE] http://HOST[:PORT]/PATH", "fetches a page, to standard output unless -O names a file"},
};
