/** POSIX locks of several owners are what a table of bytes says. */
import { F_RDLCK, F_UNLCK, F_WRLCK } from '@lsmkit/abi'
import type { File, Inode } from '@lsmkit/core'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { fileOperations, inodeOperations } from '../state/vfs/driver.ts'
import { MemoryAccount } from '../state/host-memory.ts'
import type { FileLock } from '../state/vfs/file-lock.ts'
import { locksOf, ownLockIn, posixConflict, removePosix, setPosixLock } from './locks.ts'
import { FileState, InodeState } from '../state/vfs/state.ts'

const BYTES = 24
const OWNERS = 3

const step = fc.record({
  who: fc.nat(OWNERS - 1), type: fc.constantFrom<number>(F_RDLCK, F_WRLCK, F_UNLCK), start: fc.nat(BYTES - 1),
  length: fc.integer({ min: 1, max: 8 }), ends: fc.integer({ min: 0, max: 20 }),
})

test('set, cut, merged, taken away', () => {
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const account = new MemoryAccount(null)
    const i_private = new InodeState(account, inodeOperations({}), fileOperations({}), null)
    const inode = { i_private } as unknown as Inode
    const file = { private_data: new FileState(account, fileOperations({})), f_inode: inode } as unknown as File
    const owners = Array.from({ length: OWNERS }, () => ({}))
    const table = owners.map(() => Array<number>(BYTES + 9).fill(F_UNLCK))
    for (const { who, type, start, length, ends } of steps) {
      const lock: FileLock = { type, start, end: start + length - 1, owner: owners[who]!, pid: 1, file }
      const inTheWay = table.some((bytes, other) => other !== who && bytes.slice(start, start + length)
        .some((held) => held === F_WRLCK || (held === F_RDLCK && type === F_WRLCK)))
      if (type !== F_UNLCK) expect(posixConflict(inode, lock) !== null).toBe(inTheWay)
      if (ends === 0) {
        removePosix(file, lock.owner)
        table[who]!.fill(F_UNLCK)
      } else if (type === F_UNLCK || !inTheWay) {
        setPosixLock(inode, lock)
        table[who]!.fill(type, start, start + length)
      }
      const own = ownLockIn(inode, lock)
      const first = table[who]!.findIndex((held, at) => at >= start && at < start + length && held !== F_UNLCK)
      expect(own === null ? -1 : Math.max(own.start, start)).toBe(first)
    }
    const held = locksOf(inode).posix
    owners.forEach((owner, who) => {
      const bytes = Array<number>(BYTES + 9).fill(F_UNLCK)
      const all = held.get(owner) ?? []
      for (const { type, start, end } of all) bytes.fill(type, start, end + 1)
      expect(bytes).toEqual(table[who])
      // neighbours of one type are one
      all.forEach((lock, i) =>
        expect(i === 0 || all[i - 1]!.end + (all[i - 1]!.type === lock.type ? 1 : 0) < lock.start).toBe(true))
    })
  }), { numRuns: 300 })
})
