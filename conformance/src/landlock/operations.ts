/** The operation column of the recorded cases, in its own words, as calls of the restricted task. */
import {
  AF_INET, AF_UNIX, AT_EACCESS, AT_FDCWD, errnoName, LANDLOCK_ACCESS_FS_READ_DIR, LANDLOCK_ACCESS_FS_READ_FILE,
  LANDLOCK_CREATE_RULESET_VERSION, LANDLOCK_RULE_NET_PORT, LANDLOCK_RULE_PATH_BENEATH, O_CREAT, O_DIRECTORY, O_PATH,
  O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY, packLandlockNetPort, packLandlockPathBeneath, packLandlockRuleset,
  PTRACE_SEIZE, RENAME_EXCHANGE, RENAME_WHITEOUT, S_IFBLK, S_IFCHR, S_IFIFO, S_IFSOCK, SIGTERM, SOCK_DGRAM, SOCK_STREAM,
  TCGETS, ownValue,
} from '@lsmkit/abi'
import { Kstat, sockaddrIn, sockaddrUn } from '@lsmkit/kernel'
import type { LandlockWorld } from './world.ts'

/** The state of a case beside its world: the ruleset that was not enforced. */
export interface Scene {
  readonly world: LandlockWorld
  readonly ruleset: number
}

type Operation = (scene: Scene, ...words: string[]) => number | string

const word = (rc: number): string => (rc < 0 ? errnoName(rc) : 'ok')

/** 24 bytes that ask for one right of the file system, in a struct of `size`. */
const attrOf = (fs: number | bigint, size: number): Uint8Array => {
  const attr = new Uint8Array(size)
  attr.set(packLandlockRuleset({ handled_access_fs: fs }).subarray(0, Math.min(size, 24)))
  return attr
}

const create = ({ world: { kernel, subject } }: Scene, attr: Uint8Array | null, size: number, flags = 0): number =>
  kernel.sys.landlock_create_ruleset(subject, attr, size, flags)

const addPath = ({ world: { kernel, subject }, ruleset }: Scene, access: number, parent: number): number =>
  kernel.sys.landlock_add_rule(
    subject, ruleset, LANDLOCK_RULE_PATH_BENEATH, packLandlockPathBeneath(access, parent), 0,
  )

const open = ({ world: { kernel, subject } }: Scene, path: string, flags: number, mode = 0o644): number =>
  kernel.sys.openat(subject, AT_FDCWD, path, flags, mode)

const connectUnix = ({ world }: Scene, name: string, type = SOCK_STREAM): number => {
  const { kernel: { sys }, subject } = world
  const fd = sys.socket(subject, AF_UNIX, type, 0)
  const address = sockaddrUn(name)
  return sys.connect(subject, fd, address, address.length)
}

const tcp = ({ world: { kernel: { sys }, subject } }: Scene, call: 'bind' | 'connect', port: number): number => {
  const fd = sys.socket(subject, AF_INET, SOCK_STREAM, 0)
  const address = sockaddrIn(call === 'bind' ? '0.0.0.0' : '127.0.0.1', port)
  return sys[call](subject, fd, address, address.length)
}

const nodeTypes: Readonly<Record<string, number>> = {
  mkfifo: S_IFIFO, mksock: S_IFSOCK, mkchar: S_IFCHR, mkblock: S_IFBLK,
}

