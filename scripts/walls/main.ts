/**
 * Tries what is emitted on real kernels: Landlock, seccomp, bwrap and containers of runc and crun on the running one,
 * and in qemu, with AppArmor, on the image of a folder. With `--system` a second virtual machine starts systemd, which
 * starts a service; crun and runc start containers there. Only processes that it starts restrict themselves. The last
 * line is `N of M agree`.
 *
 *     node scripts/run.mjs source scripts/walls/main.ts [--record FILE] [--qemu BOOT-FOLDER [--system DEB-FOLDER]]
 *
 * It needs gcc; `--system` needs apt-get and dpkg-deb, and keeps Debian's packages in that folder. Other programs that
 * are missing are left out, with a line each. `--record` writes the answers into a table that a test replays;
 * columns of walls that were left out stay in it.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { release } from 'node:os'
import { writePolicy } from '../../packages/apparmor/src/policydb/index.ts'
import { compileProfiles, kernelFeatures, memoryFiles } from '../../packages/apparmor/src/profile/index.ts'
import { emit } from '../../packages/emit/src/index.ts'
import { formats } from '../../packages/emit/src/formats/index.ts'
import { kubernetesFault } from '../../packages/emit/src/testing/kubernetes-fields.ts'
import { plainOf } from '../../packages/emit/src/plain.ts'
import { randomPolicy } from '../../packages/emit/src/testing/random-policy.ts'
import {
  isUndecided, WALL_ROOT, wallAnswer, wallFolders, wallLines, wallPolicy, wallQuestion,
} from '../../packages/emit/src/testing/wall-questions.ts'
import { bitOf, maskOf } from '../../packages/landlock/src/rights.ts'
import { compileProfile } from '../../packages/emit/src/seccomp/compile.ts'
import { filterBytes } from '../../packages/emit/src/seccomp/filter-bytes.ts'
import { readProfile } from '../../packages/emit/src/seccomp/profile.ts'
import { cpio } from './cpio.ts'
import type { CpioEntry } from './cpio.ts'
import { containerWall, guestSystem, serviceWall, systemdVersion } from './guest-system.ts'
import type { GuestRun } from './guest-system.ts'

const say = (line: string): void => void process.stdout.write(`${line}\n`)
const guest = 65534
const lines = wallLines()
const files = join(WALL_ROOT, 'files')
const probe = join(WALL_ROOT, 'bin/probe')
const questions = join(files, 'questions')

/** Lines of the plan that probe.c takes, of the emitted JSON. */
const landlockPlan = (): string => {
  const { pathBeneath, netPort } = JSON.parse(emit(wallPolicy, 'landlockconfig').text) as {
    pathBeneath: { allowedAccess: string[]; parent: string[] }[]
    netPort: { allowedAccess: string[]; port: number[] }[]
  }
  const bits = (kind: 'fs' | 'net', names: readonly string[]): number =>
    names.reduce((mask, name) => mask | bitOf(kind, name), 0)
  return [
    `handled ${maskOf('fs', 6)} ${maskOf('net', 6)} ${maskOf('scope', 6)}`,
    ...pathBeneath.flatMap(({ allowedAccess, parent }) =>
      parent.map((path) => `path ${bits('fs', allowedAccess)} ${path}`)),
    ...netPort.flatMap(({ allowedAccess, port }) => port.map((one) => `port ${bits('net', allowedAccess)} ${one}`)),
  ].join('\n')
}

const policyBinary = (): Uint8Array => {
  const text = emit(wallPolicy, 'apparmor').text.replace(/^abi.*$/m, '')
  const { binary } = compileProfiles('p', { files: memoryFiles({ p: text }), features: kernelFeatures('6.12') })
  return writePolicy(binary)
}

/** The emitted part of config.json, with the lines about the program that a bundle has. */
const bundleConfig = (): string => {
  const part = JSON.parse(emit(wallPolicy, 'oci').text) as { readonly process: object }
  const own = { args: [probe, 'child'], cwd: '/', terminal: false, user: { uid: guest, gid: guest } }
  return JSON.stringify({ ...part, process: { ...part.process, ...own } })
}

