/** Variables of a program: `--env NAME=VALUE`, beside those of a policy. */
import { dictionary, ownValue } from '@lsmkit/abi'
import type { Policy } from '@lsmkit/sandbox/policy-parts'
import { CommandError } from '../command-error.ts'

export const environment = (words: readonly string[]): Record<string, string> => {
  const env = dictionary<string>()
  for (const word of words) {
    const at = word.indexOf('=')
    if (at < 1) throw new CommandError('usage', `\`${word}\` is not a variable`, '--env NAME=VALUE')
    env[word.slice(0, at)] = word.slice(at + 1)
  }
  return env
}

/** The variables of the program beside those of the policy, which stand. */
export const withVariables = (policy: Policy, env: Readonly<Record<string, string>>): Record<string, string> => {
  for (const [name, value] of Object.entries(env)) {
    const known = ownValue(policy.env, name)
    if (known !== undefined && known !== value) {
      throw new CommandError(
        'usage', `the policy says \`${name}=${known}\``, 'what a policy allows is widened in its file')
    }
  }
  return { ...env }
}
