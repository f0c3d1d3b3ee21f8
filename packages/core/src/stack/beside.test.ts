import { EACCES, EPERM } from '@lsmkit/abi'
import { describe, expect, test } from 'vitest'
import { aFile, anInode, strategyNames } from '../../test/dispatch-support.ts'
import type { WouldDenyRecord } from '../audit/record.ts'
import { defineBlob } from '../blob.ts'
import { defineLsm } from '../define-lsm.ts'
import type { BesideModule, Lsm, LsmOptions } from '../define-lsm.ts'
import type { HookGroup } from '../hook-groups.ts'
import type { LsmContext } from '../lsm-context.ts'
import type { Cred, Inode } from '../objects/index.ts'
import { createStack } from '../stack.ts'
import type { Stack } from '../stack.ts'
import { quietHost } from './quiet-host.ts'

const lsm = (
  name: string, hooks: HookGroup | ((ctx: LsmContext) => HookGroup), more: Partial<LsmOptions> = {},
): Lsm => defineLsm({ name, abi: '1.0', ...more, hooks: hooks as never })

/** A module whose policy is the hooks of the instance beside it. */
const asking = (hooks: HookGroup, more: Partial<LsmOptions> = {}): Lsm => lsm('own', hooks, {
  beside: (policy) => ({ lsm: lsm('own', policy as never) }), ...more,
})

const made = (lsms: readonly Lsm[], more: object = {}) => {
  const stack = createStack({ lsms, capability: 'none', ...more })
  const found: WouldDenyRecord[] = []
  const beside = stack.beside((record) => void found.push(record))
  return { stack, found, beside }
}
/** Without the form, which depends on the time of the last change. */
const membersOf = (stack: Stack) => stack.explain().toJSON().hooks.map(({ hook, members, around }) =>
  [hook, members, around])

describe.each(strategyNames)('%s', (dispatch) => {
  test('a call that is allowed, and would be refused, is reported once; its answer and the log stay the same', () => {
    let asked = 0
    const own = asking({ file_open: (file) => (file.f_mode === 7 ? -EPERM : 0) })
    const { stack, found, beside } = made([own], { dispatch })
    const before = membersOf(stack)
    beside.ask('own', (ctx: LsmContext): HookGroup => ({
      file_open: () => {
        asked += 1
        ctx.audit.emit({ kind: 'text', type: 1, text: 'not to be seen' })
        return ctx.audit.deny(-EACCES, 'no rule', { subject: 'A' })
      },
      inode_permission: () => 0,
    }))
    expect([stack.lsm.file_open.ask(aFile()), stack.lsm.file_open.ask(aFile(7))]).toEqual([0, -EPERM])
    expect([asked, stack.audit.records.map(({ kind }) => kind), stack.denial?.rc]).toEqual([2, ['denial'], -EPERM])
    expect(found).toMatchObject([{
      kind: 'would-deny', hook: 'file_open', lsm: 'own', rc: -EACCES, reason: 'no rule', details: { subject: 'A' },
      object: { kind: 'file' }, subject: { pid: 0 },
    }])
    beside.end()
    expect(stack.lsm.file_open.ask(aFile())).toBe(0)
    expect([asked, found.length]).toEqual([2, 1])
    // nothing is left of it on any hook
    expect(membersOf(stack)).toEqual(before)
  })
})

test('the state on objects is shown as a copy, or is its own', () => {
  const shown = defineBlob((_cred: Cred) => ({ label: 'old' }))
  const own = defineBlob((_inode: Inode) => ({ opens: 0 }))
  const copied = defineBlob((_cred: Cred) => ({ label: '' }))
  const counted = defineBlob((_inode: Inode) => ({ opens: 0 }))
  const labels: string[] = []
  const { stack, beside } = made([lsm('own', {}, {
    blobs: { cred: shown, inode: own },
    beside: (): BesideModule => ({
      lsm: lsm('own', ({ current }) => ({
        inode_permission: (inode) => {
          const state = copied(current.task.cred)
          labels.push(`${state.label} ${counted(inode).opens += 1}`)
          state.label = 'changed'
          return 0
        },
      }), { blobs: { cred: copied, inode: counted } }),
      seen: { cred: ({ label }: { label: string }) => ({ label: `${label} as seen` }) },
    }),
  })])
  beside.ask('own', null)
  const inode = anInode()
  stack.lsm.inode_alloc_security.ask(inode)
  for (let i = 0; i < 2; i += 1) expect(stack.lsm.inode_permission.ask(inode, 1)).toBe(0)
  expect(labels).toEqual(['old as seen 1', 'old as seen 2'])
  expect([shown(stack.current.task.cred).label, own(inode).opens]).toEqual(['old', 0])
})

