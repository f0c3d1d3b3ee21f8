/** A walk that a module sends out of the mode that may not sleep asks everything again, as `may_lookup` does. */
import { EACCES, ECHILD, MAY_NOT_BLOCK } from '@lsmkit/abi'
import { defineLsm } from '@lsmkit/core'
import type { Inode } from '@lsmkit/core'
import { expect, test } from 'vitest'
import { bootForTest } from '../testing/boot.ts'
import { Kstat } from './kstat.ts'

/** What is asked, in order, about the one directory. */
const boot = () => {
  const asked: string[] = []
  let about: Inode | null = null
  const lsm = defineLsm({
    name: 'sleeper',
    id: 200,
    hooks: {
      inode_permission(inode, mask) {
        if (inode !== about) return 0
        const blocks = (mask & MAY_NOT_BLOCK) === 0
        asked.push(blocks ? 'again' : 'first')
        return blocks ? 0 : -ECHILD
      },
      capable() {
        if (about !== null) asked.push('capable')
        return 0
      },
    },
  })
  const kernel = bootForTest({ lsms: [lsm] })
  const root = kernel.init.fs as unknown as { root: { dentry: { d_inode: Inode } } }
  return { ...kernel, asked, dir: root.root.dentry.d_inode, look: (inode: Inode | null) => (about = inode) }
}

const USER = 1000
test.each([
  { mode: 0o711, owner: 0, uid: USER, asked: ['first', 'again'] },
  { mode: 0o755, owner: 0, uid: 0, asked: ['first', 'again'] },
  // the owner's bits alone let it in
  { mode: 0o700, owner: USER, uid: USER, asked: ['first', 'again'] },
  // a capability does, and is asked for twice
  { mode: 0o700, owner: USER, uid: 0, asked: ['capable', 'first', 'capable', 'again'] },
  // everybody but the owner: what the mode says of others is not the owner's
  { mode: 0o611, owner: USER, uid: USER, asked: [], rc: -EACCES },
])('$mode of $owner, by $uid', ({ mode, owner, uid, asked, rc = 0 }) => {
  const { sys, init, fork, dir, look, asked: seen } = boot()
  const task = fork(init, uid)
  sys.mkdir(init, '/below', 0o755)
  sys.chown(init, '/', owner, owner)
  sys.chmod(init, '/', mode)
  look(dir)
  expect([sys.stat(task, '/below', new Kstat()), seen]).toEqual([rc, asked])
  look(null)
})
