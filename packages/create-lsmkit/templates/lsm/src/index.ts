/** my-lsm: a file belongs to whoever opens it first, and nobody else may open it. Root may. */
import { EACCES, S_IFMT, S_IFREG } from '@lsmkit/abi'
import { defineBlob, defineLsm } from '@lsmkit/core'
import type { Inode, Lsm } from '@lsmkit/core'
import { checkOptions, listOf, wholeNumber } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'

export interface MyLsmOptions {
  /** User ids that may open every file, and come to own none; [0] unless given. */
  readonly exempt?: readonly number[]
}

const rules: OptionRules<MyLsmOptions> = { exempt: listOf(wholeNumber(0)) }

/** A fresh instance, for one stack. Throws OptionError for an option that it does not have, or cannot take. */
export const myLsm = (options: MyLsmOptions = {}): Lsm<'my-lsm'> => {
  checkOptions(options, rules, 'myLsm')
  const { exempt = [0] } = options
  // State on every inode, apart from that of other stacks: made when the kernel makes the inode and gone when it goes.
  const state = defineBlob((_inode: Inode) => ({ owner: -1 }))
  return defineLsm({
    name: 'my-lsm',
    abi: '1.0',
    package: '@scope/my-lsm',
    blobs: { inode: state },
    hooks: ({ current, audit }) => ({
      // Called for every open(2), after the mode bits have agreed. 0 is yes, -errno is no.
      file_open(file) {
        const inode = file.f_inode
        const { euid } = current.task.cred
        if ((inode.i_mode & S_IFMT) !== S_IFREG || exempt.includes(euid)) return 0
        const own = state(inode)
        if (own.owner === -1) own.owner = euid
        return own.owner === euid ? 0 : audit.deny(-EACCES, `the file belongs to uid ${own.owner}`)
      },
    }),
  })
}
