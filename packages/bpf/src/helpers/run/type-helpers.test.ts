/** Kernel values as text: what is shown and what is left out, by flags; texts as a 6.12 kernel wrote them. */
import * as abi from '@lsmkit/abi'
import { expect, test } from 'vitest'
import { helperBench } from '../../testing/helper-bench.ts'
import { vmlinuxBtf } from '../../vmlinux/index.ts'

const types = vmlinuxBtf()

/** Shows a value of a type, whose bytes are given in hexadecimal and then zeroes. */
const shown = (
  name: string, bytes: string, flags = 0, { room = 512, size = 16, id = types.find(name), at = -1, high = 0 } = {},
): [rc: number, text: string] => {
  const bench = helperBench()
  const { memory } = bench
  const [value, pointer, to] = [memory.alloc(256), memory.alloc(16), memory.alloc(512)]
  memory.u8.set(Uint8Array.from(bytes.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16)), value)
  memory.view.setUint32(pointer, at < 0 ? value : at, true)
  memory.view.setUint32(pointer + 4, high, true)
  memory.view.setInt32(pointer + 8, id, true)
  memory.u8.fill(0x7e, to, to + 512)
  const site = { frames: [], target: 0n }
  const rc = bench.programBuilder.siteHelper(abi.BPF_FUNC_snprintf_btf,
    site, types).call(to, room, pointer, size, flags, 0)
  const end = memory.u8.indexOf(0, to)
  return [rc, String.fromCharCode(...memory.u8.subarray(to, end < to || end > to + 512 ? to + 512 : end))]
}

const COMPACT = 1
const NO_NAME = 2
const ZERO = 8
const POINTER = '0x0000000000000000'

test.each<[name: string, type: string, bytes: string, flags: number, text: string]>([
  ['nothing in it', 'list_head', '', 0, '(struct list_head){\n}\n'],
  ['nothing in it, in a line', 'list_head', '', COMPACT, '(struct list_head){}'],
  ['without names', 'list_head', '', COMPACT | NO_NAME, '{}'],
  ['zeroes too', 'list_head', '', COMPACT | ZERO,
    `(struct list_head){.next = (struct list_head *)${POINTER},.prev = (struct list_head *)${POINTER},}`],
  ['zeroes too, on lines', 'list_head', '', ZERO,
    `(struct list_head){\n .next = (struct list_head *)${POINTER},\n .prev = (struct list_head *)${POINTER},\n}\n`],
  ['what is zero is left out', 'timespec64', `${'00'.repeat(8)}07`, COMPACT,
    '(struct timespec64){.tv_nsec = (long)7,}'],
  ['a signed number behind a typedef', 'timespec64', 'ff'.repeat(8), COMPACT,
    '(struct timespec64){.tv_sec = (time64_t)-1,}'],
  ['a text ends with its NUL', 'sockaddr', '0100612700', COMPACT,
    '(struct sockaddr){.sa_family = (sa_family_t)1,.sa_data = (char[])[\'a\',\'\'\',],}'],
  ['a text with no text', 'sockaddr', '0100', COMPACT, '(struct sockaddr){.sa_family = (sa_family_t)1,}'],
  ['bytes that are no characters', 'sockaddr', '000001e4', COMPACT,
    '(struct sockaddr){.sa_data = (char[])[1,\'ä\',],}'],
  ['an aggregate in an aggregate', 'sockaddr_in', '000000007f000001', COMPACT,
    '(struct sockaddr_in){.sin_addr = (struct in_addr){.s_addr = (__be32)16777343,},}'],
])('%s', (_name, type, bytes, flags, text) => {
  expect(shown(type, bytes, flags)).toEqual([text.length, text])
})

test('what does not fit counts, and is cut', () => {
  expect(shown('list_head', '', COMPACT, { room: 8 })).toEqual([20, '(struct'])
})

test.each<[name: string, wishes: Parameters<typeof shown>[3], flags: number, rc: number]>([
  ['an unknown flag', {}, 16, -abi.EINVAL],
  ['another struct btf_ptr', { size: 24 }, 0, -abi.EINVAL],
  ['no type', { id: 0 }, 0, -abi.EINVAL],
  ['a type that there is not', { id: 1 << 20 }, 0, -abi.ENOENT],
  ['nothing there', { at: 8 }, ZERO, -abi.EFAULT],
  ['an address beyond memory', { high: 1 }, ZERO, -abi.EFAULT],
])('%s', (_name, wishes, flags, rc) => {
  expect(shown('list_head', '', flags, wishes)[0]).toBe(rc)
})
