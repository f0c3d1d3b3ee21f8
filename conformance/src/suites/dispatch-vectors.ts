/** The hooks with a loop of their own, against the kernel's loops run with mock hooks: on every dispatch strategy. */
import { LSM_CTX_HEADER_SIZE, lsmCtxSize, S_PRIVATE, unpackLsmCtxs, ownValue } from '@lsmkit/abi'
import { createDispatch, Current, createStack, lsm_fill_user_ctx, lsm_get_xattr_slot } from '@lsmkit/core'
import type { HookName, Inode, LsmTable, Member, Mm, Objects, Ref, StrategyName, XattrSlots } from '@lsmkit/core'
import { canonical, parseJson } from '../json.ts'
import type { Suite } from '../suite.ts'

interface Mock {
  readonly id: number
  /** Returned as it is; 1 of getselfattr means: fill an entry of `valueLen` bytes first. */
  readonly ret: number
  readonly valueLen: number
  /** inode_init_security: slots taken before returning. */
  readonly fill: number
}

interface Vector {
  readonly hook: string
  readonly args: Readonly<Record<string, number | boolean | string>>
  readonly lsms: readonly Mock[]
  readonly expect: unknown
}

const ENOMEM = -12
const strategies: readonly StrategyName[] = ['list', 'static-key', 'swap']

/** What the mocks and the framework's callbacks were seen to do. */
class Seen {
  readonly called: number[] = []
  capSysAdmin = -1
  initxattrsGot = -1
}

const mockFn = (mock: Mock, index: number, hook: string, seen: Seen) => (...args: never[]): number => {
  seen.called.push(index)
  if (hook === 'inode_init_security') {
    const [, , , xattrs, count] = args as unknown as [unknown, unknown, unknown, XattrSlots | null, Ref<number>]
    for (let i = 0; i < mock.fill; i++) lsm_get_xattr_slot(xattrs, count)
  }
  if (hook === 'getselfattr' && mock.ret === 1) {
    const [, ctx, size] = args as unknown as [number, Uint8Array | null, Ref<number>, number]
    const rc = lsm_fill_user_ctx(ctx, size, new Uint8Array(mock.valueLen), mock.id, 0)
    return rc < 0 ? rc : 1
  }
  return mock.ret
}

const host = createStack({ lsms: [], capability: 'none' })
const { objects } = host as { objects: Objects }
const task = host.current.task

const dispatchOf = ({ hook, args, lsms }: Vector, strategy: StrategyName, seen: Seen): LsmTable => {
  const members = lsms.map((mock, i): Member => ({
    lsm: `m${i}`,
    id: mock.id,
    position: i,
    fn: mockFn(mock, i, hook, seen),
  }))
  return createDispatch({
    members: { [hook as HookName]: members },
    strategy,
    kernelExact: true,
    programs: null,
    env: {
      current: new Current(task),
      blobs: {},
      xattr_count: Number(args.xattrCount ?? 0),
      caps: {
        cap_inode_setxattr: () => 0,
        cap_inode_removexattr: () => 0,
        vm_enough_memory(_mm, _pages, capSysAdmin) {
          seen.capSysAdmin = capSysAdmin
          return capSysAdmin === 1 ? 0 : ENOMEM
        },
      },
    },
    cold: { onSettle() {}, onFault() {} },
  }).lsm
}

const superBlock = () => objects.super_block(0, { name: 'mock', fs_flags: 0 }, task.cred.user_ns)

const inodeOf = (isPrivate: boolean): Inode => {
  const inode = objects.inode(0o100644, superBlock(), 1)
  if (isPrivate) inode.i_flags |= S_PRIVATE
  return inode
}

type Ask = (lsm: LsmTable, args: Vector['args'], seen: Seen) => Record<string, unknown>

