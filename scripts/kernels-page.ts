/**
 * Prints docs/kernels.md from the hook tables and the rules of `@lsmkit/core` and `@lsmkit/landlock`:
 * `node scripts/run.mjs source scripts/kernels-page.ts` writes it anew. A test compares the two.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { kernelChanges } from '../packages/cli/src/commands/kernels/changes.ts'
import type { ChangedHook } from '../packages/cli/src/commands/kernels/changes.ts'
import { hookProfile } from '../packages/core/src/dispatch/release-profiles.ts'
import { kernelRules, profiles } from '../packages/core/src/kernel-rules.ts'
import type { Profile } from '../packages/core/src/kernel-rules.ts'
import { maskOf, rightNames } from '../packages/landlock/src/rights.ts'
import type { LandlockAbi, RightKind } from '../packages/landlock/src/rights.ts'

export const kernelsPath = join(import.meta.dirname, '../docs/kernels.md')

const code = (text: string): string => `\`${text.replaceAll('|', '\\|')}\``

const changedRows = (heading: string, rows: readonly ChangedHook[]): readonly string[] =>
  rows.length === 0 ? [] : [
    `### ${heading}`, '', '| hook | before | after |', '|---|---|---|',
    ...rows.map(({ hook, before, after }) => `| ${code(hook)} | ${code(before)} | ${code(after)} |`), '',
  ]

const listed = (heading: string, hooks: readonly string[]): readonly string[] =>
  hooks.length === 0 ? [] : [`### ${heading}`, '', ...hooks.map((hook) => `- ${code(hook)}`), '']

const abiOf = (profile: Profile): LandlockAbi => kernelRules(profile).landlockAbi as LandlockAbi

/** The rights that only the later Landlock has. */
const newRights = (from: Profile, to: Profile): readonly string[] =>
  (['fs', 'net', 'scope'] as const satisfies readonly RightKind[]).flatMap((kind) => {
    const added = maskOf(kind, abiOf(to)) & ~maskOf(kind, abiOf(from))
    return added === 0 ? [] : rightNames(kind, added).split(',')
  })

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
    '### Rules', '', '| rule | before | after |', '|---|---|---|',
    ...changes.rules.map(({ rule, before, after }) => `| ${code(rule)} | ${before} | ${after} |`),
    '',
    ...(rights.length === 0 ? [] : [`Landlock has new rights: ${rights.map(code).join(', ')}.`, '']),
  ]
}

export const kernelsPage = (): string => [
  '# Kernel releases',
  '',
  `This page lists what changes between the kernel releases that a stack may follow: ${profiles.join(', ')}.`,
  '',
  '`createStack({ profile })` and `--kernel` choose one; 6.12 is meant unless you name another. Modules need no change',
  '([why](module-abi.md#kernel-releases-what-a-module-must-do)), and [fidelity](fidelity.md) counts what was recorded',
  'beside these kernels. `lsm kernels diff 6.12 7.3 --lsm selinux` shows the same for any two, and for your modules.',
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
  '[core](../packages/core/README.md#kernel-releases).',
  '',
  ...profiles.slice(1).flatMap((to, index) => section(profiles[index]!, to)),
].join('\n').trimEnd() + '\n'

if (process.argv[1] === import.meta.filename) writeFileSync(kernelsPath, kernelsPage())
