import { EOPNOTSUPP, EPERM } from '@lsmkit/abi'
import { expect, test } from 'vitest'
import { aDentry, anInode, task } from '../test/dispatch-support.ts'
import { configSecurityOff } from './config-security-off.ts'
import { Current } from './current.ts'
import { hookDefs, hookNames } from './hooks/hook-defs.ts'
import type { HookName } from './hooks/hook-defs.ts'
import type { LsmTable } from './generated/lsm-table.ts'
import type { HookFn } from './hooks/hook-types.ts'

/** Hooks whose stub calls the capability function of its name. */
const stubs: HookName[] = [
  'ptrace_access_check', 'ptrace_traceme', 'capget', 'capset', 'capable', 'settime', 'bprm_creds_from_file',
  'inode_need_killpriv', 'inode_killpriv', 'inode_getsecurity', 'mmap_addr', 'task_fix_setuid', 'task_setnice',
  'task_setioprio', 'task_setscheduler', 'task_prctl',
]

const aTable = (answer: number) => {
  const asked: string[] = []
  const hooks = Object.fromEntries(hookNames.map((hook) => [hook, () => (asked.push(hook), answer)]))
  const host = { __vm_enough_memory: (_mm: unknown, _pages: number, admin: number) => admin }
  const lsm = configSecurityOff({
    capability: { id: 100, hooks: () => hooks }, current: new Current(task), host: host as never,
  })
  const call = (hook: HookName, ...args: unknown[]): unknown => {
    const key = (lsm as LsmTable)[hook] as { ask?: HookFn; tell?: HookFn }
    return key.ask ? key.ask(...args) : key.tell!(...args)
  }
  return { lsm, asked, call }
}

test.each(stubs)('%s asks the capability function', (hook) => {
  const { call, asked } = aTable(-EPERM)
  expect(call(hook, {}, {}, {}, {}, {})).toBe(-EPERM)
  expect(asked).toEqual([hook])
})

test.each([
  { answer: 0, admin: 1 },
  { answer: -EPERM, admin: 0 },
])('vm_enough_memory: $answer gives the reserve $admin', ({ answer, admin }) => {
  expect(aTable(answer).call('vm_enough_memory', {}, 1)).toBe(admin)
})

test('xattrs are the capability functions\' alone, through `capable`', () => {
  const { call, asked } = aTable(-EPERM)
  const dentry = aDentry(anInode())
  expect(call('inode_setxattr', {}, dentry, 'security.x', new Uint8Array(), 0, 0)).toBe(-EPERM)
  expect(call('inode_removexattr', {}, dentry, 'security.x')).toBe(-EPERM)
  expect(call('inode_setxattr', {}, dentry, 'user.x', new Uint8Array(), 0, 0)).toBe(0)
  expect(asked).toEqual(['capable', 'capable'])
})

test('what only an LSM could do is refused; secids are 0', () => {
  const { call } = aTable(0)
  for (const hook of ['secctx_to_secid', 'inode_notifysecctx', 'inode_setsecctx'] as const)
    expect(call(hook)).toBe(-EOPNOTSUPP)
  for (const hook of ['inode_getsecid', 'cred_getsecid', 'task_getsecid_obj', 'ipc_getsecid'] as const) {
    const secid = { value: 9 }
    call(hook, {}, secid)
    expect(secid.value, hook).toBe(0)
  }
})

test('every other stub answers the default', () => {
  const { call, asked } = aTable(-EPERM)
  const others = [
    ...stubs, 'vm_enough_memory', 'inode_setxattr', 'inode_removexattr', 'secctx_to_secid', 'inode_notifysecctx',
    'inode_setsecctx', 'inode_init_security', 'inode_getsecid', 'cred_getsecid', 'task_getsecid_obj', 'ipc_getsecid',
    'current_getsecid_subj', 'key_getsecurity',
  ]
  for (const hook of hookNames.filter((name) => !others.includes(name))) {
    expect(call(hook), hook).toBe(hookDefs[hook].ret === 'void' ? undefined : hookDefs[hook].default)
  }
  expect(call('inode_init_security')).toBe(0)
  expect(asked).toEqual([])
})
