/** How many of each thing a module has at most: more than programs have, and few enough to be gone through at once. */
import { ProgramError } from '../errors.ts'
import { EXPORT, entryCount, FUNCTION, GLOBAL, IMPORT, readSections, TAG, TYPE } from './sections.ts'

const MOST: Readonly<Record<number, readonly [count: number, what: string]>> = {
  [TYPE]: [100_000, 'types'], [IMPORT]: [100_000, 'imports'], [FUNCTION]: [250_000, 'functions'],
  [GLOBAL]: [100_000, 'globals'], [EXPORT]: [100_000, 'exports'], [TAG]: [100_000, 'kinds of exceptions'],
}
/** Engines keep what they know of each, and one that has a name for its users (a custom one) takes three bytes. */
const MOST_SECTIONS = 10_000

/** Throws `unsupported-module` for more; nothing is kept meanwhile. */
export const assertFew = (bytes: Uint8Array): void => {
  let sections = 0
  for (const section of readSections(bytes)) {
    if (++sections > MOST_SECTIONS) throw tooMany(`more than ${MOST_SECTIONS}`, 'sections', MOST_SECTIONS)
    const [most, what] = MOST[section.id] ?? NO_VECTOR
    const count = what === '' ? 0 : entryCount([section], section.id)
    if (count > most) throw tooMany(String(count), what, most)
  }
}
const NO_VECTOR = [0, ''] as const

const tooMany = (count: string, what: string, most: number): ProgramError =>
  new ProgramError('unsupported-module', `the program has ${count} ${what}, ${most} are allowed`)
