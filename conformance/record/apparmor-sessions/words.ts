/** The arguments of operations: lists of words, and texts with bytes that no word has. */
import { ownValue } from '@lsmkit/abi'
import type { Words } from '../apparmor-compile/words.ts'
import { HATS, PROFILES, PROGRAMS } from './policy.ts'

const FILES = ['/t/f1', '/t/f2', '/t/f3', '/t/d/f1', '/t/d/f2', '/t/e/f1', '/t/f4'] as const
const NEW = ['/t/n1', '/t/n2', '/t/d/n1', '/t/l1', '/t/d/l2', '/t/e/n1', '/t/m/n1'] as const
const DIRECTORIES = ['/t/d', '/t/e', '/t', '/t/d/s', '/t/m'] as const
const programs = PROGRAMS.map((name) => `/t/bin/${name}`)
const hats = HATS.map((name) => `a//${name}`)

const LISTS: Readonly<Record<string, readonly string[]>> = {
  file: FILES,
  path: [...FILES, ...FILES, ...NEW, ...DIRECTORIES, '/t/nothing', 'f1', '../t/f2', '/t/link'],
  new: NEW,
  dir: DIRECTORIES,
  program: [...programs, ...programs, '/t/bin/copy', '/t/bin/script', '/t/f1'],
  slot: ['0', '1', '2', '3'],
  text: ['x', 'hello', 'a%20b'],
  open: [
    'O_RDONLY', 'O_RDONLY', 'O_WRONLY', 'O_RDWR', 'O_RDWR|O_CREAT', 'O_WRONLY|O_CREAT|O_TRUNC', 'O_WRONLY|O_APPEND',
    'O_RDWR|O_TRUNC', 'O_WRONLY|O_CREAT|O_EXCL', 'O_RDONLY|O_DIRECTORY', 'O_PATH', 'O_RDWR|O_TMPFILE',
  ],
  rename: ['0', '1', '2', '2', '4'],
  mode: ['0600', '0644', '0777', '04755', '0'],
  uid: ['0', '1000', '1001'],
  access: ['4', '2', '1', '0'],
  node: ['p', 'c', 'b', 's', 'f'],
  flock: ['LOCK_SH', 'LOCK_EX', 'LOCK_UN'],
  lock: ['r', 'w', 'u'],
  prot: ['PROT_READ', 'PROT_READ|PROT_WRITE', 'PROT_READ|PROT_EXEC', 'PROT_EXEC', 'PROT_READ|PROT_WRITE|PROT_EXEC'],
  map: ['MAP_PRIVATE', 'MAP_SHARED'],
  setfl: ['0', 'O_APPEND', 'O_NONBLOCK'],
  actor: ['1', '2', '3'],
  attrfile: ['current', 'exec', 'prev', 'apparmor/current', 'apparmor/exec', 'apparmor/prev'],
  lsmattr: ['LSM_ATTR_CURRENT', 'LSM_ATTR_EXEC', 'LSM_ATTR_PREV'],
  size: ['0', '10', '32', '40', '56', '4096', 'null'],
  signal: ['SIGTERM', 'SIGUSR1', 'SIGHUP', '0', 'SIGCHLD', 'rt3', 'SIGKILL'],
  procfile: ['status', 'environ', 'maps', 'stat', 'attr/current', 'auxv'],
  proclink: ['cwd', 'root'],
  nice: ['1', '5', '-1', '10'],
  rlimit: ['RLIMIT_NOFILE', 'RLIMIT_FSIZE', 'RLIMIT_NICE', 'RLIMIT_CORE', 'RLIMIT_DATA'],
  limit: ['1024', '2048', '1048576', '-1', '1025'],
  family: ['AF_INET', 'AF_INET', 'AF_INET6', 'AF_NETLINK'],
  // without SCTP, which Debian's kernel has as a module
  inettype: ['SOCK_STREAM', 'SOCK_DGRAM', 'SOCK_RAW'],
  type: ['SOCK_STREAM', 'SOCK_DGRAM', 'SOCK_RAW', 'SOCK_SEQPACKET'],
  address: ['abs one', 'abs two', 'path /t/sock', 'path /t/d/sock', 'in 5001', 'in 5002', 'in6 5003', 'nl'],
  sockopt: ['SO_PEERSEC', 'SO_ERROR', 'SO_TYPE', 'SO_RCVBUF'],
  mountpoint: ['/t/m', '/t/m', '/t/d', '/t/e', '/t/d/s'],
  mountflags: ['0', 'MS_RDONLY', 'MS_NOSUID|MS_NODEV', 'MS_NOEXEC', 'MS_RELATIME'],
  retype: ['MS_PRIVATE', 'MS_SHARED', 'MS_SLAVE', 'MS_UNBINDABLE', 'MS_PRIVATE|MS_REC'],
  unshare: ['CLONE_NEWNS', 'CLONE_NEWUTS', 'CLONE_NEWUSER', 'CLONE_NEWIPC', 'CLONE_NEWUSER|CLONE_NEWNS'],
  ns: ['mnt', 'uts', 'user'],
  caps: ['0', '0x1ff', '0x200000', '0x1ffffffffff'],
  mq: ['q1', 'q2'],
  mqopen: ['O_RDWR|O_CREAT', 'O_RDONLY', 'O_WRONLY|O_CREAT|O_EXCL'],
  policy: ['first', 'second'],
  badpolicy: ['bad'],
  profile: [...PROFILES, 'a//kid', 'a//h1', '/t/bin/x4', 'nothing'],
  parameter: ['/sys/module/apparmor/parameters/mode', '/sys/module/apparmor/parameters/audit'],
  mode_word: ['enforce', 'complain', 'kill', 'normal', 'all', 'quiet', 'noquiet', 'quiet_denied', 'bad'],
  bool: ['0', '1'],
}

