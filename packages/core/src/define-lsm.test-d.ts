/** What must and must not compile: checked by `tsc -p packages/core`. */
import { EACCES } from '@lsmkit/abi'
import { defineBlob, defineLsm } from '@lsmkit/core'
import type { Cred, HookGroup, Lsm, LsmContext, Task } from '@lsmkit/core'

const own: Lsm<'own'> = defineLsm({
  name: 'own',
  abi: '1.0',
  hooks: {
    file_open: (file) => (file.f_mode & 2 ? -13 : 0),
    task_free(task) {
      void task.pid
    },
  },
})
void own

// the name is part of the type
// @ts-expect-error -- another name
const other: Lsm<'other'> = own
void other

// @ts-expect-error -- a misspelt hook
defineLsm({ name: 'a', abi: '1.0', hooks: { file_opne: () => 0 } })
// @ts-expect-error -- a misspelt hook beside a right one
defineLsm({ name: 'a', abi: '1.0', hooks: { file_open: () => 0, file_opne: () => 0 } })
// @ts-expect-error -- in a group
defineLsm({ name: 'a', abi: '1.0', hooks: [{ file_open: () => 0 }, { task_fre() {} }] })
// @ts-expect-error -- in a group a function makes
defineLsm({ name: 'a', abi: '1.0', hooks: () => ({ file_open: () => 0, file_opne: () => 0 }) })
// @ts-expect-error -- a group of its own must be one
const group = (): HookGroup => ({ file_opne: () => 0 })
void group

// @ts-expect-error -- a module says what it is written for
defineLsm({ name: 'a', hooks: { file_open: () => 0 } })

// the table and the clock may be taken in the parameters
defineLsm({
  name: 'a',
  abi: '1.0',
  hooks: ({ lsm, now }) => ({
    file_open: (file) => (now() / 1000 > file.f_inode.i_atime_sec ? -EACCES : lsm.file_permission.ask(file, 4)),
  }),
})

// groups of functions know their arguments
defineLsm({
  name: 'a', abi: '1.0', hooks: ({ current }) => ({ task_kill: (p) => (p.pid === current.task.pid ? 0 : -1) }),
})
defineLsm({
  name: 'a',
  abi: '1.0',
  hooks: (ctx: LsmContext) => [{ task_kill: (p) => p.pid - ctx.lsmid }, { file_open: (f) => f.f_flags }],
})

// @ts-expect-error -- an int hook answers a number
defineLsm({ name: 'a', abi: '1.0', hooks: { file_open: () => 'no' } })
// @ts-expect-error -- a promise is no answer
defineLsm({ name: 'a', abi: '1.0', hooks: { file_open: async () => 0 } })
// @ts-expect-error -- an errno without its sign
defineLsm({ name: 'a', abi: '1.0', hooks: { file_open: () => EACCES } })
// @ts-expect-error -- one of two answers
defineLsm({ name: 'a', abi: '1.0', hooks: [{ file_open: (file) => (file.f_mode === 0 ? 0 : EACCES) }] })
// @ts-expect-error -- in a group that a function makes
defineLsm({ name: 'a', abi: '1.0', hooks: (ctx) => ({ file_open: () => ctx.audit.deny(EACCES, 'no') }) })
// with it, and numbers that are no constant
defineLsm({ name: 'a', abi: '1.0', hooks: { file_open: (file) => (file.f_mode === 0 ? -EACCES : -file.f_flags) } })

/** Methods of a class are hooks. */
class Rules {
  readonly #denied = new Set([7])
  file_open(file: { readonly f_flags: number }): number {
    return this.#denied.has(file.f_flags) ? -EACCES : 0
  }
}
defineLsm({ name: 'a', abi: '1.0', hooks: new Rules() })
defineLsm({ name: 'a', abi: '1.0', hooks: (ctx) => [new Rules(), { task_kill: (p) => p.pid - ctx.lsmid }] })
// @ts-expect-error -- the class is not an object of it
defineLsm({ name: 'a', abi: '1.0', hooks: Rules })
// @ts-expect-error -- a class without a hook
defineLsm({ name: 'a', abi: '1.0', hooks: new (class { file_opne(): number { return 0 } })() })
// @ts-expect-error -- hooks that come later
defineLsm({ name: 'a', abi: '1.0', hooks: async () => ({ file_open: () => 0 }) })
// @ts-expect-error -- the same
defineLsm({ name: 'a', abi: '1.0', hooks: Promise.resolve({ file_open: () => 0 }) })
// @ts-expect-error -- a Map has no hooks
defineLsm({ name: 'a', abi: '1.0', hooks: new Map([['file_open', () => 0]]) })

// @ts-expect-error -- an argument it does not have
defineLsm({ name: 'a', abi: '1.0', hooks: { file_open: (_file, _mask: number) => 0 } })
// @ts-expect-error -- an option that does not exist
defineLsm({ name: 'a', abi: '1.0', hooks: {}, exclusve: true })
// @ts-expect-error -- a value that an option does not have
defineLsm({ name: 'a', abi: '1.0', hooks: {}, order: 'middle' })
// @ts-expect-error -- hooks are needed
defineLsm({ name: 'a', abi: '1.0' })

// what it is written for is a literal that this core knows
defineLsm({ name: 'a', abi: '1.0', hooks: {} })
// @ts-expect-error -- a minor that this core does not have
defineLsm({ name: 'a', abi: '1.99', hooks: {} })
// @ts-expect-error -- another major
defineLsm({ name: 'a', abi: '2.0', hooks: {} })
// @ts-expect-error -- text that may be anything
defineLsm({ name: 'a', abi: '1.0' as string, hooks: {} })

const onTask = defineBlob((task: Task) => ({ born: task.pid }))
const onCred = defineBlob((_cred: Cred) => ({ sid: 1 }))
defineLsm({ name: 'a', abi: '1.0', hooks: {}, blobs: { task: onTask, cred: onCred } })
// @ts-expect-error -- state of tasks on creds
defineLsm({ name: 'a', abi: '1.0', hooks: {}, blobs: { cred: onTask } })
// @ts-expect-error -- dentries carry no state
defineLsm({ name: 'a', abi: '1.0', hooks: {}, blobs: { dentry: onTask } })

declare const task: Task
declare const cred: Cred
const born: number = onTask(task).born
void born
// @ts-expect-error -- the accessor knows its object
onTask(cred)