const getselfattr: Ask = (lsm, { attr, ctxGiven, size, flags, ctxHeaderId, sizeNull }) => {
  const room = sizeNull ? null : { value: Number(size) }
  const ctx = ctxGiven ? new Uint8Array(Math.max(Number(size), LSM_CTX_HEADER_SIZE)) : null
  if (ctx !== null) new DataView(ctx.buffer).setBigUint64(0, BigInt(ctxHeaderId as number), true)
  const ret = lsm.getselfattr.ask(Number(attr), ctx, room, Number(flags))
  const written = ret > 0 && ctx !== null ? unpackLsmCtxs(ctx.subarray(0, room!.value))! : []
  const entries = written.map(({ id, ctx: value }) => ({
    id: Number(id),
    len: lsmCtxSize(value.length),
    ctxLen: value.length,
  }))
  return { ret, size: room === null ? Number(size) : room.value, entries }
}

const setselfattr: Ask = (lsm, { attr, size, flags, ctxId, ctxLenField, ctxCtxLen }) => {
  const ctx = new Uint8Array(Math.max(Number(size), 8192))
  const fields = new DataView(ctx.buffer)
  fields.setBigUint64(0, BigInt(ctxId as number), true)
  fields.setBigUint64(16, BigInt(ctxLenField as string), true)
  fields.setBigUint64(24, BigInt(ctxCtxLen as string), true)
  return { ret: lsm.setselfattr.ask(Number(attr), ctx, Number(size), Number(flags)) }
}

const asks: Readonly<Record<string, Ask>> = {
  vm_enough_memory: (lsm, _args, seen) => {
    const ret = lsm.vm_enough_memory.ask({} as Mm, 1)
    return { ret, capSysAdmin: seen.capSysAdmin }
  },
  fs_context_parse_param: (lsm) => ({ ret: lsm.fs_context_parse_param.ask({} as never, {} as never) }),
  sb_set_mnt_opts: (lsm, { mntOptsNonNull }) => ({
    ret: lsm.sb_set_mnt_opts.ask(superBlock(), mntOptsNonNull ? {} : null, 0, { value: 0 }),
  }),
  inode_init_security: (lsm, args, seen) => {
    const initxattrs = (_inode: Inode, xattrs: readonly unknown[]) => {
      seen.initxattrsGot = xattrs.length
      return Number(args.initxattrsRet)
    }
    const inode = inodeOf(args.private as boolean)
    const ret = lsm.inode_init_security.ask(
      inode,
      inodeOf(false),
      null,
      args.initxattrsGiven ? initxattrs : null,
      null,
    )
    return { ret, initxattrsGot: seen.initxattrsGot }
  },
  task_prctl: (lsm) => ({ ret: lsm.task_prctl.ask(1, 0, 0, 0, 0) }),
  getprocattr: (lsm, { lsmid }) => ({ ret: lsm.getprocattr.ask(task, Number(lsmid), 'current', { value: null }) }),
  setprocattr: (lsm, { lsmid }) => ({ ret: lsm.setprocattr.ask(Number(lsmid), 'current', new Uint8Array(1), 1) }),
  xfrm_state_pol_flow_match: (lsm) => ({
    ret: lsm.xfrm_state_pol_flow_match.ask({} as never, {} as never, {} as never),
  }),
  getselfattr,
  setselfattr,
}

const answer = (vector: Vector, strategy: StrategyName): string => {
  const ask = ownValue(asks, vector.hook)
  if (ask === undefined) return `no driver for ${vector.hook}`
  const seen = new Seen()
  const told = ask(dispatchOf(vector, strategy, seen), vector.args, seen)
  return canonical({ ...told, called: seen.called })
}

export const dispatchVectors: Suite = {
  *run(inputs) {
    for (const input of inputs) {
      const { vectors } = parseJson<{ vectors: Vector[] }>(input)
      for (const [i, vector] of vectors.entries()) {
        const answers = strategies.map((strategy) => answer(vector, strategy))
        const [reference] = answers
        const got = answers.every((each) => each === reference)
          ? reference!
          : `strategies differ: ${answers.join(' / ')}`
        yield { id: `${i} (${vector.hook})`, expected: canonical(vector.expect), got }
      }
    }
  },
}
