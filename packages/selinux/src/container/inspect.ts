/** The needs of a container, by the output of `docker inspect`, `podman inspect` or `crictl inspect`. */
import { LsmkitError } from '@lsmkit/core/option-rules'

export type ContainerErrorCode = 'not-inspect' | 'bad-field' | 'bad-name' | 'too-many'

/** A document that is not the output of an inspect command, or a part of it that has another shape. */
export class ContainerError extends LsmkitError<ContainerErrorCode> {
  constructor(code: ContainerErrorCode, message: string, place: string | null = null, hint: string | null = null) {
    super(code, message, { place, hint })
  }
}

export interface ContainerMount {
  /** A path of the host. */
  readonly source: string
  readonly destination: string
  readonly isWritable: boolean
}

export interface ContainerPort {
  readonly port: number
  readonly protocol: 'tcp' | 'udp' | 'sctp'
}

export interface ContainerDevice {
  readonly path: string
  readonly isReadable: boolean
  readonly isWritable: boolean
}

export interface ContainerFacts {
  readonly engine: 'docker' | 'podman' | 'cri-o'
  readonly name: string
  readonly isPrivileged: boolean
  readonly mounts: readonly ContainerMount[]
  readonly ports: readonly ContainerPort[]
  /** Lower case, without `cap_`. */
  readonly capabilities: readonly string[]
  readonly devices: readonly ContainerDevice[]
}

type Fields = Readonly<Record<string, unknown>>

const MOST = 10_000

/** The capabilities that Docker gives where nothing else is said. */
const dockerDefaults = [
  'chown', 'dac_override', 'fsetid', 'fowner', 'mknod', 'net_raw', 'setgid', 'setuid', 'setfcap', 'setpcap',
  'net_bind_service', 'sys_chroot', 'kill', 'audit_write',
]

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const fail = (place: string, what: string): never => {
  throw new ContainerError('bad-field', `\`${place}\` is not ${what}`, place)
}

/** The field of an object; undefined where it is missing or null. */
const field = (of: Fields, name: string): unknown => {
  const value = Object.hasOwn(of, name) ? of[name] : undefined
  return value === null ? undefined : value
}

const objectAt = (of: Fields, name: string, place: string): Fields => {
  const value = field(of, name)
  if (value === undefined) return {}
  return isFields(value) ? value : fail(`${place}.${name}`, 'an object')
}

const listAt = (of: Fields, name: string, place: string): readonly unknown[] => {
  const value = field(of, name)
  if (value === undefined) return []
  if (!Array.isArray(value)) return fail(`${place}.${name}`, 'a list')
  if (value.length > MOST) throw new ContainerError('too-many', `\`${place}.${name}\` has more than ${MOST} parts`,
    place)
  return value
}

const textAt = (of: Fields, name: string, place: string): string => {
  const value = field(of, name)
  return typeof value === 'string' ? value : fail(`${place}.${name}`, 'a text')
}

const objectsAt = (of: Fields, name: string, place: string): { item: Fields; at: string }[] =>
  listAt(of, name, place).map((item, i) => {
    const at = `${place}.${name}[${i}]`
    return { item: isFields(item) ? item : fail(at, 'an object'), at }
  })

const capability = (text: unknown, place: string): string => {
  if (typeof text !== 'string' || !/^[A-Za-z_]{1,40}$/.test(text)) return fail(place, 'the name of a capability')
  return text.toLowerCase().replace(/^cap_/, '')
}

const capabilitiesAt = (of: Fields, name: string, place: string): string[] =>
  listAt(of, name, place).map((text, i) => capability(text, `${place}.${name}[${i}]`))

const protocolOf = (text: string, place: string): ContainerPort['protocol'] =>
  text === 'tcp' || text === 'udp' || text === 'sctp' ? text : fail(place, 'tcp, udp or sctp')

const portOf = (value: unknown, place: string): number => {
  const port = Number(value)
  return Number.isInteger(port) && port >= 0 && port <= 65535 && value !== '' ? port : fail(place, 'a port')
}

/**
 * `{ "80/tcp": [{ HostPort: "8080" }] }`, or a list of `{ containerPort, hostPort, protocol }`: the ports inside of the
 * container, published or not, which its program binds. A proxy in another domain binds those of the host.
 */
const portsAt = (of: Fields, place: string): ContainerPort[] => {
  const value = field(of, 'Ports')
  if (Array.isArray(value)) {
    return objectsAt(of, 'Ports', place).map(({ item, at }) => {
      const name = field(item, 'containerPort') === undefined ? 'hostPort' : 'containerPort'
      const protocol = protocolOf(textAt(item, 'protocol', at), at)
      return { port: portOf(field(item, name), `${at}.${name}`), protocol }
    })
  }
  const table = objectAt(of, 'Ports', place)
  return Object.keys(table).map((key) => {
    const at = `${place}.Ports.${key}`
    const [inside, protocol = 'tcp'] = key.split('/')
    for (const { item } of objectsAt(table, key, `${place}.Ports`)) portOf(field(item, 'HostPort'), at)
    return { port: portOf(inside, at), protocol: protocolOf(protocol, at) }
  })
}