const setUp = (): void => {
  rmSync(WALL_ROOT, { recursive: true, force: true })
  for (const folder of [...wallFolders, 'files']) mkdirSync(join(WALL_ROOT, folder), { recursive: true })
  spawnSync('chown', ['-R', `${guest}:${guest}`, WALL_ROOT])
  for (const folder of wallFolders) chmodSync(join(WALL_ROOT, folder), 0o777)
  execFileSync('gcc', ['-O1', '-Wall', '-static', '-o', probe, join(import.meta.dirname, 'probe.c')])
  const { text, files: [filter] } = emit(wallPolicy, 'bubblewrap')
  writeFileSync(questions, `${lines.join('\n')}\n`)
  writeFileSync(join(files, 'landlock'), landlockPlan())
  writeFileSync(join(files, 'seccomp'),
    filterBytes(compileProfile(readProfile(JSON.parse(emit(wallPolicy, 'docker').text)))))
  writeFileSync(join(files, 'bwrap.args'), text)
  writeFileSync(join(files, 'filter.bpf'), filter!.contents)
  mkdirSync(join(files, 'bundle/rootfs'), { recursive: true })
  writeFileSync(join(files, 'bundle/config.json'), bundleConfig())
}

type Wall = 'landlockconfig' | 'docker' | 'bubblewrap' | 'oci' | 'apparmor' | 'systemd'
/** `by`: the program, where several read the same format. */
interface Ran {
  readonly name: string
  readonly wall: Wall
  readonly by?: string
}
interface Recorded {
  readonly wall: Wall
  readonly kernel: string
  readonly answers: readonly string[]
}

const answersOf = (text: string): string[] => {
  const errnos = text.trim().split('\n').map(Number)
  if (errnos.length !== lines.length) throw new Error(`${errnos.length} answers for ${lines.length} questions`)
  return errnos.map((errno, at) => wallAnswer(lines[at]!, errno))
}

const asGuest = `setpriv --reuid=${guest} --regid=${guest} --clear-groups`
const bwrap = `exec ${asGuest} bwrap $(cat ${files}/bwrap.args) -- "$@" 3< ${files}/filter.bpf`

const bundle = (runtime: 'runc' | 'crun'): readonly string[] =>
  ['sh', '-c', `exec ${runtime} --root ${files}/${runtime} run -b ${files}/bundle lsmkit-walls`, 'sh']

/** `by`: the program, where several read the same format. */
const here: readonly (readonly [wall: Wall, command: readonly string[], by?: string])[] = [
  ['landlockconfig', [probe, 'landlock', join(files, 'landlock'), '--']],
  ['docker', [probe, 'seccomp', join(files, 'seccomp'), '--']],
  ['bubblewrap', ['sh', '-c', bwrap, 'sh']],
  ['oci', bundle('runc')],
  ['oci', bundle('crun'), 'crun'],
]

const onThisKernel = (): Recorded[] => here.flatMap(([wall, command, by]) => {
  const { stdout, stderr, status } = spawnSync(probe, ['run', questions, '--', ...command], { encoding: 'utf8' })
  if (status !== 0) {
    say(`left out: ${wall}${by === undefined ? '' : ` by ${by}`} on this kernel: ${stderr.trim().split('\n').at(-1)}`)
    return []
  }
  const kernel = release().split('-')[0]!
  return [{ wall, kernel: by === undefined ? kernel : `${kernel} by ${by}`, answers: answersOf(stdout) }]
})

/** Milliseconds: an emulated processor takes a minute or two, and more beside other work. */
const TIMEOUT = 1_800_000

/** Archives have no slash in front. */
const inRoot = (path: string): string => path.slice(1)
const plainFile = (path: string, from: string): CpioEntry =>
  ({ path, folder: false, contents: readFileSync(from) })

/** Folders that the questions are about, and the program that asks, in a virtual machine. */
const guestFiles = (): CpioEntry[] => [
  ...['/tmp', WALL_ROOT, ...wallFolders.map((name) => join(WALL_ROOT, name)), join(WALL_ROOT, 'data')]
    .map((path) => ({ path: inRoot(path), folder: true, contents: new Uint8Array() })),
  plainFile(inRoot(probe), probe), plainFile('questions', questions),
]

