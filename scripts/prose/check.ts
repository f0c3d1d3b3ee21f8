/** Finds marked sentences in the files of the repository. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { marks } from './marks.ts'
import type { Mark } from './marks.ts'
import { proseOf } from './texts.ts'
import type { Paragraph } from './texts.ts'

export interface Found {
  readonly file: string
  /** From 1. */
  readonly line: number
  readonly mark: Mark
  readonly sentence: string
}

/** Code spans and link targets are no prose. */
const masked = (text: string): string =>
  text.replaceAll('\\`', '`').replaceAll(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, 'x')
    .replaceAll(/(`+)(?!`)[\s\S]*?\1/g, '`x`').replaceAll(/\]\([^)\s]*\)/g, ']')

/** At a full stop, a question mark or an exclamation mark with a capital, code or a bracket behind it. */
const SENTENCES = /(?<=[.!?][)*"]?) (?=[A-Z`*("[])/

export const sentencesOf = (text: string): string[] => text.split(SENTENCES)

export const marksOf = (sentence: string): Mark[] => {
  const plain = masked(sentence)
  return marks.filter(({ pattern }) => pattern.test(plain))
}

const lineOf = (source: string, at: number): number => source.slice(0, at).split('\n').length

export const findIn = (file: string, source: string): Found[] =>
  proseOf(file, source).flatMap(({ from, text }: Paragraph) => sentencesOf(text).flatMap((sentence) =>
    marksOf(sentence).map((mark) => ({ file, line: lineOf(source, from), mark, sentence }))))

const SOURCES = /\.(?:m?[jt]s|md)$/
/** Tests quote what they test. Generated files and recorded sessions follow their sources; reports of runs are data. */
const LEFT_OUT =
  /\.test(?:-d)?\.ts$|\.d\.ts$|\/(?:node_modules|dist|generated|recorded|testing|cases)\/|^(?:scripts\/prose|apps\/console\/browser)\//

const FOLDERS = [
  '.github', 'apps', 'bench', 'ci', 'conformance', 'docs', 'examples', 'fuzz', 'packages', 'scripts', 'site',
]

/** Paths from the root of the clone, with slashes. */
export const filesOf = (root: string): string[] =>
  globSync(['*.md', `{${FOLDERS.join(',')}}/**/*.{ts,mjs,js,md}`], {
    cwd: root, exclude: (path) => /(?:^|[\\/])(?:node_modules|dist|\.turbo)$/.test(path),
  }).map((path) => path.replaceAll('\\', '/')).filter((path) => SOURCES.test(path) && !LEFT_OUT.test(path)).sort()

/** `packages/core`, `docs`; `.` for pages in the root. */
export const areaOf = (file: string): string =>
  /^packages\/[^/]+/.exec(file)?.[0] ?? (file.includes('/') ? file.slice(0, file.indexOf('/')) : '.')

export const findAll = (root: string): Found[] =>
  filesOf(root).flatMap((file) => findIn(file, readFileSync(join(root, file), 'utf8')))

/** Marks by area. */
export const countByArea = (found: readonly Found[]): Record<string, number> => {
  const counts = new Map<string, number>()
  for (const { file } of found) counts.set(areaOf(file), (counts.get(areaOf(file)) ?? 0) + 1)
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)))
}
