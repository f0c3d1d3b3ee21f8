/** Warden under the conformance kit, with guests and secrets. */
import { S_IFREG } from '@lsmkit/abi'
import { conformanceKit } from '@lsmkit/testkit'
import type { World } from '@lsmkit/testkit'
import { describe, expect, test } from 'vitest'
import { warden, XATTR_NAME_WARDEN } from './index.ts'

/** A guest looks at a file of each mark, and at another task. */
const guests = (world: World): void => {
  const { stack, user } = world
  const marked = (mark: string) => {
    const dentry = world.aDentry({ inode: world.anInode({ i_mode: S_IFREG | 0o755 }) })
    stack.lsm.inode_post_setxattr.tell(dentry, XATTR_NAME_WARDEN, new TextEncoder().encode(mark), mark.length, 0)
    return world.aFile({ inode: dentry.d_inode!, f_path: { mnt: world.aMount(), dentry } })
  }
  const bprm = world.aBinprm(marked('guest'))
  stack.lsm.bprm_creds_for_exec.ask(bprm)
  stack.current.task = world.aTask({ cred: bprm.cred, comm: 'guest' })
  for (const mark of ['secret', 'system', 'guest']) stack.lsm.file_open.ask(marked(mark))
  stack.lsm.task_kill.ask(user, null, 15, null)
  stack.current.task = user
}

describe('warden', () => {
  test.each(conformanceKit(() => warden(), { scenario: guests }))('$name', async ({ run }) => {
    await expect(Promise.resolve().then(run)).resolves.toBeUndefined()
  })
})
