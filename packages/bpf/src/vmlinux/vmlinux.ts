/** The types of our kernel as BTF: what programs are relocated to and verified against when no kernel's are given. */
import { ownValue, dictionary } from '@lsmkit/abi'
import { hookDefs, objectKinds } from '@lsmkit/core'
import { Btf } from '../btf/btf.ts'
import { BtfWriter } from '../btf/btf-writer.ts'
import { kfuncPrototypes } from '../kfuncs/prototypes.ts'
import { parseMembers } from './c-declaration.ts'
import type { CType } from './c-declaration.ts'
import { contextStructs } from './contexts.ts'
import { enums } from './enums.ts'
import { frameworkNames } from './framework-names.ts'
import {
  functionTexts, iteratorStructs, iteratorTexts, SYSCALL_TEXT, syscallFunctions, tracepointTexts,
} from './functions.ts'
import { additions, fronts, retyped, structs } from './structs.ts'
import { TypeBuilder } from './type-builder.ts'
import { typedefs } from './typedefs.ts'
import { unkeptEnumValues, unkeptStructs, unkeptText, unkeptTypedefs } from './unkept.ts'

/** Where a struct of our kernel has its members. */
export interface KernelStruct {
  /** Bytes. */
  readonly size: number
  readonly fields: Readonly<Record<string, KernelField>>
}

export interface KernelField {
  readonly offset: number
  readonly size: number
}

/** What has values, by `struct NAME`. */
const keptBodies = (): Map<string, string> => {
  const all = new Map([...Object.entries(structs), ...iteratorStructs(), ...contextStructs()])
  for (const { struct, table } of objectKinds) {
    const name = `struct ${struct}`
    const members = Object.entries(table).flatMap(([field, { ctype }]) => {
      const other = ownValue(retyped, `${struct}.${field}`)
      return other === null ? [] : [memberText(field, other ?? ctype)]
    })
    const before = ownValue(fronts, name) ? [ownValue(fronts, name)] : []
    const behind = ownValue(additions, name) ? [ownValue(additions, name)] : []
    all.set(name, [...before, ...members, ...behind].join('; '))
  }
  return all
}

/** The names of members with values. */
export const keptMembers = (): ReadonlyMap<string, ReadonlySet<string>> => new Map(
  [...keptBodies()].map(([name, body]) => [name, new Set(parseMembers(body).map((one) => one.declaration.name))]))

/** Behind what has values comes the rest of Linux's members. */
const bodies = (): ReadonlyMap<string, string> => {
  const all = keptBodies()
  for (const name of unkeptStructs()) {
    all.set(name, joined(all.get(name) ?? '', unkeptText(name)))
  }
  return all
}

/** An array without a length stays the last. */
const joined = (kept: string, rest: string): string => {
  if (kept === '' || rest === '') return kept + rest
  const at = kept.endsWith('[0]') ? kept.lastIndexOf(';') : -1
  return at === -1 ? `${kept}; @end ${rest}` : `${kept.slice(0, at)}; @end ${rest};${kept.slice(at + 1)}`
}

/** `char[16]` and `comm` become `char comm[16]`. */
const memberText = (field: string, ctype: string): string => {
  const array = /^(.*)\[(\d+)\]$/.exec(ctype)
  return array ? `${array[1]} ${field}[${array[2]}]` : `${ctype} ${field}`
}

let made: Btf | null = null

/**
 * The same every time: structs, `bpf_lsm_NAME` and `security_NAME` for every hook of 6.12, functions of system calls,
 * tracepoints, iterators, and the kfuncs.
 */
export const vmlinuxBtf = (): Btf => (made ??= new Btf(vmlinuxBytes()))

/** As a `.BTF` section, for tools that read one. */
export const vmlinuxBytes = (): Uint8Array => {
  const structBodies = bodies()
  const builder = newBuilder(structBodies)
  for (const name of structBodies.keys()) builder.id(structType(name))
  for (const name of Object.keys(enums)) builder.id({ kind: 'enum', name })
  for (const name of Object.keys(typedefs)) builder.id({ kind: 'name', name })
  for (const [name, { ret, params }] of Object.entries(hookDefs)) {
    // fentry, fexit and fmod_ret attach to the second: before and after the whole stack
    builder.funcs(`${ret} hook(${params})`, [`bpf_lsm_${name}`, `security_${name}`])
  }
  for (const [name, hook] of frameworkNames) {
    builder.func(`${hookDefs[hook].ret} security_${name}(${hookDefs[hook].params})`)
  }
  for (const text of [...iteratorTexts(), ...functionTexts()]) builder.func(text)
  builder.funcs(SYSCALL_TEXT, syscallFunctions())
  for (const text of tracepointTexts()) builder.typedef(text)
  // neither the kernel's own tests nor structs of functions are in a kernel of ours
  for (const { text, programs } of kfuncPrototypes) {
    if (!/test|scx/.test(text) && programs.join() !== 'STRUCT_OPS') builder.func(text)
  }
  return builder.writer.toBytes()
}

const newBuilder = (structBodies: ReadonlyMap<string, string>): TypeBuilder => new TypeBuilder(
  new BtfWriter(), structBodies, { ...typedefs, ...unkeptTypedefs }, { ...enums, ...unkeptEnumValues() })

const structType = (name: string): CType => {
  const isUnion = name.startsWith('union ')
  return { kind: isUnion ? 'union' : 'struct', name: name.slice(isUnion ? 6 : 7) }
}

let laid: Readonly<Record<string, KernelStruct>> | null = null

/** All structs by name without `struct`: the places in the BTF. */
export const kernelStructs = (): Readonly<Record<string, KernelStruct>> => {
  if (laid) return laid
  const structBodies = bodies()
  const builder = newBuilder(structBodies)
  const all = dictionary<KernelStruct>()
  for (const [name, body] of structBodies) {
    const { fields, size } = builder.fields(body, name.startsWith('union '))
    const entries = fields.map(({ name: field, offset, size: width }): [string, KernelField] =>
      [field, { offset, size: width }])
    all[name.replace(/^\w+ /, '')] = { size, fields: Object.fromEntries(entries) }
  }
  return (laid = all)
}

/** Bytes of the largest struct that our kernel shows, in a kernel's types; reckoned once for them. */
export const widestStruct = (btf: Btf): number => {
  let most = widest.get(btf)
  if (most === undefined) widest.set(btf, (most = Math.max(...sizesOf(btf))))
  return most
}
const widest = new WeakMap<Btf, number>()

const sizesOf = (btf: Btf): number[] => [...bodies().keys()].map((name) => {
  const [kind, bare] = name.split(' ') as ['struct' | 'union', string]
  const id = btf.find(bare, kind)
  return id === 0 ? 0 : btf.size(id)
})
