/** Types written as a C header, `vmlinux.h`: every named type once, each before it is needed whole. */
import type { Btf } from '../btf/btf.ts'
import type { BtfComposite, BtfEnum, BtfFuncProto, BtfMember, BtfType } from '../btf/btf-type.ts'

const HEAD = `#ifndef __VMLINUX_H__
#define __VMLINUX_H__

#ifndef BPF_NO_PRESERVE_ACCESS_INDEX
#pragma clang attribute push (__attribute__((preserve_access_index)), apply_to = record)
#endif
`
const TAIL = `
#ifndef BPF_NO_PRESERVE_ACCESS_INDEX
#pragma clang attribute pop
#endif

#endif
`

const isComposite = (type: BtfType): type is BtfComposite => type.kind === 'struct' || type.kind === 'union'
const isEnum = (type: BtfType): type is BtfEnum => type.kind === 'enum' || type.kind === 'enum64'

/** Members by where they begin; each bit field stands alone. */
const places = (members: readonly BtfMember[]): BtfMember[][] => {
  const found = new Map<number | BtfMember, BtfMember[]>()
  for (const member of members) {
    const key = member.bitSize > 0 ? member : member.bitOffset
    found.set(key, [...(found.get(key) ?? []), member])
  }
  return [...found.values()]
}

/** The writing of one header. */
class Header {
  readonly btf: Btf
  readonly #lines: string[] = []
  /** Named types by `kind name`: a name that two types have is written once. */
  readonly #written = new Set<string>()
  readonly #forward = new Set<string>()

  constructor(btf: Btf) {
    this.btf = btf
  }

  text(): string {
    for (let id = 1; id < this.btf.count; id++) {
      const type = this.btf.type(id)
      if (type.name !== '' && (isComposite(type) || isEnum(type) || type.kind === 'typedef')) this.#define(type)
    }
    return `${HEAD}\n${this.#lines.join('\n')}\n${TAIL}`
  }

  #define(type: BtfType): void {
    const key = `${type.kind === 'enum64' ? 'enum' : type.kind} ${type.name}`
    if (this.#written.has(key)) return
    this.#written.add(key)
    if (isComposite(type)) {
      this.#needMembers(type)
      this.#lines.push(`${key} ${this.#body(type, '')};\n`)
    } else if (isEnum(type)) this.#lines.push(`${key} ${this.#values(type, '')};\n`)
    else if (type.kind === 'typedef') {
      this.#need(type.type, false)
      this.#lines.push(`typedef ${this.#declare(type.type, type.name, '')};\n`)
    }
  }

  #needMembers(type: BtfComposite): void {
    for (const member of type.members) this.#need(member.type, true)
  }

  /** What has to stand before a use of the type; `isWhole`: its size counts, as for a member that is no pointer. */
  #need(id: number, isWhole: boolean): void {
    const type = this.btf.type(id)
    switch (type.kind) {
      case 'ptr': return this.#need(type.type, false)
      case 'array': return this.#need(type.type, true)
      case 'const': case 'volatile': case 'restrict': case 'type_tag': return this.#need(type.type, isWhole)
      case 'typedef':
        this.#define(type)
        if (isWhole) this.#need(type.type, true)
        return
      case 'enum': case 'enum64': return type.name === '' ? undefined : this.#define(type)
      case 'func_proto':
        for (const one of [type.type, ...type.params.map((param) => param.type)]) this.#need(one, false)
        return
      case 'struct': case 'union':
        if (type.name === '') return this.#needMembers(type)
        return isWhole ? this.#define(type) : this.#declareAhead(`${type.kind} ${type.name}`)
      case 'fwd': return this.#declareAhead(`${type.isUnion ? 'union' : 'struct'} ${type.name}`)
      default:
    }
  }

  #declareAhead(key: string): void {
    if (this.#written.has(key) || this.#forward.has(key)) return
    this.#forward.add(key)
    this.#lines.push(`${key};\n`)
  }

  #values({ values }: BtfEnum, indent: string): string {
    return `{\n${values.map(({ name, value }) => `${indent}\t${name} = ${value},`).join('\n')}\n${indent}}`
  }

  /** Members of a struct that begin at one place are one thing by several names. */
  #body({ kind, members }: BtfComposite, indent: string): string {
    const inner = `${indent}\t`
    const lines = kind === 'union'
      ? members.map((member) => this.#member(member, inner))
      : places(members).map((same) => (same.length === 1
        ? this.#member(same[0]!, inner)
        : `union ${this.#members(same, inner)};`))
    return `{\n${lines.map((line) => inner + line).join('\n')}\n${indent}}`
  }

  #members(members: readonly BtfMember[], indent: string): string {
    const inner = `${indent}\t`
    return `{\n${members.map((member) => inner + this.#member(member, inner)).join('\n')}\n${indent}}`
  }

  #member({ name, type, bitSize }: BtfMember, indent: string): string {
    return `${this.#declare(type, name, indent)}${bitSize === 0 ? '' : `: ${bitSize}`};`
  }

  /** `type name`, the name inside where C has it there: `int (*name)(void)`, `char name[16]`. */
  #declare(id: number, name: string, indent: string): string {
    const type = this.btf.type(id)
    const beside = (text: string): string => (name === '' ? text : `${text} ${name}`)
    switch (type.kind) {
      case 'void': return beside('void')
      case 'ptr': return this.#declare(type.type, this.#pointer(type.type, name), indent)
      case 'array': return this.#declare(type.type, `${name}[${type.length}]`, indent)
      case 'func_proto': return this.#function(type, name, indent)
      case 'const': case 'volatile': return this.#qualified(type.kind, type.type, name, indent)
      case 'restrict': case 'type_tag': return this.#declare(type.type, name, indent)
      case 'struct': case 'union':
        return beside(type.name === '' ? `${type.kind} ${this.#body(type, indent)}` : `${type.kind} ${type.name}`)
      case 'enum': case 'enum64': return beside(`enum ${type.name === '' ? this.#values(type, indent) : type.name}`)
      case 'fwd': return beside(`${type.isUnion ? 'union' : 'struct'} ${type.name}`)
      default: return beside(type.name)
    }
  }

  #pointer(target: number, name: string): string {
    const { kind } = this.btf.type(target)
    return kind === 'array' || kind === 'func_proto' ? `(*${name})` : `*${name}`
  }

  /** A qualifier of a pointer stands behind its star, any other before the type. */
  #qualified(qualifier: string, id: number, name: string, indent: string): string {
    return this.btf.type(id).kind === 'ptr'
      ? this.#declare(id, ` ${qualifier} ${name}`.trimEnd(), indent) : `${qualifier} ${this.#declare(id, name, indent)}`
  }

  #function({ type, params, isVariadic }: BtfFuncProto, name: string, indent: string): string {
    const list = params.map((param) => this.#declare(param.type, param.name, indent))
    if (isVariadic) list.push('...')
    return this.#declare(type, `${name}(${list.length === 0 ? 'void' : list.join(', ')})`, indent)
  }
}

/**
 * The header for programs in C, as bpftool writes one for a kernel: structs, unions, enums and typedefs with
 * `preserve_access_index`. Functions are not in it.
 */
export const headerOf = (btf: Btf): string => new Header(btf).text()
