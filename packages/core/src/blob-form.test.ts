import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'

/** Runs a module of ours in a fresh process that can look into V8. */
const inFreshProcess = (program: string): string => {
  const args = ['--allow-natives-syntax', '--conditions=lsmkit:source', '--input-type=module', '-e', program]
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { cwd: import.meta.dirname, encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return stdout
}

test('an accessor folds: the prototype its key is given when it is bound is fast', () => {
  const out = inFreshProcess(`
    import { defineBlob } from './blob.ts'
    import { bindBlobs } from './blobs/bind-blobs.ts'
    import { placeBlobs } from './blobs/place-blobs.ts'
    const accessor = defineBlob(() => 0)
    const prototypes = []
    const { setPrototypeOf } = Object
    Object.setPrototypeOf = (key, prototype) => (prototypes.push(prototype), setPrototypeOf(key, prototype))
    bindBlobs(placeBlobs([{ lsm: 'a', kind: 'task', accessor }]))
    console.log(prototypes.length, prototypes.every((prototype) => %HasFastProperties(prototype)))
  `)
  expect(out).toBe('1 true\n')
})

test('what LSMs are handed is no dictionary to V8', () => {
  const out = inFreshProcess(`
    import { createStack } from './stack.ts'
    import { defineLsm } from './define-lsm.ts'
    const seen = []
    const own = defineLsm({ name: 'own', hooks: (ctx) => (seen.push(ctx), { task_kill: () => 0 }) })
    createStack({ lsms: [own], capability: 'none' })
    console.log(seen.length, seen.every((ctx) => %HasFastProperties(ctx)))
  `)
  expect(out).toBe('1 true\n')
})
