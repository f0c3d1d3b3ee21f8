/** The cells of the dispatch bench: a base, and one factor changed at a time. */
import type { CellArgs } from './cell-of.ts'
import type { Form } from './build.ts'

export interface DispatchCell {
  readonly name: string
  readonly args: CellArgs
  readonly form: Form
  readonly sites: number
}

/** Cells measured in turn with one another: comparisons are within a group. */
export interface Group {
  readonly name: string
  readonly cells: readonly DispatchCell[]
  /** In `--quick` too. */
  readonly quick: boolean
}

interface CellOptions extends Partial<CellArgs> {
  readonly form?: Form
  readonly sites?: number
}

const cell = (
  name: string,
  { way = 'swap', lsms = 2, path = 'read', stacks = 1, form = 'bundle', sites = 1 }: CellOptions = {},
): DispatchCell => ({ name, args: { way, lsms, path, stacks }, form, sites })

const counts = [1, 2, 3, 4, 5]

const strategies: Group = {
  name: 'strategies by LSMs, read',
  quick: true,
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
  quick: true,
  cells: ['swap', 'tapable', 'hookable', 'eventemitter3'].map((way) => cell(`rival ${way}`, { way })),
}

const paths: readonly Group[] = (['stat', 'open'] as const).map((path) => ({
  name: `the ${path} path`,
  quick: false,
  cells: [
    cell(`${path} noHooks`, { way: 'noHooks', lsms: 0, path }),
    cell(`${path} swap 0`, { lsms: 0, path }),
    cell(`${path} direct 2`, { way: 'direct', path }),
    cell(`${path} swap 2`, { path }),
    cell(`${path} static-key 2`, { way: 'static-key', path }),
    cell(`${path} list 2`, { way: 'list', path }),
  ],
}))

const sites: readonly Group[] = [1, 8, 24, 64].map((n) => ({
  name: `${n} hook sites`,
  quick: false,
  cells: ['noHooks', 'direct', 'swap', 'list'].map((way) =>
    cell(`sites ${n} ${way}`, { way, path: 'sites', sites: n }),
  ),
}))

const stacks: readonly Group[] = [1, 2, 8, 32].map((n) => ({
  name: `${n} stacks alive`,
  quick: false,
  cells: ['noHooks', 'direct', 'swap', 'list'].map((way) => cell(`stacks ${n} ${way}`, { way, stacks: n })),
}))

const forms: Group = {
  name: 'source, bundle, minified',
  quick: false,
  cells: (['source', 'bundle', 'minified'] as const).flatMap((form) => [
    cell(`form ${form} swap 0`, { form, lsms: 0 }),
    cell(`form ${form} swap 2`, { form }),
  ]),
}

const blobs: Group = {
  name: 'state of five LSMs on an inode',
  quick: false,
  cells: [
    cell('blobs fields', { way: 'fields', path: 'blobs' }),
    cell('blobs accessors', { way: 'accessors', path: 'blobs' }),
  ],
}

export const groups: readonly Group[] = [strategies, rivals, ...paths, ...sites, ...stacks, forms, blobs]

export const switchingCell = cell('switching', { way: 'switching' })

/** Only what the targets compare. */
export const inQuick = ({ name }: DispatchCell): boolean =>
  !/static-key|krsi-v4|configSecurityOff|hookable|eventemitter3/.test(name)
