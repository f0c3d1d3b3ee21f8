/* io_uring without a C library. A ring has four requests; `sqe` is the next, and push() hands it over. */
#include <linux/io_uring.h>

#define io_uring_setup(...) syscall(SYS_io_uring_setup, __VA_ARGS__)
#define io_uring_enter(...) syscall(SYS_io_uring_enter, __VA_ARGS__)
#define io_uring_register(...) syscall(SYS_io_uring_register, __VA_ARGS__)

static struct io_uring_params up;
static struct io_uring_sqe *sqe;
static char *rings;
static int ring(int flags, int idle)
{
	(void)idle;
	memset(&up, 0, sizeof up);
	up.flags = flags;
	int f = io_uring_setup(4, &up);

	if (f < 0)
		return f;
	rings = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, f, IORING_OFF_SQ_RING);
	sqe = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, f, IORING_OFF_SQES);
	return f;
}
static long push(void)
{
	unsigned *tail = (unsigned *)(rings + up.sq_off.tail);

	((unsigned *)(rings + up.sq_off.array))[*tail & 3] = *tail & 3;
	__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
	return 0;
}
/* The oldest answer of the ring; 0 where there is none. */
static long first_answer(void)
{
	struct io_uring_cqe *answers = (void *)(rings + up.cq_off.cqes);
	unsigned head = *(unsigned *)(rings + up.cq_off.head), tail = *(volatile unsigned *)(rings + up.cq_off.tail);

	return head == tail ? 0 : answers[head & *(unsigned *)(rings + up.cq_off.ring_mask)].res;
}
