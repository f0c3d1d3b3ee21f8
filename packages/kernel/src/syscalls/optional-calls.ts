/** Calls of optional subsystems: made when one of them is first made, or ENOSYS in a kernel that is built without. */
import { ENOSYS } from '@lsmkit/abi'
import type { Machine } from '../machine.ts'
import type { OptionalSubsystem } from '../state/optional.ts'

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- one wrapper serves every signature
type Call = (...args: any[]) => number

/** How many arguments each call has, as seccomp and watchers of calls see it. */
export type Arities<Group> = {
  readonly [Name in keyof Group]: Group[Name] extends (...args: infer Args) => number ? Args['length'] : never
}

const withArity = (call: Call, arity: number): Call => Object.defineProperty(call, 'length', { value: arity })

/** `make` makes the whole group, once. */
export const optionalCalls = <Group extends object>(
  { without }: Machine, name: OptionalSubsystem, arities: Arities<Group>, make: () => Group,
): Group => {
  let made: Group | null = null
  const group = (): Record<string, Call> => (made ??= make()) as Record<string, Call>
  const calls = Object.entries<number>(arities).map(([call, arity]) => {
    const absent = (): number => -ENOSYS
    let own: Call | null = null
    const late = (a: unknown, b: unknown, c: unknown, d: unknown, e: unknown, f: unknown): number =>
      (own ??= group()[call]!)(a, b, c, d, e, f)
    return [call, withArity(without.has(name) ? absent : late, arity)]
  })
  return Object.fromEntries(calls) as Group
}
