/**
 * Writes docs/fidelity.md: every committed table of answers of real kernels, replayed by the rules of its kernel.
 * `node scripts/run.mjs source scripts/fidelity.ts [--only SUITE]… [--native] [--live SCRIPT]`; it takes some minutes.
 * `--only` replays the tables of that suite, and keeps the rows of the others. `--native` replays no table;
 * `--live equality` and `--live escapes` ask the running kernel again. A
 * test checks that the page has each table.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readInput } from '../conformance/src/input.ts'
import type { Options } from '../conformance/src/suite.ts'
import { suites } from '../conformance/src/suites/index.ts'
import { kernelRules, profiles } from '../packages/core/src/kernel-rules.ts'
import type { Profile } from '../packages/core/src/kernel-rules.ts'
import { nativePart } from './fidelity-native.ts'
import { recordedPart } from './fidelity-recorded.ts'

const recorded = join(import.meta.dirname, '../conformance/recorded')
export const fidelityPath = join(import.meta.dirname, '../docs/fidelity.md')

/** Tables that one suite answers for several kernels, or whose rows are those of one kernel. */
const asked = [
  'lsm-order', 'lsm-syscalls', 'caps-exec', 'caps-setuid', 'caps-prctl', 'landlock-abi', 'landlock-sessions',
  'bpf-hooks', 'bpf-decide', 'posix-sessions', 'hook-trace', 'overlay-sessions', 'cgroup-sessions', 'epoll-sessions',
  'lockdown-sessions',
  'safesetid-sessions', 'loadpin-sessions', 'smack-fs', 'smack-transcript', 'selinux-ops',
  'selinux-transcript',
] as const

export interface Table {
  readonly suite: string
  readonly profile: Profile
  readonly file: string
}

/** Tables without a kernel in their names are of 6.12, but for these. */
const plainOf: ReadonlyMap<string, Profile> = new Map([['posix-sessions', '6.18']])

const forms = (name: string, profile: Profile): readonly string[] => {
  const plain = profile === (plainOf.get(name) ?? '6.12') ? name : `${name}-${profile}`
  return [`${plain}.tsv.gz`, `${plain}.jsonl.gz`]
}

/** The tables that are there, by suite and kernel. */
export const fidelityTables = (): readonly Table[] => {
  const files = new Set(readdirSync(recorded))
  return asked.flatMap((suite) => profiles.flatMap((profile) =>
    forms(suite, profile).filter((file) => files.has(file)).map((file) => ({ suite, profile, file }))))
}

/** Why rows are left out or differ, by suite. */
const reasons: Readonly<Record<string, string>> = {
  'selinux-ops': '6.12 with each permission taken away, of later kernels for the first 100 operations',
  'selinux-transcript': 'a random policy; of 6.12: `conformance/selinux/recorded`',
  'smack-fs': '7.3: a kernel built from its source',
  'smack-transcript': '7.3: a kernel built from its source',
  'safesetid-sessions': '7.3: a kernel built from its source',
  'loadpin-sessions': '7.3: a kernel built from its source',
  'caps-setuid': '6.18: random rows of `record/caps`',
  'landlock-abi': '6.12 (ABI 6): `landlock-sessions`',
  'bpf-hooks': 'of later kernels every twentieth row',
  'bpf-decide': 'of later kernels every seventh row: Debian\'s images have no Smack',
  'hook-trace': 'left out of later kernels: `conformance/record/hook-trace` lists the operations that differ',
}

/** What a suite is asked with beside its tables. */
const policies: ReadonlyMap<string, Options> = new Map<string, Options>([
  ['selinux-ops', { policy: join(recorded, 'selinux-ops-policy.bin.gz') }],
  ['selinux-transcript', { policies: join(import.meta.dirname, '../conformance/selinux/recorded') }],
])

const replay = async ({ suite, profile, file }: Table) => {
  const { run, options = [] } = await suites[suite]!.load()
  const path = join(recorded, file)
  const given: Options = { ...policies.get(suite), ...(options.includes('kernel') ? { kernel: profile } : {}) }
  const count = { rows: 0, agreed: 0, absent: 0 }
  for await (const { expected, got } of run([await readInput(path)], given, [path])) {
    count.rows++
    if (got === expected) count.agreed++
    else if (got === 'absent') count.absent++
  }
  return count
}

/** Tables of a policy that is not ours, which are not committed. */
const selinuxNote = [
  'SELinux under Debian\'s policy: 28,136 questions on selinuxfs were put to all three kernels. lsmkit gives all',
  'answers of 6.12. Of 6.18 and 7.3 a sample of 1,407 rows each is kept, and lsmkit gives 1,407 of them. It answers',
  '15 of the 28,136 otherwise than on 6.12, and these are the 15 that the kernels answer otherwise. The policy is not',
  'ours to publish: `conformance/src/selinux` replays these tables only where they lie beside the repository.',
]

const page = (rows: readonly string[], native: readonly string[]): string => [
  '# Fidelity',
  '',
  'This page counts recorded answers of real kernels and how many of them lsmkit gives, by kernel release.',
  '',
  `The kernels are Debian's ${profiles.map((one) => kernelRules(one).version).join(', ')}. Each row is a question that`,
  'such a kernel has answered in a virtual machine. The tables are in `conformance/recorded`; tests replay them, and',
  '[conformance](../conformance/README.md) says what each suite asks. `scripts/fidelity.ts` writes this page.',
  '',
  '| suite | kernel | rows asked | agreed | differ | absent | remarks |',
  '|---|---|---|---|---|---|---|',
  ...rows,
  '',
  ...selinuxNote,
  '',
  ...recordedPart(),
  '',
  ...native,
].join('\n')

const number = (value: number): string => value.toLocaleString('en')

/** Replays tables of the suites that are asked for; the others have the rows of the page as it was. */
const replayed = async (before: readonly string[], isAsked: (suite: string) => boolean): Promise<string[]> => {
  const rows: string[] = []
  for (const table of fidelityTables()) {
    const { suite, profile } = table
    const known = before.find((line) => line.startsWith(`| \`${suite}\` | ${profile} |`))
    if (known !== undefined && !isAsked(suite)) {
      rows.push(known)
      continue
    }
    const { rows: all, agreed, absent } = await replay(table)
    const cells = [`\`${suite}\``, profile, number(all), number(agreed), number(all - agreed - absent), number(absent)]
    rows.push(`| ${cells.join(' | ')} | ${reasons[suite] ?? '-'} |`)
    console.log(rows.at(-1))
  }
  return rows
}

const main = async (options: readonly string[]): Promise<void> => {
  const before = readFileSync(fidelityPath, 'utf8')
  const valuesOf = (name: string): readonly string[] => options.filter((_, at) => options[at - 1] === name)
  const only = options.includes('--native') ? [''] : valuesOf('--only')
  const rows = await replayed(before.split('\n'), (suite) => only.length === 0 || only.includes(suite))
  const again = valuesOf('--live')
  writeFileSync(fidelityPath, page(rows, nativePart(before, again)))
}

if (process.argv[1] === import.meta.filename) await main(process.argv.slice(2))
