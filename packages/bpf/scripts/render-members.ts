/** Members of Linux's structs that our kernel has no value for, as text: types of our own making, by reason. */
import { ownValue } from '@lsmkit/abi'
import type { Btf } from '../src/btf/btf.ts'
import { enums } from '../src/vmlinux/enums.ts'
import type { Reason } from '../src/vmlinux/reasons.ts'
import { typedefs } from '../src/vmlinux/typedefs.ts'
import { reachOf } from './reach.ts'
import type { ReachedMember, ReachedStruct, Roots } from './reach.ts'
import { reasonFor } from './reason-rules.ts'

export interface Rendered {
  /** By `struct NAME`, reason and type: declarators. */
  readonly structs: ReadonlyMap<string, ReadonlyMap<Reason, ReadonlyMap<string, readonly string[]>>>
  readonly typedefs: ReadonlyMap<string, string>
  readonly enums: ReadonlyMap<string, string>
  /** `struct.member: type` without a reason. */
  readonly gaps: readonly string[]
  /** Members that are reached, and those of them that have a value. */
  readonly reached: number
  readonly kept: number
}

/** A type as C writes it around a name: `unsigned long`, `*fd[4]`. */
interface Text {
  readonly base: string
  readonly before: string
  readonly behind: string
}

/** Names that compilers give to integers, as people write them. */
const integers: Readonly<Record<string, string>> = {
  'long unsigned int': 'unsigned long', 'long int': 'long', 'long long unsigned int': 'unsigned long long',
  'long long int': 'long long', 'short unsigned int': 'unsigned short', 'short int': 'short', __int128: 'u64',
  '__int128 unsigned': 'u64',
}

const plain = (base: string): Text => ({ base, before: '', behind: '' })

export class Renderer {
  readonly typedefs = new Map<string, string>()
  readonly enums = new Map<string, string>()
  readonly #btf: Btf
  /** Structs by their ids: nameless ones that are alike are one. */
  readonly #names: ReadonlyMap<number, string>

  constructor(btf: Btf, names: ReadonlyMap<number, string>) {
    this.#btf = btf
    this.#names = names
  }

  typeOf(member: ReachedMember, owner: string): Text {
    return this.#text(member.type, member, owner)
  }

  #text(id: number, member: ReachedMember, owner: string): Text {
    const type = this.#btf.type(id)
    switch (type.kind) {
      case 'int': return plain(ownValue(integers, type.name) ?? type.name)
      case 'const': case 'volatile': case 'restrict': case 'type_tag': return this.#text(type.type, member, owner)
      case 'typedef': return this.#typedef(type.name, type.type, member, owner)
      case 'struct': case 'union': return plain(`${type.kind} ${this.#names.get(type.id)!}`)
      case 'enum': return plain(`enum ${this.#enum(type.name === '' ? `anon_${owner}_${member.name}` : type.name, id)}`)
      case 'enum64': return plain('u64')
      case 'array': {
        const { base, before, behind } = this.#text(type.type, member, owner)
        return { base, before, behind: `[${type.length}]${behind}` }
      }
      case 'ptr': return this.#pointer(type.type, member, owner)
      default: return plain('void')
    }
  }

  /** The typedef of a nameless type stays; any other becomes the type that it stands for. */
  #typedef(name: string, to: number, member: ReachedMember, owner: string): Text {
    if (ownValue(typedefs, name) !== undefined) return plain(name)
    const type = this.#btf.type(to)
    if ((type.kind === 'struct' || type.kind === 'union') && type.name === '') {
      this.typedefs.set(name, `${type.kind} ${this.#names.get(type.id)!} v`)
      return plain(name)
    }
    return this.#text(to, member, owner)
  }

  #pointer(to: number, member: ReachedMember, owner: string): Text {
    const pointee = this.#btf.resolved(to)
    if (pointee.kind === 'func_proto' || pointee.kind === 'void') return { base: 'void', before: '*', behind: '' }
    if ((pointee.kind === 'struct' || pointee.kind === 'union' || pointee.kind === 'fwd') && pointee.name === '') {
      return { base: 'void', before: '*', behind: '' }
    }
    const isNamed = pointee.kind === 'struct' || pointee.kind === 'union' || pointee.kind === 'fwd'
    const isUnion = pointee.kind === 'union' || (pointee.kind === 'fwd' && pointee.isUnion)
    const { base, before, behind } = isNamed
      ? plain(`${isUnion ? 'union' : 'struct'} ${pointee.name}`)
      : this.#text(to, member, owner)
    return { base, before: `*${before}`, behind }
  }

  #enum(name: string, id: number): string {
    const type = this.#btf.type(id)
    if (ownValue(enums, name) === undefined && type.kind === 'enum') {
      this.enums.set(name, type.values.map((one) => `${one.name}=${one.value}`).join(' '))
    }
    return name
  }
}