/** Answers of a virtual machine, by the name of each run: on its console, or on its second line, where nobody logs. */
const answersInQemu = (
  kernel: string, entries: readonly CpioEntry[], runs: readonly Ran[], words: string, megabytes: number,
): Recorded[] => {
  const image = join(files, 'initramfs')
  writeFileSync(image, cpio(entries))
  const second = join(files, 'answers')
  const { stdout } = spawnSync('qemu-system-x86_64', [
    '-accel', 'tcg', '-m', String(megabytes), '-nographic', '-serial', 'mon:stdio', '-serial', `file:${second}`,
    '-no-reboot', '-kernel', kernel, '-initrd', image,
    '-append', `console=ttyS0 quiet panic=-1 no_timer_check mitigations=off cryptomgr.notests ${words}`,
  ], { encoding: 'utf8', timeout: TIMEOUT, maxBuffer: 1 << 26 })
  const text = `${stdout}${readFileSync(second, 'utf8')}`.replaceAll('\r', '')
  const version = /vmlinuz-(\d+\.\d+\.\d+)/.exec(kernel)?.[1] ?? 'unknown'
  return runs.flatMap(({ name, wall, by }) => {
    const answers = new RegExp(`wall ${name}\\n([\\s\\S]*?)\\ndone`).exec(text)?.[1]
    if (answers === undefined || answers.split('\n').length !== lines.length) {
      say(`left out: ${name} in qemu: ${(answers ?? text).trim().split('\n').slice(-6).join(' | ')}`)
      return []
    }
    return [{ wall, kernel: by === undefined ? version : `${version} by ${by}`, answers: answersOf(answers) }]
  })
}

/** Behind a first process that does nothing but ask. */
const inQemu = (kernel: string): Recorded[] => {
  const runs: readonly (readonly [Wall, string])[] = [
    ['landlockconfig', `${probe} landlock /landlock --`], ['docker', `${probe} seccomp /seccomp --`],
    ['apparmor', `${probe} apparmor lsmkit-sandbox --`],
  ]
  return answersInQemu(kernel, [
    ...guestFiles(), plainFile('init', probe), plainFile('landlock', join(files, 'landlock')),
    plainFile('seccomp', join(files, 'seccomp')), { path: 'policy.bin', folder: false, contents: policyBinary() },
    {
      path: 'runs', folder: false,
      contents: Buffer.from(runs.map(([wall, command]) => `${wall}\t/questions\t${command}\n`).join('')),
    },
  ], runs.map(([wall]) => ({ name: wall, wall })), 'lsm=landlock,apparmor apparmor=1', 512)
}

/** Behind systemd of Debian, which starts the service, and containers of crun and runc. */
const inSystem = (kernel: string, debs: string): Recorded[] => {
  const bundlePath = join(files, 'bundle')
  const walls: readonly (Ran & GuestRun)[] = [
    { name: 'systemd', wall: 'systemd', by: `systemd ${systemdVersion(debs)}`, command: serviceWall },
    ...(['crun', 'runc'] as const).map((by) =>
      ({ name: by, wall: 'oci' as const, by, command: containerWall(by, bundlePath) })),
  ]
  const { text: dropIn } = emit(wallPolicy, 'systemd')
  return answersInQemu(kernel, [
    ...guestFiles(), ...['files', 'files/bundle', 'files/bundle/rootfs', 'files/bundle/rootfs/dev'].map((name) =>
      ({ path: inRoot(join(WALL_ROOT, name)), folder: true, contents: new Uint8Array() })),
    plainFile(inRoot(join(bundlePath, 'config.json')), join(bundlePath, 'config.json')),
    ...guestSystem(debs, { probe, questions: '/questions', guest, dropIn, runs: walls }),
  ], walls, 'systemd.unit=ask.service systemd.log_target=console systemd.log_level=warning', 1024)
}

/** `boot`: a folder with a kernel. `debs`: one for packages of Debian, or undefined. */
const onKernelOf = (boot: string, debs: string | undefined): Recorded[] => {
  const [kernel] = globSync(join(boot, '**/vmlinuz-*'))
  if (kernel === undefined) {
    say(`left out: qemu, because ${boot} has no kernel`)
    return []
  }
  return [...inQemu(kernel), ...debs === undefined ? [] : inSystem(kernel, debs)]
}

const RANDOM = 12

