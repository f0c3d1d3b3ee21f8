/** Refuses functions whose compilation would take the host's memory or keep its thread, in modules without a meter. */
import { BuildTime } from '../build-time.ts'
import { CompileCost, isCheap } from './compile-cost.ts'
import { skipInstruction, skipLocals } from './instructions.ts'
import { Cursor } from './leb128.ts'
import { shapesOf } from './shapes.ts'
import { CODE, findSection, splitSections } from './sections.ts'

/** How much more one may take than where a time limit has to end it. */
const FACTOR = 8
/** Functions between two looks at the time that is left: the longest take milliseconds. */
const LOOK_EVERY = 16

export const assertCompilable = (bytes: Uint8Array, time = new BuildTime(null)): void => {
  const sections = splitSections(bytes)
  const code = findSection(sections, CODE)
  if (code === undefined) return
  const shapes = shapesOf(sections)
  const cursor = new Cursor(code.body)
  const count = cursor.u32()
  for (let index = 0; index < count; index++) {
    if (index % LOOK_EVERY === 0) time.look()
    const size = cursor.u32()
    const start = cursor.at
    cursor.skip(size)
    const body = new Cursor(code.body, start, cursor.at)
    const locals = skipLocals(body)
    if (!time.isLimited && isCheap(shapes, size, locals, FACTOR)) continue
    const cost = new CompileCost(shapes, index, size, body, FACTOR)
    cost.enter(locals)
    while (!body.done) {
      const at = body.at
      cost.step(skipInstruction(body), at)
    }
    time.expect(cost.check)
  }
}
