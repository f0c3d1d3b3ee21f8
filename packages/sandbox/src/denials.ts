/** Makes a denial of a refusal: what was done, the sentence, and the rule that would permit it. */
import { CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, capName, errnoName, oneLine, ownValue, sentence } from '@lsmkit/abi'
import type { AuditDetails, DenialRecord } from '@lsmkit/core'
import type { Allow, WholeAllow } from './allow.ts'
import type { CallRefusal, DeniedAct, Denial, HostRefusalRecord } from './denial.ts'
import { hostText } from './hosts/host-rule.ts'
import type { Protocol } from './hosts/host-rule.ts'
import { Hosts } from './hosts/hosts.ts'
import { HOSTS } from './hosts/lsm.ts'
import type { WalkedName } from './names/walk-name.ts'
import type { Refusal } from './denial-collector.ts'

/** What was refused, before it is told. */
interface Facts {
  readonly by: string
  readonly act: DeniedAct
  readonly path: string | null
  readonly host?: string | null
  /** Of the host. Default: `tcp`. */
  readonly protocol?: Protocol
  readonly port: number | null
  /** Why, as the end of a sentence. */
  readonly why: string
  readonly allow: Allow | null
}

/** Calls by the names that people have for them. */
const plainCalls: Readonly<Record<string, string>> = {
  openat: 'open', openat2: 'open', newfstatat: 'stat', statx: 'stat', faccessat: 'access', faccessat2: 'access',
  mkdirat: 'mkdir', unlinkat: 'unlink', renameat: 'rename', renameat2: 'rename', linkat: 'link', symlinkat: 'symlink',
  readlinkat: 'readlink', fchmodat: 'chmod', fchmodat2: 'chmod', fchownat: 'chown', utimensat: 'utimes',
}

/** A name that was chosen by the program, or by whoever filled a folder. */
const quoted = (name: string): string => sentence`\`${name}\``

const parentOf = (path: string): string => path.replace(/\/[^/]*$/, '') || '/'

/** The state of a box when something was refused. */
export interface DenialContext {
  readonly run: number
  readonly role: string | null
  /** The permissions of the task. Null: the modules alone decide. */
  readonly allow: WholeAllow | null
  /** Where the names of the call end, without a link, and over which links. */
  readonly ways: readonly WalkedName[]
  /** Somebody else may have made a link on the way: the program, or the owner of a host folder. */
  readonly isForeignLink: boolean
  /** Whether a path leads to something. */
  readonly isThere: (path: string) => boolean
}

/** `call` and `record` of what was refused: as a value for people and programs. */
export const denialOf = ({ call, record }: Pick<Refusal, 'call' | 'record'>, scene: DenialContext): Denial => {
  const { run, role, allow, ways, isForeignLink } = scene
  const facts = record.kind === 'call' ? ofCall(record, scene)
    : record.kind === 'host' ? ofHost(record) : ofModule(record, call, ways[0]?.real ?? null, allow)
  const { by, act, path, host = null, port, why } = facts
  const links = port !== null ? [] : ways.flatMap((way) => way.links.map((link) => link.path))
  const subject = path !== null ? quoted(path) : host !== null ? quoted(hostText(host, port ?? 0, facts.protocol))
    : port !== null ? `port ${port}` : `\`${call}\``
  const isAbout = path !== null || port !== null
  const verb = act !== 'other' ? `${act} ` : isAbout ? `${ownValue(plainCalls, call) ?? call} ` : ''
  const reasons = [why, ...(links.length > 0 || isForeignLink ? [linkWords(links, isForeignLink)] : [])]
  const end = reasons.filter((reason) => reason !== '').map((reason) => `, ${reason}`).join('')
  const refuser = by === HOSTS ? '' : ` by ${ownValue(refusers, by) ?? by}`
  const words = oneLine(`${subject}: ${verb}refused${refuser}${end}`)
  const permit = facts.allow === null || isForeignLink ? null
    : { run, allow: facts.allow, why: words, ...role === null ? {} : { role } }
  const about = record.kind === 'call' ? { ...record, path } : record
  const errno = errnoName(record.rc)
  const { protocol = 'tcp' } = facts
  return {
    run, by, act, path, links, host, port, protocol: host === null ? null : protocol, errno, call, sentence: words,
    record: about, permit,
  }
}

