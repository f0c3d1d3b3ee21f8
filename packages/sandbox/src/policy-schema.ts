/** The JSON schema of a policy, made from the same tables that check one. `policy.schema.json` is its text. */
import { limitNames, limitTable } from '@lsmkit/wasi/limits'
import type { LimitRow } from '@lsmkit/wasi/limits'
import { kernelChoices, POLICY_VERSION, subsystemChoices } from './policy.ts'

const text = { type: 'string' } as const
const closed = (properties: object, required: readonly string[] = []) =>
  ({ type: 'object', additionalProperties: false, properties, ...(required.length > 0 ? { required } : {}) }) as const
const record = (of: object) => ({ type: 'object', additionalProperties: of }) as const

const paths = {
  type: 'array', items: { type: 'string', pattern: '^/[^*?\\[\\]{}]*$' },
  description: 'Hierarchies, by absolute paths of the box; no patterns.',
} as const
const peers = {
  type: 'array', items: { anyOf: [{ type: 'integer', minimum: 0, maximum: 65535 }, { const: 'unix' }] },
  description: 'TCP ports, and `unix` for sockets below what may be written.',
} as const
const hosts = {
  type: 'array', items: {
    anyOf: [
      { type: 'string', pattern: '^(\\[[^\\]]+\\]|[^:\\[\\]]+):[0-9]{1,5}(/(tcp|udp))?$' },
      closed({
        host: text, port: { type: 'integer', minimum: 1, maximum: 65535 }, protocol: { enum: ['tcp', 'udp'] },
        methods: { type: 'array', items: { type: 'string', pattern: '^[A-Z][A-Z-]*$' } },
        paths: { type: 'array', items: { type: 'string', pattern: '^/' } },
        addresses: { type: 'array', items: text },
      }, ['host', 'port']),
    ],
  },
  description: 'Hosts of the network: `name:port`, `*.name:port` for all names below it, `name:port/udp`, or an entry.',
} as const

const allow = closed({ read: paths, write: paths, exec: paths, connect: peers, listen: peers, hosts })
const user = { anyOf: [{ type: 'integer', minimum: 0 }, text] } as const

const limitTypes: Readonly<Record<LimitRow['kind'], object>> = {
  duration: { type: ['number', 'string'], minimum: 0 }, size: { type: ['number', 'string'], minimum: 0 },
  count: { type: ['integer', 'string'], minimum: 0 }, switch: { type: 'boolean' },
}

export const policySchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'A policy of @lsmkit/sandbox',
  ...closed({
    version: { const: POLICY_VERSION },
    allow: { ...allow, description: 'The permissions. `{}` is nothing; without it the modules alone decide.' },
    resolve: {
      type: 'boolean',
      description: 'Whether names of allow and attributes may lead over links, followed once when the box is made.',
    },
    modules: { type: 'array', items: closed({ module: text, export: text, options: { type: 'object' } }, ['module']) },
    mounts: record({
      anyOf: [
        closed({ kind: { const: 'memory' } }, ['kind']),
        closed({
          kind: { const: 'host-folder' }, path: text, writable: { type: 'boolean' },
          copyOnWrite: { type: 'boolean' },
          descriptors: { type: 'integer', minimum: 0 }, native: { type: 'boolean' },
          labels: { enum: ['user', 'security'] },
        }, ['kind', 'path']),
      ],
    }),
    limits: closed(Object.fromEntries(limitNames.map((name) =>
      [name, { ...limitTypes[limitTable[name].kind], description: limitTable[name].help }]))),
    user,
    label: text,
    attributes: record(record(text)),
    env: record(text),
    subsystems: {
      enum: subsystemChoices,
      description: 'Parts of the kernel: those that WASI and POSIX calls reach, or all.',
    },
    kernel: { enum: kernelChoices, description: 'The kernel release whose hooks and rules hold; 6.12 unless given.' },
    roles: {
      ...record(closed({ allow, user, label: text })),
      description: 'Narrower policies by name, for runs that ask for one.',
    },
  }),
} as const

export const policySchemaText = (): string => `${JSON.stringify(policySchema, null, 2)}\n`