/** For rules: the type without pointers. */
const ruleType = (btf: Btf, id: number): string => {
  let type = btf.type(id)
  for (;;) {
    if (type.kind === 'func_proto') return 'function'
    if (type.kind === 'ptr' || type.kind === 'array' || type.kind === 'const' || type.kind === 'volatile') {
      type = btf.type(type.type)
    } else return 'name' in type && type.name !== '' ? type.name : type.kind
  }
}

/** `kept`: names of members with values, by `struct NAME`. */
export const renderMembers = (
  btf: Btf, roots: Roots, kept: ReadonlyMap<string, ReadonlySet<string>>,
): Rendered => {
  const all = reachOf(btf, roots)
  const renderer = new Renderer(btf, new Map(all.map(({ id, name }) => [id, name])))
  const structs = new Map<string, Map<Reason, Map<string, string[]>>>()
  const gaps: string[] = []
  let [reached, valued] = [0, 0]
  for (const struct of all) {
    const key = `${struct.kind} ${struct.name}`
    const own = new Map<Reason, Map<string, string[]>>()
    for (const member of unique(struct)) {
      reached++
      if (kept.get(key)?.has(member.name)) {
        valued++
        // its enum is wanted too
        renderer.typeOf(member, struct.name)
        continue
      }
      const reason = struct.isSilent ? 'silent' : reasonFor(struct.name, member.name, ruleType(btf, member.type))
      if (reason === null) {
        gaps.push(`${struct.name}.${member.name}: ${ruleType(btf, member.type)}`)
        continue
      }
      const { base, before, behind } = renderer.typeOf(member, struct.name)
      const declarator = `${before}${member.name}${behind}${member.bits === 0 ? '' : `:${member.bits}`}`
      const types = own.get(reason) ?? new Map<string, string[]>()
      own.set(reason, types)
      types.set(base, [...(types.get(base) ?? []), declarator])
    }
    if (own.size > 0 || !kept.has(key)) structs.set(key, own)
  }
  return { structs, typedefs: renderer.typedefs, enums: renderer.enums, gaps, reached, kept: valued }
}

/** Structs without a name in one place may have members of one name. */
const unique = ({ members }: ReachedStruct): ReachedMember[] =>
  [...new Map(members.map((member) => [member.name, member])).values()]

const WIDTH = 108

/** One text in pieces of a line each. */
const quoted = (text: string): string => {
  const lines: string[] = []
  let rest = text
  while (rest.length > WIDTH) {
    const at = Math.max(...[' ', ',', ';'].map((sign) => rest.lastIndexOf(sign, WIDTH) + 1))
    lines.push(rest.slice(0, at))
    rest = rest.slice(at)
  }
  return [...lines, rest].map((line) => `'${line}'`).join(' +\n    ')
}

const table = (name: string, entries: Iterable<readonly [string, string]>): string => [
  `export const ${name}: Readonly<Record<string, string>> = {`,
  ...[...entries].map(([key, text]) => `  ${/^\w+$/.test(key) ? key : `'${key}'`}:\n    ${quoted(text)},`),
  '}', '',
].join('\n')

/** The file. */
export const renderFile = ({ structs, typedefs: names, enums: values }: Rendered): string => [
  '/** Made by scripts/generate-members.ts: members without values, `reason:declarations|reason:…`. Do not edit. */',
  '',
  table('unkeptMembers', [...structs].map(([key, reasons]) => [key, [...reasons].map(([reason, types]) =>
    `${reason}:${[...types].map(([base, own]) => `${base} ${own.join(',')}`).join(';')}`).join('|')])),
  table('unkeptTypedefs', names),
  table('unkeptEnums', values).trimEnd(),
  '',
].join('\n')
