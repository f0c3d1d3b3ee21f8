/**
 * Shell scripts of random commands by a native box under random policies, also while it is watched or mediated: no
 * canary is read or changed that the policy does not give, nothing appears outside of `write`, and nobody stays behind.
 */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createNativeBox, openWatch, systemFiles, systemPrograms } from '@lsmkit/native'
import type { NativeRun, Watch } from '@lsmkit/native'
import { hostSystem, landlockAbi } from '@lsmkit/native/sys'
import type { Session } from '../frame/fuzzer.ts'
import type { Random } from '../frame/random.ts'
import { seedFuzzer } from '../frame/input-fuzzer.ts'
import { growCanaries, namesBelow, Reach } from './tree.ts'
import type { CanaryTree } from './tree.ts'

/** ABI that the checks assume: signals, cutting and scopes are held. */
const NEEDED = 6

const canRun = (): boolean => {
  let abi = 0
  try {
    abi = landlockAbi(hostSystem())
  } catch {
    // another system
  }
  if (abi < NEEDED) process.stderr.write(`SKIPPED: the fuzzer native needs Landlock ABI ${NEEDED}, here is ${abi}\n`)
  return abi >= NEEDED
}

interface Rules {
  readonly read: readonly string[]
  readonly write: readonly string[]
}

const some = <T>(random: Random, list: readonly T[], most: number): T[] =>
  [...new Set(Array.from({ length: random.below(most + 1) }, () => random.pick(list)))]

const rulesOf = ({ folders, files }: CanaryTree, random: Random): Rules => ({
  read: [...some(random, folders.slice(1), 3), ...some(random, files.map(({ path }) => path), 1)],
  write: some(random, folders.slice(1), 3),
})

/** Seconds of a sleep by which a process that stayed is known. */
const stayTime = (seed: number): string => `9${process.pid}.${seed}`

const commandOf = ({ top, folders, files, links }: CanaryTree, random: Random, seed: number): string => {
  const detour = (path: string): string => {
    switch (random.below(6)) {
      case 0: return path.replaceAll('/', '//')
      case 1: return `${random.pick(folders)}/${'../'.repeat(20)}${path.slice(1)}`
      case 2: return `/proc/self/root${path}`
      default: return path
    }
  }
  const folder = (): string => detour(random.pick(random.oneIn(4) ? links : folders))
  const file = (): string => detour(random.oneIn(4) ? random.pick(links) : random.pick(files).path)
  const fresh = (): string => `${folder()}/n${random.below(6)}`
  const any = (): string => (random.oneIn(2) ? file() : fresh())
  const commands: readonly (() => string)[] = [
    () => `cat ${any()}`, () => `cat < ${any()}`, () => `dd if=${any()} of=${any()}`, () => `head -c 9 ${any()}`,
    () => `echo written > ${any()}`, () => `echo more >> ${any()}`, () => `: > ${any()}`,
    () => `tee ${any()} </dev/null`,
    () => `cp ${any()} ${any()}`, () => `cp -r ${folder()} ${fresh()}`, () => `mv ${any()} ${any()}`,
    () => `mv ${folder()} ${fresh()}`, () => `ln ${any()} ${fresh()}`, () => `ln -s ${any()} ${fresh()}`,
    () => `ln -sfn ${folder()} ${fresh()}`, () => `rm -rf ${any()}`, () => `rm -rf ${folder()}`,
    () => `rmdir ${folder()}`,
    () => `mkdir -p ${fresh()}/x/y`, () => `mkfifo ${fresh()}`, () => `truncate -s 3 ${any()}`, () => `touch ${any()}`,
    () => `chmod 777 ${any()}`, () => `chown 1:1 ${any()}`, () => `sed -i s/a/b/ ${any()}`, () => `find ${folder()}`,
    () => `tar -C ${folder()} -cf ${fresh()} .`, () => `tar -C ${folder()} -xf ${any()}`, () => `cd ${folder()}`,
    () => `cat ./${random.pick(files).path.split('/').at(-1)}`, () => `install ${any()} ${fresh()}`,
    () => `grep -r canary ${folder()}`, () => `ls -la ${folder()}`, () => `sh ${any()}`, () => `. ${any()}`,
    () => `exec 9<${any()}; cat <&9`, () => `exec 8>${any()}; echo held >&8`, () => `test -e ${top}/f0`,
    () => `(setsid sleep ${stayTime(seed)} &)`, () => `trap '' TERM HUP; sleep ${stayTime(seed)} &`, () => 'kill -9 -1',
    () => `kill -9 ${process.pid}`, () => 'kill -9 $PPID', () => `find ${folder()} -type f -exec cat {} +`,
  ]
  return random.pick(commands)()
}

