/** What the recorded programs had from headers and from the recorder itself: struct types, and buffers by name. */

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
struct landlock_ruleset_attr { uint64_t handled_access_fs; uint64_t handled_access_net; };
struct pollfd { int fd; short events; short revents; };
struct epoll_event { uint32_t events; uint32_t data[2]; };
struct itimerspec { struct timespec it_interval; struct timespec it_value; };
struct sched_param { int sched_priority; };
struct file_clone_range { long src_fd; uint64_t src_offset; uint64_t src_length; uint64_t dest_offset; };
struct sembuf { uint16_t sem_num; short sem_op; short sem_flg; };
struct ifreq { char ifr_name[16]; short ifr_flags; char rest[22]; };
struct sock_filter { uint16_t code; uint8_t jt; uint8_t jf; uint32_t k; };
struct sock_fprog { uint16_t len; struct sock_filter *filter; };
struct sigevent { void *sigev_value; int sigev_signo; int sigev_notify; char rest[48]; };
`

export const GLOBALS = `
struct { struct file_handle h; char room[128]; } fh;
char buf[65536];
int one = 1;
long res;
char *av[2] = { "x", 0 }, *ev[1] = { 0 };
`
