/** The parts of the kernel that a box has, by its policy, as calls of a program find them. */
import { ENODEV, ENOSYS, IPC_CREAT, KEY_SPEC_SESSION_KEYRING, KEYCTL_GET_KEYRING_ID } from '@lsmkit/abi'
import { expect, test } from 'vitest'
import { createSandbox } from './index.ts'
import { insideOf } from './inside.ts'
import type { Policy } from './policy.ts'

const PRESENT = 1

const found = async (policy: Pick<Policy, 'subsystems'>) => {
  await using box = await createSandbox({ inline: true, ...policy, allow: { read: ['/proc'] } })
  const { kernel: { sys, init }, task } = insideOf(box)
  const program = task()
  const sign = (rc: number): number => (rc < 0 ? rc : PRESENT)
  sys.mkdir(init, '/t', 0o755)
  return {
    keys: sign(sys.keyctl(program, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 1, 0, 0)),
    ipc: sign(sys.msgget(program, 0, IPC_CREAT)),
    inotify: sign(sys.inotify_init(program)),
    overlay: sys.mount(init, 'none', '/t', 'overlay', 0, 'lowerdir=/proc:/sys') === -ENODEV ? -ENODEV : PRESENT,
    sockets: sign(sys.socketpair(program, 1, 1, 0, [])),
    proc: (await box.fs.readFile('/proc/1/comm', 'utf8')).trim(),
  }
}

const reached = { inotify: PRESENT, sockets: PRESENT, proc: 'init' }

test.each([
  ['by default, what calls of WASI and POSIX reach', {}, { ...reached, keys: -ENOSYS, ipc: -ENOSYS, overlay: -ENODEV }],
  ['all', { subsystems: 'all' }, { ...reached, keys: PRESENT, ipc: PRESENT, overlay: PRESENT }],
] as const)('%s', async (_what, policy, parts) => expect(await found(policy)).toEqual(parts))
