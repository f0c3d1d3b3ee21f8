/** An allow rule of a learned domain that no denial asked for: the way in, file systems. */
/** An allow rule whose permissions the policy has. */
export interface PlainRule {
  readonly source: string
  readonly target: string
  readonly tclass: string
  readonly permissions: readonly string[]
}

export const cilOf = ({ source, target, tclass, permissions }: PlainRule): string =>
  `(allow ${source} ${target} (${tclass} (${permissions.join(' ')})))\n`
