/** Calls: arguments of helpers, memory they name, references they give. */
import { expect, test } from 'vitest'
import { outcome } from './testing/check.ts'

const reserve = 'r1 = map[2]\nr2 = 8\nr3 = 0\ncall bpf_ringbuf_reserve\n'

test.each([
  ['a number as a map', 'r1 = 1\nr2 = r10\nr2 += -4\ncall bpf_map_lookup_elem\nr0 = 0\nexit',
    'R1 type=scalar expected=map_ptr'],
  ['a key that is no memory', 'r1 = map[0]\nr2 = 0\ncall bpf_map_lookup_elem\nr0 = 0\nexit',
    'R2 type=scalar expected=fp'],
  ['a key that hangs over the frame', 'r1 = map[1]\nr2 = r10\nr2 += -4\ncall bpf_map_lookup_elem\nr0 = 0\nexit',
    'invalid indirect access to stack R2 off=-4 size=8'],
  ['a program array that is looked up',
    '*(u64 *)(r10 -8) = 0\nr1 = map[4]\nr2 = r10\nr2 += -8\ncall bpf_map_lookup_elem\nr0 = 0\nexit',
    'cannot pass map_type 3 into func bpf_map_lookup_elem#1'],
  ['a write into constants', 'r1 = map[3] + 0\n*(u8 *)(r1 +0) = 1\nr0 = 0\nexit',
    'write into map forbidden, value_size=16 off=0 size=1'],
  ['a helper of other program types', 'call bpf_get_current_comm\nr0 = 0\nexit',
    'program of this type cannot use helper bpf_get_current_comm#16'],
  ['no such helper', 'call nothing#9999\nr0 = 0\nexit', 'invalid func unknown#9999'],
  ['a record that is kept', `${reserve}r0 = 0\nexit`, 'Unreleased reference id=2 alloc_insn=4'],
  ['a record written without a test', `${reserve}*(u64 *)(r0 +0) = 1\nr0 = 0\nexit`,
    "R0 invalid mem access 'ringbuf_mem_or_null'"],
  ['a record submitted',
    `${reserve}if r0 == 0 goto out\n*(u64 *)(r0 +0) = 1\nr1 = r0\nr2 = 0\ncall bpf_ringbuf_submit\nout:\nr0 = 0\nexit`,
    'ok'],
  ['a record used when it is gone',
    `${reserve}if r0 == 0 goto out\nr6 = r0\nr1 = r0\nr2 = 0\ncall bpf_ringbuf_submit\n*(u64 *)(r6 +0) = 1\n` +
      'out:\nr0 = 0\nexit',
    "R6 invalid mem access 'scalar'"],
  ['a record larger than was asked for', `${reserve}if r0 == 0 goto out\n*(u64 *)(r0 +8) = 1\nout:\nr0 = 0\nexit`,
    'invalid access to memory, mem_size=8 off=8 size=8'],
  ['a record given back from its middle',
    `${reserve}if r0 == 0 goto out\nr1 = r0\nr1 += 4\nr2 = 0\ncall bpf_ringbuf_submit\nout:\nr0 = 0\nexit`,
    'R1 must have zero offset when passed to release func'],
  ['a size that is not known',
    'call bpf_get_prandom_u32\nr2 = r0\nr1 = map[2]\nr3 = 0\ncall bpf_ringbuf_reserve\nr0 = 0\nexit',
    "R2 is not a known constant'"],
])('%s', (_, code, expected) => {
  expect(outcome({ code })).toContain(expected)
})

test.each([
  ['bytes before the end was compared', 'r2 = *(u32 *)(r1 +76)\nr0 = *(u8 *)(r2 +0)\nexit',
    'invalid access to packet, off=0 size=1'],
  ['bytes that exist',
    'r2 = *(u32 *)(r1 +76)\nr3 = *(u32 *)(r1 +80)\nr4 = r2\nr4 += 14\nif r4 > r3 goto out\n' +
      'r0 = *(u16 *)(r2 +12)\nout:\nr0 = 0\nexit', 'ok'],
  ['one byte further',
    'r2 = *(u32 *)(r1 +76)\nr3 = *(u32 *)(r1 +80)\nr4 = r2\nr4 += 14\nif r4 > r3 goto out\n' +
      'r0 = *(u16 *)(r2 +13)\nout:\nr0 = 0\nexit',
    'invalid access to packet, off=13 size=2'],
  ['a packet that a helper may have moved',
    'r6 = r1\nr7 = *(u32 *)(r1 +76)\nr3 = *(u32 *)(r1 +80)\nr4 = r7\nr4 += 14\nif r4 > r3 goto out\nr2 = 0\n' +
      'call bpf_skb_pull_data\nr0 = *(u8 *)(r7 +0)\nout:\nr0 = 0\nexit',
    "R7 invalid mem access 'scalar'"],
])('packets: %s', (_, code, expected) => {
  expect(outcome({ code, section: 'tc' })).toContain(expected)
})

test('a system call program has no storage of sockets: it hangs on nothing that would allow the helper', () => {
  const code = 'call bpf_sk_storage_get\nr0 = 0\nexit'
  expect(outcome({ code, section: 'syscall.s' })).toMatch('helper call is not allowed in probe')
})