const LABELS = [
  ...PROFILES, ...PROFILES, ...hats, 'unconfined', 'a//&b', 'b//&c', 'nothing', '/t/bin/x4', '&b', ':ns:a', 'c//&a//&d',
] as const
const CHANGES = ['changeprofile', 'changeprofile', 'changeprofile', 'permprofile', 'stack', 'exec', 'stack'] as const

const change = (words: Words): string => words.rarely(25)
  ? words.one(['changeprofile', 'nothing a', '', 'changeprofile ', 'exec', 'stack  b', ' changeprofile b ', 'exec b\n'])
  : `${words.one(CHANGES)} ${words.one(LABELS)}`

const hat = (words: Words): string => {
  if (words.rarely(15)) return words.one(['changehat', 'changehat 1', 'changehat 0^', 'changehat xyz^h1',
    'permhat 1^h1'])
  const token = words.one(['1', '1', '1', '2', 'abc', '0'])
  const names = words.one(['h1', 'h2', 'kid', '', '', 'h1\0h2', 'no\0h1', 'no', 'h2\0h1\0no'])
  return `${words.rarely(12) ? 'permhat' : 'changehat'} ${token}^${names}`
}

/** Classes by their first byte. */
const QUERIES = ['\x02/t/f1', '\x02/t/bin/x1', '\x02/', '\x0e\0\x01\0\x01', '\x0a\x0f', '\x15', '\x07/t/m/',
  '\x20'] as const

const query = (words: Words): string =>
  `${words.one(['label', 'label', 'profile', 'data'])}\0${words.one(LABELS)}\0${words.one(QUERIES)}`

/** The words of a list's place in an operation; an address is two. */
export const wordFor = (words: Words, name: string): string => {
  switch (name) {
    case 'change': return change(words)
    case 'hat': return hat(words)
    case 'query': return query(words)
    default: return words.one(ownValue(LISTS, name)!)
  }
}