const isSleeper = (pid: number, seed: number): boolean => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(stayTime(seed))
  } catch {
    return false
  }
}

const stayed = (seed: number): number[] =>
  readdirSync('/proc').filter((pid) => /^\d+$/.test(pid)).map(Number).filter((pid) => isSleeper(pid, seed))

/** What must be true of each canary afterwards, settled before anything runs. */
const promisesOf = ({ files }: CanaryTree, { read, write }: Rules): {
  readonly hidden: readonly string[]
  readonly kept: CanaryTree['files']
} => {
  const [readable, writable] = [new Reach([...read]), new Reach([...write])]
  const inodes = (reach: Reach): Set<number> =>
    new Set(files.filter(({ path }) => reach.has(path)).map(({ inode }) => inode))
  const [shown, changed] = [inodes(readable), inodes(writable)]
  return {
    hidden: files.filter(({ inode }) => !shown.has(inode)).map(({ text }) => text.trim()),
    kept: files.filter(({ inode, path }) => !changed.has(inode) && !writable.has(path)),
  }
}

/** A mode that the program could change, where attributes are open, may keep this process out. */
const readText = (path: string): string => {
  chmodSync(path, 0o600 | (statSync(path).mode & 0o777))
  return readFileSync(path, 'utf8')
}

/** No module refuses anything: what holds is the policy, although the watcher makes the calls. */
const watchOf = async (random: Random): Promise<Watch | null> => {
  switch (random.below(3)) {
    case 0: return openWatch()
    case 1: return openWatch({ mediation: { modules: [] } })
    default: return null
  }
}

const run = async (
  box: ReturnType<typeof createNativeBox>, script: string, cwd: string, watch: Watch | null,
): Promise<NativeRun> => {
  try {
    return await box.exec('sh', ['-c', script], { cwd, ...watch === null ? {} : { watch } })
  } finally {
    await watch?.end()
  }
}

const attempt = async (seed: number, session: Session): Promise<void> => {
  const { random } = session
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'lsmkit-fuzz-native-')))
  const top = join(base, 'tree')
  mkdirSync(top)
  try {
    const tree = growCanaries(top, random)
    const rules = rulesOf(tree, random)
    const { hidden, kept } = promisesOf(tree, rules)
    const writable = new Reach([...rules.write])
    const before = new Set(namesBelow(top))
    const lines = Array.from({ length: 4 + random.below(16) }, () => commandOf(tree, random, seed))
    const script = lines.join('\n')
    const watch = await watchOf(random)
    session.trying(`${seed}\n# ${watch?.mode ?? 'box'}\n# ${script.replaceAll('\n', '\n# ')}\n`)
    const exec = systemPrograms()
    const accept = random.oneIn(3) ? ['attributes'] : []
    const box = createNativeBox({
      allow: { read: [...exec, ...systemFiles(), ...rules.read], write: [...rules.write, '/dev/null'], exec },
      limits: { time: random.oneIn(4) ? 100 : 3000, output: '1 MiB', memory: '256 MiB' },
    }, { accept })
    const { stdout, stderr } = await run(box, script, top, watch)
    session.step(lines.length)
    const say = (kind: 'wrong-allow' | 'wrong-answer', what: string): void =>
      session.found(kind, `${seed}\n`, `${what} (${watch?.mode ?? 'box'})\n${JSON.stringify(rules)}\n${script}`)
    const printed = stdout + stderr
    for (const text of hidden) if (printed.includes(text)) say('wrong-allow', `${text} was read`)
    for (const { path, text, mode } of kept) {
      const stats = statSync(path, { throwIfNoEntry: false })
      const isKept = stats !== undefined && readText(path) === text && (accept.length > 0 || stats.mode === mode)
      if (!isKept) say('wrong-allow', `${path} was changed`)
    }
    const appeared = namesBelow(top).filter((path) => !before.has(path) && !writable.has(dirname(path)))
    if (appeared.length > 0) say('wrong-allow', `${appeared.join(', ')} was made`)
    const left = stayed(seed)
    for (const pid of left) process.kill(pid, 'SIGKILL')
    if (left.length > 0) say('wrong-allow', `${left.length} stayed behind`)
  } finally {
    rmSync(base, { recursive: true, force: true })
  }
}

const isAble = canRun()

export const native = seedFuzzer((seed, session) => (isAble ? attempt(seed, session) : undefined))
