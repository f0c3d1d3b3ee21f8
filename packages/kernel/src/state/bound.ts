/** Functions that take their subject first, as methods of a table: `bound(machine, { do_exit, exit_mm })`. */
type Functions<Subject> = Record<string, (subject: Subject, ...args: never[]) => unknown>

/** The same functions without their first parameter. */
export type Bound<T> = {
  [Name in keyof T]: T[Name] extends (subject: never, ...args: infer Args) => infer Answer
    ? (...args: Args) => Answer : never
}

/** Every kernel makes hundreds: nothing is made but the functions. */
export const bound = <Subject, T extends Functions<Subject>>(subject: Subject, functions: T): Bound<T> => {
  const made: Partial<Record<keyof T, unknown>> = {}
  for (const name in functions) made[name] = functions[name]!.bind(null, subject)
  return made as Bound<T>
}
