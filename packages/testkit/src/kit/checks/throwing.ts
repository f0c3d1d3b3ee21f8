/** A neighbour that throws denies; it must not make the LSM allow what it denies, nor spoil it for later. */
import { throwing } from '../neighbours.ts'
import { runSession, runSteps } from '../session.ts'
import type { Line, Scenario } from '../session.ts'
import { answerText, mustBeSame, nonconforming } from '../verdict.ts'
import { createWorld } from '../world.ts'
import type { Factory } from '../world.ts'

/** Whether an answer lets more through than another: it is no refusal, and the other is. */
const isLaxer = (answer: unknown, than: unknown): boolean =>
  typeof answer === 'number' && typeof than === 'number' && answer >= 0 && than < 0

/** Pairs of the same call in both: all until the first difference of hooks, and the outermost call, which ends last. */
const pairs = (alone: readonly Line[], beside: readonly Line[]): [Line, Line][] => {
  const common = alone.findIndex(({ hook }, i) => beside[i]?.hook !== hook)
  const same = alone.slice(0, common < 0 ? alone.length : common).map((line, i): [Line, Line] => [line, beside[i]!])
  const [a, b] = [alone.at(-1), beside.at(-1)]
  return a !== undefined && b !== undefined && a.hook === b.hook ? [...same, [a, b]] : same
}

export const throwingNeighbour = (make: Factory, scenario: Scenario | undefined): void => {
  const alone = runSteps(createWorld(make), scenario)
  const trouble = { on: false }
  const world = createWorld(make, { after: [throwing('throwing', trouble)], capableThrows: true, trouble })
  trouble.on = true
  const beside = runSteps(world, scenario)
  trouble.on = false
  for (const [before, now] of alone.flatMap((lines, i) => pairs(lines, beside[i]!))) {
    if (!isLaxer(now.answer, before.answer)) continue
    const told = `${answerText(now.answer)}, and ${answerText(before.answer)} without the neighbour`
    const hint = 'whatever is not 0 is a refusal: compare with 0, not with one errno'
    throw nonconforming(now.hook, `a neighbour throws, and the answer is ${told}`, hint)
  }
  const fresh = createWorld(make)
  runSession(fresh, scenario)
  const hint = 'a refusal by another LSM must leave nothing half done'
  mustBeSame(runSession(fresh, scenario), runSession(world, scenario), 'after a neighbour had thrown', hint)
}
