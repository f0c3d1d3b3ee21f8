/** The steps of the tour, with their progress on stderr. */
import { Listr, ListrLogger, ProcessOutput } from 'listr2'
import { attackServer } from './attacked-server.ts'
import type { ServerAttack } from './attacked-server.ts'
import { measureCosts } from './cost.ts'
import type { Tour } from './document.ts'
import { learnOnRuby } from './learning.ts'
import type { Learning } from './learning.ts'
import { readPrograms } from './programs.ts'
import type { SelinuxPolicy } from './selinux-policy.ts'
import { columns } from './stacks.ts'
import { subjects } from './subjects.ts'
import { bootColumn, tourSubject } from './tour-column.ts'
import type { ColumnMachine, ColumnResult } from './tour-column.ts'

interface Step {
  readonly title: string
  readonly task: () => void | Promise<void>
}

/** `last` are the LSMs of the last column; `all` goes beyond the story. */
export const takeTour = async (last: readonly string[], policy: SelinuxPolicy, all = false): Promise<Tour> => {
  const programs = readPrograms()
  const machines: ColumnMachine[] = []
  const results = new Map(subjects.map((subject) => [subject, [] as ColumnResult[]]))
  let costs: Tour['costs'] = []
  let hooks: Tour['hooks'] = new Map()
  const servers: ServerAttack[] = []
  let learning: Learning | null = null

  const steps = columns(last).map((column) => ({
    title: `Ruby under ${column.title}`,
    task: () => {
      const machine = bootColumn(column, programs, policy)
      machines.push(machine)
      for (const subject of subjects) results.get(subject)!.push(tourSubject(machine, subject))
    },
  }))
  const attacking = {
    title: 'Attacking a web server',
    task: async () => {
      for (const { column } of machines) servers.push(await attackServer(column, policy))
    },
  }
  const counting = {
    title: 'Counting hooks',
    task: () => void ({ hooks } = tourSubject(machines.at(-1)!, subjects.at(-1)!, { counting: true })),
  }
  const measuring = {
    title: 'Measuring the cost',
    task: () => void (costs = measureCosts(machines)),
  }
  const learn = {
    title: 'Learning a policy from a log',
    task: () => void (learning = learnOnRuby(programs, policy)),
  }
  await progress([...steps, attacking, counting, measuring, ...(all ? [learn] : [])])
  const told = learning === null ? {} : { learning }
  return { machines, matrix: results, servers, hooks, costs, foreignPolicy: policy.foreign, ...told }
}

/** Columns of a terminal in which progress is not redrawn but told line by line. */
const NARROW = 40

/** Programs run synchronously: a turn of the event loop in front of each lets the progress be drawn. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

const progress = async (tasks: readonly Step[]): Promise<void> => {
  const logger = new ListrLogger({ processOutput: new ProcessOutput(process.stderr, process.stderr) })
  await new Listr(
    tasks.map(({ title, task }) => ({ title, task: () => turn().then(task) })),
    {
      concurrent: false,
      rendererOptions: { logger },
      fallbackRendererOptions: { logger },
      fallbackRendererCondition: () => !process.stderr.isTTY || process.stderr.columns < NARROW,
    } as const,
  ).run()
}
