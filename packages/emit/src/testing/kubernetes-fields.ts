/**
 * The fields of a container that Kubernetes documents, as far as a policy needs them, with their types and the rules
 * that its API checks beyond types (reference of v1 Container and SecurityContext).
 */
import { parse } from 'yaml'

type Check = (value: unknown) => string | null

const aBoolean: Check = (value) => (typeof value === 'boolean' ? null : 'not a boolean')
const aString: Check = (value) => (typeof value === 'string' ? null : 'not a string')
/** IDs of users and groups. */
const anId: Check = (value) =>
  (Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 31 ? null : 'not from 0 to 2147483647')
const matching = (pattern: RegExp, what: string): Check => (value) =>
  (typeof value === 'string' && pattern.test(value) ? null : `not ${what}`)
const oneOf = (...names: readonly string[]): Check => (value) =>
  (names.includes(value as string) ? null : `not one of ${names.join(', ')}`)

const listOf = (check: Check): Check => (value) => {
  if (!Array.isArray(value)) return 'not a list'
  return value.map(check).find((fault) => fault !== null) ?? null
}

/** An object with these fields and no others; `rule` is about all of them together. */
const fields = (
  table: Readonly<Record<string, Check>>, required: readonly string[] = [],
  rule: (value: Readonly<Record<string, unknown>>) => string | null = () => null,
): Check => (value) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'not an object'
  const known = new Map(Object.entries(table))
  const given = value as Readonly<Record<string, unknown>>
  for (const [name, one] of Object.entries(given)) {
    const check = known.get(name)
    const fault = check === undefined ? 'not a field' : check(one)
    if (fault !== null) return `${name}: ${fault}`
  }
  const missing = required.find((name) => !Object.hasOwn(given, name))
  return missing === undefined ? rule(given) : `${missing}: missing`
}

/** A seccomp profile lies below a folder of the kubelet; one of AppArmor is a name that is loaded. */
const profile = (localhost: Check): Check => fields(
  { type: oneOf('RuntimeDefault', 'Unconfined', 'Localhost'), localhostProfile: localhost }, ['type'],
  ({ type, localhostProfile }) => ((type === 'Localhost') === (localhostProfile !== undefined) ? null
    : 'localhostProfile goes with the type Localhost'))

const belowKubelet: Check = (value) =>
  (typeof value === 'string' && value !== '' && !value.startsWith('/') && !value.split('/').includes('..') ? null
    : 'not a path below the folder of profiles')

const capabilities = listOf(matching(/^(?:ALL|[A-Z][A-Z_]*)$/, 'a capability without `CAP_`'))
const quantity = matching(/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?$/, 'a quantity')
const resources = fields({ memory: quantity, cpu: quantity, 'ephemeral-storage': quantity })

const securityContext = fields({
  allowPrivilegeEscalation: aBoolean, privileged: aBoolean, readOnlyRootFilesystem: aBoolean, runAsNonRoot: aBoolean,
  runAsUser: anId, runAsGroup: anId, procMount: oneOf('Default', 'Unmasked'),
  capabilities: fields({ add: capabilities, drop: capabilities }),
  seccompProfile: profile(belowKubelet),
  appArmorProfile: profile(matching(/^\S(?:.{0,4093}\S)?$/, 'the name of a profile')),
  seLinuxOptions: fields({ user: aString, role: aString, type: aString, level: aString }),
}, [], ({ privileged, allowPrivilegeEscalation, runAsNonRoot, runAsUser }) =>
  (privileged === true && allowPrivilegeEscalation === false ? 'privileged containers may gain privileges'
    : runAsNonRoot === true && runAsUser === 0 ? 'user 0 is root' : null))

const container = fields({
  securityContext, resources: fields({ limits: resources, requests: resources }),
  env: listOf(fields(
    { name: matching(/^[-._a-zA-Z][-._a-zA-Z0-9]*$/, 'the name of a variable'), value: aString }, ['name'])),
})

/** Why the API would refuse a container in YAML, as `field: reason`; null where it takes it. */
export const kubernetesFault = (text: string): string | null => container(parse(text))
