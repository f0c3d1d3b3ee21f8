/** The steps of the tour, with their progress on stderr. */
import { attackServer } from './attacked-server.ts'
import type { ServerAttack } from './attacked-server.ts'
import { measureCosts } from './cost.ts'
import type { Tour } from './document.ts'
import { learnOnRuby } from './learning.ts'
import type { Learning } from './learning.ts'
import { policyReasoner } from './policy-reasons.ts'
import type { PolicyReasons } from './policy-reasons.ts'
import { readPrograms } from './programs.ts'
import { runSteps } from './progress.ts'
import type { Step } from './progress.ts'
import type { SelinuxPolicy } from './selinux-policy.ts'
import { columns } from './stacks.ts'
import { subjects } from './subjects.ts'
import { bootColumn, tourSubject } from './tour-column.ts'
import type { ColumnMachine, ColumnResult } from './tour-column.ts'

/** SELinux's labels are what attr/current shows: where Smack is too, it has that file. */
const showsDomains = ({ stack }: ColumnMachine): boolean =>
  stack !== null && stack.names.includes('selinux') && !stack.names.includes('smack')

/** `last` are the LSMs of the last column; `all` goes beyond the story. */
export const takeTour = async (last: readonly string[], policy: SelinuxPolicy, all = false): Promise<Tour> => {
  const programs = readPrograms()
  const machines: ColumnMachine[] = []
  const results = new Map(subjects.map((subject) => [subject, [] as ColumnResult[]]))
  let costs: Tour['costs'] = []
  let hooks: Tour['hooks'] = new Map()
  const servers: ServerAttack[] = []
  let learning: Learning | null = null

  const reasoner = policy.foreign ? policyReasoner(policy.binary) : null
  const reasons = new Map<string, PolicyReasons>()

  const steps = columns(last).map((column, i, { length }): Step => ({
    title: `Ruby under ${column.title}`,
    weight: 1,
    task: () => {
      const machine = bootColumn(column, programs, policy)
      machines.push(machine)
      for (const subject of subjects) {
        const counting = i === length - 1 && subject === subjects.at(-1)
        const result = tourSubject(machine, subject, { counting })
        results.get(subject)!.push(result)
        if (counting) ({ hooks } = result)
      }
      if (reasoner !== null && showsDomains(machine)) {
        reasons.set(column.title, reasoner(machine, results.get(subjects[0]!)!.at(-1)!))
      }
    },
  }))
  const attacking: Step = {
    title: 'Attacking a web server',
    weight: 1,
    task: async (done) => {
      for (const [i, { column }] of machines.entries()) {
        servers.push(await attackServer(column, policy))
        await done((i + 1) / machines.length)
      }
    },
  }
  const measuring: Step = {
    title: 'Measuring the cost',
    weight: all ? 14 : 11,
    task: async (done) => void (costs = await measureCosts(machines, all, done)),
  }
  const learn: Step = {
    title: 'Learning a policy from a log',
    weight: 1,
    task: () => void (learning = learnOnRuby(programs, policy)),
  }
  await runSteps([...steps, attacking, measuring, ...(all ? [learn] : [])])
  const told = learning === null ? {} : { learning }
  return { machines, matrix: results, servers, hooks, costs, foreignPolicy: policy.foreign, reasons, ...told }
}
