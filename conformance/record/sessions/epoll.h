/* Files that can be waited for: actor 0 is this process, and the only one. */
#define PLAY(line) play(line)
#define EFD_NONBLOCK O_NONBLOCK
#define TFD_NONBLOCK O_NONBLOCK
#define timerfd_settime(...) syscall(SYS_timerfd_settime, __VA_ARGS__)

static long change(int ep, int op, long at, unsigned int events)
{
	struct epoll_event event = { .events = events, .data.u32 = at };

	return epoll_ctl(ep, op, slots[at], &event);
}
static long show_events(int ep, int most)
{
	struct epoll_event events[64];
	int n = epoll_wait(ep, events, most, 0);

	if (n < 0)
		return n;
	say("[");
	for (int i = 0; i < n; i++)
		add("%s%u:%x", i ? " " : "", events[i].data.u32, events[i].events);
	add("]");
	return 0;
}
static long show_poll(int file, int events)
{
	struct pollfd asked = { file, events, 0 };

	poll(&asked, 1, 0);
	return SAY("%x", (unsigned short)asked.revents);
}
/* Milliseconds from now on. What is due at once has passed when the answer is there. */
static long set_timer(int file, long ms)
{
	struct itimerspec spec = { .it_value = { ms / 1000, ms % 1000 * 1000000 } };
	long rc = timerfd_settime(file, 0, &spec, NULL);
	int error = errno;

	usleep(5000);
	errno = error;
	return rc;
}
static long fill(int file)
{
	long rc;

	memset(buf, 0, 4096);
	while ((rc = write(file, buf, 4096)) > 0)
		;
	return rc;
}
static long drain(int file)
{
	long rc;

	while ((rc = read(file, buf, 4096)) > 0)
		;
	return rc;
}

#include "operations.h"

static void prepare(void) {}
static void begin(void) {}
static void lead(void) {}
static void finish(const char *line) {}
