/** One line of `lsm doctor`: what was looked at, and how it is. */

/** `absent` is something optional that is not here, `note` something to know; only `wrong` is a fault. */
export type ItemState = 'ok' | 'wrong' | 'absent' | 'note'

/** The parts of the report, in their order. */
export const parts = ['node', 'packages', 'modules', 'host', 'self-test'] as const

export interface Item {
  readonly part: (typeof parts)[number]
  readonly name: string
  readonly state: ItemState
  readonly text: string
  /** The next step: a command where there is one. */
  readonly hint?: string
}
