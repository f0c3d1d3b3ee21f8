/** The tour in a minute: what ran, who was stopped where and by which hook, and what it cost. */
import { PAIRS } from './cost.ts'
import type { ColumnDocument, RunDocument, TourDocument } from './document.ts'
import { longest, table, wrap } from './layout.ts'
import type { Colors } from './layout.ts'
import { matrixPages } from './matrix.ts'
import { OWN_FILE } from './own-denial.ts'
import type { Outcome } from './outcome.ts'

const nextSteps = ['--full', '--lsm smack,yama', '--serve'] as const

/**
 * The page that is printed last: it fits a terminal of 24 rows and 80 columns. `own` are the lines that the reader's
 * own module printed.
 */
export const storyLines = (
  tour: TourDocument, width: number, colors: Colors, own: readonly string[],
): string[] => {
  const { bold, cyan, dim, red } = colors
  const titles = tour.columns.map(({ title }) => title)
  return [
    ...wrap(intro(tour), width),
    ...countLines(tour, width, colors),
    ...legend(titles).flatMap((line) => wrap(line, width)).map(dim),
    ...wrap(`Your turn: ${OWN_FILE} is a module of yours. It has just printed:`, width).map(bold),
    ...own.flatMap((line) => wrap(`  ${line}`, width, '    ').map(line.includes('refused') ? red : String)),
    ...wrap(`Change '.key' in it to '.txt', and run it again: node ${OWN_FILE}`, width, '  '),
    ...wrap(`Next: npm start -- ${nextSteps.join(' | ')}`, width, '  ').map(cyan),
  ]
}

/** Short words of the table, each where a row needs it. */
const legend = (titles: readonly string[]): string[] => {
  const words = [
    ['+ program', 'program: a TypeScript function on one hook.'],
    ['+ bpf', 'bpf: C programs; one is the deflector, which refuses writes to tools.'],
    ['warden', 'warden: a module in one file, examples/own-lsm.'],
  ].filter(([word]) => titles.some((title) => title.includes(word!))).map(([, text]) => text)
  return [['2/11: of 11 attempts 2 were refused. time: of a C program, 1 with security off.', ...words].join(' ')]
}

/** A line a stack: refused of tried for each user, and the cost. */
const countLines = ({ subjects, columns, attempts }: TourDocument, width: number, colors: Colors): string[] => {
  const head = ['stack', ...subjects.map(({ id }) => id), 'time']
  const rows = columns.map(({ title, runs, cost }) =>
    [title, ...runs.map((run) => countOf(run, attempts)), cost.ratio.toFixed(2)])
  return table(rightAligned([head, ...rows]), width, '  ', [colors.bold, ...head.slice(1).map(() => String)])
}

const countOf = ({ outcomes }: RunDocument, attempts: TourDocument['attempts']): string => {
  const tried = attempts.filter(({ id }) => outcomes[id] !== undefined)
  return `${tried.filter(({ id }) => stopped(outcomes[id])).length}/${tried.length}`
}

/** All columns except the first. */
const rightAligned = (rows: readonly (readonly string[])[]): string[][] =>
  rows.map(([first, ...cells]) =>
    [first!, ...cells.map((text, i) => text.padStart(longest(rows.map((row) => row[i + 1]!))))])

/** Every refusal with its LSM and hook, and the cost with its spread: for `--full`. */
export const detailLines = (tour: TourDocument, width: number, colors: Colors): string[] => {
  const { bold, dim } = colors
  const { columns, subjects } = tour
  const titled = (title: string, lines: readonly string[]): string[] =>
    ['', ...wrap(title, width).map(bold), ...lines]
  return [
    ...wrap(`Work: ${columns.at(-1)!.runs.at(-1)!.work}.`, width, '  ').map(dim),
    ...wrap(serverText(tour), width, '  '),
    ...titled(`${subjects[0]!.title}: where each stack stops it`, rootLines(tour, width, colors)),
    ...titled(`${subjects.at(-1)!.title}: where ${columns[1]!.title} alone stops it`,
      stops(tour, columns[1]!, columns[1]!.runs.at(-1)!, width, colors)),
    ...domainLines(tour, width, colors, titled),
    ...titled(`Attempts stopped; processor time of a C program on files, ${PAIRS} whole runs`,
      costLines(tour, width, colors)),
  ]
}

/** The first and the last subject are told where they are stopped. */
const intro = ({ columns, subjects }: TourDocument): string => {
  const others = subjects.slice(1, -1).map(({ id, title }) => `${id} (${title.replace(`${id}, `, '')})`)
  const all = [subjects[0]!.id, ...others, subjects.at(-1)!.id]
  return `${columns.length} kernels, each with its own stack. On each, Ruby and a C program work, then misbehave: ` +
    `as ${all.slice(0, -1).join(', ')} and ${all.at(-1)!}.`
}

/** Who keeps a secret that a web server would give away. */
const serverText = ({ columns }: TourDocument): string => {
  const keepers = columns.flatMap(({ server }) => server.outcome.lsm ?? [])
  const open = columns.filter(({ server }) => server.secret === '200').length
  const kept = [...new Set(keepers)].map((lsm) => {
    const times = keepers.filter((one) => one === lsm).length
    return times === 1 ? lsm : `${lsm} (${times} stacks)`
  })
  return `A web server in C, as root, is asked for /../../etc/shadow: ${open} stacks let it answer; ` +
    `${kept.join(', ') || 'nobody'} refused.`
}

