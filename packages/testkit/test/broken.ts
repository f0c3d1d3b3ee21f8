/** LSMs that break one rule each: the kit must find every one of them, by the check that is named. */
import {
  E2BIG, EACCES, EINVAL, EOPNOTSUPP, EPERM, LSM_ATTR_CURRENT, S_IFREG, CAP_SYS_ADMIN,
} from '@lsmkit/abi'
import { defineBlob, defineLsm, lsm_fill_user_ctx } from '@lsmkit/core'
import type { Cred, File, HookGroup, HookMap, Inode, Lsm, LsmContext, Task } from '@lsmkit/core'
import type { KitOptions } from '../src/index.ts'

export interface Broken {
  readonly what: string
  /** Part of the name of the check that must fail. */
  readonly check: string
  /** The place of the error. */
  readonly place: string
  readonly make: () => Lsm
  readonly options?: KitOptions
}

const ID = 4000
const lsm = (hooks: HookGroup, more: object = {}): Lsm =>
  defineLsm({ name: 'broken', abi: '1.0', id: ID, hooks, ...more })

const withContext = (hooks: (ctx: LsmContext) => HookGroup): Lsm =>
  defineLsm({ name: 'broken', abi: '1.0', id: ID, hooks: (ctx) => [hooks(ctx)] })

let opened = 0
const shared = { count: 0 }
const one = lsm({ file_open: () => 0 })

const fill: HookMap['getselfattr'] = (attr, ctx, size, flags) => {
  if (attr !== LSM_ATTR_CURRENT) return -EOPNOTSUPP
  const rc = lsm_fill_user_ctx(ctx, size, new TextEncoder().encode('label\0'), ID, flags)
  return rc < 0 ? rc : 1
}

const byState = 'state is made for each object'
const byMemory = 'nothing is remembered'
const byRollback = 'an allocation that a neighbour refuses'
const byReading = 'attributes are read'
const byWriting = 'attributes are written'

/** Remembers objects in a map of its own. */
const registry = (forget: boolean) => (): Lsm => {
  const known = new Map<Inode, number>()
  return lsm({
    inode_alloc_security(inode) {
      known.set(inode, 0)
      return 0
    },
    ...(forget ? { inode_free_security: (inode) => void known.delete(inode) } : {}),
  })
}

