/** Seven programs that only compute, and two that look up: their text, and how many instructions a run takes. */

export interface Kernel {
  readonly text: string
  /** Instructions of one run, or look-ups where that is what is counted. */
  readonly count: number
}

/** Rounds of the inner loops: a run is long beside a look at the clock, and short beside a turn of the processor. */
const ROUNDS = 10_000

const counted = (before: string, loop: string, after = ''): string =>
  `${before}\nr9 = ${ROUNDS}\nloop:\n${loop}\nr9 -= 1\nif r9 != 0 goto loop\n${after}\nexit`

const lines = (text: string): number => text.trim().split('\n').length

/** A loop of so many instructions, two more for counting. */
const kernel = (before: string, loop: string, after?: string): Kernel =>
  ({ text: counted(before, loop, after), count: (lines(loop) + 2) * ROUNDS })

const xorshift = 'r4 = r2\nr4 <<= 13\nr2 ^= r4\nr4 = r2\nr4 >>= 7\nr2 ^= r4\nr4 = r2\nr4 <<= 17\nr2 ^= r4'
const alu32 = 'w0 *= 31\nw0 += w2\nw0 ^= 0x5bd1e9\nw2 += w0\nw2 >>= 1'
const division = 'r4 = r2\nr4 /= r9\nr0 += r4\nr5 = r2\nr5 %= r9\nr0 ^= r5'

/** 4 KiB behind r1, hashed three times. */
const fnv = `r6 = 3
outer:
r2 = r1
r3 = 4096
r0 = 0xcbf29ce484222325 ll
r5 = 0x100000001b3 ll
inner:
r4 = *(u8 *)(r2 +0)
r0 ^= r4
r0 *= r5
r2 += 1
r3 -= 1
if r3 != 0 goto inner
r6 -= 1
if r6 != 0 goto outer
exit`

/** 2 KiB behind r1 to the 2 KiB behind those, 40 times. */
const copy = `r6 = 40
outer:
r2 = r1
r3 = r1
r3 += 2048
r4 = 256
inner:
r5 = *(u64 *)(r2 +0)
*(u64 *)(r3 +0) = r5
r2 += 8
r3 += 8
r4 -= 1
if r4 != 0 goto inner
r6 -= 1
if r6 != 0 goto outer
r0 = 0
exit`

/** Jumps that nobody predicts; about 12 instructions a round. */
const branchy = `r2 *= 1103515245
r2 += 12345
r4 = r2
r4 >>= 16
r4 &= 7
if r4 == 0 goto a
if r4 == 1 goto b
if r4 s> 4 goto c
r0 += 3
goto e
a:
r0 ^= 1
goto e
b:
r0 += 7
goto e
c:
r0 -= 1
e:`

const calls = `r0 = 0
r6 = ${ROUNDS}
loop:
r1 = r0
r2 = r6
call f
r6 -= 1
if r6 != 0 goto loop
exit
f:
r0 = r1
r0 += r2
exit`

export const computing = {
  xorshift: kernel('r2 = 0x123456789abcdef ll', xorshift, 'r0 = r2'),
  alu32: kernel('w0 = 7\nw2 = 1', alu32),
  fnv: { text: fnv, count: 3 * 4096 * 6 },
  copy: { text: copy, count: 40 * 256 * 6 },
  branchy: { text: counted('r0 = 0\nr2 = 12345', branchy), count: 12 * ROUNDS },
  division: kernel('r0 = 0\nr2 = 0xfedcba987654321 ll', division),
  calls: { text: calls, count: 8 * ROUNDS },
} satisfies Record<string, Kernel>
export type Computing = keyof typeof computing

/** Looks up the map of 1024 entries, a key after the other. */
export const lookUps: Kernel = {
  text: counted('r8 = 0', `r1 = r9
r1 &= 1023
*(u32 *)(r10 -4) = r1
r1 = map[0]
r2 = r10
r2 += -4
call bpf_map_lookup_elem
if r0 == 0 goto none
r1 = *(u64 *)(r0 +0)
r8 += r1
none:`, 'r0 = r8'),
  count: ROUNDS,
}

/** Instructions that a verifier walks one by one: a loop whose rounds all differ. */
export const walked = `r0 = 0
r6 = 0
loop:
r1 = r6
r1 *= 3
r1 += 7
r2 = r1
r2 &= 255
r3 = r10
r3 += -8
*(u64 *)(r3 +0) = r2
r4 = *(u64 *)(r3 +0)
r0 += r4
r0 &= 0xffff
r6 += 1
if r6 < 10500 goto loop
r0 = 0
exit`
