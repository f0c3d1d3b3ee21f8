/** The rights of Landlock that a request needs, and where: as the hooks of security/landlock/fs.c and net.c ask. */
import {
  __O_TMPFILE, AF_INET, AF_INET6, AF_UNIX, EEXIST, EISDIR, ELOOP, ENOTDIR, LANDLOCK_ACCESS_FS_EXECUTE,
  LANDLOCK_ACCESS_FS_MAKE_BLOCK, LANDLOCK_ACCESS_FS_MAKE_CHAR, LANDLOCK_ACCESS_FS_MAKE_DIR,
  LANDLOCK_ACCESS_FS_MAKE_FIFO, LANDLOCK_ACCESS_FS_MAKE_REG, LANDLOCK_ACCESS_FS_MAKE_SOCK,
  LANDLOCK_ACCESS_FS_MAKE_SYM, LANDLOCK_ACCESS_FS_READ_DIR, LANDLOCK_ACCESS_FS_READ_FILE, LANDLOCK_ACCESS_FS_REFER,
  LANDLOCK_ACCESS_FS_REMOVE_DIR, LANDLOCK_ACCESS_FS_REMOVE_FILE, LANDLOCK_ACCESS_FS_RESOLVE_UNIX,
  IPPROTO_TCP, IPPROTO_UDP, LANDLOCK_ACCESS_FS_TRUNCATE, LANDLOCK_ACCESS_FS_WRITE_FILE,
  LANDLOCK_ACCESS_NET_BIND_TCP, LANDLOCK_ACCESS_NET_BIND_UDP, LANDLOCK_ACCESS_NET_CONNECT_SEND_UDP,
  LANDLOCK_ACCESS_NET_CONNECT_TCP, O_ACCMODE, O_CREAT, O_DIRECTORY, O_EXCL, O_PATH, O_RDONLY, O_RDWR, O_TRUNC,
  O_WRONLY, S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFREG, S_IFSOCK,
} from '@lsmkit/abi'
import { isDirectoryMode } from './host-places.ts'
import type { HostPlace, HostPlaces } from './host-places.ts'
import type { HostTasks } from './host-tasks.ts'
import type { Repeat } from './probe.ts'
import type { MakeRequest, MoveRequest, OpenRequest, Request, SendRequest, SocketRequest } from './requests.ts'

export type Act = 'read' | 'write' | 'execute' | 'connect' | 'listen' | 'other'

/** The watcher's hands. */
export interface Host {
  readonly places: HostPlaces
  readonly tasks: HostTasks
}

/** One right, or several, at one place. */
export interface Need {
  readonly path: string
  readonly rights: number
}
export interface PortNeed {
  readonly port: number
  readonly right: number
}
export interface Needs {
  readonly act: Act
  /** The file that the request is about; null for a port. */
  readonly path: string | null
  readonly files: readonly Need[]
  readonly port: PortNeed | null
  /** The question as a probe can repeat it; null where that would change something. */
  readonly repeat: Repeat | null
}

const nothing = (act: Act, path: string | null): Needs => ({ act, path, files: [], port: null, repeat: null })
/** The directory that a path lies in. */
export const directoryOf = (path: string): string => path.slice(0, Math.max(1, path.lastIndexOf('/')))

const makes: ReadonlyMap<number, number> = new Map([
  [S_IFDIR, LANDLOCK_ACCESS_FS_MAKE_DIR], [S_IFLNK, LANDLOCK_ACCESS_FS_MAKE_SYM],
  [S_IFCHR, LANDLOCK_ACCESS_FS_MAKE_CHAR], [S_IFBLK, LANDLOCK_ACCESS_FS_MAKE_BLOCK],
  [S_IFIFO, LANDLOCK_ACCESS_FS_MAKE_FIFO], [S_IFSOCK, LANDLOCK_ACCESS_FS_MAKE_SOCK],
])
/** To make a file of that type. */
export const makeRight = (mode: number): number => makes.get(mode & S_IFMT) ?? LANDLOCK_ACCESS_FS_MAKE_REG
export const removeRight = (mode: number): number =>
  isDirectoryMode(mode) ? LANDLOCK_ACCESS_FS_REMOVE_DIR : LANDLOCK_ACCESS_FS_REMOVE_FILE

/** Rights to open a file. */
export const openRights = (flags: number, isDirectory: boolean, isNew: boolean): number => {
  const access = flags & O_ACCMODE
  const read = access === O_RDONLY || access === O_RDWR
  const write = access === O_WRONLY || access === O_RDWR
  return (read ? (isDirectory ? LANDLOCK_ACCESS_FS_READ_DIR : LANDLOCK_ACCESS_FS_READ_FILE) : 0) |
    (write ? LANDLOCK_ACCESS_FS_WRITE_FILE : 0) |
    ((flags & O_TRUNC) !== 0 && !isNew && !isDirectory ? LANDLOCK_ACCESS_FS_TRUNCATE : 0)
}

