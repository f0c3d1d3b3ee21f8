/** The cells of the dispatch bench: a base, and one factor changed at a time. */
import type { CellArgs } from './cell-of.ts'

export interface DispatchCell {
  readonly name: string
  readonly args: CellArgs
}

/** Cells measured in turn with one another: comparisons are within a group. */
export interface Group {
  readonly name: string
  readonly cells: readonly DispatchCell[]
}

const cell = (name: string, { way = 'swap', lsms = 2 }: Partial<CellArgs> = {}): DispatchCell =>
  ({ name, args: { way, lsms } })

const counts = [1, 2, 3, 4, 5]

const strategies: Group = {
  name: 'strategies by LSMs, read',
  cells: [
    cell('read noHooks', { way: 'noHooks', lsms: 0 }),
    cell('read configSecurityOff', { way: 'off', lsms: 0 }),
    cell('read swap 0', { lsms: 0 }),
    cell('read list 0', { way: 'list', lsms: 0 }),
    cell('read static-key 0', { way: 'static-key', lsms: 0 }),
    cell('read krsi-v4 0', { way: 'krsi-v4', lsms: 0 }),
    ...counts.flatMap((lsms) => [
      cell(`read direct ${lsms}`, { way: 'direct', lsms }),
      cell(`read swap ${lsms}`, { lsms }),
      cell(`read list ${lsms}`, { way: 'list', lsms }),
      cell(`read static-key ${lsms}`, { way: 'static-key', lsms }),
      cell(`read krsi-v4 ${lsms}`, { way: 'krsi-v4', lsms }),
    ]),
  ],
}

const rivals: Group = {
  name: 'hook libraries, read, 2 taps',
  cells: ['swap', 'tapable', 'hookable', 'eventemitter3'].map((way) => cell(`rival ${way}`, { way })),
}

export const groups: readonly Group[] = [strategies, rivals]

export const switchingCell = cell('switching', { way: 'switching' })

/** Only what the targets compare. */
export const inQuick = ({ name }: DispatchCell): boolean =>
  !/static-key|krsi-v4|configSecurityOff|hookable|eventemitter3/.test(name)
