/* The program of exec operations of selinux-ops: constants, code, and nothing of a C library. Waits. */
static const char constant[] = "waits";

void _start(void)
{
	for (;;)
		__asm__ volatile ("syscall" : : "a"(34), "D"(constant) : "rcx", "r11", "memory");
}