/**
 * The kernel's own answer to the open of a file that is there, which comes before the modules' (`do_open`,
 * `may_open`): -errno, or 0.
 */
export const plainAnswer = (flags: number, mode: number): number => {
  const type = mode & S_IFMT
  const isUnnamed = (flags & __O_TMPFILE) !== 0
  if ((flags & (O_CREAT | O_EXCL)) === (O_CREAT | O_EXCL)) return -EEXIST
  if ((flags & O_DIRECTORY) !== 0 && type !== S_IFDIR) return -ENOTDIR
  if ((flags & O_PATH) !== 0) return 0
  if (type === S_IFLNK) return -ELOOP
  const writes = (flags & O_ACCMODE) !== O_RDONLY || (flags & (O_CREAT | O_TRUNC)) !== 0
  return type === S_IFDIR && writes && !isUnnamed ? -EISDIR : 0
}

/** Nothing happens when it is opened: a device, a pipe or a socket may do something. */
const isQuiet = (mode: number): boolean => [S_IFREG, S_IFDIR].includes(mode & S_IFMT)

const forOpen = (of: OpenRequest, pid: number, places: HostPlaces): Needs | null => {
  const act = (of.flags & O_ACCMODE) === O_RDONLY && (of.flags & (O_CREAT | O_TRUNC)) === 0 ? 'read' : 'write'
  if ((of.flags & O_PATH) !== 0) return null
  const place = places.file(pid, of.name, of.resolve)
  if (typeof place !== 'number') {
    places.closeAll(place)
    if (place.path === '' || plainAnswer(of.flags, place.mode) < 0) return null
    const rights = openRights(of.flags, isDirectoryMode(place.mode), false)
    const repeat: Repeat | null = isQuiet(place.mode) ? { kind: 'open', path: place.path, flags: of.flags } : null
    return { act, path: place.path, files: [{ path: place.path, rights }], port: null, repeat }
  }
  if ((of.flags & O_CREAT) === 0) return null
  const entry = places.entry(pid, of.name)
  if (typeof entry === 'number') return null
  places.closeAll(entry)
  return { act, path: entry.path, port: null, repeat: null, files: [
    { path: directoryOf(entry.path), rights: LANDLOCK_ACCESS_FS_MAKE_REG },
    { path: entry.path, rights: openRights(of.flags, false, true) },
  ] }
}

const forMake = ({ what, mode, name }: MakeRequest, pid: number, places: HostPlaces): Needs | null => {
  const entry = places.entry(pid, name)
  if (typeof entry === 'number') return null
  places.closeAll(entry)
  if (entry.fd >= 0) return null
  const type = what === 'directory' ? S_IFDIR : what === 'symlink' ? S_IFLNK : mode
  const files = [{ path: directoryOf(entry.path), rights: makeRight(type) }]
  return { act: 'write', path: entry.path, files, port: null, repeat: null }
}

/** As `current_check_refer_path`: REFER is asked for where the two directories differ. */
export const moveNeeds = (from: HostPlace, to: HostPlace, isMove: boolean): Need[] => {
  const [old, next] = [directoryOf(from.path), directoryOf(to.path)]
  const refer = old === next ? 0 : LANDLOCK_ACCESS_FS_REFER
  return [
    { path: old, rights: refer | (isMove ? removeRight(from.mode) : 0) },
    { path: next, rights: refer | makeRight(from.mode) | (to.fd >= 0 ? removeRight(to.mode) : 0) },
  ].filter(({ rights }) => rights !== 0)
}

const forMove = (of: MoveRequest, pid: number, places: HostPlaces): Needs | null => {
  const from = places.entry(pid, of.name)
  if (typeof from === 'number') return null
  const to = places.entry(pid, of.to)
  places.closeAll(from)
  if (typeof to === 'number') return null
  places.closeAll(to)
  if (from.fd < 0) return null
  return { act: 'write', path: from.path, files: moveNeeds(from, to, of.kind === 'move'), port: null, repeat: null }
}

/** Family, and the port or the path. */
export interface SocketAddress {
  readonly family: number
  readonly port: number | null
  /** Of a UNIX socket; null for one without a name or in the abstract name space. */
  readonly path: string | null
}

export const socketAddress = (bytes: Uint8Array): SocketAddress => {
  if (bytes.length < 2) return { family: 0, port: null, path: null }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const family = view.getUint16(0, true)
  if (family === AF_INET || family === AF_INET6) {
    return { family, port: bytes.length < 4 ? null : view.getUint16(2, false), path: null }
  }
  if (family !== AF_UNIX || bytes.length <= 2 || bytes[2] === 0) return { family, port: null, path: null }
  const end = bytes.indexOf(0, 2)
  return { family, port: null, path: new TextDecoder().decode(bytes.subarray(2, end < 0 ? bytes.length : end)) }
}

