/** Functions that take their state first, made functions without it: `bound(process, { fd_close, fd_renumber })`. */
type Functions<State> = Readonly<Record<string, (state: State, ...args: never[]) => unknown>>

/** The same functions without their first parameter. */
export type Bound<T> = {
  readonly [Name in keyof T]: T[Name] extends (state: never, ...args: infer Args) => infer Answer
    ? (...args: Args) => Answer : never
}

export const bound = <State, T extends Functions<State>>(state: State, functions: T): Bound<T> =>
  Object.fromEntries(Object.entries(functions).map(([name, call]) => [name, call.bind(null, state)])) as Bound<T>
