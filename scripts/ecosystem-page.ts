/**
 * Prints docs/ecosystem.md, the index of modules, from docs/ecosystem.json: `node scripts/run.mjs source
 * scripts/ecosystem-page.ts` writes it anew, and a test compares the two. Descriptions and ABIs of our own modules come
 * from their packages.
 */
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { abiMismatch, firstCores, isAbiText, moduleAbi } from '../packages/core/src/module-abi.ts'

const root = join(import.meta.dirname, '..')
export const pagePath = join(root, 'docs/ecosystem.md')
export const dataPath = join(root, 'docs/ecosystem.json')

/** A line of the index, as docs/ecosystem.json has it. */
export interface Entry {
  /** As npm knows it. */
  readonly package: string
  /** Releases of Linux whose rules it is tested against. */
  readonly kernels: readonly string[]
  /** The rest is of modules that are not ours; `git` is where the suite gets their tests. */
  readonly decides?: string
  readonly abi?: string
  readonly git?: string
  readonly ref?: string
  readonly test?: string
  readonly add?: readonly string[]
}

export interface SuiteEntry {
  readonly name: string
  readonly template?: string
  readonly folder?: string
}

export interface Index {
  readonly modules: readonly Entry[]
  readonly suite: readonly SuiteEntry[]
}

const FIELDS: ReadonlySet<string> = new Set(['package', 'kernels', 'decides', 'abi', 'git', 'ref', 'test', 'add'])
const OURS = '@lsmkit/'

const isOurs = ({ package: name }: Entry): boolean => name.startsWith(OURS)
const folderOf = ({ package: name }: Entry): string => `packages/${name.slice(OURS.length)}`
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

/** The faults of an entry, in words; none for one that the page can show. */
export const faultsOf = (entry: Entry): readonly string[] => {
  const unknown = Object.keys(entry).filter((field) => !FIELDS.has(field)).map((field) => `unknown field \`${field}\``)
  const wants = (field: keyof Entry): string[] => (entry[field] === undefined ? [`\`${field}\` is missing`] : [])
  const derived = (['decides', 'abi', 'git', 'ref'] as const)
    .flatMap((field) => (entry[field] === undefined ? [] : [`\`${field}\` of our own modules comes from the package`]))
  const kernels = Array.isArray(entry.kernels) && entry.kernels.length > 0 &&
    entry.kernels.every((kernel) => /^\d+\.\d+$/.test(kernel)) ? [] : ['`kernels` is a list such as ["6.12"]']
  if (isOurs(entry)) return [...unknown, ...kernels, ...derived]
  const abi = entry.abi === undefined || isAbiText(entry.abi) ? [] : ['`abi` is a text such as 1.0']
  const name = /^(?:@[a-z0-9][\w.-]*\/)?[a-z0-9][\w.-]*$/.test(entry.package) ? [] : ['`package` is not a name that npm allows']
  const git = entry.git === undefined || entry.git.startsWith('https://') ? [] : ['`git` begins with https://']
  return [
    ...unknown, ...kernels, ...name, ...abi, ...git, ...wants('decides'), ...wants('abi'), ...wants('git'),
    ...wants('ref'),
  ]
}

/** The ABI that the sources of a module of ours declare. */
const abiOf = (folder: string): string => {
  const found = globSync(`${folder}/src/{,lsm/}*lsm.ts`, { cwd: root })
    .map((file) => /^ +abi: '([\d.]+)',$/m.exec(read(file))?.[1]).filter((abi) => abi !== undefined)
  if (found.length !== 1) throw new Error(`${folder}: ${found.length} sources declare an ABI`)
  return found[0]!
}

/** Suites of conformance/README.md that are called by the module. */
const suitesOf = (folder: string): readonly string[] => {
  const module = folder.replace('packages/', '')
  const names = module === 'capability' ? ['caps', 'capability'] : [module]
  const rows = read('conformance/README.md').split('\n').filter((line) => line.startsWith('| `'))
  return rows.flatMap((line) => [...line.split('|')[1]!.matchAll(/`([\w-]+)`/g)].map(([, suite]) => suite!))
    .filter((suite) => names.some((name) => suite === name || suite.startsWith(`${name}-`)))
}

interface Shown {
  readonly name: string
  readonly decides: string
  readonly abi: string
  readonly kernels: string
  readonly checked: string
}

