/** One LSM alone decides. */
import { PTRACE_MODE_ATTACH_REALCREDS } from '@lsmkit/abi'
import { createStack } from '@lsmkit/core'
import { yama } from '@lsmkit/yama'

const stack = createStack({ lsms: [yama({ ptraceScope: 3 })], capability: 'none' })
const { objects, current } = stack
const child = objects.task(7, 7, current.task.cred, current.task.cred)
const rc = stack.lsm.ptrace_access_check.ask(child, PTRACE_MODE_ATTACH_REALCREDS)
if (stack.names.join() !== 'yama' || rc !== -1) throw new Error(`${stack.names}: ${rc}`)
