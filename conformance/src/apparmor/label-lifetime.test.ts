/** Labels of tasks whose profiles or namespaces go: as seen on Linux 6.12.118 at each step. */
import { O_WRONLY } from '@lsmkit/abi'
import { writePolicy } from '@lsmkit/apparmor/policydb'
import { compileProfiles, kernelFeatures } from '@lsmkit/apparmor/profile'
import { expect, test } from 'vitest'
import { fileOperations } from './operations/files.ts'
import { attributeOf, makeWorld, startActor } from './world.ts'

const source = new TextEncoder().encode(`
profile any flags=(complain) { /** rwmix, }
profile two flags=(complain) { /** rwmix, profile kid flags=(complain) { /** rwmix, } }
`)
const files = { read: (path: string) => (path === 'p' ? source : null), list: () => null }
const policy = writePolicy(compileProfiles('p', { files, features: kernelFeatures('6.12') }).binary)

const A = '/sys/kernel/security/apparmor'
const NAMESPACE = `${A}/policy/namespaces/n2`

/** What each actor writes to its attributes `current` and `exec`. */
const actors: readonly (readonly [current: string, exec?: string])[] = [
  ['changeprofile :n2:any'], ['stack :n2:any'], ['changeprofile two//kid'], ['changeprofile any', 'exec two'],
  ['changeprofile two//&any'], ['stack any'], ['changeprofile :n2:unconfined'],
  ['changeprofile any', 'exec :n2:two'],
]

const C = ' (complain)'
const MIXED = `unconfined//&:n2:any${C}`

const steps: readonly (readonly [what: string, path: string | null, text: string, labels: readonly string[]])[] = [
  ['at first', null, '', [
    `:n2:any${C}`, MIXED, `two//kid${C}`, `any${C} two${C}`, `any//&two${C}`, `any//&unconfined${C}`, ':n2:unconfined',
    `any${C} :n2:two${C}`,
  ]],
  ['the namespace is removed', NAMESPACE, '', [
    ':n2:unconfined', MIXED, `two//kid${C}`, `any${C} two${C}`, `any//&two${C}`, `any//&unconfined${C}`, 'unconfined',
    `any${C} :n2:unconfined`,
  ]],
  ['a child is removed', `${A}/.remove`, 'two//kid', [
    ':n2:unconfined', MIXED, 'unconfined', `any${C} two${C}`, `any//&two${C}`, `any//&unconfined${C}`, 'unconfined',
    `any${C} :n2:unconfined`,
  ]],
  ['a profile is removed', `${A}/.remove`, 'any', [
    ':n2:unconfined', MIXED, 'unconfined', `unconfined two${C}`, `two//&unconfined${C}`, 'unconfined', 'unconfined',
    'unconfined :n2:unconfined',
  ]],
]

const world = makeWorld(new Map(), 0, [])
const { sys } = world.kernel
for (let actor = 0; actor <= actors.length; actor++) startActor(world, actor)

const put = (actor: number, path: string, data: Uint8Array | string): void => {
  const { task } = world.actors.get(actor)!
  const fd = sys.open(task, path, O_WRONLY, 0)
  const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data
  expect(sys.write(task, fd, bytes)).toBe(bytes.length)
  sys.close(task, fd)
}

const shown = (): string[] => actors.map((_, i) => {
  const { task } = world.actors.get(i + 1)!
  const exec = attributeOf(world, task, 'exec')
  return attributeOf(world, task, 'current') + (exec === '-' ? '' : ` ${exec}`)
})

fileOperations['mkdir']!(world, world.actors.get(0)!, [NAMESPACE, '0755'])
for (const folder of [NAMESPACE, A]) put(0, `${folder}/.load`, policy)
for (const [i, [current, exec]] of actors.entries()) {
  put(i + 1, '/proc/self/attr/current', current)
  if (exec !== undefined) put(i + 1, '/proc/self/attr/exec', exec)
}

test.each(steps)('%s', (_, path, text, labels) => {
  if (path === NAMESPACE) sys.rmdir(world.actors.get(0)!.task, NAMESPACE)
  else if (path !== null) put(0, path, text)
  expect(shown()).toEqual(labels)
})

test('a profile that was made up for learning has no folder', () => {
  put(0, `${A}/.replace`, policy)
  put(3, '/proc/self/attr/current', 'changeprofile any')
  put(3, '/proc/self/attr/current', 'changeprofile nosuch')
  expect(shown()[2]).toBe(`any//null-nosuch${C}`)
  const [, names] = fileOperations['getdents']!(world, world.actors.get(0)!, [`${A}/policy/profiles/any.3`])
  expect(names).toBe('attach mode name raw_abi raw_data raw_sha256 sha256')
})

test('a task that had a profile of the namespace is unconfined in its parent when it has looked twice', () => {
  const { task } = world.actors.get(1)!
  for (let i = 0; i < 2; i++) sys.close(task, sys.open(task, '/t', 0, 0))
  expect(shown()[0]).toBe('unconfined')
})
