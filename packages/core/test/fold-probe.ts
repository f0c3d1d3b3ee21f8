/**
 * Run by fold.test.ts in a process of its own with --allow-natives-syntax: is what stands behind a key folded into its
 * optimised callers, again after every switch, and do switches of other hooks leave them alone? Prints JSON.
 */
import { createDispatch } from '../src/dispatch/create-dispatch.ts'
import { linuxNext } from '../src/dispatch/next-profile.ts'
import type { LsmTable } from '../src/generated/lsm-table.ts'
import { aFile, anEnv, membersOf } from './dispatch-support.ts'

type Native = (value: unknown) => boolean
const native = (text: string): Native => new Function('value', text) as Native
const hasFastProperties = native('return %HasFastProperties(value)')
const prepare = native('%PrepareFunctionForOptimization(value)')
const optimise = native('%OptimizeFunctionOnNextCall(value)')
/** V8's kOptimized bit of %GetOptimizationStatus. */
const isOptimised = native('return (%GetOptimizationStatus(value) & 16) !== 0')

const members = { file_permission: membersOf(() => 0, () => 0) }
const options = {
  members,
  env: anEnv(),
  cold: { onSettle() {}, onFault() {} },
  programs: { lsm: 'bpf', id: 109, position: 2 },
}
const file = aFile()

/** As a kernel holds the table: a parameter that is never assigned. */
const kernel = (lsm: LsmTable) => ({
  read: () => lsm.file_permission.ask(file, 4),
  lock: () => lsm.file_lock.ask(file, 1),
})

/** Milliseconds that are longer than a burst. */
const QUIET = 25
const pause = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, QUIET)

const warm = (fn: () => number): boolean => {
  prepare(fn)
  for (let i = 0; i < 500; i++) fn()
  optimise(fn)
  fn()
  return isOptimised(fn)
}

const { lsm, attach } = createDispatch(options)
const { read, lock } = kernel(lsm)
const switches = []
for (let i = 0; i < 12; i++) {
  const ready = warm(read) && warm(lock)
  const link = attach('file_permission', () => 0)
  const folded = ready && !isOptimised(read)
  const readyAgain = warm(read)
  pause()
  link.detach()
  switches.push({ folded, foldedAgain: readyAgain && !isOptimised(read), otherUntouched: isOptimised(lock) })
  pause()
}

/** A second stack with the same functions shares what the first was born with. */
const twin = createDispatch(options)
const next = createDispatch({ ...options, members: {}, profile: linuxNext })
const protoOf = (table: LsmTable, hook: 'file_permission' | 'file_lock'): object =>
  Object.getPrototypeOf(table[hook]) as object

process.stdout.write(JSON.stringify({
  switches,
  fast: {
    table: hasFastProperties(lsm),
    nextTable: hasFastProperties(next.lsm),
    keys: Object.values(lsm).every(hasFastProperties),
    answers: Object.values(lsm).every((key) => hasFastProperties(Object.getPrototypeOf(key))),
  },
  ownFields: Object.values(lsm).filter((key) => Object.keys(key as object).length > 0).length,
  shared: {
    empty: protoOf(twin.lsm, 'file_lock') === protoOf(lsm, 'file_lock'),
    members: protoOf(twin.lsm, 'file_permission') === protoOf(createDispatch(options).lsm, 'file_permission'),
  },
}))
