/** The additions of `--full` to the story: every cell, the boot, audit records, and the hooks of each system call. */
import type { Cost } from './cost.ts'
import type { TourDocument } from './document.ts'
import { wrap } from './layout.ts'
import type { Colors } from './layout.ts'
import type { Learning } from './learning.ts'
import { matrixPages } from './matrix.ts'
import { outcomeText } from './outcome.ts'
import { subjectRows } from './story.ts'

export const fullLines = (tour: TourDocument, width: number, colors: Colors): string[] => {
  const { columns, subjects } = tour
  const last = columns.at(-1)!
  const section = (title: string, texts: readonly string[]): string[] =>
    ['', ...wrap(title, width).map(colors.bold), ...texts.flatMap((text) => wrap(`  ${text}`, width, '    '))]
  const titles = columns.map(({ title }) => title)
  return [
    ...subjects.flatMap(({ title }, i) => {
      const pages = matrixPages(titles, subjectRows(tour, i), width, colors)
      return [...section(`As ${title}`, []), ...pages.flatMap((page, n) => (n === 0 ? page : ['', ...page]))]
    }),
    ...section(`Boot of ${last.title}`, last.boot),
    ...section(`Audit of ${last.title}, a record for each hook that refused`, last.runs.flatMap((run) => run.denials)),
    ...columns.flatMap(({ title, lsms, runs }) =>
      lsms?.includes('selinux') === true ? section(`AVC records of ${title}`, runs.flatMap((run) => run.avcs)) : []),
    ...columns.flatMap(({ title, runs }) => {
      const events = runs.at(-1)!.events?.map(({ kind, pid, comm, path }) => `${kind} ${path}  by ${comm} (pid ${pid})`)
      return events === undefined ? [] : section(`Reported by the detector under ${title}`, events)
    }),
    ...section(`Hooks that each system call of a visit asks under ${last.title}`, hookTexts(tour.hooks)),
    ...section('A web server in C, as root, asked for /../../etc/shadow', columns.map(({ title, server }) =>
      `${title}: ${server.secret}${server.outcome.errno === null ? '' : `, ${outcomeText(server.outcome)}`}`)),
    ...learningLines(tour.learning).flatMap(([title, texts]) => section(title, texts)),
    ...section('Processor time of a run of work', columns.map(({ title, cost }) =>
      `${cost.ms.toFixed(0).padStart(5)} ms  ${title}${detachedText(cost)}`)),
  ]
}

const detachedText = ({ detached }: Cost): string => {
  if (detached === undefined) return ''
  const [ratio, low, high] = [detached.ratio, detached.low, detached.high].map((times) => times.toFixed(2))
  return `, ${ratio} × with nothing attached (${low} to ${high})`
}

/** Record, learn, compare, enforce. */
const learningLines = (learning?: Learning): (readonly [title: string, texts: readonly string[]])[] =>
  learning === undefined ? [] : [
    ['A policy from a log: what a permissive Smack recorded of Ruby', learning.recorded],
    ['Rules learned from it', learning.rules],
    ['Their changes', learning.changes],
    ['Enforced', learning.enforced.map(({ step, outcome }) => `${step}: ${outcome}`)],
  ]

const SHOWN_CALLS = 8

/** `openat2  42 calls, 7.5 hooks each: inode_permission 180, file_open 40`, the calls with most hooks first. */
const hookTexts = (counts: TourDocument['hooks']): string[] => {
  const sum = (hooks: Readonly<Record<string, number>>): number => Object.values(hooks).reduce((a, b) => a + b, 0)
  const busiest = Object.entries(counts).sort(([, a], [, b]) => sum(b.hooks) - sum(a.hooks)).slice(0, SHOWN_CALLS)
  return busiest.map(([name, { calls, hooks }]) => {
    const asked = Object.entries(hooks).sort(([, a], [, b]) => b - a).slice(0, 4).map(([hook, n]) => `${hook} ${n}`)
    const times = `${String(calls).padStart(4)} calls, ${(sum(hooks) / calls).toFixed(1).padStart(5)} hooks each`
    return `${name.padEnd(14)} ${times}: ${asked.join(', ')}`
  })
}
