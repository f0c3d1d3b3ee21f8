/** capraise says what the kernel has answered. */
import { readFileSync } from 'node:fs'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import { bootKernel } from '@lsmkit/kernel'
import { runWasi } from '@lsmkit/wasi'
import { expect, test } from 'vitest'

const FULL = '000001ffffffffff'
const NONE = '0000000000000000'
const ids = (uid: number, caps: string): string =>
  `  uid ${uid} euid ${uid} suid ${uid} permitted ${caps} effective ${caps}`

const capraise = (uid: number, ...args: string[]) => {
  const { sys, init, machine, ...kernel } = bootKernel({ stack: createStack({ lsms: [capability()] }) })
  const task = machine.tasks.find(sys.fork(init))!
  if (uid !== 0) sys.setresuid(task, uid, uid, uid)
  let text = ''
  const { status } = runWasi({ ...kernel, sys, machine }, task, {
    program: new Uint8Array(readFileSync(new URL('capraise.wasm', import.meta.url))),
    argv: ['capraise', ...args],
    syscalls: true,
    stdout: (bytes) => void (text += new TextDecoder().decode(bytes)),
  })
  return { status, lines: text.trimEnd().split('\n') }
}

test('root has everything until it gives up its user', () => {
  expect(capraise(0, 'net_admin', 'setuid', '1000', 'CAP_NET_RAW', '64')).toEqual({
    status: 125,
    lines: [
      'start', ids(0, FULL), 'raise cap_net_admin: ok', ids(0, FULL), 'setuid 1000: ok', ids(1000, NONE),
      'raise cap_net_raw: EPERM', ids(1000, NONE), '64: no such capability',
    ],
  })
})

test('a user gets nothing', () => {
  expect(capraise(1000, '21', '63', 'setuid', '0')).toEqual({
    status: 2,
    lines: [
      'start', ids(1000, NONE), 'raise cap_sys_admin: EPERM', ids(1000, NONE), 'raise cap_63: ok', ids(1000, NONE),
      'setuid 0: EPERM', ids(1000, NONE),
    ],
  })
})
