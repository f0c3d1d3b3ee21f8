/** Attached stacks ask a permissive bundle beside the one that holds: every kind of policy, on a kernel. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AT_FDCWD, O_CREAT, O_RDONLY, O_WRONLY } from '@lsmkit/abi'
import { apparmor } from '@lsmkit/apparmor'
import { PolicyStore } from '@lsmkit/apparmor/query'
import { bpf } from '@lsmkit/bpf'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import type { Lsm, Stack, Task } from '@lsmkit/core'
import { bootKernel, setTaskLabel } from '@lsmkit/kernel'
import type { Kernel } from '@lsmkit/kernel'
import { landlock } from '@lsmkit/landlock'
import { selinux } from '@lsmkit/selinux'
import { smack } from '@lsmkit/smack'
import { Policy } from '@lsmkit/smack/engine'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { buildBundle } from '../bundle/build.ts'
import { generateKeys } from '../bundle/keys.ts'
import type { KeyPair } from '../bundle/keys.ts'
import { signBundle } from '../bundle/sign.ts'
import { decisionFields } from '../decisions/decision.ts'
import { readDecisions } from '../decisions/read.ts'
import { folder } from '../store/folder/index.ts'
import { putLarge } from '../store/large.ts'
import type { Store } from '../store/store.ts'
import { joinFleet } from './agent.ts'
import type { FleetAgent } from './agent.ts'
import type { StackHandles } from './attached.ts'
import { readHave, writeWant } from './records.ts'
import type { Mode } from './records.ts'

let key: KeyPair
beforeAll(async () => {
  key = await generateKeys()
})
let path = ''
let store: Store
let agent: FleetAgent
beforeEach(async () => {
  path = mkdtempSync(join(tmpdir(), 'lsmkit-beside-'))
  store = folder(join(path, 'store'), { poll: 20 })
  agent = await joinFleet({
    store, host: 'web-1', state: join(path, 'state'), keys: { keys: [key.public] }, onExpired: 'keep', wait: 20,
    beat: 20,
  })
})
afterEach(async () => {
  await agent.close()
  await store.close()
  rmSync(path, { recursive: true, force: true })
})

type Files = Record<string, string | Uint8Array>
const bundleOf = async (epoch: number, files: Files): Promise<string> => {
  const bytes = Object.fromEntries(Object.entries(files).map(([name, one]) => [name, new Uint8Array(Buffer.from(one))]))
  return putLarge(store, await signBundle(buildBundle({ name: 'web', version: '1', epoch }, bytes), key.secret))
}
const want = async (bundle: string, mode: Mode): Promise<void> => {
  const revision = await writeWant(store, 'web-1', { bundle, mode })
  await expect.poll(async () => (await readHave(store, 'web-1'))?.want).toBe(revision)
  expect((await readHave(store, 'web-1'))?.error ?? null).toBeNull()
}

const make = ({ sys, init }: Kernel, file: string): void => {
  sys.close(init, sys.openat(init, AT_FDCWD, file, O_CREAT | O_WRONLY, 0o666))
  sys.chmod(init, file, 0o666)
}

interface Case {
  readonly lsm: Lsm
  readonly handles: StackHandles
  readonly engine?: ReturnType<typeof landlock>['engine']
  readonly label?: string
  readonly setUp?: (kernel: Kernel) => void
  /** Allows to write, and does not. */
  readonly parts: readonly [Files, Files]
  /** The hooks that would refuse. */
  readonly hooks: readonly string[]
}

const cilOf = (permissions: string): Files => ({ 'selinux/web.cil': `
(handleunknown allow) (mls true) (class file (read write open append create getattr))
(class process (transition dyntransition)) (classorder (file process))
(type web_t) (type data_t) (allow web_t data_t (file (${permissions})))
(allow web_t web_t (file (read write open append create getattr)))
(role object_r) (role system_r) (roletype system_r web_t) (roletype system_r data_t)
(user system_u) (userrole system_u system_r) (userrole system_u object_r) (userlevel system_u (s0))
(userrange system_u ((s0) (s0))) (sensitivity s0) (sensitivityorder (s0)) (category c0) (categoryorder (c0))
(sensitivitycategory s0 (c0)) (sid kernel) (sid unlabeled) (sid file) (sidorder (kernel unlabeled file))
(sidcontext kernel (system_u system_r web_t ((s0) (s0)))) (sidcontext unlabeled (system_u object_r data_t ((s0) (s0))))
(sidcontext file (system_u object_r data_t ((s0) (s0))))
` })

