/* Landlock: actor 0 leads a process group in a network namespace and a tmpfs of its own. */
#define FIRST_IS_CHILD
#define PLAY(line) play(line)
#define TREE "/s"

static long spawn(long number)
{
	if (shared->pid[number])
		return say("busy");
	pid_t child = fork();
	if (!child) {
		self = number;
		serve();
	}
	shared->pid[number] = child;
	return 0;
}
static long pending(void)
{
	sigset_t all;
	struct timespec now = { 0, 0 };
	int sig;

	sigfillset(&all);
	while ((sig = sigtimedwait(&all, NULL, &now)) > 0)
		if (sig != SIGCHLD)
			add(*reply ? " %d" : "%d", sig);
	return *reply ? 0 : say("none");
}
#define raw_address(text) bytes(text)
static void *unix_address(const char *name)
{
	struct sockaddr_un *address = ua(name);

	if (*name == '@')
		address->sun_path[0] = 0;
	return address;
}
#define unix_size(name) (2 + strlen(name) + (*(name) != '@'))

#include "operations.h"

#define SHOWS
static void show(long rc)
{
	say(rc < 0 ? strerrorname_np(-rc) : "ok");
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	return remove(path);
}

/* What a session has left beside its tree: `..` leads there. */
static void begin(void)
{
	static const char *names[] = { "/a", "/b", "/m", "/x", "/y" };
	char mounted[512], path[256];

	for (int round = 0; round < 8; round++) {
		FILE *mounts = fopen("/proc/self/mounts", "r");

		while (fgets(mounted, sizeof mounted, mounts))
			if (sscanf(mounted, "%*s %255s", path) == 1 && strcmp(path, "/") && strcmp(path, "/dev") &&
			    strcmp(path, "/proc") && strcmp(path, "/sys"))
				umount2(path, MNT_DETACH);
		fclose(mounts);
	}
	for (int i = 0; i < 5; i++)
		nftw(names[i], remove_one, 16, FTW_DEPTH | FTW_PHYS);
	mount("none", TREE, "tmpfs", 0, "mode=777");
}

static void lead(void)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	signal(SIGCHLD, SIG_IGN);
	setpgid(0, 0);
	umask(0);
	unshare(CLONE_NEWNET);
	int socket_ = socket(AF_INET, SOCK_DGRAM, 0);
	ioctl(socket_, SIOCSIFFLAGS, &lo);
	close(socket_);
	chdir(TREE);
}
static void prepare(void)
{
	mkdir(TREE, 0777);
	umask(0);
}
static void finish(const char *line) {}