test('only hooks that give a verdict are asked, and exec writes nothing to its argument', () => {
  const asked: string[] = []
  const { stack, found, beside } = made([asking({})])
  beside.ask('own', {
    file_free_security: () => void asked.push('file_free_security'),
    file_alloc_security: () => (asked.push('file_alloc_security'), -EACCES),
    bprm_creds_for_exec: (bprm: { secureexec: boolean }) => {
      bprm.secureexec = true
      return bprm.secureexec ? -EPERM : 0
    },
  })
  stack.lsm.file_alloc_security.ask(aFile())
  stack.lsm.file_free_security.tell(aFile())
  const bprm = { secureexec: false, file: aFile() }
  expect(stack.lsm.bprm_creds_for_exec.ask(bprm as never)).toBe(0)
  expect([asked, bprm.secureexec, found.map(({ rc }) => rc)]).toEqual([[], false, [-EPERM]])
})

test('one that throws would refuse; what it asks of the stack meanwhile is not asked of it, nor recorded', () => {
  const { stack, found, beside } = made([asking({ inode_mkdir: () => -EPERM })])
  let asked = 0
  beside.ask('own', ({ lsm: table }: LsmContext): HookGroup => ({
    file_open: () => {
      asked += 1
      if (asked > 5) throw new Error('asked itself')
      table.file_open.ask(aFile())
      table.inode_mkdir.ask(anInode(), {} as never, 0)
      throw new Error('no such thing')
    },
  }))
  expect(stack.lsm.file_open.ask(aFile())).toBe(0)
  expect([asked, stack.audit.records.length, stack.denial]).toEqual([1, 0, null])
  expect(found).toMatchObject([{ rc: -EACCES, reason: 'threw: no such thing' }])
})

test('a module may find refusals itself, and programs may be attached: the first refusal of a call counts', () => {
  let say = (_rc: number): void => {}
  const { stack, found, beside } = made([
    lsm('one', { file_open: () => (say(-EPERM), 0), task_getpgid: () => -EPERM }, {
      beside: () => ({ compare: (refused) => {
        say = (rc) => refused({ rc, reason: 'compared', details: null })
        return () => { say = () => {} }
      } }),
    }),
    lsm('two', {}, { beside: () => ({ start: (on: Stack) => {
      const link = on.attach('inode_permission', () => -EACCES)
      on.attach('inode_free_security', () => { throw new Error('of a notification') })
      return () => link.detach()
    } }) }),
  ])
  beside.ask('one', null)
  beside.ask('two', null)
  expect([stack.lsm.file_open.ask(aFile()), stack.lsm.inode_permission.ask(anInode(), 1)]).toEqual([0, 0])
  stack.lsm.inode_free_security.tell(anInode())
  say(-EACCES)
  expect(found.map(({ lsm: name, hook, reason }) => [name, hook, reason])).toEqual([
    ['one', 'file_open', 'compared'], ['two', 'inode_permission', null], ['one', '', 'compared'],
  ])
  expect(stack.audit.records).toEqual([])
  beside.end()
  stack.lsm.file_open.ask(aFile())
  expect(found).toHaveLength(3)
})

test('in front of the stack a second policy is obeyed beside the first', () => {
  const { stack } = made([asking({ file_open: (file) => (file.f_mode === 1 ? -EPERM : 0) })])
  const layer = stack.inFront()
  layer.ask('own', { file_open: (file: { f_mode: number }) => (file.f_mode === 2 ? -EACCES : 0) })
  const ask = (f_mode: number): number => stack.lsm.file_open.ask(aFile(f_mode))
  expect([ask(1), ask(2), ask(4)]).toEqual([-EPERM, -EACCES, 0])
  expect(stack.audit.records).toMatchObject([{ lsm: 'own', rc: -EPERM }, { lsm: 'own', rc: -EACCES }])
  layer.end()
  expect(ask(2)).toBe(0)
})

test.each([
  ['none', 'there is no LSM `none` in the stack'], ['plain', '`plain` cannot be asked so'],
])('%s is refused, and then nothing is asked', (name, message) => {
  const { stack, beside } = made([asking({}), lsm('plain', {})])
  beside.ask('own', { file_open: () => -EACCES })
  expect(() => beside.ask(name, null)).toThrow(expect.objectContaining({ code: 'not-beside', summary: message }))
  expect(membersOf(stack)).toEqual([])
})

test('its kernel reads, and changes nothing', () => {
  const done: string[] = []
  const act = (name: string) => (): number => (done.push(name), 0)
  const host = quietHost({
    __vfs_getxattr: () => 7, __vfs_setxattr: act('setxattr'), prepare_creds: () => null, commit_creds: act('commit'),
    dac_mmap_min_addr: 4096, services: {
      access_process_vm: act('memory'), send_signal: act('signal'), ktime_get_ns: () => 5, call_later: act('later'),
    },
  } as never)
  const read = [host.__vfs_getxattr({} as never, 'a'), host.dac_mmap_min_addr, host.services!.ktime_get_ns()]
  expect(read).toEqual([7, 4096, 5])
  host.__vfs_setxattr({} as never, {} as never, 'a', new Uint8Array(), 0)
  host.commit_creds({} as never)
  host.services!.send_signal({} as never, 9, false)
  host.services!.call_later(1, () => {})
  host.services!.access_process_vm({} as never, 0, new Uint8Array(1), true)
  expect(done).toEqual([])
  host.services!.access_process_vm({} as never, 0, new Uint8Array(1), false)
  expect(done).toEqual(['memory'])
})
