/**
 * Policy sources: packages with the bytes of checkmodule and semodule_package, texts without macros with those of m4.
 * Recorded rows are ours; with `--built DIR` a folder with refpolicy's layout is compared with what its make built, and
 * with `--formatted yes` with itself, formatted: the same modules, and the same text when it is formatted again.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import {
  compiledPackage, compileTe, expandMacros, formatPolicySource, RefpolicyTree, SourceError,
} from '@lsmkit/selinux/source'
import type { CompiledTe, SourceFile } from '@lsmkit/selinux/source'
import { readInput } from '../input.ts'
import { played, UsageError } from '../suite.ts'
import type { Row, Suite } from '../suite.ts'

interface Case {
  readonly id: string
  readonly te?: string
  readonly m4?: string
  /** SHA-256, or `refused`. */
  readonly expect: string
}

const digest = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex')

const answer = ({ te, m4 }: Case): string => {
  try {
    if (m4 !== undefined) return digest(expandMacros({ name: 'case.m4', text: m4 }))
    return digest(compiledPackage(compileTe({ name: 'case.te', text: te ?? '' })))
  } catch (error) {
    if (error instanceof SourceError) return 'refused'
    throw error
  }
}

function* recordedRows(text: string): Generator<Row> {
  for (const line of text.split('\n')) {
    if (line === '') continue
    const row = JSON.parse(line) as Case
    yield { id: row.id, expected: row.expect, got: played(() => answer(row)) }
  }
}

/** Files of a folder that a build of refpolicy reads, by their paths in it. */
const filesOf = (folder: string): Map<string, SourceFile> => {
  const files = new Map<string, SourceFile>()
  const walk = (within: string): void => {
    for (const entry of readdirSync(join(folder, within)).sort()) {
      const path = within === '' ? entry : `${within}/${entry}`
      const is = statSync(join(folder, path), { throwIfNoEntry: false })
      if (is?.isDirectory() === true && /^(policy|config)/.test(path)) walk(path)
      else if (is?.isFile() === true && /^(policy\/|config\/[^/]+\/seusers$|build\.conf$)/.test(path)) {
        files.set(path, { name: path, text: readFileSync(join(folder, path), 'utf8') })
      }
    }
  }
  walk('')
  return files
}

function* builtRows(folder: string, built: string): Generator<Row> {
  const tree = new RefpolicyTree(filesOf(folder))
  const parts: [string, () => CompiledTe][] = [['base', () => tree.base()],
    ...tree.choice.modules.map((name): [string, () => CompiledTe] => [name, () => tree.module(name)])]
  for (const [name, compile] of parts) {
    const expected = digest(readFileSync(join(built, `${name}.pp`)))
    yield { id: name, expected, got: played(() => digest(compiledPackage(compile()))) }
  }
}

/** File contexts without their blanks, which the form leaves out. */
const contextsOf = (text: string): string =>
  text.split('\n').map((line) => line.trimEnd()).filter((line) => line !== '').join('\n')

function* formattedRows(folder: string): Generator<Row> {
  const files = filesOf(folder)
  const formatted = new Map(files)
  for (const [path, file] of files) {
    if (!/^policy\/modules\/.*\.(te|if|fc)$/.test(path)) continue
    const text = formatPolicySource(file)
    formatted.set(path, { ...file, text })
    yield { id: path, expected: digest(text), got: digest(formatPolicySource({ ...file, text })) }
  }
  const [before, after] = [new RefpolicyTree(files), new RefpolicyTree(formatted)]
  const made = ({ bytes, fileContexts }: CompiledTe): string =>
    `${digest(bytes())} ${digest(contextsOf(fileContexts))}`
  yield { id: 'base', expected: made(before.base()), got: made(after.base()) }
  for (const name of before.choice.modules) {
    yield { id: name, expected: made(before.module(name)), got: played(() => made(after.module(name))) }
  }
}

export const selinuxSource: Suite = {
  options: ['built', 'formatted'],
  readsFiles: false,
  async *run(_inputs, { built, formatted }, paths) {
    const from = process.env.INIT_CWD ?? process.cwd()
    for (const path of paths) {
      const found = resolve(from, path)
      const isFolder = statSync(found).isDirectory()
      if (isFolder && formatted !== undefined) {
        yield* formattedRows(found)
        continue
      }
      if (isFolder && built === undefined) {
        throw new UsageError('a folder of refpolicy needs the packages that make built of it',
          '--built DIR, or --formatted yes')
      }
      yield* isFolder ? builtRows(found, resolve(from, built!)) : recordedRows((await readInput(path)).text)
    }
  },
}
