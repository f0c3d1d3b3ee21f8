/** The types of our kernel as BTF: what programs are relocated to and verified against when no kernel's are given. */
import { hookDefs, objectKinds } from '@lsmkit/core'
import type { Form } from '@lsmkit/core'
import { Btf } from '../btf/btf.ts'
import { BtfWriter } from '../btf/btf-writer.ts'
import { kfuncPrototypes } from '../kfuncs/prototypes.ts'
import type { CType } from './c-declaration.ts'
import { overlays, structs } from './structs.ts'
import { TypeBuilder } from './type-builder.ts'
import { typedefs } from './typedefs.ts'

/** A struct as it lies in linear memory. */
export interface KernelStruct {
  readonly size: number
  readonly fields: Readonly<Record<string, KernelField>>
}

export interface KernelField {
  readonly offset: number
  /** Bytes. */
  readonly size: number
  /** As core's layouts tell it; `struct` for one that lies inside, `array` for one of numbers. */
  readonly form: Form | 'struct' | 'array'
  /** Name of the struct that is pointed to or lies inside. */
  readonly struct: string | null
}

const bodies = (): ReadonlyMap<string, string> => {
  const all = new Map(Object.entries(structs))
  for (const { struct, table } of objectKinds) {
    const name = `struct ${struct}`
    const members = Object.entries(table).map(([field, { ctype }]) => memberText(field, ctype))
    all.set(name, [...(overlays[name] ? [overlays[name]] : []), ...members].join('; '))
  }
  return all
}

/** `char[16]` and `comm` become `char comm[16]`. */
const memberText = (field: string, ctype: string): string => {
  const array = /^(.*)\[(\d+)\]$/.exec(ctype)
  return array ? `${array[1]} ${field}[${array[2]}]` : `${ctype} ${field}`
}

let made: Btf | null = null

/** The same every time: structs, `bpf_lsm_NAME` and `security_NAME` for every hook of 6.12, and the kfuncs. */
export const vmlinuxBtf = (): Btf => (made ??= new Btf(vmlinuxBytes()))

/** As a `.BTF` section, for tools that read one. */
export const vmlinuxBytes = (): Uint8Array => {
  const builder = newBuilder()
  for (const name of bodies().keys()) builder.id(structType(name))
  for (const [name, { ret, params }] of Object.entries(hookDefs)) {
    builder.func(`${ret} bpf_lsm_${name}(${params})`)
    // what fentry, fexit and fmod_ret attach to: before and after the whole stack
    builder.func(`${ret} security_${name}(${params})`)
  }
  // those of the kernel's own test modules are in no kernel of ours
  for (const { text } of kfuncPrototypes) if (!/test|scx/.test(text)) builder.func(text)
  return builder.writer.toBytes()
}

const newBuilder = (): TypeBuilder => new TypeBuilder(new BtfWriter(), bodies(), typedefs)

const structType = (name: string): CType => {
  const [kind, bare] = name.split(' ') as ['struct' | 'union', string]
  return { kind, name: bare }
}

let laid: Readonly<Record<string, KernelStruct>> | null = null

/** All structs by name without `struct`: the places that the BTF tells, for who writes objects into memory. */
export const kernelStructs = (): Readonly<Record<string, KernelStruct>> => {
  if (laid) return laid
  const builder = newBuilder()
  const all: Record<string, KernelStruct> = {}
  for (const [name, body] of bodies()) {
    const { fields, size } = builder.fields(body, name.startsWith('union '))
    const entries = fields.map(({ name: field, type, offset, size: width }): [string, KernelField] =>
      [field, { offset, size: width, ...formOf(type) }])
    all[name.replace(/^\w+ /, '')] = { size, fields: Object.fromEntries(entries) }
  }
  return (laid = all)
}

const signed = new Set(['char', 'signed char', 'short', 'int', 'long', 'long long'])

const formOf = (type: CType): Pick<KernelField, 'form' | 'struct'> => {
  switch (type.kind) {
    case 'const': case 'volatile': case 'tag': return formOf(type.of)
    case 'pointer': return { form: 'pointer', struct: structName(type.of) }
    case 'array': return { form: isChar(type.of) ? 'text' : 'array', struct: structName(type.of) }
    case 'struct': case 'union': return { form: specialForm(type.name), struct: type.name }
    case 'enum': case 'function': return { form: 'unsigned', struct: null }
    case 'name': return formOfName(type.name)
  }
}

/** Ids and capability sets are structs of one number, which is how they are written. */
const formOfName = (name: string): Pick<KernelField, 'form' | 'struct'> => {
  if (name === 'kernel_cap_t') return { form: 'caps', struct: null }
  if (name === 'kuid_t' || name === 'kgid_t') return { form: 'unsigned', struct: null }
  const text = typedefs[name]
  if (text === undefined) return { form: signed.has(name) ? 'signed' : 'unsigned', struct: null }
  const base = text.replace(/ \*?\w+$/, '')
  return text.includes('*') ? { form: 'pointer', struct: null } : formOfName(base)
}

const specialForm = (name: string): 'path' | 'qstr' | 'struct' | 'pointer' => {
  if (name === 'path' || name === 'qstr') return name
  return name === 'hlist_head' ? 'pointer' : 'struct'
}

const structName = (type: CType): string | null => {
  if (type.kind === 'struct' || type.kind === 'union') return type.name
  return type.kind === 'const' || type.kind === 'volatile' || type.kind === 'tag' ? structName(type.of) : null
}

const isChar = (type: CType): boolean => type.kind === 'name' && type.name === 'char'
