/** `lsm hooks [NAME]`: the hook table, one hook of it, and how many hooks each LSM of the kernel has. */
import { hookDefs, hookNames } from '@lsmkit/core'
import type { AnyHookDef, HookName } from '@lsmkit/core'
import { errnoName } from '@lsmkit/abi'
import { callSites } from '../call-sites-table.ts'
import { CommandError } from '../command-error.ts'
import { hookCounts, inTree } from '../in-tree.ts'
import { printJson, table } from '../output.ts'
import type { Output } from '../output.ts'
import { nearest } from '../nearest.ts'

const defs: Readonly<Record<string, AnyHookDef>> = hookDefs

const implementers = (name: string) => Object.keys(inTree).filter((lsm) => inTree[lsm]!.includes(name))

const noOpinion = (def: AnyHookDef) =>
  def.ret === 'void' ? '-' : def.default < 0 ? `-${errnoName(def.default)}` : String(def.default)

const describe = (name: HookName) => {
  const def = defs[name]!
  return {
    name,
    category: def.category,
    ret: def.ret,
    params: def.params,
    default: def.ret === 'void' ? null : def.default,
    privateGuard: def.privateGuard,
    allocates: def.allocates,
    special: def.special,
    bpf: def.bpf,
    lsms: implementers(name),
  }
}

const printOne = (out: Output, name: HookName) => {
  const hook = describe(name)
  out.print(`${hook.ret} ${out.colors.bold(name)}(${hook.params})`)
  const rules = [
    hook.ret === 'void' ? 'all members run' : `the first answer that is not ${noOpinion(defs[name]!)} decides`,
    hook.special ? 'has a dispatch function of its own' : null,
    hook.privateGuard ? 'is not asked about private inodes' : null,
    hook.allocates === null ? null : `allocates the ${hook.allocates} blob`,
  ]
  for (const rule of rules) if (rule !== null) out.print(`  ${rule}`)
  const { disabled, sleepable, returns } = hook.bpf
  out.print(`  bpf: ${disabled ? 'no program may attach' : `returns ${returns}${sleepable ? ', may sleep' : ''}`}`)
  out.print(`  implemented in 6.12 by: ${hook.lsms.join(', ') || 'none but bpf'}`)
}

/** `call=test call=test`, as the table of call sites has them. */
const sitesOf = (name: HookName) =>
  (callSites[name] ?? '').split(' ').filter((site) => site !== '').map((site) => {
    const [syscall = '', test = ''] = site.split('=')
    return { syscall, test }
  })

/** Which system calls of our kernel reach each hook, with a recorded operation that shows it. */
const printCoverage = (out: Output, chosen: readonly HookName[], json: boolean): void => {
  const hooks = chosen.map((name) => ({ name, callSites: sitesOf(name) }))
  if (json) return printJson(out, { profile: '6.12', hooks })
  const rows = hooks.map(({ name, callSites: sites }) => [
    name, String(sites.length), sites.map(({ syscall }) => syscall).join(',') || '-',
  ])
  for (const line of table([['HOOK', 'CALLS', 'REACHED FROM'], ...rows])) out.print(line)
  out.print('')
  out.print(`${hooks.filter(({ callSites: sites }) => sites.length > 0).length} of ${hooks.length} hooks are reached`)
}

/** Prints the table, or the one hook named. Throws a usage error for a name that is no hook. */
export const hooksCommand = (
  out: Output, name: string | undefined, options: { json?: boolean; coverage?: boolean },
): void => {
  if (name !== undefined && !Object.hasOwn(defs, name)) {
    throw new CommandError('usage', `\`${name}\` is no hook of 6.12`, nearest(name, hookNames))
  }
  const chosen = name === undefined ? hookNames : [name as HookName]
  if (options.coverage) return printCoverage(out, chosen, options.json === true)
  if (options.json) {
    const counts = Object.fromEntries(Object.entries(inTree).map(([lsm, hooks]) => [lsm, hooks.length]))
    return printJson(out, { profile: '6.12', hooks: chosen.map(describe), counts, history: hookCounts })
  }
  if (name !== undefined) return printOne(out, name as HookName)
  const rows = hookNames.map((hook) => {
    const def = defs[hook]!
    return [hook, def.ret, noOpinion(def), def.category, implementers(hook).join(',') || '-']
  })
  for (const line of table([['HOOK', 'RET', 'DEFAULT', 'CATEGORY', 'LSMS'], ...rows])) out.print(line)
  out.print('')
  const counts = Object.entries(inTree).map(([lsm, hooks]) => [lsm, String(hooks.length)])
  for (const line of table([['LSM', 'HOOKS'], ...counts])) out.print(line)
  out.print('')
  for (const { when, hooks, selinux, smack } of hookCounts) {
    out.print(`${when}: ${hooks} hooks, SELinux ${selinux}, Smack ${smack}`)
  }
}
