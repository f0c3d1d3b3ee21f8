/** A domain for a container in CIL: what its mounts, ports, devices and capabilities need, and nothing else. */
import { capByName, capName, CAP_LAST_CAP, S_IFCHR } from '@lsmkit/abi'
import { aFunction, aString, checkOptions } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { ContainerError } from './inspect.ts'
import type { ContainerFacts, ContainerPort } from './inspect.ts'

export interface ContainerOptions {
  /** Name of the block (default: that of the container). */
  readonly name?: string
  /** Types that the files of a tree have by the file contexts in use; none: they get a type of this container. */
  readonly typesBelow?: (path: string) => readonly string[]
  /** The type that a device has; null where none is known. */
  readonly typeOf?: (path: string, mode: number) => string | null
  /** The type of a port; null where none is known. */
  readonly portType?: (port: ContainerPort) => string | null
}

const rules: OptionRules<ContainerOptions> = {
  name: aString, typesBelow: aFunction, typeOf: aFunction, portType: aFunction,
}

/** A question about the policy, with the answer that it should give. */
export interface ContainerCheck {
  readonly target: string
  readonly tclass: string
  readonly permission: string
  readonly isAllowed: boolean
  /** The part of the container that it is about. */
  readonly about: string
}

export interface ContainerPolicy {
  /** The block, and that of its domain: NAME.process. */
  readonly name: string
  readonly domain: string
  readonly cil: string
  readonly checks: readonly ContainerCheck[]
  /** Notes for the reader: privileges that no domain can hold, paths without a type. */
  readonly notes: readonly string[]
}

/** Permissions by what is done, for each class of files. */
const reading = {
  dir: 'getattr ioctl lock open read search', file: 'getattr ioctl lock map open read',
  lnk_file: 'getattr read', sock_file: 'getattr open read', fifo_file: 'getattr ioctl lock open read',
} as const
const writing = {
  dir: 'add_name create link remove_name rename reparent rmdir setattr write',
  file: 'append create link rename setattr unlink write', lnk_file: 'create link rename setattr unlink write',
  sock_file: 'append create setattr unlink write', fifo_file: 'append create rename setattr unlink write',
} as const
const fileClasses = ['dir', 'file', 'lnk_file', 'sock_file', 'fifo_file'] as const

/** The class of a capability: those from 32 on have one of their own. Null for a name that is none. */
const capabilityClass = (name: string): 'capability' | 'capability2' | null => {
  const number = capByName(`cap_${name}`)
  return number === undefined ? null : number < 32 ? 'capability' : 'capability2'
}

const everyCapability = Array.from({ length: CAP_LAST_CAP + 1 }, (_, cap) => capName(cap).toLowerCase()
  .slice('cap_'.length))

/** Without a policy: how domains of containers are started, and the types of their images. */
const RUNTIMES = ['container_runtime_domain', 'container_engine_domain', 'container_runtime_t', 'dockerd_t']
const IMAGES = ['container_file_t']
const SHARED_IMAGES = ['container_ro_file_t', 'container_share_t']

const NAME = /^[A-Za-z][A-Za-z0-9_]{0,63}$/

const blockName = (facts: ContainerFacts, given: string | undefined): string => {
  const name = given ?? facts.name.replace(/[^A-Za-z0-9_]/g, '_').replace(/^(?=[^A-Za-z])/, 'container_')
  if (NAME.test(name)) return name
  throw new ContainerError('bad-name', `\`${name}\` cannot be the name of a block`, null,
    'letters, digits and _; --name')
}

