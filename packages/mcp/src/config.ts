/** The contents of a server's policy file: a policy of `@lsmkit/sandbox`, and the user and role of each tool. */
import { createHash } from 'node:crypto'
import { didYouMean } from '@lsmkit/core/did-you-mean'
import { checkOptions, either, oneOf, OptionError, optionsOf } from '@lsmkit/core/option-rules'
import type { OptionRule } from '@lsmkit/core/option-rules'
import { plainCopy } from '@lsmkit/core/plain-options'
import { checkPolicy } from '@lsmkit/sandbox'
import type { Policy } from '@lsmkit/sandbox'
import { givenFields } from './given-fields.ts'
import { toolNames } from './tool-texts.ts'
import type { ToolName } from './tool-texts.ts'
import { choiceRules } from './tool-spec.ts'
import type { ToolChoice } from './tool-spec.ts'

export interface Config extends Policy {
  /** By name; `false`: the server does not have it. */
  readonly tools?: Readonly<Partial<Record<ToolName, ToolChoice | false>>>
  /** The user and label that read files of the folder as resources. `false`: there are no resources. */
  readonly resources?: ToolChoice | false
  /** A directory of the box whose `.md` files are prompts, such as `/project/prompts`. Default: no prompts. */
  readonly prompts?: string
}

const aChoice = either(oneOf(false), optionsOf(choiceRules))
const aPath: OptionRule = {
  is: (value) => typeof value === 'string' && value.startsWith('/'), what: 'an absolute path of the box',
}
const tools = optionsOf(Object.fromEntries(toolNames.map((name) => [name, aChoice])) as Record<ToolName, OptionRule>)

/**
 * A copy of the config, which nothing changes any more. Throws OptionError and SandboxError with the place of the
 * mistake: a misspelt name is one at every depth, the names of tools included.
 */
export const checkConfig = (config: unknown, place = 'policy'): Config => {
  const copy = plainCopy(config, place)
  if (typeof copy !== 'object' || copy === null) return checkPolicy(copy, place)
  const { tools: chosen, resources, prompts, ...policy } = copy as Config
  checkOptions(givenFields({ tools: chosen, resources, prompts }), { tools, resources: aChoice, prompts: aPath }, place)
  const { roles = {} } = checkPolicy(policy, place)
  for (const [name, choice] of Object.entries({ ...chosen, resources })) {
    const role = typeof choice === 'object' ? choice.role : undefined
    if (role === undefined || Object.hasOwn(roles, role)) continue
    throw new OptionError('bad-option', `there is no role \`${role}\``, {
      place: `${place}: ${name}`, hint: didYouMean(role, Object.keys(roles)) ?? '`roles` in the policy',
    })
  }
  return copy as Config
}

/** The same whatever the order of keys. */
const canonical = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(canonical)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(
    ([key, one]) => [key, canonical(one)]))
}

/** `sha256:…` of the config as JSON with its keys in order. Throws as `checkConfig`. */
export const hashOf = (config: Config): string => {
  const text = JSON.stringify(canonical(checkConfig(config)))
  return `sha256:${createHash('sha256').update(text).digest('hex')}`
}