const linkWords = (links: readonly string[], isForeign: boolean): string => {
  const names = [...new Set(links)].map(quoted).join(', ')
  const over = names === '' ? 'over a link' : `over the link ${names}`
  return isForeign ? `${over}, which the program may have made, so it cannot be permitted` : over
}

/** Who refuses without being a module. */
const refusers: Readonly<Record<string, string>> = {
  mount: 'the read-only mount', seccomp: 'the filter of system calls', mode: 'the file itself',
}

const notBeneath = (paths: readonly string[]): string =>
  paths.length === 0 ? 'nothing is allowed' : `not beneath ${paths.join(', ')}`

const EXECUTES: ReadonlySet<string> = new Set(['execve', 'execveat'])

/** What the gateway refuses when the hooks have agreed. */
const ofHost = ({ host, port, protocol, why, permit }: HostRefusalRecord): Facts => ({
  by: HOSTS, act: 'connect', path: null, host, port, protocol, why,
  allow: permit === null ? null : { hosts: [permit] },
})

/** The module `hosts`: a host that no rule names, or a port of the box's own loopback. */
const ofHosts = ({ details, reason }: DenialRecord, allow: WholeAllow): Facts => {
  const port = typeof details?.port === 'number' ? details.port : null
  const plain = { by: HOSTS, act: 'connect', path: null, port } as const
  const protocol = details?.protocol === 'udp' ? 'udp' : 'tcp'
  if (typeof details?.host !== 'string' || port === null) {
    if (protocol === 'udp') return { ...plain, why: reason ?? '', allow: null }
    const why = allow.connect.length === 0 ? 'no port of the box is allowed' : `not among ${allow.connect.join(', ')}`
    return { ...plain, why, allow: port === null ? null : { connect: [port] } }
  }
  const { host } = details
  const decision = new Hosts(allow.hosts).decide({ host, port, protocol }, null)
  const permit = 'why' in decision ? decision.permit : null
  return { ...plain, host, protocol, why: reason ?? '', allow: permit === null ? null : { hosts: [permit] } }
}

/** Calls that change a directory, and not what it holds. */
const CHANGES_PARENT = /^(unlink|rmdir|mkdir|mknod|rename|link|symlink)/

const ofCall = ({ by, call, why }: CallRefusal, { allow, ways, isThere }: DenialContext): Facts => {
  const path = ways[0]?.real ?? null
  const plain = { by, path, port: null, allow: null }
  if (by === 'mount') {
    // a name that moves is one of two directories
    const ends = call.startsWith('rename') ? ways.map(({ real }) => real) : path === null ? [] : [path]
    const places = ends.map((end) => (CHANGES_PARENT.test(call) || !isThere(end) ? parentOf(end) : end))
    return {
      ...plain, act: 'write', why: notBeneath(allow?.write ?? []),
      allow: places.length === 0 || allow === null ? null : { write: [...new Set(places)] },
    }
  }
  if (by === 'seccomp') {
    return {
      ...plain, path: null, act: 'other', why: why ?? 'sockets of this kind are in none of connect, listen and hosts',
    }
  }
  const act = EXECUTES.has(call) ? 'execute' : 'other'
  return { ...plain, act, why: why ?? 'by its mode, its owner or its kind' }
}

const ofModule = (
  record: DenialRecord, call: string, about: string | null, allow: WholeAllow | null,
): Facts => {
  const { lsm, reason, details, object } = record
  const blockers = typeof details?.blockers === 'string' ? details.blockers.split(',') : null
  if (lsm === HOSTS && allow !== null) return ofHosts(record, allow)
  if (lsm === 'landlock' && allow !== null && blockers !== null) return ofLandlock(record, blockers, allow)
  const named = objectPath(record)
  const path = named === null || (about !== null && named.endsWith(UNHASHED)) ? about : named
  const cap = object?.kind === 'cap' ? object.cap : null
  const why = cap === null ? labelWords(details) ?? reason ?? '' : `the program has no ${capName(cap)}`
  const act = cap === CAP_DAC_OVERRIDE || cap === CAP_DAC_READ_SEARCH ? 'other' : actOf(record, call)
  return { by: lsm, act, path, port: null, why, allow: null }
}

/** d_path's mark: of a name that is removed, and of one that is still to be made. */
const UNHASHED = ' (deleted)'

const objectPath = ({ object, details }: DenialRecord): string | null => {
  if (typeof details?.path === 'string') return details.path
  if (object !== null && 'path' in object && object.path !== null && object.path !== '') return object.path
  return null
}

