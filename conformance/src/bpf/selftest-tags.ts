/** The declaration tags of a kernel selftest: requests to its loader and expectations of the verifier. */
import { ownValue } from '@lsmkit/abi'
import type { ProgramSpec } from '@lsmkit/bpf/object'

/** Load flags by the names that tags use; the suite's loader sets the first two unless a tag says otherwise. */
const flagBits: Readonly<Record<string, number>> = {
  BPF_F_TEST_RND_HI32: 4, BPF_F_TEST_REG_INVARIANTS: 128, BPF_F_STRICT_ALIGNMENT: 1, BPF_F_ANY_ALIGNMENT: 2,
  BPF_F_TEST_STATE_FREQ: 8, BPF_F_SLEEPABLE: 16, BPF_F_XDP_HAS_FRAGS: 32,
}
/** The flags of every loader of selftests: RND_HI32 and REG_INVARIANTS. */
export const USUAL_FLAGS = 4 | 128

const value = (tag: string, name: string): string | null => {
  const start = `comment:${name}=`
  return tag.startsWith(start) ? tag.slice(start.length) : null
}

const applyFlag = (flags: number, text: string): number => {
  const off = text.startsWith('!')
  const bit = ownValue(flagBits, off ? text.slice(1) : text) ?? Number(text)
  return off ? flags & ~bit : flags | bit
}

export interface LoadWish {
  readonly flags: number
  /** 0 when no tag says. */
  readonly logLevel: number
}

export const loadWish = ({ tags }: ProgramSpec): LoadWish => {
  let flags = USUAL_FLAGS
  let logLevel = 0
  for (const tag of tags) {
    const flag = value(tag, 'test_prog_flags')
    if (flag !== null) flags = applyFlag(flags, flag)
    logLevel = Number(value(tag, 'test_log_level') ?? logLevel)
  }
  return { flags, logLevel }
}

const last = (tags: readonly string[], name: string): string | null =>
  tags.reduce<string | null>((found, tag) => value(tag, name) ?? found, null)

/** A number makes each tag another, then comes the text. */
const messagesOf = (tags: readonly string[], end: string): string[] =>
  tags.flatMap((tag) => value(tag, `test_expect_msg${end}`)?.replace(/^[^=]*=/, '') ?? [])

const UNPRIVILEGED = '_unpriv'

const expectedOf = (tags: readonly string[], end: string): 'success' | 'failure' | null =>
  tags.includes(`comment:test_expect_failure${end}`) ? 'failure'
    : tags.includes(`comment:test_expect_success${end}`) ? 'success' : null

/**
 * The load that a tag is about: root's, or that of a user without CAP_BPF and CAP_PERFMON, for whom the tags of root
 * hold unless the user has some.
 */
export type Loader = 'privileged' | 'unprivileged'

/** The expected output for the loader. */
export interface TaggedExpectation {
  readonly expected: 'success' | 'failure'
  readonly messages: readonly string[]
  /** Text of the last `test_retval`, null without. */
  readonly retval: string | null
  /** Object of the folder whose types it is relocated to instead of the kernel's, null for the kernel's. */
  readonly types: string | null
}

/** Null for programs that are not tests of such a load on this architecture. */
export const expectationOf = (tags: ProgramSpec['tags'], loader: Loader = 'privileged'): TaggedExpectation | null => {
  const architectures = tags.flatMap((tag) => value(tag, 'test_arch') ?? [])
  if (architectures.length > 0 && !architectures.includes('X86_64')) return null
  const end = loader === 'privileged' ? '' : UNPRIVILEGED
  if (end !== '' && !tags.some((tag) => tag.includes(end))) return null
  const expected = expectedOf(tags, end) ?? expectedOf(tags, '')
  if (expected === null) return null
  const messages = messagesOf(tags, end)
  return {
    expected,
    messages: messages.length > 0 ? messages : messagesOf(tags, ''),
    retval: last(tags, `test_retval${end}`) ?? last(tags, 'test_retval'),
    types: last(tags, 'test_btf_path')?.replace(/\.bpf\.o$/, '') ?? null,
  }
}

/** A message matches anywhere in the log; text in `{{…}}` is a regular expression. */
export const logHas = (log: string, message: string): boolean => {
  const parts = message.split(/(\{\{.*?\}\})/)
  const source = parts.map((part) =>
    part.startsWith('{{') ? part.slice(2, -2) : part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
  return new RegExp(source.join('')).test(log)
}

const named: Readonly<Record<string, number>> = { INT_MIN: 0x80000000, TEST_DATA_LEN: 64, EINVAL: 22 }

/** The return value of a tag: 32 bits; null for a pointer, which may be any. */
export const expectedReturn = (text: string): number | null => {
  if (text === 'POINTER_VALUE') return null
  const sign = text.startsWith('-') ? -1 : 1
  const number = ownValue(named, text.replace('-', '')) ?? Number(text.replace('-', ''))
  return (sign * number) >>> 0
}
