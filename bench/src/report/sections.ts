/** The parts of BENCHMARKS.md, each made of the results it needs. */
import type { BenchResult, CellResult } from '../harness/result.ts'
import { byName, cellTable, readable, tableOf, targetTable } from './markdown.ts'
import { lines, rows } from './pictures.ts'
import type { Point } from './pictures.ts'
import { published } from './published.ts'

export interface Section {
  readonly title: string
  /** The bench that it is made of; its command is printed. */
  readonly bench: string
  write(result: BenchResult): { readonly text: string; readonly pictures: Readonly<Record<string, string>> }
}

const STRATEGIES = ['swap', 'static-key', 'krsi-v4', 'list'] as const
const COUNTS = [0, 1, 2, 3, 4, 5]
const OPEN = 'open, read, close'

const stackingTable = (cells: ReadonlyMap<string, CellResult>, operation: string): string => {
  const base = cells.get(`${operation}: no hooks`)!.value
  const ratio = (name: string): string => {
    const cell = cells.get(`${operation}: ${name}`)
    return cell === undefined ? '' : (cell.value / base).toFixed(2)
  }
  const of = (way: string, bpf: string) => COUNTS.map((n) => ratio(`${way}, ${n} modules, bpf ${bpf}`))
  return tableOf([operation, ...COUNTS.map((n) => `${n} module${n === 1 ? '' : 's'}`)], [
    ['security off', ratio('security off'), '', '', '', '', ''],
    ...STRATEGIES.map((way) => [way, ...of(way, 'not there')]),
    ['swap, bpf there', ...of('swap', 'there')],
    ['swap, bpf attached', ...of('swap', 'attached')],
  ])
}

const stacking: Section = {
  title: 'Whole system calls under stacks',
  bench: 'stacking',
  write(result) {
    const cells = byName(result)
    const base = cells.get(`${OPEN}: no hooks`)!.value
    const points = STRATEGIES.flatMap((line) => COUNTS.flatMap((at): Point[] => {
      const cell = cells.get(`${OPEN}: ${line}, ${at} modules, bpf not there`)
      return cell === undefined ? [] : [{ line, at, value: cell.value / base }]
    }))
    const operations = [OPEN, 'stat of 4 components', 'pipe write, read']
    return {
      text: `A kernel without hook calls in its source is 1.00 (${readable(base)} ns for ${OPEN}).
Every stack has capability, and so many modules beside it, each on the hooks of these calls.

![${OPEN}, by strategy and number of modules](docs/benchmarks/stacking.svg)

${operations.map((operation) => stackingTable(cells, operation)).join('\n\n')}

\`krsi-v4\` is the shape that KRSI had before the kernel took it: a static key before each hook's programs.

${targetTable(result.targets)}`,
      pictures: {
        stacking: lines(points, { label: 'modules beside capability →' }, { label: `↑ ${OPEN}, over no hooks` }),
      },
    }
  },
}

const bpfSystem: Section = {
  title: 'BPF in the running system',
  bench: 'bpf-system',
  write(result) {
    const unused = result.targets.filter(({ name }) => /^(unused|elsewhere)-/.test(name))
    const bars = unused.map(({ name, value }) => ({ name, value, low: value, high: value }))
    return {
      text: `\`unused\` is a stack with \`bpf()\` and no program over the same stack without it. \`elsewhere\` has a
program on \`file_open\`, and makes calls that open nothing. \`used-open\` is a C program over its policy in TypeScript.

![What BPF costs that nobody uses](docs/benchmarks/bpf-system.svg)

${targetTable(result.targets)}

${cellTable(result.cells)}`,
      pictures: { 'bpf-system': rows(bars, { label: 'over the stack without →' }, 1) },
    }
  },
}

const DECIDERS = ['table', 'selinux', 'casl by subject', 'map', 'casl', 'casbin', 'cedar'] as const
const deciderNames: Readonly<Record<(typeof DECIDERS)[number], string>> = {
  'table': 'lsmkit, Smack', 'selinux': 'lsmkit, SELinux (computed each time)', 'map': 'a Map in TypeScript',
  'casl': 'CASL', 'casl by subject': 'CASL, an ability a subject', 'casbin': 'casbin', 'cedar': 'Cedar (WebAssembly)',
}
const RULES = [10, 1000, 100_000]

