/**
 * Prints docs/hooks.md from the hook table and its words: `node scripts/run.mjs source scripts/hooks-page.ts` writes it
 * anew. A test compares the two. The site prints a page of each category as well.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hookDefs, hookNames } from '../packages/core/src/hooks/hook-defs.ts'
import type { HookName } from '../packages/core/src/hooks/hook-defs.ts'
import { callSites, hookDoc, unreachedHooks } from '../packages/core/src/hook-docs.ts'

export const pagePath = join(import.meta.dirname, '../docs/hooks.md')

/** Hooks by the heading they stand under, in the order of the table. */
export const categories: ReadonlyMap<string, readonly HookName[]> = new Map(
  hookNames.map((name) => hookDefs[name].category)
    .map((category) => [category, hookNames.filter((name) => hookDefs[name].category === category)]),
)

/** Text that is no markup: `<` begins none, and a bar ends no cell. */
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;')

const row = (name: HookName, details: boolean): string => {
  const { when, lsms } = hookDoc(name)
  const place = `hooks/${hookDefs[name].category}.md#${name.replaceAll('_', '-')}`
  const shown = details ? `[${name}](${place})` : `\`${name}\``
  return `| ${shown} | ${cell(when)} | ${lsms.join(', ') || '-'} |`
}

/** `details`: names lead to the page of their category. */
export const hooksPage = (details = false): string =>
  [
    '# Hooks',
    '',
    'This page lists the 271 hooks of Linux 6.12, when the kernel calls each, and which modules implement it. bpf is',
    'on all of them, and left out. `lsm hooks NAME` and your editor show more.',
    '',
    '`scripts/hooks-page.ts` prints this page from the hook table of `@lsmkit/core`.',
    '',
    ...[...categories].flatMap(([category, names]) => [
      `## ${category}`, '', '| hook | is called when | modules |', '|---|---|---|',
      ...names.map((name) => row(name, details)), '',
    ]),
    '## Not reached',
    '',
    `Recorded operations of real kernels reach ${Object.keys(callSites).length} of the hooks in our kernel.`, '',
    'The others, and why:',
    '',
    '| hook | reason |',
    '|---|---|',
    ...Object.entries(unreachedHooks).map(([name, reason]) => `| \`${name}\` | ${cell(reason)} |`),
    '',
  ].join('\n')

const section = (name: HookName): readonly string[] => {
  const { signature, when, parameters, answer, rules, syscalls, lsms } = hookDoc(name)
  return [
    `## ${name}`, '', '```c', signature, '```', '', cell(when), '',
    ...parameters.map((parameter) => `- \`${parameter.name}\`: ${cell(parameter.says)}`), '',
    `**Answer.** ${cell(answer)} ${cell(rules.join(' '))}`, '',
    `**System calls.** ${syscalls.join(', ') || 'None of those recorded.'}`, '',
    `**Modules of Linux 6.12.** ${lsms.join(', ') || 'Only bpf.'}`, '',
  ]
}

/** All there is to say about the hooks of one category. */
export const categoryPage = (category: string): string =>
  [
    `# Hooks: ${category}`,
    '',
    `This page has the hooks of the category ${category}: the C prototype of each, and when it is called.`,
    '',
    ...categories.get(category)!.flatMap(section),
  ].join('\n')

if (process.argv[1] === import.meta.filename) writeFileSync(pagePath, hooksPage())
