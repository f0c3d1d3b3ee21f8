/** Whatever a program passes to `lsmkit_posix` and to WasmEdge's sockets: an answer, and no panic of the kernel. */
import { capability } from '@lsmkit/capability'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { wasmedgeImports, wasmedgeNames } from '../preview1/wasmedge.ts'
import { bootForTest, makeDir } from '../testing/boot.ts'
import { guestOn } from '../testing/guest.ts'
import { posixImports, posixTable } from './table.ts'

const TEXTS = ['a', '/box', '.', '..', 'user.x', '/proc/self/fd', '/bin/none', 'security.x']
const WORDS = 0x1000
const LAST_ERRNO = 76
const POINTERS = [
  0, 1, 4, 64, WORDS, WORDS + 4, WORDS + 8, WORDS + 96, 0x8000, 65500, 65528, 65532, 65535, 65536, -1, -8, 0x7fffffff,
  ...TEXTS.map((_, i) => 0x2000 + 32 * i),
]
const NUMBERS = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 16, 17, 28, 110, 128, 255, 1024, 65536, 0o2000000, -1, 0x7fffffff, -0x80000000,
]

const word = (type: string): fc.Arbitrary<number> =>
  fc.constantFrom(...(['str', 'ptr', 'list'].includes(type) ? POINTERS : NUMBERS))

/** Of WasmEdge's, eight of any kind. */
const ANY = Array.from({ length: 8 }, () => fc.constantFrom(...NUMBERS, ...POINTERS))

const calls = fc.oneof(
  // the program would end, or be stopped with nobody to let it go on
  ...Object.entries(posixTable).filter(([name]) => name !== 'kill').map(([name, { params }]) => {
    const words = params === '' ? [] : params.split(', ').map((param) => word(param.slice(param.indexOf(' ') + 1)))
    return fc.tuple(fc.constant(name), fc.tuple(...words))
  }),
  ...[...wasmedgeNames, 'sock_accept_2'].map((name) => fc.tuple(fc.constant(name), fc.tuple(...ANY))),
)

test('an answer or an errno, never more', () => {
  const kernel = bootForTest([capability()])
  const { sys, init, machine } = kernel
  makeDir(kernel, '/box')
  fc.assert(fc.property(fc.array(calls, { minLength: 20, maxLength: 40 }), (list) => {
    const posix = { begin: (task: Parameters<typeof sys.exit_group>[0]) => void sys.exit_group(task, 0) }
    const guest = guestOn(kernel, { host: { sleep() {} } })
    const process = Object.assign(guest.process, { posix })
    const imports: Readonly<Record<string, (...words: number[]) => unknown>> =
      { ...posixImports(process), ...wasmedgeImports(process) }
    const bytes = new Uint8Array(guest.memory.buffer)
    TEXTS.forEach((text, i) => bytes.set(new TextEncoder().encode(text), 0x2000 + 32 * i))
    for (let i = 0; i < 128; i++) {
      const value = [0, 1, 2, 4, 0x2000, 64, 65530, 0xffffffff, 0x2020, WORDS][(i * 7) % 10]!
      guest.view().setUint32(WORDS + 4 * i, value, true)
    }
    for (const [name, words] of list) {
      const answer = imports[name]!(...words) as number
      const isWasmedge = name in wasmedgeImports(process)
      expect(Number.isInteger(answer), `${name} answers ${answer}`).toBe(true)
      expect(isWasmedge ? -answer : answer, `${name} answers ${answer}`).toBeGreaterThanOrEqual(-LAST_ERRNO)
      if (isWasmedge) expect(answer, name).toBeGreaterThanOrEqual(0)
    }
    sys.exit_group(guest.task, 0)
    while (sys.wait4(init, -1, null, 0, null) > 0);
    expect(machine.tasks.processes.size).toBe(1)
  }), { numRuns: 150 })
})