const decisions: Section = {
  title: 'Decisions beside libraries that decide',
  bench: 'smack',
  write(result) {
    const cells = byName(result)
    const time = (way: string, rules: number) => cells.get(`${way}, ${rules} rules`)?.value
    const points = DECIDERS.flatMap((way) => RULES.flatMap((at): Point[] => {
      const value = time(way, at)
      return value === undefined ? [] : [{ line: way, at, value }]
    }))
    const body = DECIDERS.map((way) => [
      deciderNames[way],
      ...RULES.map((rules) => (time(way, rules) === undefined ? 'not run' : readable(time(way, rules)!))),
    ])
    return {
      text: `Nanoseconds a decision, the same rules, questions and answers for all. casbin and Cedar look
through their rules, so they were asked less. Cedar parses 100,000 policies for 90 seconds: only \`--full\` does that.

![Nanoseconds a decision by number of rules](docs/benchmarks/decisions.svg)

${tableOf(['', ...RULES.map((rules) => `${rules.toLocaleString('en')} rules`)], body)}

${targetTable(result.targets)}`,
      pictures: {
        decisions: lines(
          points, { type: 'log', label: 'rules →', tickFormat: '~s' }, { type: 'log', label: '↑ ns a decision' },
        ),
      },
    }
  },
}

const files: Section = {
  title: 'Files beside other file systems in JavaScript, and Node\'s WASI',
  bench: 'syscall',
  write(result) {
    return {
      text: `The full stack is capability, yama and smack, for a user who is not root. memfs and browser_wasi_shim check
nothing; node:wasi works on a folder of the host, which checks.

${cellTable(result.cells)}

${targetTable(result.targets)}`,
      pictures: {},
    }
  },
}

/** A bench whose tables speak for themselves. */
const plain = (bench: string, title: string, about: string): Section => ({
  title,
  bench,
  write: (result) => ({
    text: `${about}\n\n${targetTable(result.targets)}\n\n${cellTable(result.cells)}`, pictures: {},
  }),
})

export const sections: readonly Section[] = [
  stacking,
  bpfSystem,
  plain('dispatch', 'One hook call, attaching and detaching', `\`direct\` is what one would write by hand for these
modules; \`noHooks\` has the call compiled out; \`tapable\`, \`hookable\` and \`eventemitter3\` are hook libraries.`),
  decisions,
  plain('selinux', 'SELinux beside libsepol, libselinux and secilc', `Rivals in C are there where Debian's packages are;
\`lean C\` is the kernel's algorithm, written for this bench.`),
  plain('bpf', 'BPF programs', `Figures of ubpf and rbpf are estimates: measured elsewhere, and scaled by a loop that
every compiler turns into the same code. \`npm run -s bench -- bpf --rival CMD\` asks a runner of yours.`),
  plain('bpf-kernels', 'BPF by kernel release', 'The cost of a verdict of the verifier, release by release.'),
  plain('landlock', 'Landlock', `Opening and closing a file six names deep. \`plain walk\` is the reference, which
remembers nothing; \`prefix list\` is the same policy as a module in TypeScript that compares paths.`),
  plain('apparmor', 'AppArmor', `A file question, an open, and a load of all profiles of Debian's
packages, beside the same matching in C and a kernel without AppArmor.`),
  files,
  plain('wasi', 'WASI programs', `Calls, files and starts of a WASI program beside the same under node:wasi and
browser_wasi_shim. \`native\` is the way through koffi.`),
  plain('sandbox', 'Boxes',
    'The cost of a box: made, run in, kept and dropped, beside quickjs-emscripten and just-bash.'),
  plain('native', 'Native programs', 'Programs of the host behind Landlock and seccomp, beside the same without.'),
  plain('outside', 'Packed and installed', `The packages are packed, installed into an empty folder, and
used there as the documentation says. \`later\` starts find compiled code that an earlier run left.`),
  plain('kernel-scale',
    'Many objects', 'How system calls slow down as the number of objects grows, and the memory of each object.'),
  plain('kernel-sweep', 'Whether a call holds the machine', `Every system call amid few and amid many objects of every
kind that it can touch: how much more it takes than in proportion. Linear is 1 or less.`),
]

export const publishedTable = (): string =>
  tableOf(['published of Linux', 'cost', 'source'], published.map(({ what, cost, source }) => [what, cost, source]))
