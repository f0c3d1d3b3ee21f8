/** The documentation of one hook, as a value: our words, together with facts of the hook table and the recordings. */
import { errnoName, syscallByName, ownValue } from '@lsmkit/abi'
import { callSites } from './call-sites-table.ts'
import { hookDefs } from './hook-defs.ts'
import type { HookName } from './hook-defs.ts'
import type { AnyHookDef } from './hook-types.ts'
import { hookWords, parameterWords } from './hook-words-table.ts'
import { inTree } from './in-tree.ts'

export interface HookDoc {
  readonly name: HookName
  /** The prototype in C. */
  readonly signature: string
  /** When the kernel calls it. */
  readonly when: string
  /** In order, by C name: what it holds, in which unit, whose it is. */
  readonly parameters: readonly { readonly name: string; readonly says: string }[]
  /** The meaning of the answers; for a void hook, that there are none. */
  readonly answer: string
  /** Which modules are asked, which decides, and what the framework does around them. */
  readonly rules: readonly string[]
  /** System calls of `@lsmkit/kernel` that reach it, shown by recorded operations; old and common ones first. */
  readonly syscalls: readonly string[]
  /** Modules of Linux 6.12 that implement it; bpf, which is on every hook, is left out. */
  readonly lsms: readonly string[]
}

const answers = { int: '0 goes on. -errno refuses, and the call fails with it.',
  void: 'None: the hook is a notification.' }

/** The names of the parameters in a C prototype. */
export const parameterNames = (params: string): readonly string[] =>
  params === '' ? [] : params.split(',').map((text) => /(\w+)\s*$/.exec(text)![1]!)

const errnoText = (value: number): string => (value < 0 ? `-${errnoName(value)}` : String(value))

const decides = (def: AnyHookDef): string => {
  if (def.ret === 'void') return 'Every module is called.'
  if (def.special) return 'It has a dispatch rule of its own.'
  if (def.default === 0) return 'The first answer that is not 0 decides; the modules behind are not asked.'
  return `${errnoText(def.default)} means "no opinion". The first other answer decides, 0 included.`
}

const bpfRule = ({ disabled, returns, sleepable }: AnyHookDef['bpf']): string => {
  if (disabled) return 'BPF programs may not attach.'
  const answer = { errno: 'return 0 or -errno', bool: 'return 0 or 1', any: 'return nothing that counts' }[returns]
  return `BPF programs ${answer}${sleepable ? ', and may sleep' : ''}.`
}

const rulesOf = (def: AnyHookDef): readonly string[] => [
  decides(def),
  ...(def.privateGuard ? ['Private inodes (S_PRIVATE) are not asked about.'] : []),
  ...(def.allocates === null ? [] : [
    `State on \`${def.allocates}\` is made before the modules are asked, and freed when one refuses.`,
  ]),
  ...(def.presets ? ['The output is cleared before the first module is asked.'] : []),
  bpfRule(def.bpf),
]

const syscallsOf = (name: HookName): readonly string[] =>
  (callSites[name] ?? '')
    .split(' ')
    .flatMap((site) => (site === '' ? [] : [site.split('=')[0]!]))
    .sort((a, b) => syscallByName(a)! - syscallByName(b)!)

/** All that is known of a hook of Linux 6.12. */
export const hookDoc = (name: HookName): HookDoc => {
  const def: AnyHookDef = hookDefs[name]
  const { when, args = {}, answer } = hookWords[name]
  return {
    name,
    signature: `${def.ret} ${name}(${def.params})`,
    when,
    parameters: parameterNames(def.params).map((parameter) => ({
      name: parameter, says: args[parameter] ?? ownValue(parameterWords, parameter) ?? '',
    })),
    answer: answer ?? answers[def.ret],
    rules: rulesOf(def),
    syscalls: syscallsOf(name),
    lsms: Object.keys(inTree).filter((lsm) => ownValue(inTree, lsm)!.includes(name)),
  }
}

/** `open, openat, execve and 120 more`, so that a list fits on a line. */
export const someOf = (names: readonly string[], most: number): string =>
  names.length <= most + 1 ? names.join(', ') : `${names.slice(0, most).join(', ')} and ${names.length - most} more`

/** The text in short paragraphs, as the editor and `lsm hooks NAME` show it; parameters are apart. */
export const hookParagraphs = (doc: HookDoc, most = 12): readonly string[] => [
  doc.when,
  `Answer: ${doc.answer}`,
  doc.rules.join(' '),
  `System calls: ${someOf(doc.syscalls, most) || 'none of those recorded'}.`,
  `In Linux 6.12: ${doc.lsms.join(', ') || 'no module but bpf'}.`,
]
