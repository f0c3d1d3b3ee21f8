import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'

/** Runs a module of ours in a fresh process that can look into V8. */
const inFreshProcess = (program: string): string => {
  const args = ['--allow-natives-syntax', '--conditions=lsmkit:source', '--input-type=module', '-e', program]
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { cwd: import.meta.dirname, encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return stdout
}

test('an accessor folds: its key\'s prototype is fast, when unbound and when bound', () => {
  const out = inFreshProcess(`
    import { bindBlobs, defineBlob, keyOfBlob, placeBlobs } from './blob.ts'
    const accessor = defineBlob(() => 0)
    const fast = () => %HasFastProperties(Object.getPrototypeOf(keyOfBlob(accessor)))
    const before = fast()
    bindBlobs(placeBlobs([{ lsm: 'a', kind: 'task', accessor }]))
    console.log(before, fast())
  `)
  expect(out).toBe('true true\n')
})
