/** Source text of the LSMs that take part: every function a literal of its own, as in real modules. */
import { hookDefs, hookNames } from '@lsmkit/core'
import type { AnyHookDef } from '@lsmkit/core'

export const LSM_COUNT = 5

/** Hooks of the measured kernel's system calls. */
const kernelHooks = ['file_permission', 'inode_permission', 'inode_getattr', 'file_open', 'file_release']

const defs: Readonly<Record<string, AnyHookDef>> = hookDefs

/** Plain int hooks, one for each site of the `sites` cells. */
export const siteHooks: readonly string[] = hookNames
  .filter((name) => {
    const { ret, special, privateGuard, allocates, presets } = defs[name]!
    return ret === 'int' && defs[name]!.default === 0 && !special && !privateGuard && allocates === null && !presets
  })
  .filter((name) => !kernelHooks.includes(name) && !/^(sb_free|mmap_)/.test(name))
  .slice(0, 64)

/** A check that looks at its arguments and finds nothing: every one differs a little from the next. */
const check = (lsm: number, hook: string, index: number): string => {
  const name = `m${lsm}_${hook}`
  if (defs[hook]!.ret === 'void') return `function ${name}(o) { if (o.f_flags === ${-2 - lsm - index}) o.f_flags = 0 }`
  const refuses = `(mask & ${1 << (16 + lsm)}) !== 0 && o.i_uid === ${1000 + index}`
  return `function ${name}(o, mask) { return ${refuses} ? -13 : 0 }`
}

/** The module of all LSMs: each function by name, and `groups`, the hooks of each LSM. */
export const lsmSource = (): string => {
  const hooks = [...kernelHooks, ...siteHooks]
  const parts = Array.from({ length: LSM_COUNT }, (_, lsm) => hooks.map((hook, i) => `export ${check(lsm, hook, i)}`))
  const groups = Array.from(
    { length: LSM_COUNT },
    (_, lsm) => `{ ${hooks.map((hook) => `${hook}: m${lsm}_${hook}`).join(', ')} }`,
  )
  return `${parts.flat().join('\n')}\nexport const groups = [\n${groups.join(',\n')}\n]\n`
}

/** A chain of `count` hook calls in functions of eight, as a syscall table would hold them. */
export const siteSource = (count: number): string => {
  const used = siteHooks.slice(0, count)
  const parts: string[] = []
  for (let i = 0; i < used.length; i += 8) {
    const lines = used.slice(i, i + 8).map((hook) => `  if ((rc = lsm.${hook}.ask(o, mask)) !== 0) return rc`)
    parts.push(
      `const part${i / 8} = (lsm) => function part${i / 8}(o, mask) {\n` +
        `  let rc = 0\n${lines.join('\n')}\n  return rc\n}`,
    )
  }
  const made = parts.map((_, i) => `part${i}(lsm)`).join(', ')
  const calls = parts.map((_, i) => `p${i}(o, mask)`).join(' | ')
  const names = parts.map((_, i) => `p${i}`).join(', ')
  const body = `{ const [${names}] = [${made}]; return (o, mask) => ${calls} }`
  return `${parts.join('\n')}\nexport const sitesOf = (lsm) => ${body}\n`
}
