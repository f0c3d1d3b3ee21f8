/**
 * Operations of hook-trace.tsv that the C text of their rows does not show: macros made them, or count what the machine
 * has. `setup` and `act` are C text as that of the rows, which bring it for all others.
 */
import type { Operation, Operations } from './operation.ts'

/** Files of another process, by who opens them: root, its like, or uid 1000 at root's. */
const procFiles = (name: string, flags: string): Operations => {
  const opens = (whose: string, by = ''): Operation =>
    ({ setup: `char *p = pp(${whose}, "${name}"); ${by}`, act: `openat(CWD, p, ${flags})` })
  return {
    [`proc_${name}_self`]: opens('getpid()'),
    [`proc_${name}_root`]: opens('kid(1000, NULL)'),
    [`proc_${name}_same`]: opens('kid(1000, NULL)', 'user(); prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);'),
    [`proc_${name}_dac`]: opens('kid(0, NULL)', 'user();'),
  }
}

const attribute = (name: string): Operations => {
  const id = name.replace('/', '_')
  return {
    [`attr_read_${id}`]: { act: `int f = openat(CWD, "/proc/self/attr/${name}", O_RDONLY); read(f, buf, 200)` },
    [`attr_write_${id}`]: {
      setup: `int f = open("/proc/self/attr/${name}", O_WRONLY);`, act: 'write(f, "foo", 4)',
    },
  }
}

/** Sockets of one family on its loopback address. */
const inet = (prefix: string, family: string, address: string): Operations => {
  const socket = (type: string, name = 's'): string => `int ${name} = socket(${family}, ${type}, 0);`
  const own = (port: number): string => `char *a = ${address}(${port}); int n = family_size(a);`
  const tcp = `${own(23456)} ${socket('SOCK_STREAM')}`
  const bound = `${tcp} bind(s, a, n);`
  const listener = `${bound} listen(s, 5);`
  const udp = `${own(23456)} ${socket('SOCK_DGRAM')}`
  const server = `${own(23456)} ${socket('SOCK_DGRAM', 'u')} bind(u, a, n); ${socket('SOCK_DGRAM')}`
  const rows: Operations = {
    bind: { setup: tcp, act: 'bind(s, a, n)' },
    bind_low_user: { setup: `user(); ${own(80)} ${socket('SOCK_STREAM')}`, act: 'bind(s, a, n)' },
    bind_low_root: { setup: `${own(80)} ${socket('SOCK_STREAM')}`, act: 'bind(s, a, n)' },
    listen: { setup: bound, act: 'listen(s, 5)' },
    connect: { setup: `${listener} ${socket('SOCK_STREAM', 'c')}`, act: 'connect(c, a, n)' },
    connect_refused: { setup: `${own(23456)} ${socket('SOCK_STREAM', 'c')}`, act: 'connect(c, a, n)' },
    accept: { setup: `${listener} ${socket('SOCK_STREAM', 'c')} connect(c, a, n);`, act: 'accept4(s, NULL, NULL, 0)' },
    udp_bind: { setup: udp, act: 'bind(s, a, n)' },
    // nobody is there
    udp_connect: { setup: `${own(5555)} ${socket('SOCK_DGRAM')}`, act: 'connect(s, a, n)' },
    udp_send: { setup: `${server} connect(s, a, n);`, act: 'sendto(s, "abc", 3, 0, NULL, 0)' },
    udp_sendto: { setup: server, act: 'sendto(s, "abc", 3, 0, a, n)' },
    udp_recv: { setup: `${server} sendto(s, "abc", 3, 0, a, n);`, act: 'recvfrom(u, buf, 10, 0, NULL, NULL)' },
    setsockopt: { setup: socket('SOCK_STREAM'), act: 'setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, 4)' },
    getsockopt: {
      setup: `${socket('SOCK_STREAM')} int v, l = 4;`, act: 'getsockopt(s, SOL_SOCKET, SO_TYPE, &v, &l)',
    },
    getsockname: { setup: `${socket('SOCK_STREAM')} int l = 128;`, act: 'getsockname(s, buf, &l)' },
    getpeername_notconn: { setup: `${socket('SOCK_STREAM')} int l = 128;`, act: 'getpeername(s, buf, &l)' },
    close: { setup: socket('SOCK_STREAM'), act: 'close(s)' },
    close_tcp: { setup: socket('SOCK_STREAM'), act: 'close(s)' },
  }
  return Object.fromEntries(Object.entries(rows).map(([name, operation]) => [`${prefix}_${name}`, operation]))
}

const tasks: Operations = {
  keyctl_session_to_parent: {
    setup: 'keyctl(KEYCTL_JOIN_SESSION_KEYRING, NULL, 0, 0, 0); recorded_child();' +
      ' keyctl(KEYCTL_JOIN_SESSION_KEYRING, NULL, 0, 0, 0);',
    act: 'keyctl(KEYCTL_SESSION_TO_PARENT, 0, 0, 0, 0)',
  },
  // the child stays
  fork_only: { act: 'staying_fork()' },
  segv_: { act: 'int k = staying_fork(); segfault(k); wait4(k, NULL, 0, NULL)' },
  // the recorded kernel had seen a pid namespace before
  unshare_newpid: { setup: 'kid(0, ns_pid);', act: 'unshare(CLONE_NEWPID)' },
  kill_all: {
    setup: 'for (int i = 0; i < ROOT_TASKS; i++) kid(0, NULL); kid(1000, NULL); user();', act: 'kill(-1, 0)',
  },
  bpf_token_close: { setup: 'int t = token();', act: 'close(t)' },
}

const ATTRIBUTES = [
  'current', 'exec', 'fscreate', 'keycreate', 'sockcreate', 'prev', 'smack/current', 'apparmor/current',
]

export const hookTraceOperations: Operations = {
  ...Object.assign({}, ...['maps', 'environ', 'status', 'fd'].map((name) => procFiles(name, 'O_RDONLY'))) as Operations,
  ...procFiles('mem', 'O_RDWR'),
  ...Object.assign({}, ...ATTRIBUTES.map(attribute)) as Operations,
  ...inet('inet', 'AF_INET', 'i4'),
  ...inet('inet6', 'AF_INET6', 'i6'),
  ...tasks,
}
