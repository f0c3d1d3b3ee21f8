/** `lsm hooks [NAME]`: the hook table, one hook of it, and how many hooks each LSM of the kernel has. */
import { errnoName, ownValue } from '@lsmkit/abi'
import { DEFAULT_PROFILE, hookDefs, hookNames, hookProfile } from '@lsmkit/core'
import type { AnyHookDef, HookName, Profile } from '@lsmkit/core'
import { callSites, hookCounts, hookDoc, hookParagraphs, inTree, unreachedHooks } from '@lsmkit/core/hook-docs'
import { CommandError } from '../command-error.ts'
import { printJson, table, tableWithin, wrap } from '../output.ts'
import type { Output } from '../output.ts'
import { didYouMean } from '@lsmkit/core/did-you-mean'

const defs: Readonly<Record<string, AnyHookDef>> = hookDefs

const noOpinion = (def: AnyHookDef) =>
  def.ret === 'void' ? '-' : def.default < 0 ? `-${errnoName(def.default)}` : String(def.default)

const fieldsOf = ({ category, ret, params, default: value, privateGuard, allocates, special, bpf }: AnyHookDef) =>
  ({ category, ret, params, default: ret === 'void' ? null : value, privateGuard, allocates, special, bpf })

const describe = (name: HookName) => {
  const def = defs[name]!
  const { when, parameters, answer, rules, lsms, syscalls } = hookDoc(name)
  return {
    name,
    ...fieldsOf(def),
    when, parameters, answer, rules, lsms, syscalls,
  }
}

/** What an editor shows for the hook, in lines for a terminal. */
const printOne = (out: Output, name: HookName) => {
  const doc = hookDoc(name)
  out.print(doc.signature.replace(name, out.colors.bold(name)))
  const [when, ...rest] = hookParagraphs(doc)
  for (const line of wrap(when!, '  ')) out.print(line)
  const width = Math.max(0, ...doc.parameters.map((parameter) => parameter.name.length))
  if (width > 0) out.print('')
  for (const parameter of doc.parameters) {
    const head = `  ${parameter.name.padEnd(width)}  `
    const [first, ...more] = wrap(parameter.says, ' '.repeat(head.length))
    for (const line of [head + first!.trimStart(), ...more]) out.print(line)
  }
  out.print('')
  for (const paragraph of rest) for (const line of wrap(paragraph, '  ')) out.print(line)
}

/** `call=test call=test`, as the table of call sites has them. */
const sitesOf = (name: HookName) =>
  (callSites[name] ?? '').split(' ').filter((site) => site !== '').map((site) => {
    const [syscall = '', test = ''] = site.split('=')
    return { syscall, test }
  })

/** The system calls of our kernel that reach each hook, with a recorded operation for each, or why none does. */
const printCoverage = (out: Output, chosen: readonly HookName[], json: boolean): void => {
  const hooks = chosen.map((name) =>
    ({ name, callSites: sitesOf(name), reason: ownValue(unreachedHooks, name) ?? null }))
  if (json) return printJson(out, { profile: '6.12', hooks })
  const rows = hooks.map(({ name, callSites: sites }) => [
    name, String(sites.length), sites.map(({ syscall }) => syscall).join(', ') || '-',
  ])
  for (const line of tableWithin([['HOOK', 'CALLS', 'REACHED FROM'], ...rows])) out.print(line)
  out.print('')
  const reasons = hooks.flatMap(({ name, reason }) => (reason === null ? [] : [[name, reason]]))
  if (reasons.length > 0) {
    for (const line of tableWithin([['NOT REACHED', 'WHY'], ...reasons])) out.print(line)
    out.print('')
  }
  out.print(`${hooks.filter(({ callSites: sites }) => sites.length > 0).length} of ${hooks.length} hooks are reached`)
}

interface HooksOptions {
  readonly json?: boolean
  readonly coverage?: boolean
  readonly kernel?: Profile
}

/** The table of a later release: what the table itself has, without the words that are about 6.12. */
const printLater = (out: Output, profile: Profile, name: string | undefined, json: boolean): void => {
  const { hooks } = hookProfile(profile)
  if (name !== undefined && !Object.hasOwn(hooks, name)) {
    throw new CommandError('usage', `\`${name}\` is not a hook of ${profile}`,
      didYouMean(name, Object.keys(hooks)) ?? undefined)
  }
  const chosen = Object.entries(hooks).filter(([hook]) => name === undefined || hook === name)
  if (json) {
    const rows = chosen.map(([hook, def]) => ({ name: hook, ...fieldsOf(def) }))
    return printJson(out, { profile, hooks: rows })
  }
  if (name !== undefined) {
    const def = hooks[name]!
    return out.print(`${def.ret} ${name}(${def.params})`)
  }
  const rows = chosen.map(([hook, def]) => [hook, def.ret, noOpinion(def), def.category])
  for (const line of table([['HOOK', 'RET', 'DEFAULT', 'CATEGORY'], ...rows])) out.print(line)
  out.print('')
  out.print(`${profile}: ${chosen.length} hooks`)
}

/** Prints the table, or the one hook named. Throws a usage error for a name that is not a hook. */
export const hooksCommand = (out: Output, name: string | undefined, options: HooksOptions): void => {
  const { kernel = DEFAULT_PROFILE } = options
  if (kernel !== DEFAULT_PROFILE) {
    if (options.coverage) throw new CommandError('usage', '--coverage is of the hooks of 6.12', 'leave out --kernel')
    return printLater(out, kernel, name, options.json === true)
  }
  if (name !== undefined && !Object.hasOwn(defs, name)) {
    throw new CommandError('usage', `\`${name}\` is not a hook of 6.12`, didYouMean(name, hookNames) ?? undefined)
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
    return [hook, def.ret, noOpinion(def), def.category, hookDoc(hook).lsms.join(',') || '-']
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