/** The matrix of all stacks where there is room for it; else a stack below the other, with what it stopped. */
const rootLines = (tour: TourDocument, width: number, colors: Colors): string[] => {
  const pages = matrixPages(tour.columns.map(({ title }) => title), subjectRows(tour, 0), width, colors)
  if (pages.length === 1) return pages[0]!
  const found = tour.columns.map((column) => stops(tour, column, column.runs[0]!, width, colors))
  const nowhere = tour.columns.filter((_, i) => found[i]!.length === 0).map(({ title }) => title)
  return [
    ...(nowhere.length === 0 ? [] : wrap(`  ${nowhere.join(', ')}: nowhere`, width, '    ')),
    ...tour.columns.flatMap(({ title }, i) =>
      (found[i]!.length === 0 ? [] : [...wrap(`  ${title}`, width, '    '), ...found[i]!])),
  ]
}

/** Rows of the matrix of one subject. */
export const subjectRows = ({ attempts, columns }: TourDocument, subject: number) =>
  attempts.map(({ id, title }) => (
    { title: `  ${title}`, cells: columns.map(({ runs }) => runs[subject]!.outcomes[id] ?? null) }
  ))

/** Refused, and not just nothing there to be used. */
const stopped = (outcome: Outcome | undefined): outcome is Outcome =>
  outcome?.errno === 'EACCES' || outcome?.errno === 'EPERM'

/** A line for each refusal; attempts in a row with the same answer share one. */
const stops = (
  { attempts }: TourDocument, { lsms }: ColumnDocument, { outcomes }: RunDocument, width: number, colors: Colors,
): string[] => {
  const rows: { titles: readonly string[]; readonly answer: readonly [string, string, string] }[] = []
  for (const { id, title } of attempts) {
    const outcome = outcomes[id]
    if (!stopped(outcome)) continue
    const answer = [outcome.errno!, outcome.lsm ?? (lsms === null ? '' : 'mode bits'), outcome.hook ?? ''] as const
    const before = rows.at(-1)
    const together = [...before?.titles ?? [], title]
    const same = answer.every((text, i) => text === before?.answer[i])
    if (before !== undefined && same && joined(together).length <= SHARED) before.titles = together
    else rows.push({ titles: [title], answer })
  }
  const cells = rows.map(({ titles, answer }) => [joined(titles), ...answer])
  return table(cells, width, '    ', [String, colors.red, colors.red, colors.dim])
}

/** Characters that attempts in one line have together: beside the longest LSM and hook they fit 80 columns. */
const SHARED = 37

/** An attempt that was made again while something else was attached is counted. */
const joined = (titles: readonly string[]): string => {
  const byDeed = new Map<string, string[]>()
  for (const title of titles) {
    const deed = title.split(', ')[0]!
    byDeed.set(deed, [...byDeed.get(deed) ?? [], title])
  }
  return [...byDeed].map(([deed, all]) => (all.length === 1 ? all[0]! : `${deed} (${all.length} times)`)).join(', ')
}

const costLines = ({ subjects, columns, attempts }: TourDocument, width: number, colors: Colors): string[] => {
  const head = ['', ...subjects.map(({ id }) => id), 'cost', 'from', 'to']
  const rows = columns.map(({ title, runs, cost }) => [
    title, ...runs.map((run) => countOf(run, attempts)), `${cost.ratio.toFixed(2)} ×`, cost.low.toFixed(2),
    cost.high.toFixed(2),
  ])
  return table(rightAligned([head, ...rows]), width, '  ', [colors.bold, ...head.slice(1).map(() => String)])
}

/** With a policy that is not the tour's: as what the programs ran, and why it let root do what is `ok`. */
const domainLines = (
  { attempts, columns }: TourDocument, width: number, { dim }: Colors,
  titled: (title: string, lines: string[]) => string[],
): string[] => {
  const lines = columns.flatMap(({ title, runs, initLabel, policy }) => {
    if (policy === undefined) return []
    const rows = attempts.flatMap(({ id, title: attempt }) =>
      (policy.reasons[id] === undefined ? [] : [[attempt, policy.reasons[id].join('; ')]]))
    return [
      ...wrap(`  ${title}: ${domainText(runs, initLabel)}`, width, '  '),
      ...policy.permissive.flatMap((domain) =>
        wrap(`  ${domain} is permissive: what the policy refuses there is logged and done.`, width, '  ')),
      rows.length === 0 ? '  It lets root do none of the attempts.' : '  Things it lets root do, and why:',
      ...table(rows, width, '    ', [String, dim]),
    ]
  })
  return lines.length === 0 ? [] : titled('The policy\'s effect on the programs', lines)
}

const domainText = (runs: readonly RunDocument[], initLabel: string | null): string => {
  const unknown = 'a domain that nobody may read'
  const [ruby, tool] = [runs.map(({ label }) => label), runs.map(({ toolLabel }) => toolLabel)]
    .map((labels) => [...new Set(labels.map((label) => label ?? unknown))].join(', '))
  const ran = ruby === tool ? `Ruby and the C program run in ${ruby}.`
    : `Ruby runs in ${ruby}, the C program in ${tool}.`
  const why = ruby === initLabel
    ? 'That is the domain of init: the policy has no transition for the scripts, as they are labelled here.'
    : `Init runs in ${initLabel ?? unknown}.`
  return `${ran} ${why}`
}