const noWrites = readFileSync(new URL('../../../../examples/bpf-object/no-writes.o', import.meta.url))

const cases: Readonly<Record<string, () => Case>> = {
  smack: () => {
    const policy = new Policy()
    return {
      lsm: smack({ policy }), handles: { smack: policy }, label: 'Web', hooks: ['inode_permission'],
      parts: [{ 'smack/web': 'Web Data rw\n' }, { 'smack/web': 'Web Data r\n' }],
      setUp: ({ sys, init }) => {
        sys.setxattr(init, '/data/file', 'security.SMACK64', new TextEncoder().encode('Data'), 0)
      },
    }
  },
  apparmor: () => {
    const policy = new PolicyStore()
    return {
      lsm: apparmor({ policy }), handles: { apparmor: policy }, label: 'web', hooks: ['file_open'],
      parts: [
        { 'apparmor/web': 'profile web { / r, /data/** rw, }' }, { 'apparmor/web': 'profile web { / r, /data/** r, }' },
      ],
    }
  },
  landlock: () => {
    const lsm = landlock()
    const rules = (write: readonly string[]): Files => ({ 'landlock.json': JSON.stringify({ read: ['/'], write }) })
    return {
      lsm, engine: lsm.engine, handles: { landlock: true }, hooks: ['file_open'], parts: [rules(['/data']), rules([])],
    }
  },
  bpf: () => {
    const lsm = bpf()
    return {
      lsm, handles: { bpf: lsm }, hooks: ['file_open'],
      parts: [{ 'sandbox.json': '{"version":1}' }, { 'bpf/no-writes.o': noWrites }],
    }
  },
  selinux: () => {
    const lsm = selinux()
    return {
      lsm, handles: { selinux: lsm }, hooks: ['inode_permission', 'file_open'],
      parts: [cilOf('read write open append create getattr'), cilOf('read open getattr')],
    }
  },
}

const userOf = (kernel: Kernel, label: string | undefined): Task => {
  const { sys, init, machine } = kernel
  const task = machine.tasks.find(sys.fork(init))!
  const become = (): void => void sys.setresuid(task, 1000, 1000, 1000)
  if (label === undefined) become()
  else expect(setTaskLabel(kernel, task, label, { become })).toBe(0)
  return task
}

const found = async (): Promise<readonly object[]> => {
  const all: object[] = []
  for await (const record of readDecisions(store)) if (record.kind === 'decision') all.push(decisionFields(record))
  return all
}

const open = ({ sys }: Kernel, task: Task, flags: number): number => {
  const fd = sys.openat(task, AT_FDCWD, '/data/file', flags, 0)
  return fd < 0 ? fd : sys.close(task, fd)
}

test.each(Object.keys(cases))('%s: a call is allowed and counted; enforced, it is refused', async (name) => {
  const { lsm, handles, engine, label, setUp, parts, hooks } = cases[name]!()
  const stack: Stack = createStack({ lsms: [capability(), lsm] })
  const kernel = bootKernel({ stack, ...(engine === undefined ? {} : { landlock: engine }) })
  kernel.sys.mkdir(kernel.init, '/data', 0o777)
  make(kernel, '/data/file')
  setUp?.(kernel)
  const detach = agent.attach(stack, handles)
  await want(await bundleOf(1, parts[0]), 'enforce')
  const task = userOf(kernel, label)
  const records = stack.audit.records.length
  expect(open(kernel, task, O_WRONLY)).toBe(0)
  const next = await bundleOf(2, parts[1])
  await want(next, 'permissive')
  expect([open(kernel, task, O_WRONLY), open(kernel, task, O_RDONLY)]).toEqual([0, 0])
  const countsOf = async () => (await readHave(store, 'web-1'))?.counts.find(({ bundle }) => bundle === next)
  await expect.poll(async () => (await countsOf())?.wouldDenies).toBe(hooks.length)
  // of the module beside nothing is in the log of the stack
  expect(stack.audit.records.slice(records)).toEqual([])
  const named = expect.stringMatching(/^(\/data\/)?file$/) as string
  await expect.poll(found).toMatchObject(hooks.map((hook) =>
    ({ verdict: 'would-deny', module: name, operation: hook, path: named, bundle: next })))
  await want(next, 'enforce')
  expect(open(kernel, task, O_WRONLY)).toBeLessThan(0)
  expect(open(kernel, task, O_RDONLY)).toBe(0)
  expect(agent.permissive).toBeNull()
  detach()
})
