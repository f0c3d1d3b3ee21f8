/** Questions: access and access2. One question a descriptor, answered by reading it (simple_transaction_get). */
import { EBUSY, EFBIG, EINVAL, ENOENT, PAGE_SIZE } from '@lsmkit/abi'
import type { PseudoFile, PseudoIo } from '@lsmkit/core'
import { access } from '../access.ts'
import { isDenied } from '../decision.ts'
import { textOf } from '../parse/bytes.ts'
import { parseFixedRule, SMK_LOADLEN } from '../parse/fixed-rule.ts'
import { LongRuleReader, SET_FIELDS } from '../parse/long-rule.ts'
import { findLabel } from '../parse/rule.ts'
import type { ParsedRule } from '../parse/rule.ts'
import type { Smack } from '../state.ts'
import { TASK_FILE } from './file.ts'

/** A page less its header and a NUL. */
const TRANSACTION_LIMIT = PAGE_SIZE - 8 - 1

/** `1` or `0`, with a NUL behind. */
const answers = { yes: Uint8Array.of(0x31, 0), no: Uint8Array.of(0x30, 0) }
/** What a descriptor has been asked, even if it was no question. */
const ASKED = Uint8Array.of()

type ParseQuestion = (text: string) => ParsedRule | number

/**
 * Labels are looked up and never made; a label nobody has used may access nothing. Neither privilege nor self rules
 * count.
 */
const ask = ({ policy }: Smack, parse: ParseQuestion, width: number) => (io: PseudoIo, data: Uint8Array): number => {
  if (data.length > TRANSACTION_LIMIT) return -EFBIG
  if (io.answer !== null) return -EBUSY
  io.answer = ASKED
  if (data.length < width) return -EINVAL
  const question = parse(textOf(data))
  if (typeof question === 'number' && question !== -ENOENT) return question
  const denied =
    typeof question === 'number' || isDenied(access(policy, question.subject, question.object, question.allow))
  io.answer = denied ? answers.no : answers.yes
  return width || data.length
}

export const accessFiles = (smack: Smack): PseudoFile[] => {
  const { labels } = smack.policy
  const fixed: ParseQuestion = (text) => parseFixedRule(labels, text, findLabel)
  const long: ParseQuestion = (text) => new LongRuleReader(text).next(labels, SET_FIELDS, findLabel)
  const read = (io: PseudoIo): Uint8Array => io.answer ?? ASKED
  return [
    { name: 'access', mode: TASK_FILE, read, write: ask(smack, fixed, SMK_LOADLEN) },
    { name: 'access2', mode: TASK_FILE, read, write: ask(smack, long, 0) },
  ]
}
