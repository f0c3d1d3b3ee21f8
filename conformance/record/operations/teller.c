/* The program of exec operations: prints its own label and AT_SECURE, then waits. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/auxv.h>
#include <unistd.h>

int main(void)
{
	char label[300] = "";
	int f = open("/proc/self/attr/smack/current", O_RDONLY);
	ssize_t n = f < 0 ? 0 : read(f, label, 255);

	dprintf(1, "label=%.*s,secure=%lu", n > 0 ? (int)n : 0, label, getauxval(AT_SECURE));
	pause();
}