const pathNeeds = (what: 'bind' | 'connect', path: string, pid: number, places: HostPlaces): Needs | null => {
  const name = { at: -100, path, follows: true }
  const place = what === 'bind' ? places.entry(pid, name) : places.file(pid, name)
  if (typeof place === 'number') return null
  places.closeAll(place)
  const need = what === 'bind' ? { path: directoryOf(place.path), rights: LANDLOCK_ACCESS_FS_MAKE_SOCK }
    : { path: place.path, rights: LANDLOCK_ACCESS_FS_RESOLVE_UNIX }
  const act = what === 'bind' ? 'listen' : 'connect'
  return { act, path: place.path, files: [need], port: null, repeat: null }
}

/** The uses of an address, and their rights of Landlock by protocol. */
export const portRights: ReadonlyMap<number, Readonly<Record<'bind' | 'connect' | 'send', number>>> = new Map([
  [IPPROTO_TCP, {
    bind: LANDLOCK_ACCESS_NET_BIND_TCP, connect: LANDLOCK_ACCESS_NET_CONNECT_TCP, send: LANDLOCK_ACCESS_NET_CONNECT_TCP,
  }],
  [IPPROTO_UDP, {
    bind: LANDLOCK_ACCESS_NET_BIND_UDP, connect: LANDLOCK_ACCESS_NET_CONNECT_SEND_UDP,
    send: LANDLOCK_ACCESS_NET_CONNECT_SEND_UDP,
  }],
])

const portNeeds = (
  use: 'bind' | 'connect' | 'send', port: number, fd: number, pid: number, tasks: HostTasks,
): Needs | null => {
  const protocol = tasks.protocolOf(pid, fd)
  const right = portRights.get(protocol)?.[use]
  if (right === undefined) return null
  const repeat: Repeat = {
    kind: 'port', what: use === 'bind' ? 'bind' : 'connect', protocol: protocol === IPPROTO_TCP ? 'tcp' : 'udp', port,
  }
  return { act: use === 'bind' ? 'listen' : 'connect', path: null, files: [], port: { port, right }, repeat }
}

const forSocket = ({ what, fd, address }: SocketRequest, pid: number, { places, tasks }: Host): Needs | null => {
  const { port, path } = socketAddress(address)
  if (path !== null) return pathNeeds(what, path, pid, places)
  return port === null ? null : portNeeds(what, port, fd, pid, tasks)
}

/** The files of all UNIX sockets that messages name, or the first port. */
const forSend = ({ fd, headers }: SendRequest, pid: number, { places, tasks }: Host): Needs | null => {
  const named = headers.flatMap(({ address }) => (address === null ? [] : [socketAddress(address)]))
  const all = named.flatMap(({ path }) => (path === null ? null : pathNeeds('connect', path, pid, places)) ?? [])
  const [first] = all
  if (first !== undefined) return { ...first, files: all.flatMap(({ files }) => files) }
  const port = named.find((one) => one.port !== null)?.port ?? null
  return port === null ? null : portNeeds('send', port, fd, pid, tasks)
}

/** Null where the kernel has an answer of its own first: the file is not there, it is there already. */
export const needsOf = (request: Request, pid: number, host: Host): Needs | null => {
  const { places } = host
  switch (request.kind) {
    case 'open': return forOpen(request, pid, places)
    case 'execute': {
      const place = places.file(pid, request.name)
      if (typeof place === 'number') return null
      places.closeAll(place)
      const rights = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE
      return place.path === '' ? null
        : {
          act: 'execute', path: place.path, files: [{ path: place.path, rights }], port: null,
          repeat: { kind: 'execute', path: place.path },
        }
    }
    case 'make': return forMake(request, pid, places)
    case 'remove': {
      const entry = places.entry(pid, request.name)
      if (typeof entry === 'number') return null
      places.closeAll(entry)
      if (entry.fd < 0) return null
      const rights = request.isDirectory ? LANDLOCK_ACCESS_FS_REMOVE_DIR : LANDLOCK_ACCESS_FS_REMOVE_FILE
      const files = [{ path: directoryOf(entry.path), rights }]
      return { act: 'write', path: entry.path, files, port: null, repeat: null }
    }
    case 'move': case 'link': return forMove(request, pid, places)
    case 'change': {
      if (request.what !== 'size') return null
      const place = places.file(pid, request.name)
      if (typeof place === 'number') return null
      places.closeAll(place)
      return { act: 'write', path: place.path, files: [{ path: place.path, rights: LANDLOCK_ACCESS_FS_TRUNCATE }],
        port: null, repeat: null }
    }
    case 'socket': return forSocket(request, pid, host)
    case 'send': return forSend(request, pid, host)
    case 'mount': return nothing('other', null)
    default: return null
  }
}
