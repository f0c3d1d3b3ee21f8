/** How a check fails: one error that says which hook, and what was expected of it. */
import { errnoName } from '@lsmkit/abi'
import { TestkitError } from '../errors.ts'
import type { Line } from './session.ts'

export const nonconforming = (place: string, message: string, hint: string | null = null): TestkitError =>
  new TestkitError('nonconforming', message, { place, hint })

export const answerText = (answer: unknown): string =>
  typeof answer === 'number' && answer < 0 ? errnoName(answer) : String(answer)

const told = (line: Line | undefined): string =>
  line === undefined ? 'no call' : `${line.hook} ${answerText(line.answer)}`

/** Throws at the first call that came out differently. */
export const mustBeSame = (wanted: readonly Line[], got: readonly Line[], where: string, hint: string): void => {
  for (let i = 0; i < Math.max(wanted.length, got.length); i++) {
    const [a, b] = [wanted[i], got[i]]
    if (a !== undefined && b !== undefined && a.hook === b.hook && a.answer === b.answer) continue
    throw nonconforming((b ?? a)!.hook, `call ${i + 1} ${where}: ${told(b)}, where alone it is: ${told(a)}`, hint)
  }
}
