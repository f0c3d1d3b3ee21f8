/** Symbols the kernel is to supply: functions and variables of `__ksym`, settings of `__kconfig`. */
import { BTF_FUNC_EXTERN, BTF_VAR_GLOBAL_EXTERN, SHN_UNDEF, STB_WEAK } from '@lsmkit/abi'
import type { Btf } from '../btf/btf.ts'
import type { Elf } from '../elf/elf.ts'
import { BpfError } from '../error.ts'
import { areTypesCompatible, essentialName } from '../relo/index.ts'
import type { ExternSpec } from './bpf-object.ts'
import { layoutConfig } from './kconfig.ts'
import type { ConfigPlace } from './kconfig.ts'
import { CONFIG_SECTION, SYMBOL_SECTION } from './section-names.ts'

/** The value that an instruction gets for the extern. */
export type Target =
  | { readonly kind: 'kfunc'; readonly id: number }
  | { readonly kind: 'variable'; readonly id: number }
  | { readonly kind: 'address'; readonly address: bigint }
  | { readonly kind: 'config'; readonly offset: number }
  | { readonly kind: 'missing' }

export interface Extern extends ExternSpec {
  readonly index: number
  readonly target: Target
}

export interface ExternOptions {
  readonly kernel: Btf | null
  /** Address of a symbol without a type, null when the kernel has none of that name. */
  readonly address: (name: string) => bigint | null
}

interface Declared {
  readonly name: string
  readonly isWeak: boolean
  /** A `func` or `var` of the object's types. */
  readonly id: number
}

/** Externs by name, and the places of those of `.kconfig`. */
export const readExterns = (
  elf: Elf, types: Btf | null, options: ExternOptions,
): { externs: Map<string, Extern>; config: ConfigPlace[] } => {
  const externs = new Map<string, Extern>()
  const declared = declaredExterns(elf, types)
  const config = types ? layoutConfig(types, declared.filter(({ id }) => isIn(types, CONFIG_SECTION, id))) : []
  for (const [index, extern] of declared.entries()) {
    const { name, isWeak } = extern
    const place = config.find((one) => one.name === name)
    externs.set(name, place
      ? { index, name, isWeak, kind: 'kconfig', target: { kind: 'config', offset: place.offset }, missing: null }
      : { index, name, isWeak, ...symbolTarget(types, extern, options) })
  }
  return { externs, config }
}

const declaredExterns = (elf: Elf, types: Btf | null): Declared[] => {
  const declared: Declared[] = []
  for (const { name, section, bind } of elf.symbols) {
    if (section !== SHN_UNDEF || name === '' || declared.some((other) => other.name === name)) continue
    declared.push({ name, isWeak: bind === STB_WEAK, id: types ? externType(types, name) : 0 })
  }
  return declared
}

const externType = (types: Btf, name: string): number => {
  for (const id of types.findAll(name)) {
    const type = types.type(id)
    if (type.kind === 'var' && type.linkage === BTF_VAR_GLOBAL_EXTERN) return id
    if (type.kind === 'func' && type.linkage === BTF_FUNC_EXTERN) return id
  }
  return 0
}

const isIn = (types: Btf, section: string, id: number): boolean => {
  const datasec = types.type(types.find(section, 'datasec'))
  return id !== 0 && datasec.kind === 'datasec' && datasec.vars.some(({ type }) => type === id)
}

type Resolved = Pick<Extern, 'kind' | 'target' | 'missing'>

const symbolTarget = (types: Btf | null, extern: Declared, options: ExternOptions): Resolved => {
  const type = types && extern.id !== 0 ? types.type(extern.id) : null
  if (!type) {
    throw new BpfError('no-extern', 'is not defined and has no type', extern.name, 'declare it `__ksym` or `__kconfig`')
  }
  if (!isIn(types!, SYMBOL_SECTION, extern.id)) {
    const hint = 'link the two into one (`bpftool gen object`), or declare it `__ksym` or `__kconfig`'
    throw new BpfError('no-extern', 'is left to another object to define', extern.name, hint)
  }
  if (type.kind === 'func') return functionTarget(types!, extern, options)
  if (type.kind === 'var' && types!.resolve(type.type) !== 0) return variableTarget(types!, extern, type.type, options)
  const address = options.address(extern.name)
  return address === null
    ? missing('ksym', extern.isWeak, 'the kernel has no symbol of that name')
    : { kind: 'ksym', target: { kind: 'address', address }, missing: null }
}

const missing = (kind: 'kfunc' | 'ksym', isWeak: boolean, why: string): Resolved =>
  ({ kind, target: { kind: 'missing' }, missing: isWeak ? null : why })

const functionTarget = (types: Btf, { name, isWeak, id }: Declared, { kernel }: ExternOptions): Resolved => {
  if (!kernel) return missing('kfunc', isWeak, 'no kernel types were given')
  const found = kernel.find(essentialName(name), 'func')
  if (found === 0) return missing('kfunc', isWeak, 'the kernel has no function of that name')
  const own = types.proto(id)
  if (own === null) throw new BpfError('bad-btf', 'is a function without a prototype', name)
  const theirs = kernel.proto(found)
  if (theirs === null || !areTypesCompatible(types, own.id, kernel, theirs.id)) {
    return missing('kfunc', isWeak, 'the kernel declares it otherwise')
  }
  return { kind: 'kfunc', target: { kind: 'kfunc', id: found }, missing: null }
}

const variableTarget = (types: Btf, { name, isWeak }: Declared, type: number, { kernel }: ExternOptions): Resolved => {
  if (!kernel) return missing('ksym', isWeak, 'no kernel types were given')
  const found = kernel.find(name, 'var')
  const variable = kernel.type(found)
  if (variable.kind !== 'var') return missing('ksym', isWeak, 'the kernel has no variable of that name')
  if (!areTypesCompatible(types, type, kernel, variable.type)) {
    return missing('ksym', isWeak, 'the kernel declares it otherwise')
  }
  return { kind: 'ksym', target: { kind: 'variable', id: found }, missing: null }
}
