/** Decisions on directories that a task keeps: what is recorded of walks, by kernel release. */
import { EACCES, MAY_EXEC, MAY_READ, MAY_WRITE, S_IFDIR } from '@lsmkit/abi'
import type { Inode, Profile } from '@lsmkit/core'
import { expect, test } from 'vitest'
import { Machine } from '../testing/machine.ts'

const directory = (m: Machine, type: string): Inode => m.label(m.build.anInode({ i_mode: S_IFDIR | 0o755 }), type)

/** The same task asks each time. */
const asks = (profile: Profile, who: string, masks: readonly number[], enforcing = true): unknown[] => {
  const m = new Machine({ enforcing }, {}, profile)
  const dir = directory(m, 'd_t')
  const task = m.task(who)
  return masks.map((mask) => m.checks(task, () => m.lsm.inode_permission.ask(dir, mask)))
}

const SEARCH = ['a_t d_t dir { search }', 0]
const WRITE_SEARCH = ['a_t d_t dir { write search }', 0]

test.each<{ profile: Profile; second: unknown; third: unknown }>([
  { profile: '6.12', second: WRITE_SEARCH, third: ['a_t d_t dir { read }', 0] },
  { profile: '6.18', second: SEARCH, third: [0] },
  { profile: '7.3', second: WRITE_SEARCH, third: ['a_t d_t dir { read }', 0] },
])('what is allowed and audited, on $profile', ({ profile, second, third }) => {
  expect(asks(profile, 'a_t', [MAY_EXEC, MAY_WRITE | MAY_EXEC, MAY_READ])).toEqual([SEARCH, second, third])
})

const DENIED = 'DENIED n_t d_t dir { search }'

test.each<{ profile: Profile; again: unknown }>([
  { profile: '6.12', again: [0] }, { profile: '6.18', again: [DENIED, 0] }, { profile: '7.3', again: [DENIED, 0] },
])('in permissive mode a refusal is recorded, on $profile', ({ profile, again }) => {
  expect(asks(profile, 'n_t', [MAY_EXEC, MAY_EXEC], false)).toEqual([[DENIED, 0], again])
})

test.each<Profile>(['6.12', '6.18', '7.3'])('a refusal stands, on %s', (profile) => {
  expect(asks(profile, 'n_t', [MAY_EXEC, MAY_EXEC])).toEqual([[DENIED, -EACCES], [DENIED, -EACCES]])
})

test('four directories are kept, and those of one domain under one policy', () => {
  const m = new Machine({}, {}, '6.18')
  const task = m.task('a_t')
  const search = (dir: Inode, mask = MAY_EXEC): unknown =>
    m.checks(task, () => m.lsm.inode_permission.ask(dir, mask)).length - 1
  const kept = directory(m, 'd_t')
  const others = ['o_t', 'end_t', 'anon_t', 'unlabeled_t'].map((type) => directory(m, type))
  search(kept)
  for (const dir of others.slice(0, 3)) search(dir)
  expect(search(kept, MAY_READ)).toBe(0)
  // the fifth takes the place of the one that comes after the last hit
  search(others[3]!)
  expect(search(kept, MAY_READ)).toBe(0)
  expect(search(others[0]!, MAY_READ)).toBe(1)
  task.cred = task.real_cred = m.cred('b_t')
  const ofOther = m.checks(m.task('b_t'), () => m.lsm.inode_permission.ask(kept, MAY_READ))
  expect(search(kept, MAY_READ)).toBe(ofOther.length - 1)
})
