/** The check behind all network hooks: a label that sends, one that receives, and `w`. */
import { MAY_WRITE } from '@lsmkit/abi'
import type { SkBuff } from '@lsmkit/core'
import type { Kind, Source } from '../audit.ts'
import { noteLabels } from '../bringup.ts'
import { errnoOf, rawCheck } from '../checks.ts'
import type { Label } from '../label.ts'
import type { Smack } from '../state.ts'
import { labelOrHuh } from './cred.ts'

/** Label of a netfilter mark, 0 without one (smack_from_skb). */
export const secmarkLabel = (smack: Smack, { secmark }: SkBuff): Label =>
  secmark === 0 ? 0 : labelOrHuh(smack, secmark)

/** One `w` between two labels. */
export const mayWrite = <K extends Kind>(
  smack: Smack,
  subject: Label,
  object: Label,
  fn: string,
  note: string,
  kind: K,
  source: Source<K>,
): number => {
  const decision = rawCheck(smack, subject, object, MAY_WRITE, fn, kind, source)
  noteLabels(smack, note, subject, object, MAY_WRITE, decision)
  return errnoOf(smack, decision, subject, object, MAY_WRITE)
}