/** Programs that read a format without putting it into force, and the fields that Kubernetes documents. */
const readers = (): [name: string, ok: boolean | null, text: string][] => {
  const policies = [wallPolicy, ...Array.from({ length: RANDOM }, (_, at) => randomPolicy(at + 1))]
  const programs = policies.flatMap((policy, at): (readonly [string, readonly string[]])[] => {
    const [profile, unit] = [join(files, `profile-${at}`), join(files, `walls-${at}.service`)]
    writeFileSync(profile, emit(policy, 'apparmor').text)
    writeFileSync(unit, `${emit(policy, 'systemd').text}ExecStart=/bin/true\n`)
    return [['apparmor_parser', ['-Q', '-K', '-T', profile]], ['systemd-analyze', ['verify', unit]]]
  })
  const containers = policies.map((policy): [string, boolean, string] => {
    const fault = kubernetesFault(emit(policy, 'k8s').text)
    return ['the fields of Kubernetes', fault === null, fault ?? '']
  })
  return [...containers, ...programs.map(([program, args]): [string, boolean | null, string] => {
    const { error, status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' })
    const text = `${stdout}${stderr}`.trim()
    return [program, error === undefined ? status === 0 && !/unknown|ignoring|failed to parse/i.test(text) : null, text]
  })]
}

/** Answers by wall and kernel of a table that asks the same questions; none of another one, and of no table. */
const columnsOf = (file: string): Map<string, readonly string[]> => {
  if (!existsSync(file)) return new Map()
  const [head = [], ...rows] = readFileSync(file, 'utf8').trim().split('\n').map((line) => line.split('\t'))
  const isSame = rows.map(([act, argument]) => `${act}\t${argument}`).join('\n') === lines.join('\n')
  return new Map(isSame ? head.slice(2).map((name, at) => [name, rows.map((row) => row[at + 2]!)]) : [])
}

/** Columns that this run has no answers for stay as they are. */
const record = (file: string, recorded: readonly Recorded[]): void => {
  const columns = columnsOf(file)
  for (const { wall, kernel, answers } of recorded) columns.set(`${wall}@${kernel}`, answers)
  const all = [...columns.values()]
  writeFileSync(file, [
    ['# act', 'argument', ...columns.keys()].join('\t'),
    ...lines.map((line, at) => [line, ...all.map((answers) => answers[at])].join('\t')), '',
  ].join('\n'))
}

const compared = ({ wall, kernel, answers }: Recorded): [agree: number, all: number] => {
  const format = formats[wall]
  const model = format.answers(format.write(plainOf(wallPolicy)))
  const judged = lines.map((line, at) => ({ line, answer: answers[at]! }))
    .filter(({ line, answer }) => !isUndecided(wall, line, answer))
    .map(({ line, answer }) => ({ line, real: answer === '1' }))
  const differing = judged.filter(({ line, real }) => model(wallQuestion(line)) !== real)
  for (const { line, real } of differing.slice(0, 20)) {
    say(`${wall} on ${kernel}: ${line.replace('\t', ' ')}: ${real ? 'done' : 'refused'}`)
  }
  say(`${wall} on ${kernel}: ${judged.length - differing.length} of ${judged.length} agree`)
  return [judged.length - differing.length, judged.length]
}

const optionOf = (name: string): string | undefined => {
  const at = process.argv.indexOf(name)
  return at < 0 ? undefined : process.argv[at + 1]
}

setUp()
try {
  const boot = optionOf('--qemu')
  const recorded = [...onThisKernel(), ...boot === undefined ? [] : onKernelOf(boot, optionOf('--system'))]
  const counts = recorded.map(compared)
  const read = readers()
  for (const [name, ok, text] of read) {
    if (ok !== true) say(`${name}: ${ok === null ? 'left out, it is missing' : text}`)
  }
  const fine = read.filter(([, ok]) => ok === true).length
  say(`apparmor_parser, systemd-analyze and the fields of Kubernetes: ${fine} of ${read.length} files read`)
  const file = optionOf('--record')
  if (file !== undefined) record(file, recorded)
  const known = read.filter(([, ok]) => ok !== null)
  const agree = counts.reduce((sum, [one]) => sum + one, 0) + known.filter(([, ok]) => ok === true).length
  const all = counts.reduce((sum, [, one]) => sum + one, 0) + known.length
  say(`${agree} of ${all} agree`)
  process.exitCode = agree === all ? 0 : 1
} finally {
  if (existsSync(WALL_ROOT)) rmSync(WALL_ROOT, { recursive: true, force: true })
}