/** A path as a pattern in a string of CIL, which has no escapes. Throws ContainerError for one that cannot be said. */
const quoted = (path: string): string => {
  if (!/^\/[!#-~]*$/.test(path)) {
    throw new ContainerError('bad-name', `\`${path}\` cannot be a path of file contexts`, null,
      'no blanks, no quotes, ASCII')
  }
  return path.replace(/[.^$?*+|[\](){}\\]/g, '\\$&')
}

/** A type that others name. */
const known = (type: string): string => {
  if (/^[A-Za-z][\w.$-]*$/.test(type)) return type
  throw new ContainerError('bad-name', `\`${type}\` cannot be a type`)
}

/** Lines of the block. */
class Block {
  readonly lines: string[] = []
  readonly checks: ContainerCheck[] = []
  readonly notes: string[] = []
  context(type: string): string {
    return `(system_u object_r ${type} ((s0) (s0)))`
  }

  allow(target: string, tclass: string, permissions: string): void {
    this.lines.push(`  (allow process ${target} (${tclass} (${permissions})))`)
  }

  /** What a policy may not have: the rule is left out there. */
  optional(name: string, lines: readonly string[]): void {
    this.lines.push(`  (optional ${name}`, ...lines.map((line) => `    ${line}`), '  )')
  }

  check(target: string, tclass: string, permission: string, isAllowed: boolean, about: string): void {
    this.checks.push({ target, tclass, permission, isAllowed, about })
  }
}

const selfRules = [
  ['process', 'fork getattr getcap getpgid getsched getsession setcap setpgid setrlimit setsched sigchld sigkill ' +
    'signal signull sigstop'],
  ['fd', 'use'], ['fifo_file', 'append getattr ioctl lock open read write'],
  ['unix_stream_socket', 'accept bind connect connectto create getattr getopt listen read setopt shutdown write'],
  ['unix_dgram_socket', 'bind connect create getattr getopt read sendto setopt write'],
] as const

const base = (block: Block): void => {
  block.lines.push('  (type process)', '  (roletype system_r process)')
  for (const attribute of ['domain', 'container_domain', 'container_net_domain']) {
    block.optional(`in_${attribute}`, [`(typeattributeset ${attribute} (process))`])
  }
  for (const [tclass, permissions] of selfRules) block.allow('self', tclass, permissions)
  for (const runtime of RUNTIMES) {
    block.optional(`started_by_${runtime}`, [
      `(allow ${runtime} process (process (sigkill signal signull transition)))`,
      `(allow process ${runtime} (fd (use)))`, `(allow process ${runtime} (process (sigchld)))`,
      `(allow process ${runtime} (fifo_file (getattr ioctl read write append)))`,
    ])
  }
  for (const image of [...IMAGES, ...SHARED_IMAGES]) {
    block.optional(`image_${image}`, [
      `(allow process ${image} (file (entrypoint execute execute_no_trans ${reading.file})))`,
      `(allow process ${image} (dir (${reading.dir})))`, `(allow process ${image} (lnk_file (${reading.lnk_file})))`,
      ...(IMAGES.includes(image) ? fileClasses.map((tclass) =>
        `(allow process ${image} (${tclass} (${writing[tclass]})))`) : []),
    ])
  }
}

const capabilities = (block: Block, { capabilities: names }: ContainerFacts): void => {
  const all = names.includes('all') ? everyCapability : names
  const first = all.filter((name) => capabilityClass(name) === 'capability')
  const second = all.filter((name) => capabilityClass(name) === 'capability2')
  if (first.length > 0) block.allow('self', 'capability', first.join(' '))
  if (second.length > 0) block.allow('self', 'capability2', second.join(' '))
  for (const name of all) if (capabilityClass(name) === null) block.notes.push(`\`${name}\` is not a capability`)
  for (const name of first) block.check('process', 'capability', name, true, `capability ${name}`)
  for (const name of ['sys_module', 'sys_rawio', 'sys_boot']) {
    if (!first.includes(name)) block.check('process', 'capability', name, false, `capability ${name}`)
  }
}

const mounts = (block: Block, { mounts: all }: ContainerFacts, typesBelow: (path: string) =>
  readonly string[]): void => {
  const types = new Map<string, { isWritable: boolean; about: string }>()
  for (const { source, isWritable } of all) {
    const given = typesBelow(source).map(known)
    const own = `mount_${types.size}`
    if (given.length === 0) {
      block.lines.push(`  (type ${own})`, `  (roletype object_r ${own})`)
      block.optional(`files_${own}`, [`(typeattributeset file_type (${own}))`])
      block.lines.push(`  (filecon "${quoted(source)}(/.*)?" any ${block.context(own)})`)
      block.notes.push(`${source} gets a type of its own: relabel it before the container starts`)
    }
    for (const type of given.length === 0 ? [own] : given) {
      const before = types.get(type)
      types.set(type, { isWritable: isWritable || before?.isWritable === true, about: source })
    }
  }
  for (const [type, { isWritable, about }] of types) {
    for (const tclass of fileClasses) {
      block.allow(type, tclass, isWritable ? `${reading[tclass]} ${writing[tclass]}` : reading[tclass])
    }
    block.check(type, 'file', 'read', true, about)
    block.check(type, 'file', 'write', isWritable, about)
  }
}

const ports = (block: Block, { ports: all }: ContainerFacts, portType: (port: ContainerPort) =>
  string | null): void => {
  for (const protocol of new Set(all.map((each) => each.protocol))) {
    block.allow('self', `${protocol}_socket`,
      'accept bind connect create getattr getopt listen read setopt shutdown write')
  }
  const seen = new Set<string>()
  for (const port of all) {
    const key = `${port.protocol} ${port.port}`
    if (seen.has(key)) continue
    seen.add(key)
    const given = portType(port)
    const type = given === null ? `port_${port.protocol}_${port.port}` : known(given)
    if (given === null) {
      block.lines.push(`  (type ${type})`, `  (roletype object_r ${type})`)
      block.optional(`is_${type}`, [`(typeattributeset port_type (${type}))`])
      block.lines.push(`  (portcon ${port.protocol} ${port.port} ${block.context(type)})`)
    }
    block.allow(type, `${port.protocol}_socket`, 'name_bind')
    block.check(type, `${port.protocol}_socket`, 'name_bind', true, `port ${key}`)
  }
  if (all.length > 0) {
    block.optional('any_node', ['(allow process node_t (tcp_socket (node_bind)))',
      '(allow process node_t (udp_socket (node_bind)))'])
  }
}

const devices = (
  block: Block, { devices: all }: ContainerFacts, typeOf: (path: string, mode: number) => string | null,
): void => {
  for (const [i, { path, isReadable, isWritable }] of all.entries()) {
    const given = typeOf(path, S_IFCHR)
    const type = given === null ? `device_${i}` : known(given)
    if (given === null) {
      block.lines.push(`  (type ${type})`, `  (roletype object_r ${type})`)
      block.optional(`is_${type}`, [`(typeattributeset device_node (${type}))`])
      block.lines.push(`  (filecon "${quoted(path)}" char ${block.context(type)})`)
    }
    const rights = `getattr ioctl lock map open${isReadable ? ' read' : ''}${isWritable ? ' append write' : ''}`
    for (const tclass of ['chr_file', 'blk_file']) block.allow(type, tclass, rights)
    block.check(type, 'chr_file', 'read', isReadable, path)
    block.check(type, 'chr_file', 'write', isWritable, path)
  }
}

/** The policy of one container. Throws OptionError, and ContainerError for a name that no block may have. */
export const containerPolicy = (facts: ContainerFacts, options: ContainerOptions = {}): ContainerPolicy => {
  checkOptions(options, rules, 'containerPolicy')
  const { typesBelow = () => [], typeOf = () => null, portType = () => null } = options
  const name = blockName(facts, options.name)
  const block = new Block()
  if (facts.isPrivileged) block.notes.push('the container is privileged: engines give it no domain of its own')
  base(block)
  capabilities(block, facts)
  mounts(block, facts, typesBelow)
  ports(block, facts, portType)
  devices(block, facts, typeOf)
  const inBlock = (target: string): string => block.lines.includes(`  (type ${target})`) ? `${name}.${target}` : target
  return {
    name, domain: `${name}.process`,
    cil: `; ${facts.engine}: what \`${name}\` may use\n(block ${name}\n${block.lines.join('\n')}\n)\n`,
    checks: block.checks.map((check) => ({ ...check, target: inBlock(check.target) })), notes: block.notes,
  }
}
