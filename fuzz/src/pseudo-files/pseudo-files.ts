/**
 * Anything written to any file of smackfs, selinuxfs and securityfs, and to settings of LSMs, by process 1 and by a
 * confined user: a count or an errno comes back. A refusal changes nothing, and no write of the user changes the
 * contents of the files for process 1.
 */
import { AT_FDCWD, errnoName, O_RDONLY, O_RDWR, O_WRONLY } from '@lsmkit/abi'
import type { PseudoFile, Task } from '@lsmkit/core'
import { damagedBytes, damagedText } from '../frame/damage.ts'
import type { Session } from '../frame/fuzzer.ts'
import { seedFuzzer } from '../frame/input-fuzzer.ts'
import { Random } from '../frame/random.ts'
import { confinements } from '../syscalls/stacks.ts'
import { bootWorld } from '../syscalls/world.ts'
import type { World } from '../syscalls/world.ts'

interface Tree {
  readonly stack: 'smack' | 'selinux' | 'small'
  readonly types: readonly string[]
  /** What the files take. */
  readonly lines: readonly string[]
  /** Files whose text changes by itself or by any label that is named, and the many that a policy makes. */
  readonly restless: RegExp
  /** Files that take several rules at once, as on Linux: those before the one that is refused count. */
  readonly partial: RegExp
}

const trees: readonly Tree[] = [
  {
    stack: 'smack', types: ['smackfs'], restless: /^cipso2?$/, partial: /^(load|change-rule)/,
    lines: [
      'Confined Canary rwxat', 'Confined                _                       r-x--', 'A B -', 'A B rw x', '_ _ ?',
      'Confined', '1', '0', '-1', '3', 'A 3 2 1 5', 'A                       00250002000001000005', '127.0.0.1 A',
      '10.0.0.0/8 @', 'fe80::/10 A', 'Confined Canary rwx r\nA B x -', '-', '^', '*', '@', 'A'.repeat(255),
      'A'.repeat(256), '"', '\\', 'CAP', 'Confined\n',
    ],
  },
  {
    stack: 'selinux', types: ['selinuxfs'], partial: /^$/,
    restless: /^(avc|ss|class|initial_contexts)\/|^(status|policy)$/,
    lines: [
      'u:r:confined_domain_t:s0 u:object_r:canary_t:s0 7', 'u:r:confined_domain_t:s0', '1', '0', '33', '-1',
      'u:object_r:canary_t:s0 u:object_r:file_t:s0 6 u:r:all_domain_t:s0', 'u:r:all_domain_t:s0 u', 'u:r:none_t:s0',
      'u:r:all_domain_t:s0 u:object_r:file_t:s0 7 name%20x', '4294967296', '1 1',
    ],
  },
  {
    stack: 'small', types: ['securityfs', 'sysctl'], restless: /^$/, partial: /^$/,
    lines: [
      'none', 'integrity', 'integrity\n', 'confidentiality\0rest', 'confidentiality\n', '1:1\n',
      '1000:1001\n1001:1001\n', '0x10:020\n', '1:2\n1:2\n', '4294967295:1\n', '4294967294:4294967294\n',
      '99999999999999999999:1\n', ':\n', '\n', '',
      '0', '1', '-1', '0x1\n', '1:1\n'.repeat(500),
      Array.from({ length: 300 }, (_, id) => `${id}:${id + 1}\n`).join(''),
    ],
  },
]

/** A file, and where the kernel has it. */
interface Placed {
  readonly file: PseudoFile
  readonly path: string
}

const WRITES = 60
const ROOM = 1 << 16

const read = ({ sys }: World, task: Task, path: string): string => {
  const fd = sys.openat(task, AT_FDCWD, path, O_RDONLY, 0)
  if (fd < 0) return errnoName(fd)
  const buffer = new Uint8Array(ROOM)
  const length = sys.read(task, fd, buffer)
  sys.close(task, fd)
  return length < 0 ? errnoName(length) : new TextDecoder().decode(buffer.subarray(0, length))
}

const isAnswer = (rc: number): boolean => Number.isInteger(rc) && (rc >= 0 || /^E[A-Z0-9]+$/.test(errnoName(rc)))

class Writer {
  readonly #world: World
  readonly #random: Random
  readonly #tree: Tree
  readonly #declared: () => readonly Placed[]
  readonly #policy: Uint8Array

  constructor(tree: Tree, seed: number) {
    const confinement = confinements[tree.stack]!()
    this.#world = bootWorld(confinement, { seed })
    this.#random = new Random(seed)
    this.#tree = tree
    const parts = confinement.stack.pseudoFs.filter(({ type }) => tree.types.includes(type))
    this.#declared = () =>
      parts.flatMap((fs) => fs.files().map((file) => ({ file, path: `${fs.mountPoint}/${file.name}` })))
    this.#policy = confinement.policy ?? new Uint8Array(1)
  }

  /** What all files say that can be read, and are not asked a question first. */
  #said(): string {
    const files = this.#declared().filter(({ file }) => file.read !== undefined && !this.#tree.restless.test(file.name))
    return files.map(({ file, path }) => `${file.name}: ${read(this.#world, this.#world.init, path)}`).join('\n')
  }

  #payload(name: string): Uint8Array {
    const random = this.#random
    if (name === 'load' && !random.oneIn(4)) return damagedBytes(this.#policy, random)
    const line = random.pick(this.#tree.lines)
    return new TextEncoder().encode(random.oneIn(4) ? line : damagedText(line, random, this.#tree.lines))
  }

  /** One write: null when all is as it should be. */
  write(): { kind: 'crash' | 'wrong-allow' | 'wrong-answer'; detail: string } | null {
    const world = this.#world
    const random = this.#random
    const { sys, panics, init, user } = world
    const { file: { name }, path } = random.pick(this.#declared().filter(({ file }) => file.write !== undefined))
    const task = random.oneIn(2) ? init : user
    const before = this.#said()
    const payload = this.#payload(name)
    const fd = sys.openat(task, AT_FDCWD, path, random.pick([O_WRONLY, O_RDWR]), 0)
    const rc = fd < 0 ? fd : sys.write(task, fd, payload)
    if (fd >= 0) {
      sys.read(task, fd, new Uint8Array(ROOM))
      sys.close(task, fd)
    }
    const what = `${task === init ? 'process 1' : 'the user'} wrote ${JSON.stringify(String(Buffer.from(payload)))
      .slice(0, 300)} to ${name}: ${rc}`
    if (panics.length > 0) return { kind: 'crash', detail: `${what}\n${panics[0]}` }
    if (!isAnswer(rc)) return { kind: 'wrong-answer', detail: what }
    if (task === init && (rc >= 0 || this.#tree.partial.test(name))) return null
    const after = this.#said()
    if (after === before) return null
    const changed = after.split('\n').filter((line) => !before.includes(line)).join('; ')
    return { kind: task === init ? 'wrong-answer' : 'wrong-allow', detail: `${what}; now ${changed.slice(0, 300)}` }
  }
}

export const pseudoFiles = seedFuzzer((seed, session: Session) => {
  const writer = new Writer(trees[seed % trees.length]!, seed)
  for (let left = WRITES; left > 0; left--) {
    session.step()
    const wrong = writer.write()
    if (wrong === null) continue
    session.found(wrong.kind, String(seed), wrong.detail)
    return
  }
})
