/** Source text of the LSMs that take part: every function a literal of its own, as in real modules. */
import { ownValue } from '@lsmkit/abi'
import { hookDefs, hookNames } from '@lsmkit/core'
import type { AnyHookDef } from '@lsmkit/core'

export const LSM_COUNT = 5

/** The hook that is measured. */
const MEASURED = 'file_permission'
const OTHERS = 64

const defs: Readonly<Record<string, AnyHookDef>> = hookDefs

/** And plain ones beside it, as a module has them: a library's hooks must not be the only ones of their class. */
const hooks: readonly string[] = [MEASURED, ...hookNames.filter((name) => {
  const { ret, special, privateGuard, allocates, presets } = ownValue(defs, name)!
  const isPlain = ret === 'int' && ownValue(defs, name)!.default === 0 && !special && !privateGuard
  return isPlain && allocates === null && !presets && name !== MEASURED && !/^(sb_free|mmap_)/.test(name)
}).slice(0, OTHERS)]

/** A check that looks at its arguments and finds nothing: every one differs a little from the next. */
const check = (lsm: number, hook: string, index: number): string => {
  const name = `m${lsm}_${hook}`
  const refuses = `(mask & ${1 << (16 + lsm)}) !== 0 && o.i_uid === ${1000 + index}`
  return `function ${name}(o, mask) { return ${refuses} ? -13 : 0 }`
}

/** The module of all LSMs: each function by name, and `groups`, the hooks of each LSM. */
export const lsmSource = (): string => {
  const parts = Array.from({ length: LSM_COUNT }, (_, lsm) => hooks.map((hook, i) => `export ${check(lsm, hook, i)}`))
  const groups = Array.from(
    { length: LSM_COUNT },
    (_, lsm) => `{ ${hooks.map((hook) => `${hook}: m${lsm}_${hook}`).join(', ')} }`,
  )
  return `${parts.flat().join('\n')}\nexport const groups = [\n${groups.join(',\n')}\n]\n`
}
