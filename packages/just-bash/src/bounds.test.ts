/** Command lines that would compute or grow for ever: each in a process of its own, with a neighbour that is timed. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import type { Measured, Spec } from '../test/hostile-line.ts'

const program = fileURLToPath(new URL('../test/hostile-line.ts', import.meta.url))
const MIB = 2 ** 20
/** A machine with much else to do takes its time: what is compared is the processor's. */
const PATIENCE = 240_000

const measured = async (spec: Spec): Promise<Measured> => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--conditions=lsmkit:source', '--no-warnings', program, JSON.stringify(spec),
  ], { timeout: PATIENCE, killSignal: 'SIGKILL' })
  return JSON.parse(stdout) as Measured
}

interface Row {
  readonly line: string
  readonly limits?: Spec['limits']
  readonly ends: Partial<Measured>
  /** MiB that the process may grow by. */
  readonly grows: number
}
const late = { status: 152, reason: 'SIGXCPU: time limit', printed: 0 }
const usual = { time: 10_000, memory: '64 MiB' }

/** A line, how it ends, and what the process may grow by. */
const rows: readonly Row[] = [
  { line: 'head -c 5 /dev/zero | od -An -c', ends: { status: 0, stdout: '  \\0  \\0  \\0  \\0  \\0\n' }, grows: 150 },
  { line: 'head -c 3 /data/vast | wc -c', ends: { status: 0, stdout: '3\n' }, grows: 150 },
  { line: 'cat /dev/zero | head -c 5', ends: { stderr: 'cat: /dev/zero: File too large\n' }, grows: 300 },
  { line: 'head -c 5 < /dev/zero', ends: { status: 1, stderr: 'bash: /dev/zero: File too large\n' }, grows: 300 },
  { line: "awk '{ print }' /dev/zero", ends: { stderr: 'awk: /dev/zero: File too large\n' }, grows: 300 },
  ...['wc', 'cat'].map((name): Row => ({
    line: `${name} /data/hole`, limits: { ...usual, memory: '16 MiB' }, grows: 150,
    ends: { stderr: `${name.split(' ')[0]}: /data/hole: File too large\n` },
  })),
  {
    line: 'cp /data/hole /data/copy; stat -c %s /data/copy', limits: { ...usual, memory: '16 MiB' },
    ends: { status: 0, stdout: '300000000\n' }, grows: 150,
  },
  { line: 'diff /data/a /data/b', limits: { ...usual, time: 3000 }, ends: late, grows: 300 },
  { line: 'for ((;;)); do :; done', limits: { ...usual, time: 3000 }, ends: late, grows: 300 },
  { line: 'f() { f | f; }; f', limits: { ...usual, time: 3000 }, ends: {}, grows: 400 },
  { line: 'sleep 100', limits: { ...usual, time: 2000 }, ends: late, grows: 100 },
  {
    line: 'printf "%02700000d" 7', limits: { ...usual, output: '1 MiB' }, grows: 300,
    ends: { status: 153, reason: 'SIGXFSZ: output limit of 1048576 bytes', printed: MIB },
  },
  {
    // 38 MB each: just-bash refuses strings of more than 64 MiB
    line: 'x=$(seq 100000); for i in 1 2 3 4 5 6; do x="$x$x"; done; declare -a y; ' +
      'for i in {1..400}; do y[i]="$x$i"; z="${y[i]//1/2}"; y[i]=$z; done; echo ${#y[@]}',
    limits: { ...usual, time: 60_000, memory: '16 MiB' }, grows: 700,
    ends: { status: 137, reason: 'SIGKILL: memory limit' },
  },
]

describe.each(rows)('$line', ({ line, limits = usual, ends, grows }) => {
  test('ends, bounded, and nobody waits', { timeout: PATIENCE }, async () => {
    const got = await measured({ line, limits, inline: false })
    expect(got).toMatchObject({ ...ends, rejected: '', after: 'goes on\nline 0\n' })
    expect(got.peak / MIB).toBeLessThan(grows)
    // the shell's thread, and as much again for the neighbour who asks and the machine that is busy
    expect(got.cpu).toBeLessThan(2 * Number(limits.time) + 200)
    expect(got.median).toBeLessThan(50)
  })
})

describe.each([true, false])('inline: %s', (inline) => {
  test('a limit of time holds to within 200 ms of processor time', { timeout: PATIENCE }, async () => {
    const got = await measured({ line: 'diff /data/a /data/b', limits: { time: 1000, memory: '64 MiB' }, inline })
    expect(got).toMatchObject(late)
    expect(got.cpu).toBeLessThan(1200)
  })

  test('a signal ends a line, and `sh` rejects with its reason', { timeout: PATIENCE }, async () => {
    const got = await measured({
      line: 'for ((;;)); do :; done', limits: { time: '5 min', memory: '64 MiB' }, inline, abortAfter: 500,
    })
    expect(got).toMatchObject({ status: -1, rejected: 'enough', after: 'goes on\nline 0\n' })
    expect(got.cpu).toBeLessThan(700)
  })
})
