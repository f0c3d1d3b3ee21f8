/** The answers of a policy for those that ask one question after another: adapters to runtimes of the host. */
import type { Policy } from '@lsmkit/sandbox/policy-parts'
import { boxAnswers } from './decision.ts'
import { mountOf, plainOf } from './plain.ts'
import { isBeneath } from './question.ts'
import type { Answers } from './question.ts'

export interface PolicyAnswers {
  /** Whether a program under the policy may do this. */
  readonly may: Answers
  /** The path of the box that shows a place of the host; null where none does. */
  readonly boxPath: (host: string) => string | null
}

/** Throws EmitError for a policy whose modules alone decide, and the errors of `checkPolicy`. */
export const policyAnswers = (policy: Policy): PolicyAnswers => {
  const plain = plainOf(policy)
  const folders = plain.mounts.flatMap(({ target, place }) =>
    (place.kind === 'host-folder' ? [{ target, source: place.path }] : []))
    .toSorted((a, b) => b.source.length - a.source.length)
  return {
    may: boxAnswers(plain),
    boxPath: (host) => {
      const folder = folders.find(({ source }) => isBeneath(host, source))
      // a place that the policy mounts something else on is not the host's
      if (folder === undefined) return mountOf(plain.mounts, host) === undefined ? host : null
      const rest = host.slice(folder.source === '/' ? 0 : folder.source.length)
      const path = folder.target === '/' ? rest || '/' : `${folder.target}${rest}`
      const shown = mountOf(plain.mounts, path)
      return shown?.target === folder.target ? path : null
    },
  }
}