/** What modules that have labels tell of both sides. */
const labelWords = (details: AuditDetails | null): string | null => {
  const subject = details?.subject ?? details?.scontext
  const object = details?.object ?? details?.tcontext
  const asked = details?.requested ?? details?.permissions
  if (typeof subject !== 'string' || typeof object !== 'string') return null
  const what = typeof asked === 'string' ? modeWords(asked) : 'do this'
  return `who is ${quoted(subject)} may not ${what} what is ${quoted(object)}`
}

const letters: Readonly<Record<string, string>> = {
  r: 'read', w: 'write', x: 'execute or enter', a: 'append to', t: 'change the label of', l: 'lock',
}
const modeWords = (asked: string): string =>
  /^[rwxatl]+$/.test(asked) ? [...asked].map((letter) => ownValue(letters, letter)!).join(' and ') : asked

const MAY_EXEC = 1
const MAY_WRITE = 2
const MAY_READ = 4

/** What a hook of a labelling module was asked for, as far as its arguments say. */
const actOf = ({ hook, args }: DenialRecord, call: string): DeniedAct => {
  if (hook.startsWith('bprm')) return 'execute'
  const mask = typeof args.mask === 'number' ? args.mask : 0
  if ((mask & MAY_WRITE) !== 0) return 'write'
  if ((mask & MAY_READ) !== 0) return 'read'
  if ((mask & MAY_EXEC) !== 0 && EXECUTES.has(call)) return 'execute'
  return WRITES.test(hook) ? 'write' : hook === 'socket_connect' ? 'connect' : 'other'
}
const WRITES = /^(inode|path)_(create|link|unlink|symlink|mkdir|rmdir|mknod|rename|setattr|truncate|setxattr|chmod)/

interface Right {
  readonly act: DeniedAct
  readonly list: keyof Allow
}
/** Rights of Landlock, without `fs.` and `net.`; those that are not here change the tree. */
const rights: Readonly<Record<string, Right>> = {
  execute: { act: 'execute', list: 'exec' },
  read_file: { act: 'read', list: 'read' },
  read_dir: { act: 'read', list: 'read' },
  bind_tcp: { act: 'listen', list: 'listen' },
  connect_tcp: { act: 'connect', list: 'connect' },
}
const change: Right = { act: 'write', list: 'write' }
/** What no list of `allow` gives. */
const NEVER: ReadonlySet<string> = new Set(['ioctl_dev', 'make_char', 'make_block'])

const ofLandlock = (record: DenialRecord, blockers: readonly string[], allow: WholeAllow): Facts => {
  const names = blockers.map((name) => name.replace(/^\w+\./, ''))
  const path = objectPath(record)
  const plain = { by: 'landlock', path, port: null, allow: null }
  if (blockers.some((name) => name.startsWith('scope.'))) {
    return { ...plain, act: 'other', why: 'it is outside of the box' }
  }
  if (names.includes('resolve_unix')) {
    return { ...plain, act: 'connect', why: 'the socket is none of the box', allow: null }
  }
  const asked = names.map((name) => ownValue(rights, name) ?? change)
  const { act, list } = asked[0] ?? change
  const port = portOf(record)
  if (list === 'connect' || list === 'listen') {
    const known = allow[list]
    const why = known.length === 0 ? 'no port is allowed' : `not among ${known.join(', ')}`
    return { ...plain, act, port, path: null, why, allow: port === null ? null : { [list]: [port] } }
  }
  if (path === null || names.some((name) => NEVER.has(name))) {
    return { ...plain, act, why: blockers.join(', ') }
  }
  // what makes or removes is a right of the directory
  const isInside = names.some((name) => /^(make_|remove_|refer)/.test(name))
  const place = isInside && !isDirectoryRecord(record) ? parentOf(path) : path
  const lists = new Set(asked.map((one) => one.list))
  return {
    ...plain, act, why: notBeneath(allow[list] as readonly string[]),
    allow: Object.fromEntries([...lists].map((name) => [name, [place]])),
  }
}

/** Hooks that tell the directory, and not what lies in it. */
const isDirectoryRecord = ({ object }: DenialRecord): boolean => object?.kind === 'inode'

const portOf = ({ object, args }: DenialRecord): number | null => {
  if (object?.kind === 'net') return object.dest || object.source || object.fport || object.lport || null
  return typeof args.port === 'number' ? args.port : null
}
