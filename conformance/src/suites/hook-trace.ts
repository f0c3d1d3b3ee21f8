/** Which hooks one operation asks, in order, beside what a real kernel asked: each in a kernel of its own. */
import { errnoName, ownValue } from '@lsmkit/abi'
import { syscallTable } from '@lsmkit/kernel'
import { landlock } from '@lsmkit/landlock'
import { apparmor } from '@lsmkit/apparmor'
import { DEFAULT_PROFILE } from '@lsmkit/core'
import type { Lsm, Profile } from '@lsmkit/core'
import type { Traced } from '../hook-trace/trace.ts'
import { interpret } from '../hook-trace/interpret.ts'
import { World } from '../hook-trace/world.ts'
import { hookTraceOperations } from '../operations/hook-trace.ts'
import { profileOf } from '../profile.ts'
import { played } from '../suite.ts'
import type { Suite } from '../suite.ts'
import { parseTable } from '../tsv.ts'
import type { TableRow } from '../tsv.ts'

/**
 * Asked or not by the number of mappings, which is the recorded program's own; asked without a function a recorder
 * could see.
 */
const LEFT_OUT = new Set(['vm_enough_memory', 'inode_xattr_skipcap'])

const kept = (hook: string): boolean => !LEFT_OUT.has(hook.replace(/^\.+/, ''))

/** `a,.bx2,~c,(d)`: repeats are written out; other contexts, the way back, and functions without a hook left out. */
const expectedGroup = (id: string, text: string): string =>
  text.split(',').flatMap((entry) => {
    const [, name = '', times = '1'] = /^(.*?)(?:x(\d+))?$/.exec(entry)!
    const counts = name !== '-' && !/^\.*[~^(]/.test(name) && keptOf(id, name)
    return counts ? Array.from({ length: Number(times) }, () => name) : []
  }).join(' ')

const answer = (errno: string, groups: readonly string[]): string =>
  `${errno}: ${groups.map((group) => group || '-').join(' | ')}`

/**
 * Hooks of the nodes in sysfs and in the file system of devices that a new block device gets. Linux makes more than a
 * hundred of them, and this kernel none.
 */
const NODES = new Set(['inode_alloc_security', 'inode_permission', 'kernfs_init_security', 'd_instantiate',
  'inode_free_security'])
const WITH_NODES = new Set(['loop_new', 'loop_gone'])

const keptOf = (id: string, hook: string): boolean => kept(hook) && !(WITH_NODES.has(id) && NODES.has(hook))

/** What the kernel asked once the call was over, where that was recorded. */
const afterwards = (later: string): string => (later === '' || later === '-' ? '' : `; later ${later}`)

/** A row's own answer, as ours is written. */
export const answerOf = ({ id, errno, hooks, later = '' }: TableRow): string =>
  answer(errno!, hooks!.split(' | ').map((group) => expectedGroup(id!, group))) + afterwards(later)

/** ENOTSUP and EOPNOTSUPP are one number; the table uses the former. */
const errnoOf = (groups: readonly Traced[]): string => {
  const rc = groups.at(-1)?.rc ?? 0
  return rc >= 0 ? 'OK' : errnoName(rc).replace('EOPNOTSUPP', 'ENOTSUP')
}

/** Rows of macros have no setup; their ids tell who makes the call. */
const setupOf = ({ id, setup }: TableRow): string => (setup === '-' && id!.endsWith('_user') ? 'user();' : setup!)

/** The row's own C text, or the written-down one if the row has none; sets up, and gives the recorded output. */
export const prepare = (world: World, row: TableRow): (() => void) => {
  const operation = Object.hasOwn(hookTraceOperations, row.id!) ? hookTraceOperations[row.id!]! : null
  if (operation === null) return interpret(world, setupOf(row), row.calls!)
  return interpret(world, operation.setup ?? '-', operation.act)
}

const MODULES: Readonly<Record<string, () => Lsm>> = { landlock, apparmor }

/** The modules that the row's kernel has beside capability. */
export const modulesOf = ({ lsm = '' }: TableRow): readonly Lsm[] =>
  lsm.split(',').filter((name) => name !== '' && name !== '-').map((name) => ownValue(MODULES, name)!())

const play = (row: TableRow, profile: Profile): string => {
  const world = new World(undefined, profile, modulesOf(row))
  const groups = world.record(prepare(world, row))
  const asked = groups.map(({ hooks }) => hooks.filter((hook) => keptOf(row.id!, hook)).join(' '))
  const later = row.later ? [...world.trace.later].sort().join(',') : ''
  return answer(errnoOf(groups), asked.length === 0 ? [''] : asked) + afterwards(later)
}

/** Our kernel's hooks beside the recorded ones, for rows that count as absent too. */
export const playedRow = (row: TableRow): { readonly expected: string; readonly got: string } => ({
  expected: answerOf(row),
  got: got(row, DEFAULT_PROFILE),
})

const got = (row: TableRow, profile: Profile): string => {
  try {
    return play(row, profile)
  } catch (error) {
    const { message, cause } = error as Error
    return cause instanceof Error ? `${message}: ${cause.message}` : message
  }
}

/** Another file system's row, a 32-bit call, or a call this kernel does not have. */
export const isAbsent = ({ id, syscalls }: TableRow): boolean =>
  id!.startsWith('ext4_') ||
  syscalls!.split(' | ').some((call) => {
    const [name = ''] = call.split('=')
    return (
      name === 'int80' ||
      (name !== '-' && ownValue((syscallTable as Record<string, { level: string }>), name)?.level === 'absent')
    )
  })

let absent = 0

export const hookTrace: Suite = {
  options: ['kernel'],
  *run(inputs, options) {
    absent = 0
    const profile = profileOf(options)
    for (const { text, path } of inputs) {
      for (const row of parseTable(text, path, ['n', 'id', 'setup', 'calls', 'errno', 'syscalls', 'hooks'])) {
        if (isAbsent(row)) absent++
        yield { id: `${row.n} ${row.id}`, expected: answerOf(row), got: isAbsent(row) ? 'absent'
          : played(() => got(row, profile)) }
      }
    }
  },
  totals: () => [['absent', absent]],
}
