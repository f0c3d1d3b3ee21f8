/** The name of the program in the text of a task: `cat` of `cat[5] uid 1000 Guest`. */
import { store } from '../session.ts'

interface Program {
  readonly name: string
  readonly whole: string
}

const known: Program[] = []

/** `task` is the number of the text. Numbers begin again with each kernel. */
export const programOf = (task: number): Program => {
  const whole = store.texts.task[task] ?? ''
  const before = known[task]
  if (before?.whole === whole) return before
  const [, name = whole] = /^(.*)\[\d+\] uid /.exec(whole) ?? []
  return (known[task] = { name, whole })
}
