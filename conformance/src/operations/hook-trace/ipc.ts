/** Described operations on keys, queues, shared memory and sockets. */
import { described } from './described-trace.ts'

const QUEUE = 'int q = mq_open(MQU, O_CREAT | O_RDWR, 0600, NULL);'

const keys = described({
  keyctl_dac: [
    'int k = ak("hk"); keyctl(KEYCTL_SETPERM, k, 0x003f0000, 0, 0); user();',
    'keyctl(KEYCTL_READ, k, buf, 100, 0) = EACCES',
  ],
  keyctl_restrict: [
    'int k = add_key("keyring", "hr", NULL, 0, KEY_SPEC_PROCESS_KEYRING);',
    'keyctl(KEYCTL_RESTRICT_KEYRING, k, NULL, NULL, 0)',
  ],
  proc_keys: 'f = openat(CWD, "/proc/keys", O_RDONLY); read(f, buf, 1000)',
})

const queues = described({
  mq_notify_: ['mq_unlink(MQU); struct sigevent e = { .sigev_notify = SIGEV_NONE };', 'mq_notify(q, &e)'],
  mq_open_old: 'mq_open(MQU, O_RDWR, 0, NULL)',
  mq_receive_: ['mq_unlink(MQU); mq_timedsend(q, "x", 1, 0, NULL);', 'mq_timedreceive(q, buf, 8192, NULL, NULL)'],
}, QUEUE)

const sysvipc = described({
  msgget_new: 'msgget(IPC_PRIVATE, 0600)',
  proc_sysvipc: ['shm();', 'f = openat(CWD, "/proc/sysvipc/shm", O_RDONLY); read(f, buf, 1000)'],
  shmctl_rmid_dac: ['int i = shm(); user();', 'shmctl(i, IPC_RMID, NULL) = EPERM'],
  shmctl_stat_dac: ['int i = shm(); user(); struct shmid_ds b;', 'shmctl(i, IPC_STAT, &b) = EACCES'],
  shmget_key_excl: ['shmget(77, 4096, IPC_CREAT | 0600);', 'shmget(77, 4096, IPC_CREAT | IPC_EXCL | 0600) = EEXIST'],
})

const sockets = described({
  ip_passsec_recv: [
    'struct sockaddr_in a = i4(20090); ' +
      'int s = socket(AF_INET, SOCK_DGRAM, 0), c = socket(AF_INET, SOCK_DGRAM, 0); ' +
      'bind(s, (void *)&a, sizeof a); setsockopt(s, IPPROTO_IP, IP_PASSSEC, &one, 4); ' +
      'sendto(c, "x", 1, 0, (void *)&a, sizeof a); char ch; struct iovec v = { &ch, 1 }; ' +
      'struct msghdr r = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = cb, .msg_controllen = sizeof cb };',
    'recvmsg(s, &r, 0)',
  ],
  sctp_bind: [
    'struct sockaddr_in a = i4(20095); int s = socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP);',
    'bind(s, (void *)&a, sizeof a)',
  ],
  sctp_connectx: [
    'int s = ssrv(); struct sockaddr_in a; socklen_t l = sizeof a; getsockname(s, (void *)&a, &l); ' +
      'int c = socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP);',
    'setsockopt(c, IPPROTO_SCTP, 110, &a, sizeof a)',
  ],
  socket_key: 'socket(15, SOCK_RAW, 2) = EAFNOSUPPORT',
  socket_sctp: 'socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP)',
  unix_getxattr: [
    'int p[2]; socketpair(AF_UNIX, SOCK_STREAM, 0, p);', 'fgetxattr(p[0], "system.sockprotoname", buf, 100)',
  ],
})

/** Of a tun device that is asked for with these flags. */
const tap = (name: string, flags = ''): string =>
  `int f = open("/dev/net/tun", O_RDWR); struct ifreq r = { .ifr_name = "${name}" }; ` +
  `r.ifr_flags = IFF_TAP | IFF_NO_PI${flags};`

const devices = described({
  tun_attach: [
    `${tap('tp1')} ioctl(f, TUNSETIFF, &r); ioctl(f, TUNSETPERSIST, 1); close(f); f = open("/dev/net/tun", O_RDWR);`,
    'ioctl(f, TUNSETIFF, &r)',
  ],
  tun_create_user: [`user(); ${tap('tp2')}`, 'ioctl(f, TUNSETIFF, &r) = EPERM'],
  tun_queue: [
    `${tap('tp3', ' | IFF_MULTI_QUEUE')} ioctl(f, TUNSETIFF, &r); ` +
      'r.ifr_flags = IFF_DETACH_QUEUE; ioctl(f, TUNSETQUEUE, &r); r.ifr_flags = IFF_ATTACH_QUEUE;',
    'ioctl(f, TUNSETQUEUE, &r)',
  ],
})

export const ipcTraces = { ...keys, ...queues, ...sysvipc, ...sockets, ...devices }
