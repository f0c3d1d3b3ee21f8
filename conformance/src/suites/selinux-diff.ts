/**
 * Policies against one another, as sediff compares them. `1-200` are pairs of random policies and two files are one
 * pair, both given to the sediff of this machine; `--record FILE` keeps its answers, and such a FILE is replayed
 * without it. A row is a section in which either of the two lists something. Pairs that libsepol refuses are left out.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { CilError, compileCil } from '@lsmkit/selinux/cil'
import { readPolicy, writePolicy } from '@lsmkit/selinux/policydb'
import type { Policydb } from '@lsmkit/selinux/policydb'
import { diffLines, diffPolicies } from '@lsmkit/selinux/query'
import { generatePolicy } from '../cil/generate.ts'
import { mutate } from '../cil/mutate.ts'
import { readInput } from '../input.ts'
import { parseJsonLines } from '../json.ts'
import { readOurs, readSediff, sediff, printedInFull } from '../selinux/sediff.ts'
import { UsageError } from '../suite.ts'
import type { Row, Suite } from '../suite.ts'

/** Two sources and what sediff printed. */
interface Recorded {
  readonly id: string
  readonly version: number
  readonly before: string
  readonly after: string
  readonly answer: string
}

/** What setools can tell: it stops at extended permissions of netlink messages, and takes masks for prefix lengths. */
const readable = (source: string): string =>
  source.split('\n').filter((line) => !line.includes('(nlmsg netlink')).join('\n')
    .replace(/nodecon fe80::(\d+) ffff:ffff::\d/g, 'nodecon fe80:$1:: ffff:ffff::')

const compiled = (source: string, version: number): Policydb => compileCil([{ name: 'policy.cil', text: source }],
  { disableNeverallow: true, multipleDeclarations: true, version }).policy

const isPolicy = (source: string, version: number): boolean => {
  try {
    return compiled(source, version).version === version
  } catch (error) {
    if (error instanceof CilError) return false
    throw error
  }
}

/** Null when the policy that the seed gives is none. */
const randomPair = (seed: number): Omit<Recorded, 'answer'> | null => {
  const version = seed % 3 === 0 ? 33 : 34
  const before = readable(generatePolicy(seed))
  if (!isPolicy(before, version)) return null
  const after = readable(mutate(before, seed, (source) => isPolicy(readable(source), version)))
  return { id: `seed ${seed}`, version, before, after }
}

const ask = (folder: string, before: Policydb, after: Policydb): string | null => {
  const [first, second] = [join(folder, 'before'), join(folder, 'after')]
  writeFileSync(first, writePolicy(before))
  writeFileSync(second, writePolicy(after))
  return sediff(first, second)
}

function* compare(id: string, before: Policydb, after: Policydb, answer: string): Generator<Row> {
  const mine = readOurs(diffLines(diffPolicies(before, after)))
  const sections = readSediff(answer)
  for (const title of new Set([...sections.keys(), ...mine.keys()])) {
    const got = mine.get(title) ?? []
    if (!sections.has(title) && isUntold(title, got)) continue
    const expected = printedInFull(sections.get(title) ?? [], got)
    yield { id: `${id} ${title}`, ...differing(expected, got) }
  }
}

/** sediff passes over bounds when none came or went, and over those of roles and users. */
const isUntold = (title: string, lines: readonly string[]): boolean =>
  title === 'Rolebounds' || title === 'Userbounds' ||
  (title === 'Typebounds' && lines.every((line) => line.startsWith('*')))

/** Both as texts: how many lines, and the first that the other has not. */
const differing = (expected: readonly string[], got: readonly string[]): Pick<Row, 'expected' | 'got'> => {
  const text = (lines: readonly string[], others: ReadonlySet<string>): string =>
    [`${lines.length} lines`, ...lines.filter((line) => !others.has(line)).slice(0, 3)].join('\n    ')
  return { expected: text(expected, new Set(got)), got: text(got, new Set(expected)) }
}

const bounds = (range: string): readonly [first: number, last: number] | null => {
  const [, first, last] = /^(\d+)-(\d+)$/.exec(range) ?? []
  return first === undefined ? null : [Number(first), Number(last)]
}

export const selinuxDiff: Suite = {
  options: ['record'],
  readsFiles: false,
  async *run(_inputs, { record }, paths) {
    const range = bounds(paths[0]!)
    if (range === null && paths.length === 1) {
      for (const { id, version, before, after, answer } of parseJsonLines<Recorded>(await readInput(paths[0]!))) {
        yield* compare(id, compiled(before, version), compiled(after, version), answer)
      }
      return
    }
    if (range === null && paths.length > 2) throw new UsageError('two policies are compared', 'or a range: 1-200')
    const folder = mkdtempSync(join(tmpdir(), 'selinux-diff-'))
    const recorded: Recorded[] = []
    try {
      if (range === null) {
        const [before, after] = await Promise.all(paths.map(async (path) => readPolicy((await readInput(path)).bytes)))
        const answer = ask(folder, before!, after!)
        if (answer === null) throw new UsageError('libsepol refuses one of the policies')
        yield* compare(paths.join(' '), before!, after!, answer)
        return
      }
      for (let seed = range[0]; seed <= range[1]; seed++) {
        const pair = randomPair(seed)
        if (pair === null) continue
        const [before, after] = [compiled(pair.before, pair.version), compiled(pair.after, pair.version)]
        const answer = ask(folder, before, after)
        if (answer === null) continue
        recorded.push({ ...pair, answer })
        yield* compare(pair.id, before, after, answer)
      }
      if (record !== undefined) {
        writeFileSync(record, gzipSync(recorded.map((each) => `${JSON.stringify(each)}\n`).join(''), { level: 9 }))
      }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}
