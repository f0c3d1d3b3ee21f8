import { EACCES } from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack, defineLsm } from '@lsmkit/core'
import { equal } from '../equal.mjs'

export default () => {
  const no = defineLsm({ name: 'no', abi: '1.0', hooks: { task_getsid: () => -EACCES } })
  const stack = createStack({ lsms: [capability(), no] })
  const { task } = stack.current
  equal(stack.lsm.task_getsid.ask(task), -EACCES)
  const other = stack.attach('task_getpgid', () => -EACCES)
  equal(stack.lsm.task_getpgid.ask(task), -EACCES)
  other.detach()
  equal(stack.lsm.task_getpgid.ask(task), 0)
}
