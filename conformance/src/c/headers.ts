/**
 * The declarations that the recorded programs had from headers and from the recorder itself: struct types, and buffers
 * by name.
 */

export const HEADERS = `
struct iovec { void *iov_base; size_t iov_len; };
struct timespec { long tv_sec; long tv_nsec; };
struct timeval { long tv_sec; long tv_usec; };
struct rlimit { uint64_t rlim_cur; uint64_t rlim_max; };
struct flock { short l_type; short l_whence; long l_start; long l_len; int l_pid; };
struct f_owner_ex { int type; int pid; };
struct stat {
  uint64_t st_dev; uint64_t st_ino; uint64_t st_nlink; uint32_t st_mode; uint32_t st_uid; uint32_t st_gid;
  char rest[108];
};
struct statx { char head[144]; uint64_t stx_mnt_id; char rest[104]; };
struct statfs { long f_type; char rest[112]; };
struct open_how { uint64_t flags; uint64_t mode; uint64_t resolve; };
struct file_handle { uint32_t handle_bytes; int handle_type; uint8_t f_handle[128]; };
struct mount_attr { uint64_t attr_set; uint64_t attr_clr; uint64_t propagation; uint64_t userns_fd; };
struct termios { char rest[60]; };
struct winsize { uint16_t ws_row; uint16_t ws_col; uint16_t ws_xpixel; uint16_t ws_ypixel; };
struct timex { uint32_t modes; char rest[204]; };
struct landlock_ruleset_attr { uint64_t handled_access_fs; uint64_t handled_access_net; uint64_t scoped; };
struct pollfd { int fd; short events; short revents; };
struct epoll_event { uint32_t events; uint32_t data[2]; };
struct itimerspec { struct timespec it_interval; struct timespec it_value; };
struct sched_param { int sched_priority; };
struct file_clone_range { long src_fd; uint64_t src_offset; uint64_t src_length; uint64_t dest_offset; };
struct sembuf { uint16_t sem_num; short sem_op; short sem_flg; };
struct ifreq { char ifr_name[16]; short ifr_flags; char rest[22]; };
struct sock_filter { uint16_t code; uint8_t jt; uint8_t jf; uint32_t k; };
struct sock_fprog { uint16_t len; struct sock_filter *filter; };
typedef struct { int si_signo; int si_errno; int si_code; int pad; int si_pid; uint32_t si_uid; char rest[104]; }
  siginfo_t;
typedef struct { uint64_t bits[16]; } sigset_t;
typedef struct { uint64_t bits[16]; } cpu_set_t;
typedef struct { uint64_t bits[16]; } fd_set;
typedef struct { void *ss_sp; int ss_flags; size_t ss_size; } stack_t;
struct sigaction { void *sa_handler; uint64_t sa_mask[16]; int sa_flags; void *sa_restorer; };
struct utsname { char rest[390]; };
struct rusage { char rest[144]; };
struct sysinfo { char rest[112]; };
struct tms { long rest[4]; };
struct timezone { int tz_minuteswest; int tz_dsttime; };
struct utimbuf { long actime; long modtime; };
struct itimerval { struct timeval it_interval; struct timeval it_value; };
struct sched_attr { uint32_t size; uint32_t sched_policy; uint64_t sched_flags; int sched_nice; uint32_t sched_priority;
  uint64_t sched_runtime; uint64_t sched_deadline; uint64_t sched_period; uint32_t sched_util_min;
  uint32_t sched_util_max; };
struct clone_args { uint64_t flags; uint64_t pidfd; uint64_t child_tid; uint64_t parent_tid; uint64_t exit_signal;
  uint64_t stack; uint64_t stack_size; uint64_t tls; uint64_t set_tid; uint64_t set_tid_size; uint64_t cgroup; };
struct iocb { uint64_t aio_data; uint32_t aio_key; int aio_rw_flags; uint16_t aio_lio_opcode; short aio_reqprio;
  uint32_t aio_fildes; uint64_t aio_buf; uint64_t aio_nbytes; long aio_offset; uint64_t aio_reserved2;
  uint32_t aio_flags; uint32_t aio_resfd; };
struct io_event { uint64_t data; uint64_t obj; long res; long res2; };
struct mq_attr { long mq_flags; long mq_maxmsg; long mq_msgsize; long mq_curmsgs; long rest[4]; };
struct mnt_id_req { uint32_t size; uint32_t spare; uint64_t mnt_id; uint64_t param; uint64_t mnt_ns_id; };
struct cachestat_range { uint64_t off; uint64_t len; };
struct cachestat { uint64_t rest[5]; };
struct landlock_path_beneath_attr { uint64_t allowed_access; int parent_fd; } __attribute__((packed));
struct landlock_net_port_attr { uint64_t allowed_access; uint64_t port; };
struct __user_cap_header_struct { uint32_t version; int pid; };
struct __user_cap_data_struct { uint32_t effective; uint32_t permitted; uint32_t inheritable; };
struct robust_list_head { long rest[3]; };
struct if_dqblk { uint64_t rest[9]; };
struct if_dqinfo { uint64_t rest[3]; };
struct fsxattr { uint32_t rest[7]; };
struct user_regs_struct { uint64_t rest[27]; };
struct sigevent { void *sigev_value; int sigev_signo; int sigev_notify; char rest[48]; };
`

export const GLOBALS = `
struct { struct file_handle h; char room[128]; } fh;
char buf[65536], bi[4096];
int one = 1;
long res;
char *av[2] = { "x", 0 }, *ev[1] = { 0 };
`
