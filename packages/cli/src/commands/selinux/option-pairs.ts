/** Options of `lsm selinux …` that count only with another option, or only without it. */
import type { OptionPair } from '../../idle-options.ts'

const needs = (command: string, option: string, ...others: readonly string[]): OptionPair =>
  ({ command: `selinux ${command}`, option, needs: others })

const beside = (command: string, options: readonly string[], other: string): OptionPair[] =>
  options.map((option) => ({ command: `selinux ${command}`, option, beside: other }))

const OF_MODULES = ['te', 'devel', 'interfaces', 'source', 'generalise']

export const selinuxOptionPairs: readonly OptionPair[] = [
  needs('info', 'name', 'list'),
  needs('info', 'expand', 'list'),
  needs('query', 'direct', 'source', 'target'),
  needs('query', 'directSource', 'source'),
  needs('query', 'directTarget', 'target'),
  needs('query', 'allPerms', 'perm'),
  needs('query', 'exactPerms', 'perm'),
  needs('query', 'exactBools', 'bool'),
  needs('query', 'exactXperms', 'xperm'),
  ...beside('classes', ['cil'], 'json'),
  ...beside('transition', ['member'], 'change'),
  needs('learn', 'local', 'policy'),
  needs('learn', 'why', 'policy'),
  ...beside('learn', OF_MODULES, 'why'),
  needs('lint', 'onlyEnabled', 'enable'),
  ...beside('lint', ['enable', 'disable', 'onlyEnabled', 'config', 'context', 'devel', 'source', 'level'], 'list'),
  ...beside('fmt', ['check'], 'write'),
  needs('matchpathcon', 'quiet', 'verify'),
  ...beside('matchpathcon', ['header'], 'verify'),
  ...beside('matchpathcon', ['header', 'quiet'], 'json'),
  ...['restorecon', 'setfiles'].flatMap((command) => [
    ...beside(command, ['dryRun'], 'apply'), ...beside(command, ['verbose'], 'json'),
  ]),
  needs('chcat', 'seusers', 'login'),
  ...beside('chcat', ['level'], 'login'),
  ...beside('chcat', ['setrans'], 'delete'),
  needs('container', 'local', 'policy'),
  needs('semanage', 'group', 'login'),
  ...['uidMin', 'uidMax', 'shells'].map((option) => needs('homedirs', option, 'passwd')),
  ...beside('android mapping', ['policy', 'ignore', 'json'], 'make'),
  ...beside('android checkfc', ['property', 'service', 'hwservice', 'vndservice', 'keystore2', 'empty'], 'compare'),
  ...beside('android checkfc', ['property', 'service', 'hwservice', 'vndservice', 'keystore2', 'empty'], 'test'),
  ...beside('android checkfc', ['compare'], 'test'),
]