export const brokenLsms: readonly Broken[] = [
  {
    what: 'no ABI',
    check: 'module ABI',
    place: 'factory',
    make: () => defineLsm({ name: 'broken', hooks: {} } as Parameters<typeof defineLsm>[0]),
  },
  { what: 'one instance for all', check: 'two instances', place: 'factory', make: () => one },
  {
    what: 'a counter in the module',
    check: 'two instances',
    place: 'file_open',
    make: () => lsm({ file_open: () => (++opened % 5 === 0 ? -EACCES : 0) }),
  },
  {
    what: 'a hook that throws',
    check: 'every hook answers',
    place: 'file_open',
    make: () => lsm({ file_open: () => (null as unknown as Task).pid }),
  },
  {
    what: 'a hook that is asynchronous',
    check: 'every hook answers',
    place: 'file_open',
    make: () => lsm({ file_open: async () => 0 } as never),
  },
  {
    what: 'a hook that answers a boolean',
    check: 'every hook answers',
    place: 'inode_permission',
    make: () => lsm({ inode_permission: () => true } as never),
  },
  {
    what: 'state is looked for where it lies when no other LSM has any',
    check: 'in every position',
    place: 'file_open',
    make: () => lsm(
      { file_open: (file) => ((file.security as { mine?: boolean }).mine === true ? 0 : -EACCES) },
      { blobs: { file: defineBlob((_file: File) => ({ mine: true })) } },
    ),
  },
  {
    what: 'a refusal is one errno only',
    check: 'a neighbour that throws',
    place: 'file_open',
    make: () => withContext((ctx) => ({
      file_open() {
        const { cred } = ctx.current.task
        return ctx.lsm.capable.ask(cred, cred.user_ns, CAP_SYS_ADMIN, 0) === -EPERM ? -EACCES : 0
      },
    })),
  },
  {
    what: 'a grant for good, before the others have agreed',
    check: 'a neighbour that throws',
    place: 'task_kill',
    make: () => {
      let trusted = false
      return withContext((ctx) => ({
        task_kill() {
          const { cred } = ctx.current.task
          const rc = ctx.lsm.capable.ask(cred, cred.user_ns, CAP_SYS_ADMIN, 0)
          // a strange errno is taken for a yes, and kept
          if (rc !== 0 && rc !== -EPERM) trusted = true
          return trusted ? 0 : rc === 0 ? -EINVAL : -EPERM
        },
      }))
    },
  },
  {
    what: 'errors are swallowed',
    check: 'an error inside a hook',
    place: 'file_open',
    make: () => lsm({
      file_open(file) {
        try {
          return (file.f_inode.i_mode & S_IFREG) === 0 ? -EACCES : 0
        } catch {
          return 0
        }
      },
    }),
  },
  {
    what: 'one state for all objects',
    check: byState,
    place: 'inode_alloc_security',
    make: () => lsm({ file_open: () => 0 }, { blobs: { inode: defineBlob(() => shared) } }),
  },
  {
    what: 'an initialiser that gives nothing',
    check: byState,
    place: 'cred_prepare',
    make: () => lsm({ file_open: () => 0 }, { blobs: { cred: defineBlob((_cred: Cred) => undefined) } }),
  },
  {
    what: 'an initialiser that throws',
    check: byState,
    place: 'file_alloc_security',
    make: () => lsm({ file_open: () => 0 }, {
      blobs: { file: defineBlob((file: File) => (file.f_owner as unknown as { pid: number }).pid) },
    }),
  },
  { what: 'objects that are never forgotten', check: byMemory, place: 'inode_alloc_security', make: registry(false) },
  {
    what: 'tasks that were looked at',
    check: byMemory,
    place: 'task_alloc',
    make: () => {
      const seen = new Set<Task>()
      return lsm({
        ptrace_access_check(child) {
          seen.add(child)
          return 0
        },
      })
    },
  },
  {
    what: 'objects that were refused are never forgotten',
    check: byRollback,
    place: 'inode_alloc_security',
    make: registry(false),
  },
  {
    what: 'a free hook that counts on its alloc hook',
    check: byRollback,
    place: 'inode_free_security',
    make: () => {
      const known = new WeakMap<Inode, { freed: boolean }>()
      return lsm({
        inode_alloc_security(inode) {
          known.set(inode, { freed: false })
          return 0
        },
        inode_free_security: (inode) => void (known.get(inode)!.freed = true),
      })
    },
  },
  {
    what: 'attributes without an id',
    check: byReading,
    place: 'id',
    make: () => lsm({ getselfattr: () => -EOPNOTSUPP }, { id: 0 }),
  },
  {
    what: 'an unknown attribute is known',
    check: byReading,
    place: 'getselfattr',
    make: () => lsm({ getselfattr: (_attr, ...rest) => fill(LSM_ATTR_CURRENT, ...rest) }),
  },
  {
    what: 'the size is not reported',
    check: byReading,
    place: 'getselfattr',
    make: () => lsm({
      getselfattr(attr, ctx, size, flags) {
        return fill(attr, ctx, { ...size }, flags)
      },
    }),
  },
  {
    what: 'too little room is written into',
    check: byReading,
    place: 'getselfattr',
    make: () => lsm({
      getselfattr(attr, ctx, size, flags) {
        const rc = fill(attr, ctx, size, flags)
        if (rc === -E2BIG) ctx?.fill(1)
        return rc
      },
    }),
  },
  {
    what: 'the wrong id',
    check: byReading,
    place: 'getselfattr',
    make: () => lsm({
      getselfattr(attr, ctx, size, flags) {
        if (attr !== LSM_ATTR_CURRENT) return -EOPNOTSUPP
        const rc = lsm_fill_user_ctx(ctx, size, new Uint8Array(3), ID + 1, flags)
        return rc < 0 ? rc : 1
      },
    }),
  },
  {
    what: 'a length that is not the text\'s',
    check: byReading,
    place: 'getprocattr',
    make: () => lsm({
      getprocattr(_task, name, value) {
        if (name !== 'current') return -EINVAL
        value.value = 'label'
        return 1
      },
    }),
  },
  {
    what: 'two faces',
    check: byReading,
    place: 'getprocattr',
    make: () => lsm({
      getselfattr: fill,
      getprocattr(_task, name, value) {
        if (name !== 'current') return -EINVAL
        value.value = 'other'
        return 5
      },
    }),
  },
  {
    what: 'an unknown name is read',
    check: byReading,
    place: 'getprocattr',
    make: () => lsm({ getprocattr: () => 0 }),
  },
  {
    what: 'an unknown name is written',
    check: byWriting,
    place: 'setprocattr',
    make: () => lsm({ setprocattr: (_name, _value, size) => size }),
  },
  {
    what: 'an unknown attribute is written',
    check: byWriting,
    place: 'setselfattr',
    make: () => lsm({ setselfattr: () => 0 }),
  },
  {
    what: 'a refused write changes the label',
    check: byWriting,
    place: 'setprocattr',
    make: () => {
      let label = 'label'
      return lsm({
        getprocattr(_task, name, value) {
          if (name !== 'current') return -EINVAL
          value.value = label
          return new TextEncoder().encode(label).length
        },
        setprocattr(name, value) {
          if (name !== 'current') return -EINVAL
          label = `x${value.length}`
          return -EINVAL
        },
      })
    },
  },
]

export const soundLsms: Readonly<Record<string, () => Lsm>> = {
  'a registry that forgets': registry(true),
  'attributes that keep the rules': () => lsm({
    getselfattr: fill,
    setselfattr: (attr) => (attr === LSM_ATTR_CURRENT ? -EPERM : -EOPNOTSUPP),
    getprocattr(_task, name, value) {
      if (name !== 'current') return -EINVAL
      value.value = 'label'
      return 5
    },
    setprocattr: (name) => (name === 'current' ? -EPERM : -EINVAL),
  }),
  'nothing at all': () => lsm({ file_open: () => 0 }),
}