const shown = (entry: Entry): Shown => {
  const faults = faultsOf(entry)
  if (faults.length > 0) throw new Error(`docs/ecosystem.json: ${entry.package}: ${faults.join(', ')}`)
  const kernels = entry.kernels.join(', ')
  if (!isOurs(entry)) {
    const page = `https://www.npmjs.com/package/${entry.package}`
    return {
      name: `[\`${entry.package}\`](${page})`, decides: entry.decides!, abi: entry.abi!, kernels,
      checked: `its tests at \`${entry.ref!}\` of [its repository](${entry.git!})`,
    }
  }
  const folder = folderOf(entry)
  const { description } = JSON.parse(read(`${folder}/package.json`)) as { description: string }
  const suites = suitesOf(folder).map((suite) => `\`${suite}\``)
  return {
    name: `[\`${entry.package}\`](../${folder}/README.md)`, decides: description, abi: abiOf(folder), kernels,
    checked: ['its tests', ...suites].join(', '),
  }
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;')

const table = (entries: readonly Entry[]): readonly string[] => [
  '| package | decides | ABI | kernels | checked by |', '|---|---|---|---|---|',
  ...entries.map(shown).map(({ name, decides, abi, kernels, checked }) =>
    `| ${name} | ${cell(decides)} | ${abi} | ${kernels} | ${cell(checked)} |`),
]

/** `1.0` is in cores from its first release to the next major version. */
const abiRow = (abi: string): string => {
  const first = firstCores[abi]!
  const range = `\`>=${first} <${Number(first.split('.')[0]) + 1}.0.0\``
  const verdict = { 'module-older': 'no: update the module', 'core-older': 'no: update core' } as const
  const mismatch = abiMismatch(abi)
  return `| ${abi} | ${range} | ${mismatch === null ? 'yes' : verdict[mismatch]} |`
}

export const ecosystemPage = ({ modules, suite }: Index): string => {
  const others = modules.filter((entry) => !isOurs(entry))
  return [
    '# Index of modules', '',
    'This page lists the modules that are known to work with lsmkit: what each decides, the module ABI that it was',
    'written for, the kernels whose rules it is tested against, and what checks it.', '',
    '`scripts/ecosystem-page.ts` prints this page from `docs/ecosystem.json`.', '',
    '## Modules of this project', '', ...table(modules.filter(isOurs)), '',
    'The suites are those of [conformance](../conformance/README.md), with answers that real kernels gave.', '',
    '## Modules of others', '',
    ...(others.length === 0 ? ['There is no module of others yet. [Add yours](#add-a-module).'] : table(others)), '',
    '## Compatibility', '',
    `A module says which ABI it was written for (\`abi: '${moduleAbi}'\`). [The ABI](module-abi.md) has`,
    'numbers of its own, and a core takes every module of the same major and of a minor that it has.', '',
    `| ABI | cores that have it | works with this core (ABI ${moduleAbi}) |`, '|---|---|---|',
    ...Object.keys(firstCores).map(abiRow), '',
    'npm compares the ranges when you install. A stack names all modules that do not fit when it is built, and',
    '`npx lsm doctor` does so before.', '',
    '## Find more', '',
    'Published modules have the keyword `lsmkit-module`. Search npm for it: on its site with `keywords:lsmkit-module`,',
    'or in a terminal:', '',
    '```sh', 'npm search keywords:lsmkit-module', '```', '',
    'A package with the keyword is not in this index by itself, and nobody has checked it. `npx lsm doctor` tries each',
    'installed one: whether it loads, fits this core, and refuses.', '',
    '## Add a module', '',
    '1. `npm create lsmkit@latest` makes a project with tests, the conformance kit and the keyword. Publish it.',
    '2. Add a line to `modules` of `docs/ecosystem.json`, then run',
    '   `node scripts/run.mjs source scripts/ecosystem-page.ts` and open a pull request:', '',
    '```json',
    '{',
    '  "package": "night-watch",',
    '  "decides": "files are for the user who opened them first",',
    `  "abi": "${moduleAbi}",`,
    '  "kernels": ["6.12"],',
    '  "git": "https://github.com/you/night-watch.git",',
    '  "ref": "v1.0.0"',
    '}',
    '```', '',
    'The suite (`node scripts/ecosystem.mjs`) clones `git` at `ref`, installs it with the packages of this repository',
    'as they are, and runs `npm test`, or `test` of the entry. The full gate (`.ci/run --full`) runs it. It checks',
    `${suite.length} more projects as strangers have them: ${suite.map(({ name }) => name).join(', ')}.`, '',
  ].join('\n')
}

export const readIndex = (): Index => JSON.parse(readFileSync(dataPath, 'utf8')) as Index

if (process.argv[1] === import.meta.filename) writeFileSync(pagePath, ecosystemPage(readIndex()))
