/** What inodes remember changes nothing but the time it takes: the same sequences with it and without. */
import { MAY_APPEND, MAY_EXEC, MAY_NOT_BLOCK, MAY_READ, MAY_WRITE, XATTR_NAME_SMACK } from '@lsmkit/abi'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseModes } from '../modes.ts'
import { Policy } from '../policy.ts'
import { RuleTable } from '../rule-table.ts'
import { bytes, Machine } from '../testing/machine.ts'

const LABELS = ['_', '^', '*', 'A', 'B', 'C']
const MODES = ['r', 'w', 'x', 'rwxa', 'rwxatlb', 'rb', 'l', '-']
const OBJECTS = 3

const label = fc.constantFrom(...LABELS)
const rule = fc.record({ subject: label, object: label, modes: fc.constantFrom(...MODES) })
const at = fc.nat(OBJECTS - 1)
const mask = fc.constantFrom(
  MAY_READ, MAY_WRITE, MAY_EXEC, MAY_APPEND, MAY_READ | MAY_EXEC, MAY_WRITE | MAY_EXEC, MAY_EXEC | MAY_NOT_BLOCK, 0,
)
const question = fc.oneof(
  fc.record({ kind: fc.constant('permission' as const), task: at, inode: at, mask }),
  fc.record({ kind: fc.constantFrom('getattr' as const, 'open' as const, 'lock' as const), task: at, inode: at }),
)
const change = fc.oneof(
  fc.record({ kind: fc.constant('rule' as const), rule }),
  fc.record({ kind: fc.constant('self' as const), task: at, rule }),
  fc.record({ kind: fc.constant('revoke' as const), label }),
  fc.record({ kind: fc.constant('relabel inode' as const), inode: at, label }),
  fc.record({ kind: fc.constant('relabel task' as const), task: at, label }),
  fc.record({ kind: fc.constant('logging' as const), bits: fc.nat(3) }),
  fc.record({ kind: fc.constant('unconfined' as const), label: fc.option(label) }),
)
const step = fc.oneof({ weight: 3, arbitrary: question }, { weight: 1, arbitrary: change })

/** Answers, lines of the kernel log and records of a sequence, pids and inode numbers aside. */
const run = (steps: readonly (typeof step extends fc.Arbitrary<infer S> ? S : never)[], remembers: boolean) => {
  const machine = new Machine({ remembers })
  const { policy, lsm } = machine
  const tasks = ['A', 'B', '_'].map((text) => machine.task(text))
  const inodes = ['A', 'C', '_'].map((text) => machine.inode(text))
  const files = inodes.map((inode) => tasks.map((task) => machine.as(task, () => machine.file(inode))))
  const answers = steps.map((given): number | void => {
    switch (given.kind) {
      case 'rule':
        return void machine.rules(`${given.rule.subject} ${given.rule.object} ${given.rule.modes}`)
      case 'self': {
        const { subject, object, modes } = given.rule
        return machine.as(tasks[given.task]!, () => machine.write('load-self2', `${subject} ${object} ${modes}\n`))
      }
      case 'revoke':
        return policy.rules.revoke(policy.labels.import(given.label))
      case 'relabel inode': {
        const dentry = machine.dentry(inodes[given.inode]!)
        return lsm.inode_post_setxattr.tell(dentry, XATTR_NAME_SMACK, bytes(given.label), given.label.length, 0)
      }
      case 'relabel task':
        return lsm.kernel_act_as.ask(tasks[given.task]!.cred, policy.labels.import(given.label))
      case 'logging':
        return void (policy.logging = given.bits)
      case 'unconfined':
        return void (policy.unconfined = given.label === null ? 0 : policy.labels.import(given.label))
      default:
        return machine.as(tasks[given.task]!, () => {
          const inode = inodes[given.inode]!
          const file = files[given.inode]![given.task]!
          if (given.kind === 'permission') return lsm.inode_permission.ask(inode, given.mask)
          if (given.kind === 'getattr') return lsm.inode_getattr.ask(file.f_path)
          return given.kind === 'open' ? lsm.file_open.ask(file) : lsm.file_lock.ask(file, 0)
        })
    }
  })
  const plain = (text: string): string => text.replaceAll(/((pid|ino)=|inode=\(fs |file=\(fs )\d+/g, '$1')
  const records = machine.stack.audit.records.map((record) => {
    if (record.kind === 'text') return plain(record.text)
    return record.kind === 'denial' ? [record.hook, record.rc, record.reason, record.details] : record.kind
  })
  return { answers, log: machine.log.map(plain), records }
}

test('the same answers, records and notes with remembered grants and without', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      expect(run(steps, true)).toEqual(run(steps, false))
    }),
    { numRuns: 150 },
  )
})

/** Counts what is looked up. */
class CountingRules extends RuleTable {
  gets = 0
  override get(subject: number, object: number): number {
    this.gets++
    return super.get(subject, object)
  }
}

test('a grant is looked up once, until something changes', () => {
  const rules = new CountingRules(100)
  const machine = new Machine({ policy: new Policy({ rules: () => rules }) }).rules('A B rx')
  const inode = machine.inode('B')
  const lookUps = (wanted: number, task = machine.task('A')): number => {
    const before = rules.gets
    machine.as(task, () => expect(machine.lsm.inode_permission.ask(inode, wanted)).toBe(0))
    return rules.gets - before
  }
  expect([lookUps(MAY_READ), lookUps(MAY_READ), lookUps(MAY_EXEC), lookUps(MAY_EXEC), lookUps(MAY_READ)])
    .toEqual([1, 0, 1, 0, 0])
  rules.change(machine.label('X'), machine.label('Y'), parseModes('r'), 0)
  expect([lookUps(MAY_READ), lookUps(MAY_READ)]).toEqual([1, 0])
  machine.rules('C B r')
  expect([lookUps(MAY_READ, machine.task('C')), lookUps(MAY_READ), lookUps(MAY_READ)]).toEqual([1, 1, 0])
})

test('grants are recorded from the moment that the log is to have them', () => {
  const machine = new Machine({}).rules('A B r')
  const inode = machine.inode('B')
  const granted = (logging: number): number => {
    machine.policy.logging = logging
    const before = machine.stack.audit.records.length
    machine.as(machine.task('A'), () => expect(machine.lsm.inode_permission.ask(inode, MAY_READ)).toBe(0))
    return machine.stack.audit.records.length - before
  }
  expect([0, 0, 3, 3, 1].map(granted)).toEqual([0, 0, 1, 1, 0])
})
