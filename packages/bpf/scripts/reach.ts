/** Structs and members that programs of a kernel reach from their arguments in two steps, out of its BTF. */
import type { Btf } from '../src/btf/btf.ts'
import type { BtfType } from '../src/btf/btf-type.ts'

/** A member, those of nameless structs and unions inside of the struct included. */
export interface ReachedMember {
  readonly name: string
  readonly type: number
  /** Of a bit field: how many; 0 for others. */
  readonly bits: number
}

export interface ReachedStruct {
  readonly id: number
  readonly kind: 'struct' | 'union'
  /** `anon_OWNER_MEMBER` for a nameless one. */
  readonly name: string
  readonly members: readonly ReachedMember[]
  /** Only tracepoints where no program runs lead there. */
  readonly isSilent: boolean
}

/** Functions and tracepoints whose arguments are the beginning. */
export interface Roots {
  readonly functions: readonly string[]
  readonly tracepoints: readonly string[]
  /** Tracepoints where no program ever runs: of them only what arguments point to. */
  readonly silent: readonly string[]
}

export const membersOf = (btf: Btf, id: number): ReachedMember[] => btf.members(id).flatMap((member) => {
  if (member.name !== '') return [{ name: member.name, type: member.type, bits: member.bitSize }]
  const { kind } = btf.resolved(member.type)
  return kind === 'struct' || kind === 'union' ? membersOf(btf, member.type) : []
})

/** Elements of an array for the array. */
const elementOf = (btf: Btf, id: number): BtfType => {
  let type = btf.resolved(id)
  while (type.kind === 'array') type = btf.resolved(type.type)
  return type
}

const isComposite = ({ kind }: BtfType): boolean => kind === 'struct' || kind === 'union'

/** A nameless struct has the name of its typedef, or of the member that it is. */
const innerName = (btf: Btf, member: ReachedMember, owner: string): string => {
  const { name } = elementOf(btf, member.type)
  if (name !== '') return name
  let type = btf.type(member.type)
  let named = ''
  while (type.kind === 'typedef' || type.kind === 'array' || type.kind === 'const' || type.kind === 'volatile') {
    if (type.kind === 'typedef') named = type.name
    type = btf.type(type.type)
  }
  if (named !== '') return `anon_${named}`
  return `anon_${owner.replace(/^anon_/, '')}_${member.name}`
}

class Walk {
  readonly found = new Map<number, ReachedStruct>()
  readonly btf: Btf
  isSilent = false

  constructor(btf: Btf) {
    this.btf = btf
  }

  /** A struct with all that lies inside of it. */
  add(id: number, name: string): void {
    if (this.found.has(id)) return
    const members = membersOf(this.btf, id)
    this.found.set(id, { id, kind: this.btf.type(id).kind as 'struct', name, members, isSilent: this.isSilent })
    for (const member of members) {
      const type = elementOf(this.btf, member.type)
      if (isComposite(type)) this.add(type.id, innerName(this.btf, member, name))
    }
  }

  pointees({ members }: ReachedStruct): BtfType[] {
    return members.flatMap(({ type }) => {
      const pointer = elementOf(this.btf, type)
      const to = pointer.kind === 'ptr' ? this.btf.resolved(pointer.type) : null
      return to !== null && isComposite(to) && to.name !== '' ? [to] : []
    })
  }

  arguments(proto: number): void {
    const type = this.btf.resolved(proto)
    if (type.kind !== 'func_proto') return
    for (const param of type.params) {
      const pointer = this.btf.resolved(param.type)
      const to = pointer.kind === 'ptr' ? this.btf.resolved(pointer.type) : null
      if (to !== null && isComposite(to) && to.name !== '') this.add(to.id, to.name)
    }
  }
}

/** First those that arguments point to, then those that their members do. */
export const reachOf = (btf: Btf, { functions, tracepoints, silent }: Roots): ReachedStruct[] => {
  const walk = new Walk(btf)
  for (const name of functions) {
    const id = btf.find(name, 'func')
    if (id !== 0) walk.arguments((btf.type(id) as { type: number }).type)
  }
  const addTracepoints = (names: readonly string[]): void => {
    for (const name of names) {
      const id = btf.find(`btf_trace_${name}`, 'typedef')
      const pointer = id === 0 ? null : btf.resolved(id)
      if (pointer?.kind === 'ptr') walk.arguments(pointer.type)
    }
  }
  addTracepoints(tracepoints)
  for (const struct of [...walk.found.values()]) {
    for (const { id, name } of walk.pointees(struct)) walk.add(id, name)
  }
  walk.isSilent = true
  addTracepoints(silent)
  return [...walk.found.values()]
}
