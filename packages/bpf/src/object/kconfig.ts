/** `.kconfig`: settings of the kernel as a frozen map, laid out and filled as libbpf does. */
import type { Btf } from '../btf/btf.ts'
import type { BtfType } from '../btf/btf-type.ts'
import { BpfError } from '../error.ts'

export interface ConfigPlace {
  readonly name: string
  readonly isWeak: boolean
  readonly kind: 'bool' | 'tristate' | 'char' | 'int' | 'text'
  readonly isSigned: boolean
  readonly offset: number
  readonly size: number
}

export interface ConfigSources {
  /** `CONFIG_X` → the text after the equals sign. */
  readonly settings: ReadonlyMap<string, string>
  /** The value of LINUX_KERNEL_VERSION: `6.12.118`. */
  readonly kernelVersion: string
}

/** The settings that programs ask for most, as our kernel has them: used if no other configuration is given. */
export const ownConfig: Readonly<Record<string, string>> = {
  CONFIG_BPF: 'y',
  CONFIG_BPF_SYSCALL: 'y',
  CONFIG_BPF_JIT: 'y',
  CONFIG_BPF_LSM: 'y',
  CONFIG_SECURITY: 'y',
  CONFIG_CGROUPS: 'y',
  CONFIG_64BIT: 'y',
  CONFIG_HZ: '1000',
}

/** Places by falling alignment, rising size, name. Throws BpfError for a type no setting has. */
export const layoutConfig = (
  types: Btf, externs: readonly { name: string; isWeak: boolean; id: number }[],
): ConfigPlace[] => {
  const unplaced = externs.map(({ name, isWeak, id }) => {
    const size = types.size(id)
    const form = formOf(types, types.resolved((types.type(id) as { type: number }).type))
    if (!form || size <= 0) throw new BpfError('bad-value', 'has a type that no setting of a kernel has', name)
    return { name, isWeak, size, align: types.align((types.type(id) as { type: number }).type), ...form }
  })
  unplaced.sort((one, other) =>
    other.align - one.align || one.size - other.size || (one.name < other.name ? -1 : 1))
  let end = 0
  return unplaced.map(({ align, ...place }) => {
    const offset = Math.ceil(end / align) * align
    end = offset + place.size
    return { ...place, offset }
  })
}

const formOf = (types: Btf, type: BtfType): Pick<ConfigPlace, 'kind' | 'isSigned'> | null => {
  switch (type.kind) {
    case 'int':
      if (type.isBool) return type.size === 1 ? { kind: 'bool', isSigned: false } : null
      return { kind: type.size === 1 ? 'char' : 'int', isSigned: type.isSigned }
    case 'enum':
      return type.size === 4 && type.name === 'libbpf_tristate' ? { kind: 'tristate', isSigned: false } : null
    case 'array': {
      const element = types.resolved(type.type)
      return type.length > 0 && element.kind === 'int' && element.size === 1 ? { kind: 'text', isSigned: false } : null
    }
    default: return null
  }
}

/** The map's bytes, and the strong settings without a known value: they stay zero. */
export const fillConfig = (
  places: readonly ConfigPlace[], sources: ConfigSources,
): { data: Uint8Array; missing: string[] } => {
  const last = places.at(-1)
  const data = new Uint8Array(last ? last.offset + last.size : 0)
  const missing: string[] = []
  for (const place of places) {
    const text = virtual(place.name, sources.kernelVersion) ?? sources.settings.get(place.name)
    if (text !== undefined) write(data.subarray(place.offset, place.offset + place.size), place, text)
    else if (!place.isWeak) missing.push(place.name)
  }
  return { data, missing }
}

/** Settings that are in no configuration. */
const virtual = (name: string, kernelVersion: string): string | undefined => {
  switch (name) {
    case 'LINUX_KERNEL_VERSION': {
      const [major = 0, minor = 0, patch = 0] = kernelVersion.split('.').map(Number)
      return String((major << 16) + (minor << 8) + Math.min(patch, 255))
    }
    case 'LINUX_HAS_BPF_COOKIE': case 'LINUX_HAS_SYSCALL_WRAPPER': return '1'
    default: return undefined
  }
}

const write = (bytes: Uint8Array, { name, kind, isSigned, size }: ConfigPlace, text: string): void => {
  const bad = (): never => {
    throw new BpfError('bad-value', `\`${text}\` is not a value for a ${kind} of ${size} bytes`, name)
  }
  if (kind === 'text') {
    if (!/^".*"$/s.test(text)) bad()
    bytes.set(new TextEncoder().encode(text.slice(1, -1)).subarray(0, size - 1))
    return
  }
  if (/^[ynm]$/.test(text)) {
    if (kind === 'char') bytes[0] = text.charCodeAt(0)
    else if (kind === 'tristate') bytes[0] = { n: 0, y: 1, m: 2 }[text as 'y' | 'n' | 'm']
    else if (kind === 'bool' && text !== 'm') bytes[0] = text === 'y' ? 1 : 0
    else bad()
    return
  }
  if (!/^-?(\d+|0x[\da-f]+)$/i.test(text)) bad()
  if (kind !== 'int' && kind !== 'char') {
    // the virtual settings are numbers, and asked for as bool
    if (text !== '0' && text !== '1') bad()
    bytes[0] = Number(text)
    return
  }
  const value = text.startsWith('-') ? -BigInt(text.slice(1)) : BigInt(text)
  const fits = isSigned ? BigInt.asIntN(size * 8, value) : BigInt.asUintN(size * 8, value)
  if (fits !== value) bad()
  for (let index = 0; index < size; index++) bytes[index] = Number((value >> BigInt(index * 8)) & 0xffn)
}

/** Lines `CONFIG_X=value`; comments, so also `is not set`, are passed over. */
export const parseConfig = (text: string): Map<string, string> => {
  const settings = new Map<string, string>()
  for (const line of text.split('\n')) {
    const match = /^(CONFIG_\w+)=(.*?)\s*$/.exec(line)
    if (match) settings.set(match[1]!, match[2]!)
  }
  return settings
}
