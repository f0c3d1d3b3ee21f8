/** Events of poll(2) and epoll, eventfd and signalfd flags. */

// poll(2)
export const POLLIN = 0x0001
export const POLLPRI = 0x0002
export const POLLOUT = 0x0004
export const POLLERR = 0x0008
export const POLLHUP = 0x0010
export const POLLNVAL = 0x0020
export const POLLRDNORM = 0x0040
export const POLLRDBAND = 0x0080
export const POLLWRNORM = 0x0100
export const POLLWRBAND = 0x0200
export const POLLMSG = 0x0400
export const POLLREMOVE = 0x1000
export const POLLRDHUP = 0x2000

// epoll_create1(2), epoll_ctl(2)
export const EPOLL_CLOEXEC = 0o2000000
export const EPOLL_CTL_ADD = 1
export const EPOLL_CTL_DEL = 2
export const EPOLL_CTL_MOD = 3

// epoll events
export const EPOLLIN = 0x1
export const EPOLLPRI = 0x2
export const EPOLLOUT = 0x4
export const EPOLLERR = 0x8
export const EPOLLHUP = 0x10
export const EPOLLNVAL = 0x20
export const EPOLLRDNORM = 0x40
export const EPOLLRDBAND = 0x80
export const EPOLLWRNORM = 0x100
export const EPOLLWRBAND = 0x200
export const EPOLLMSG = 0x400
export const EPOLLRDHUP = 0x2000
export const EPOLLEXCLUSIVE = 0x10000000
export const EPOLLWAKEUP = 0x20000000
export const EPOLLONESHOT = 0x40000000
export const EPOLLET = 0x80000000

// eventfd2(2), signalfd4(2)
export const EFD_SEMAPHORE = 1
export const EFD_CLOEXEC = 0o2000000
export const EFD_NONBLOCK = 0o4000
export const SFD_CLOEXEC = 0o2000000
export const SFD_NONBLOCK = 0o4000
