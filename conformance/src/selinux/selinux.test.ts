/** The SELinux suites over what is recorded in this repository, and over ../shared where it lies beside it. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readInput } from '../input.ts'
import type { Options, Row } from '../suite.ts'
import { selinuxDiff } from '../suites/selinux-diff.ts'
import { selinuxTables } from '../suites/selinux-tables.ts'
import { selinuxTranscript } from '../suites/selinux-transcript.ts'
import { parseTable } from '../tsv.ts'

const recorded = join(import.meta.dirname, '../../selinux/recorded')
const golden = join(import.meta.dirname, '../../../../shared/golden')

const rowsOf = async (rows: Iterable<Row> | AsyncIterable<Row>): Promise<Row[]> => {
  const all: Row[] = []
  for await (const row of rows) all.push(row)
  return all
}

const differing = (rows: readonly Row[]) => rows.filter(({ expected, got }) => expected !== got).slice(0, 5)

const transcript = async (file: string, policies: string) =>
  rowsOf(selinuxTranscript.run([await readInput(file)], { policies }, [file]))

describe('a live kernel\'s selinuxfs', () => {
  test('under three policies that were made at random', async () => {
    const rows = await transcript(join(recorded, 'selinux-access.tsv.gz'), recorded)
    expect(rows.length).toBeGreaterThan(12_000)
    expect(differing(rows)).toEqual([])
  })

  test('an altered answer is one that differs', async () => {
    const file = join(recorded, 'selinux-access.tsv.gz')
    const { bytes, text, path } = await readInput(file)
    const at = text.split('\n').findIndex((line) => line.includes('\tT\taccess\t'))
    const altered = text.split('\n').map((line, i) => (i === at ? line.replace(/=[0-9a-f]+/, '=deadbeef') : line)).join('\n')
    const rows = await rowsOf(selinuxTranscript.run([{ path, bytes, text: altered }], { policies: recorded }, [file]))
    expect(differing(rows)).toHaveLength(1)
  })

  const whole = join(golden, 'selinux-access.tsv.gz')
  test.skipIf(!existsSync(whole))('under Debian\'s policy too (../shared/golden)', async () => {
    expect(differing(await transcript(whole, join(golden, 'selinux')))).toEqual([])
  })
})

describe('later kernels\' selinuxfs (../shared/golden/kernels)', () => {
  const later = (kernel: string): string => join(golden, 'kernels', kernel, 'selinux-access.tsv.gz')
  const numberOf = ({ id }: Row): string => id.split(' ')[0]!
  /** The rows of the table of 6.12 that these kernels were asked as well: those in permissive mode. */
  const asked = (line: string, at: number): boolean => at === 0 || line.includes('\tdebian-default\t0\t')

  test.skipIf(!existsSync(later('7.3')))('7.3: fifteen answers are others than those of 6.12', async () => {
    const file = join(golden, 'selinux-access.tsv.gz')
    const { bytes, path, text } = await readInput(file)
    const input = { bytes, path, text: text.split('\n').filter(asked).join('\n') }
    const options = { policies: join(golden, 'selinux'), kernel: '7.3' }
    const rows = await rowsOf(selinuxTranscript.run([input], options, [file]))
    expect(rows).toHaveLength(28_136)
    const others = rows.filter(({ expected, got }) => expected !== got)
    expect(others.map(({ id }) => id.replace(/^\d+ /, ''))).toEqual([
      'R policyvers', 'R policy_capabilities/netlink_xperm', ...Array<string>(9).fill('T create'),
      ...Array<string>(3).fill('T relabel'), 'T member',
    ])
    const got = new Map(rows.map((row) => [numberOf(row), row.got]))
    for (const kernel of ['6.18', '7.3']) {
      const sample = parseTable((await readInput(later(kernel))).text, kernel, ['n', 'result'])
      const wrong = Array.from(sample).filter(({ n, result }) => got.get(n!) !== result)
      expect(wrong).toEqual([])
    }
  })
})

describe('tables of libsepol, libselinux, setools and the kernel (../shared/golden/selinux)', () => {
  const folder = join(golden, 'selinux')
  test.skipIf(!existsSync(folder)).each(['default', 'mls', 'ext'])('%s', async (name) => {
    const labels = join(folder, 'policies', `${name}.file_contexts.gz`)
    const options: Options = {
      policy: join(folder, 'policies', `${name}.34.gz`),
      'file-contexts': existsSync(labels) ? labels : undefined,
    }
    const rows = await rowsOf(selinuxTables.run([], options, [join(folder, name)]))
    expect(rows.length).toBeGreaterThan(10_000)
    expect(differing(rows)).toEqual([])
  })
})

describe('sesearch', () => {
  test.each([1, 2, 3])('on random policy %i', async (n) => {
    const policy = join(recorded, `random-${n}.bin`)
    const rows = await rowsOf(selinuxTables.run([], { policy }, [join(recorded, `random-${n}`)]))
    expect(rows.length).toBeGreaterThanOrEqual(150)
    expect(differing(rows)).toEqual([])
  })
})

describe('sediff', () => {
  const file = join(recorded, 'sediff.jsonl.gz')

  test('on pairs of random policies', async () => {
    const rows = await rowsOf(selinuxDiff.run([], {}, [file]))
    expect(rows.length).toBeGreaterThan(300)
    expect(differing(rows)).toEqual([])
  })
})
