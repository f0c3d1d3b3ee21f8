/** The steps of the tour, with their progress on stderr. */
import type { ColumnVisit } from './column-document.ts'
import type { ColumnWorkerData } from './column-worker.ts'
import { measureCosts } from './cost.ts'
import type { Cost } from './cost.ts'
import { SCHEMA } from './document.ts'
import type { TourDocument } from './document.ts'
import { learnOnRuby } from './learning.ts'
import type { Learning } from './learning.ts'
import { readPrograms } from './programs.ts'
import { runSteps } from './progress.ts'
import type { Step } from './progress.ts'
import type { SelinuxPolicy } from './selinux-policy.ts'
import { columns } from './stacks.ts'
import { subjects } from './subjects.ts'
import { rows } from './tour-column.ts'
import { visitColumns } from './visit-columns.ts'

/** Of the steps that everybody sees, in order. */
export const stepTitles = (stacks: number): readonly [visiting: string, measuring: string] =>
  [`Ruby, C programs and a web server under ${stacks} stacks`, 'Measuring the cost']

/** `policy` is what the flags name; `all` goes beyond the story. */
export const takeTour = async (
  { lsms, policy: policyFile, fileContexts }: ColumnWorkerData, policy: SelinuxPolicy, all: boolean,
): Promise<TourDocument> => {
  const stacks = columns(lsms)
  const [visitingTitle, measuringTitle] = stepTitles(stacks.length)
  let visits: readonly ColumnVisit[] = []
  let costs: readonly Cost[] = []
  let learning: Learning | null = null
  const visiting: Step = {
    title: visitingTitle,
    weight: 3,
    task: async (done) =>
      void (visits = await visitColumns(stacks.length, { lsms, policy: policyFile, fileContexts }, done)),
  }
  const measuring: Step = {
    title: measuringTitle,
    weight: 2,
    task: async (done) => void (costs = await measureCosts(stacks, policy, all, done)),
  }
  const learn: Step = {
    title: 'Learning a policy from a log',
    weight: 1,
    task: () => void (learning = learnOnRuby(readPrograms(), policy)),
  }
  await runSteps([visiting, measuring, ...(all ? [learn] : [])])
  return {
    schema: SCHEMA,
    foreignPolicy: policy.foreign,
    ...(learning === null ? {} : { learning }),
    attempts: rows.map(({ id, title }) => ({ id, title })),
    subjects: subjects.map(({ id, title }) => ({ id, title })),
    columns: visits.map(({ findings }, i) => ({ ...findings, cost: costs[i]! })),
    hooks: visits.at(-1)!.hooks,
  }
}
