/**
 * The interface of a policy for `expect(policy).toAllow(…)`: it answers a question with a verdict for each part of it.
 */

/** One thing that was asked for. */
export interface PolicyVerdict {
  /** As the policy writes it: a permission, modes, the name of a hook. */
  readonly asked: string
  readonly allowed: boolean
  /** The rule that decided, or what is missing, in a sentence; null when there is nothing to say. */
  readonly why: string | null
}

/** `selinuxPolicy` of @lsmkit/selinux/query and `smackPolicy` of @lsmkit/smack/engine are such. */
export interface PolicyCheck<Question extends readonly unknown[] = readonly never[]> {
  check(...question: Question): readonly PolicyVerdict[]
}

/** A question to a policy. */
export type QuestionOf<P> = P extends { check(...question: infer Q extends readonly unknown[]): unknown } ? Q : never