const devicesAt = (of: Fields, place: string): ContainerDevice[] =>
  objectsAt(of, 'Devices', place).map(({ item, at }) => {
    const rights = field(item, 'CgroupPermissions')
    const text = typeof rights === 'string' && rights !== '' ? rights : 'rwm'
    return {
      path: textAt(item, 'PathOnHost', at), isReadable: text.includes('r'), isWritable: text.includes('w'),
    }
  })

const granted = (defaults: readonly string[], host: Fields, place: string): string[] => {
  const added = capabilitiesAt(host, 'CapAdd', place)
  const dropped = new Set(capabilitiesAt(host, 'CapDrop', place))
  const kept = dropped.has('all') ? [] : defaults.filter((name) => !dropped.has(name))
  return [...new Set([...kept, ...added])]
}

/** Podman alone prints the capabilities in force: null where there are none, as of a user who is not root. */
const hasEffective = (of: Fields): boolean => Object.hasOwn(of, 'EffectiveCaps')

const isPodman = (of: Fields, config: Fields, place: string): boolean =>
  hasEffective(of) || listAt(config, 'Env', place).includes('container=podman')

const ofDocker = (of: Fields, place: string): ContainerFacts => {
  const [config, host, network] = [
    objectAt(of, 'Config', place), objectAt(of, 'HostConfig', place), objectAt(of, 'NetworkSettings', place),
  ]
  const podman = isPodman(of, config, place)
  const mounts = objectsAt(of, 'Mounts', place).flatMap(({ item, at }) => {
    const source = field(item, 'Source')
    if (source === undefined || source === '') return []
    const options = listAt(item, 'Options', at)
    const isWritable = field(item, 'RW') === true || (field(item, 'RW') === undefined && !options.includes('ro'))
    return [{ source: textAt(item, 'Source', at), destination: textAt(item, 'Destination', at), isWritable }]
  })
  return {
    engine: podman ? 'podman' : 'docker', name: textAt(of, 'Name', place).replace(/^\//, ''),
    isPrivileged: field(host, 'Privileged') === true, mounts, ports: portsAt(network, `${place}.NetworkSettings`),
    capabilities: hasEffective(of) ? capabilitiesAt(of, 'EffectiveCaps', place)
      : granted(dockerDefaults, host, `${place}.HostConfig`),
    devices: devicesAt(host, `${place}.HostConfig`),
  }
}

const ofCri = (of: Fields, place: string): ContainerFacts => {
  const status = objectAt(of, 'status', place)
  const spec = objectAt(objectAt(of, 'info', place), 'runtimeSpec', `${place}.info`)
  const at = `${place}.info.runtimeSpec`
  const capabilities = objectAt(objectAt(spec, 'process', at), 'capabilities', `${at}.process`)
  const linux = objectAt(spec, 'linux', at)
  const name = textAt(objectAt(status, 'metadata', `${place}.status`), 'name', `${place}.status.metadata`)
  return {
    engine: 'cri-o', name, isPrivileged: field(objectAt(of, 'info', place), 'privileged') === true,
    mounts: objectsAt(status, 'mounts', `${place}.status`).map(({ item, at: mount }) => ({
      source: textAt(item, 'hostPath', mount), destination: textAt(item, 'containerPath', mount),
      isWritable: field(item, 'readonly') !== true,
    })),
    ports: [],
    capabilities: capabilitiesAt(capabilities, field(capabilities, 'effective') === undefined ? 'bounding'
      : 'effective', at),
    devices: objectsAt(linux, 'devices', `${at}.linux`).map(({ item, at: device }) =>
      ({ path: textAt(item, 'path', device), isReadable: true, isWritable: true })),
  }
}

/** The containers of a document: an object, or a list of them. Throws ContainerError. */
export const readInspect = (document: unknown): ContainerFacts[] => {
  const list: readonly unknown[] = Array.isArray(document) ? document : [document]
  if (list.length === 0 || list.length > MOST) throw new ContainerError('not-inspect', 'there is no container in it')
  return list.map((item, i) => {
    const place = `[${i}]`
    if (isFields(item)) {
      if (field(item, 'status') !== undefined && field(item, 'info') !== undefined) return ofCri(item, place)
      if (field(item, 'Config') !== undefined || field(item, 'HostConfig') !== undefined) return ofDocker(item, place)
    }
    throw new ContainerError('not-inspect', 'it is not the output of an inspect command', place,
      'docker inspect NAME, podman inspect NAME, crictl inspect ID')
  })
}