/** By a pattern of the whole wording; what stands in brackets at its end is left out before. */
const operations: readonly (readonly [RegExp, Operation])[] = [
  [/^create_ruleset VERSION >= (\d+)$/, (scene, least) =>
    create(scene, null, 0, LANDLOCK_CREATE_RULESET_VERSION) >= Number(least) ? 'True' : 'False'],
  [/^create_ruleset size (\d+)$/, (scene, size) => create(scene, attrOf(1, Number(size)), Number(size))],
  [/^create_ruleset size (\d+) with a (non-zero|zero) tail$/, (scene, size, tail) => {
    const attr = attrOf(1, Number(size))
    if (tail === 'non-zero') attr[attr.length - 1] = 1
    return create(scene, attr, attr.length)
  }],
  [/^create_ruleset fs bit (\d+)$/, (scene, bit) => create(scene, attrOf(1n << BigInt(bit!), 24), 24)],
  [/^create_ruleset NULL(?: attr)?$/, (scene) => create(scene, null, 24)],
  [/^create_ruleset (?:with )?nothing handled$/, (scene) => create(scene, attrOf(0, 24), 24)],
  [/^create_ruleset VERSION with attr$/, (scene) => create(scene, attrOf(1, 24), 24, LANDLOCK_CREATE_RULESET_VERSION)],
  [/^create_ruleset flags (\d+)$/, (scene, flags) => create(scene, null, 0, Number(flags))],

  [/^add_rule access 0$/, (scene) => addPath(scene, 0, open(scene, 'a', O_PATH | O_DIRECTORY))],
  [/^add_rule READ_DIR on a regular file$/, (scene) =>
    addPath(scene, LANDLOCK_ACCESS_FS_READ_DIR, open(scene, 'a/f', O_PATH))],
  [/^add_rule fd -1$/, (scene) => addPath({ ...scene, ruleset: -1 }, LANDLOCK_ACCESS_FS_READ_FILE, 0)],
  [/^add_rule parent_fd -1$/, (scene) => addPath(scene, LANDLOCK_ACCESS_FS_READ_FILE, -1)],
  [/^add_rule parent_fd = a pipe$/, (scene) => {
    const { kernel, subject } = scene.world
    const ends = [0, 0] as [number, number]
    kernel.sys.pipe2(subject, ends, 0)
    return addPath(scene, LANDLOCK_ACCESS_FS_READ_FILE, ends[0])
  }],
  [/^add_rule parent_fd = (?:a|the) ruleset$/, (scene) =>
    addPath(scene, LANDLOCK_ACCESS_FS_READ_FILE, scene.ruleset)],
  [/^add_rule (?:fd = )?(?:on )?a (?:regular )?file(?:'s fd)?$/, (scene) =>
    addPath({ ...scene, ruleset: open(scene, 'a/f', O_RDWR) }, LANDLOCK_ACCESS_FS_READ_FILE, 0)],
  [/^add_rule type (\d+)$/, (scene, type) => {
    const { kernel, subject } = scene.world
    return kernel.sys.landlock_add_rule(subject, scene.ruleset, Number(type), packLandlockPathBeneath(4, 0), 0)
  }],
  [/^add_rule flags (\d+)$/, (scene, flags) => {
    const { kernel, subject } = scene.world
    const rule = packLandlockPathBeneath(4, open(scene, 'a', O_PATH))
    return kernel.sys.landlock_add_rule(subject, scene.ruleset, LANDLOCK_RULE_PATH_BENEATH, rule, Number(flags))
  }],
  [/^add_rule (?:unhandled )?(?:right )?WRITE_FILE(?: unhandled)?$/, (scene) => addPath(scene, 2, open(scene, 'a', O_PATH))],
  [/^add_rule port (\d+)$/, (scene, port) => {
    const { kernel, subject } = scene.world
    const rule = packLandlockNetPort(1, Number(port))
    return kernel.sys.landlock_add_rule(subject, scene.ruleset, LANDLOCK_RULE_NET_PORT, rule, 0)
  }],

  [/^restrict_self fd (-?\d+)$/, ({ world: { kernel, subject } }, fd) =>
    kernel.sys.landlock_restrict_self(subject, Number(fd), 0)],
  [/^restrict_self flags (\d+)$/, ({ world: { kernel, subject }, ruleset }, flags) =>
    kernel.sys.landlock_restrict_self(subject, ruleset, Number(flags))],
  [/^restrict_self until it fails$/, ({ world, ruleset }) => {
    for (let count = 0; ; count++) {
      const rc = world.kernel.sys.landlock_restrict_self(world.subject, ruleset, 0)
      if (rc < 0 || count > 64) return `${count} ${errnoName(rc)}`
    }
  }],

  [/^(?:open|write) ([\w/]+)(?: for writing)?$/, (scene, path) => open(scene, path!, O_WRONLY)],
  [/^open ([\w/]+) for reading and writing$/, (scene, path) => open(scene, path!, O_RDWR)],
  [/^open ([\w/]+) O_PATH$/, (scene, path) => open(scene, path!, O_PATH)],
  [/^open ([\w/]+) O_WRONLY\|O_TRUNC$/, (scene, path) => open(scene, path!, O_WRONLY | O_TRUNC)],
  [/^read ([\w/]+)$/, (scene, path) => open(scene, path!, O_RDONLY)],
  [/^list ([\w/]+)$/, (scene, path) => open(scene, path!, O_RDONLY | O_DIRECTORY)],
  [/^exec(?:ute)? ([\w/]+)$/, ({ world: { kernel, subject } }, path) =>
    kernel.sys.execve(subject, path, [path!], [])],
  [/^stat ([\w/]+)$/, ({ world: { kernel, subject } }, path) => kernel.sys.stat(subject, path!, new Kstat())],
  [/^access ([\w/]+)$/, ({ world: { kernel, subject } }, path) =>
    kernel.sys.faccessat2(subject, AT_FDCWD, path!, 4, AT_EACCESS)],
  [/^readlink ([\w/]+)$/, ({ world: { kernel, subject } }, path) =>
    kernel.sys.readlink(subject, path!, new Uint8Array(64))],
  [/^chmod ([\w/]+)$/, ({ world: { kernel, subject } }, path) => kernel.sys.chmod(subject, path!, 0o700)],
  [/^chown ([\w/]+)$/, ({ world: { kernel, subject } }, path) => kernel.sys.chown(subject, path!, 0, 0)],
  [/^chdir ([\w/]+)$/, ({ world: { kernel, subject } }, path) => kernel.sys.chdir(subject, path!)],
  [/^chroot ([\w/]+)$/, ({ world: { kernel, subject } }, path) => kernel.sys.chroot(subject, path!)],
  [/^ftruncate of ([\w/]+) opened after restricting$/, (scene, path) => {
    const { kernel, subject } = scene.world
    return kernel.sys.ftruncate(subject, open(scene, path!, O_WRONLY), 0)
  }],
  [/^truncate\(path\)$/, ({ world: { kernel, subject } }) => kernel.sys.truncate(subject, 'a/f', 0)],
  [/^create ([\w/]+)$/, (scene, path) => open(scene, path!, O_CREAT | O_WRONLY)],
  [/^mkdir ([\w/]+)$/, ({ world: { kernel, subject } }, path) => kernel.sys.mkdir(subject, path!, 0o755)],
  [/^symlink ([\w/]+)$/, ({ world: { kernel, subject } }, path) => kernel.sys.symlink(subject, 'f', path!)],
  [/^(mkfifo|mksock|mkchar|mkblock) ([\w/]+)$/, ({ world: { kernel, subject } }, type, path) =>
    kernel.sys.mknodat(subject, AT_FDCWD, path!, ownValue(nodeTypes, type!)! | 0o644, type === 'mkchar' ? 0x103 : 0)],
  [/^(?:mknod )?whiteout ([\w/]+)$/, ({ world: { kernel, subject } }, path) =>
    kernel.sys.mknodat(subject, AT_FDCWD, path!, S_IFCHR | 0o644, 0)],
  [/^unlink ([\w/]+)$/, ({ world: { kernel, subject } }, path) => kernel.sys.unlink(subject, path!)],
  [/^rmdir empty ([\w/]+)$/, ({ world: { kernel, subject } }, path) => {
    kernel.sys.unlink(kernel.init, `/w/top/${path}/g`)
    return kernel.sys.rmdir(subject, path!)
  }],
  [/^rename (?:directory |file )?([\w/]+) ([\w/]+)$/, ({ world: { kernel, subject } }, from, to) =>
    kernel.sys.rename(subject, from!, to!)],
  [/^(?:rename )?exchange ([\w/]+) ([\w/]+)$/, ({ world: { kernel, subject } }, from, to) =>
    kernel.sys.renameat2(subject, AT_FDCWD, from!, AT_FDCWD, to!, RENAME_EXCHANGE)],
  [/^rename whiteout ([\w/]+) ([\w/]+)$/, ({ world: { kernel, subject } }, from, to) =>
    kernel.sys.renameat2(subject, AT_FDCWD, from!, AT_FDCWD, to!, RENAME_WHITEOUT)],
  [/^link ([\w/]+) ([\w/]+)$/, ({ world: { kernel, subject } }, from, to) => kernel.sys.link(subject, from!, to!)],
  [/^mount tmpfs as root$/, ({ world: { kernel, subject } }) =>
    kernel.sys.mount(subject, 'none', '/m', 'tmpfs', 0, null)],
  [/^umount$/, ({ world: { kernel, subject } }) => kernel.sys.umount2(subject, '/proc', 0)],
  [/^ioctl TCGETS on \/dev\/null$/, (scene) => {
    const { kernel, subject } = scene.world
    return kernel.sys.ioctl(subject, open(scene, '/dev/null', O_RDONLY), TCGETS, 0)
  }],

  [/^bind TCP(?: port)? (\d+)$/, (scene, port) => tcp(scene, 'bind', Number(port))],
  [/^connect TCP (?:127\.0\.0\.1:)?(\d+)$/, (scene, port) => tcp(scene, 'connect', Number(port))],

  [/^kill\(self,0\)$/, ({ world: { kernel, subject } }) => kernel.sys.kill(subject, subject.pid, 0)],
  [/^kill\(parent,(\d+)\)$/, ({ world: { kernel, subject } }, sig) =>
    kernel.sys.kill(subject, kernel.init.pid, Number(sig))],
  [/^kill (?:a )?child$/, ({ world }) => world.kernel.sys.kill(world.subject, world.fork(world.subject).pid, SIGTERM)],
  [/^PTRACE_SEIZE child$/, ({ world }) =>
    world.kernel.sys.ptrace(world.subject, PTRACE_SEIZE, world.fork(world.subject).pid, 0, 0)],
  [/^PTRACE_SEIZE (?:outside|sibling)$/, ({ world }) =>
    world.kernel.sys.ptrace(world.subject, PTRACE_SEIZE, world.fork().pid, 0, 0)],
]

/** The preparations before restricting: servers that others connect to. */
export const prepareServers = ({ kernel }: LandlockWorld, setup: string): 'abstract' | 'pathname' | null => {
  const kind = /\b(abstract|pathname)(?: datagram)? server/.exec(setup)?.[1] as 'abstract' | 'pathname' | undefined
  if (kind === undefined) return null
  const { sys, init } = kernel
  const isDatagram = setup.includes('datagram')
  const fd = sys.socket(init, AF_UNIX, isDatagram ? SOCK_DGRAM : SOCK_STREAM, 0)
  const address = sockaddrUn(serverName[kind])
  sys.bind(init, fd, address, address.length)
  if (!isDatagram) sys.listen(init, fd, 5)
  return kind
}
const serverName = { abstract: '\0server', pathname: '/w/server' } as const

/** The task's answer, as the tables spell it; null for an unknown operation. */
export const runOperation = (scene: Scene, text: string, server: 'abstract' | 'pathname' | null): string | null => {
  const plain = text.replace(/ \([^)]*\)$/, '')
  if (plain === 'connect' && server !== null) return word(connectUnix(scene, serverName[server]))
  for (const [pattern, run] of operations) {
    const match = pattern.exec(plain)
    if (match === null) continue
    const answer = run(scene, ...match.slice(1))
    return typeof answer === 'string' ? answer : word(answer)
  }
  return null
}
