/* The report program: stops, so that its leader can describe it by /proc. Needs no C library. */
static long call(long nr, long a, long b)
{
	long rc;
	__asm__ volatile("syscall" : "=a"(rc) : "a"(nr), "D"(a), "S"(b) : "rcx", "r11", "memory");
	return rc;
}

void _start(void)
{
	for (;;)
		call(62, call(39, 0, 0), 19);
}
