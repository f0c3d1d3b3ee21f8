/** Whatever a program passes: every call answers an errno, and one that fails has written nothing to its memory. */
import { S_IFIFO } from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { bootForTest, makeDir } from '../testing/boot.ts'
import { guestOn } from '../testing/guest.ts'
import { preview1Table } from './table.ts'
import type { Preview1Name } from './table.ts'

const PATHS = ['a', 'box/a', '.', '..', 'link', 'dir/', 'dir/b', '/x', 'a\0b', 'proc/self/fd', 'dev/null', 'fifo']
const WORDS = 0x1000
const LAST_ERRNO = 76
const SIZES = [0, 1, 2, 3, 5, 8, 16, 24, 48, 64, 1024, 1025, 4096, 65536, -1, 0x7fffffff, -0x80000000]
const POINTERS = [
  0, 1, 4, 64, WORDS, WORDS + 4, WORDS + 8, WORDS + 96, 0x8000, 65528, 65532, 65535, 65536, -1, -8, 0x7fffffff,
  ...PATHS.map((_, i) => 0x2000 + 32 * i),
]
const numbers = fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 255, -1, 0x7fffffff, -0x80000000)
const wide = fc.constantFrom(
  0n, 1n, 2n, 64n, 0x8e001ffn, 0xfffffffn, 0x1fffffffn, 1n << 31n, 1n << 53n, (1n << 63n) - 1n, -1n, -(1n << 63n),
)

const argumentsOf = (params: string): fc.Arbitrary<number | bigint>[] =>
  (params === '' ? [] : params.split(', ')).flatMap((param): fc.Arbitrary<number | bigint>[] => {
    switch (param.slice(param.indexOf(' ') + 1)) {
      case 'str': return [fc.constantFrom(...POINTERS), fc.constantFrom(...SIZES)]
      case 'ptr': return [fc.constantFrom(...POINTERS)]
      case 'size': return [fc.constantFrom(...SIZES)]
      case 'u64': case 's64': case 'rights': return [wide]
      default: return [numbers]
    }
  })

/** proc_exit and proc_raise end the program. */
const calls = fc.oneof(...Object.entries(preview1Table)
  .filter(([name]) => !name.startsWith('proc_'))
  .map(([name, { params }]) => fc.tuple(fc.constant(name as Preview1Name), fc.tuple(...argumentsOf(params)))))

test('an errno, and nothing else when it is one', () => {
  const kernel = bootForTest([capability()])
  makeDir(kernel, '/box')
  kernel.sys.mknod(kernel.init, '/fifo', S_IFIFO | 0o666, 0)
  fc.assert(fc.property(fc.array(calls, { minLength: 20, maxLength: 40 }), (list) => {
    const guest = guestOn(kernel, { preopens: { '/': '/', box: '/box' }, host: { sleep() {} } })
    const bytes = new Uint8Array(guest.memory.buffer)
    PATHS.forEach((path, i) => bytes.set(new TextEncoder().encode(path), 0x2000 + 32 * i))
    for (let i = 0; i < 128; i++) {
      guest.view().setUint32(WORDS + 4 * i, [0, 1, 2, 4, 16, 64, 65530, 0xffffffff][(i * 5) % 8]!, true)
    }
    for (const [name, args] of list) {
      const before = bytes.slice()
      const errno = (guest.wasi[name] as (...args: (number | bigint)[]) => number)(...args)
      expect(errno >= 0 && errno <= LAST_ERRNO && Number.isInteger(errno), `${name} answers ${errno}`).toBe(true)
      if (errno !== 0) expect(Buffer.compare(bytes, before), `${name} has written`).toBe(0)
    }
    kernel.sys.exit_group(guest.task, 0)
    kernel.sys.wait4(kernel.init, -1, null, 0, null)
  }), { numRuns: 120 })
})
