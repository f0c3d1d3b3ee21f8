/**
 * Prints docs/kernels.md from the hook tables, the rules and the tables of modules:
 * `node scripts/run.mjs source scripts/kernels-page.ts` writes it anew. A test compares the two.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { kernelChanges } from '../packages/cli/src/commands/kernels/changes.ts'
import type { ChangedHook } from '../packages/cli/src/commands/kernels/changes.ts'
import { ruleWords } from '../packages/cli/src/commands/kernels/rule-words.ts'
import { hookProfile } from '../packages/core/src/dispatch/release-profiles.ts'
import { kernelRules, profiles } from '../packages/core/src/kernel-rules.ts'
import type { Profile } from '../packages/core/src/kernel-rules.ts'
import { behaviourLines } from './kernels-page/behaviour.ts'
import { moduleLines } from './kernels-page/module-tables.ts'
import { systemCallLines } from './kernels-page/system-calls.ts'
import { newRights } from '../packages/landlock/src/release-changes.ts'

export const kernelsPath = join(import.meta.dirname, '../docs/kernels.md')

const code = (text: string): string => `\`${text.replaceAll('|', '\\|')}\``

const changedRows = (heading: string, rows: readonly ChangedHook[]): readonly string[] =>
  rows.length === 0 ? [] : [
    `### ${heading}`, '', '| hook | before | after |', '|---|---|---|',
    ...rows.map(({ hook, before, after }) => `| ${code(hook)} | ${code(before)} | ${code(after)} |`), '',
  ]

const listed = (heading: string, hooks: readonly string[]): readonly string[] =>
  hooks.length === 0 ? [] : [`### ${heading}`, '', ...hooks.map((hook) => `- ${code(hook)}`), '']

const section = (from: Profile, to: Profile): readonly string[] => {
  const changes = kernelChanges(from, to)
  const rights = newRights(from, to)
  return [
    `## From ${from} to ${to}`,
    '',
    ...listed('Hooks that came', changes.came),
    ...listed('Hooks that left', changes.left),
    ...changedRows('Signatures', changes.signatures),
    ...changedRows('Defaults', changes.defaults),
    ...changedRows('Programs that a hook takes', changes.programs),
    '### Rules', '', '| rule | about | before | after |', '|---|---|---|---|',
    ...changes.rules.map(({ rule, before, after }) =>
      `| ${code(rule)} | ${ruleWords[rule].words} | ${before} | ${after} |`),
    '',
    ...moduleLines(from, to),
    ...systemCallLines(to),
    ...(rights.length === 0 ? [] : [`Landlock has new rights: ${rights.map(code).join(', ')}.`, '']),
  ]
}

/** The section for readers whose kernel goes up. */
const upgradeLines: readonly string[] = [
  '## Before an upgrade',
  '',
  '`lsm kernels diff` also answers what another release means for your own things:',
  '',
  '| option | question | answer |',
  '|---|---|---|',
  '| `--policy FILE` | a policy of SELinux | whether it loads, policy capabilities that take effect, permissions ' +
    'that are asked newly or no longer, and how many domains are allowed or refused them |',
  '| `--policy FILE` | a ruleset of Landlock, the policy of a box | rights that the kernel comes to hold, rights ' +
    'that a policy could ask for, records |',
  '| `--policy FILE` | profiles of AppArmor | rules that the kernel takes up or loses |',
  '| `--policy FILE` | rules of Smack, sets of capabilities | no release changes what they mean |',
  '| `--stack NAMES` | modules, or boot arguments | order, hooks that each module is asked newly, no longer, or with ' +
    'other arguments, defaults, rules; rights of Landlock; hooks that programs of `bpf` may be on |',
  '| `--object FILE` | a BPF object | programs that load and attach on one of the two alone, hooks with other ' +
    'parameters; with `--btf FOLDER` also the fields that the programs read |',
  '',
  'Each may be repeated. It ends with 0 when nothing changes, with 1 when something does, with 2 for wrong usage, and',
  'with 3 for a file that cannot be read, or where a program could not be judged and nothing else changes. `--json`',
  'and `--reporter` write the same for programs. Counts of domains are those of the rules: booleans as the policy has',
  'them, constraints left out.',
  '',
]

export const kernelsPage = (): string => [
  '# Kernel releases',
  '',
  `This page lists what changes between the kernel releases that a stack may follow: ${profiles.join(', ')}.`,
  '',
  '`createStack({ profile })` and `--kernel` choose one; 6.12 is meant unless you name another. Modules need no change',
  '([why](module-abi.md#kernel-releases-what-a-module-must-do)), and [fidelity](fidelity.md) counts what was recorded',
  'beside these kernels. `lsm kernels diff 6.12 7.3` prints the same for any two.',
  '`scripts/kernels-page.ts` prints this page.',
  '',
  '| release | kernel asked | hooks | Landlock |',
  '|---|---|---|---|',
  ...profiles.map((profile) => {
    const { version, landlockAbi } = kernelRules(profile)
    return `| ${profile} | ${version} | ${Object.keys(hookProfile(profile).hooks).length} | ABI ${landlockAbi} |`
  }),
  '',
  'The order of LSMs and the default list are the same in all three. The rules are those of',
  '[core](../packages/core/README.md#kernel-releases). `selinux=0` is a boot argument of kernels that are built with',
  'it (CONFIG_SECURITY_SELINUX_BOOTPARAM). Debian builds all three without, so they ignore it; `lsm order` does not.',
  '',
  ...upgradeLines,
  ...profiles.slice(1).flatMap((to, index) => section(profiles[index]!, to)),
  ...behaviourLines,
].join('\n').trimEnd() + '\n'

if (process.argv[1] === import.meta.filename) writeFileSync(kernelsPath, kernelsPage())
