/**
 * Tries what is emitted on real kernels: Landlock, seccomp, bwrap and containers of runc and crun on the running one,
 * and in qemu, with AppArmor, on the image of a folder. Only processes that it starts restrict themselves. The last
 * line is `N of M agree`.
 *
 *     node scripts/run.mjs source scripts/walls/main.ts [--record FILE] [--qemu BOOT-FOLDER]
 *
 * It needs gcc. Other programs that are missing are left out, with a line each. `--record` writes the answers that a
 * test replays.
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
  isRefusedAnyway, WALL_ROOT, wallAnswer, wallFolders, wallLines, wallPolicy, wallQuestion,
} from '../../packages/emit/src/testing/wall-questions.ts'
import { bitOf, maskOf } from '../../packages/landlock/src/rights.ts'
import { compileProfile } from '../../packages/emit/src/seccomp/compile.ts'
import { filterBytes } from '../../packages/emit/src/seccomp/filter-bytes.ts'
import { readProfile } from '../../packages/emit/src/seccomp/profile.ts'
import { cpio } from './cpio.ts'

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

type Wall = 'landlockconfig' | 'docker' | 'bubblewrap' | 'oci' | 'apparmor'
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

const inQemu = (boot: string): Recorded[] => {
  const [kernel] = globSync(join(boot, '**/vmlinuz-*'))
  if (kernel === undefined) {
    say(`left out: qemu, because ${boot} has no kernel`)
    return []
  }
  const runs: readonly (readonly [Wall, string])[] = [
    ['landlockconfig', `${probe} landlock /landlock --`], ['docker', `${probe} seccomp /seccomp --`],
    ['apparmor', `${probe} apparmor lsmkit-sandbox --`],
  ]
  const image = join(files, 'initramfs')
  const at = (path: string): string => path.slice(1)
  writeFileSync(image, cpio([
    ...['tmp', at(WALL_ROOT), ...wallFolders.map((name) => at(join(WALL_ROOT, name)))]
      .concat(at(join(WALL_ROOT, 'data'))).map((path) => ({ path, folder: true, contents: new Uint8Array() })),
    ...[['init', probe], ['probe', probe], [at(probe), probe], ['landlock', join(files, 'landlock')],
      ['seccomp', join(files, 'seccomp')], ['questions', questions]]
      .map(([path, file]) => ({ path: path!, folder: false, contents: readFileSync(file!) })),
    { path: 'policy.bin', folder: false, contents: policyBinary() },
    {
      path: 'runs', folder: false,
      contents: Buffer.from(runs.map(([wall, command]) => `${wall}\t/questions\t${command}\n`).join('')),
    },
  ]))
  const { stdout } = spawnSync('qemu-system-x86_64', [
    '-accel', 'tcg', '-m', '512', '-nographic', '-no-reboot', '-kernel', kernel, '-initrd', image,
    '-append', 'console=ttyS0 quiet panic=-1 lsm=landlock,apparmor apparmor=1',
  ], { encoding: 'utf8', timeout: 300_000 })
  const text = stdout.replaceAll('\r', '')
  const version = /vmlinuz-(\d+\.\d+\.\d+)/.exec(kernel)?.[1] ?? 'unknown'
  return runs.flatMap(([wall]) => {
    const answers = new RegExp(`wall ${wall}\\n([\\s\\S]*?)\\ndone`).exec(text)?.[1]
    if (answers === undefined || answers.split('\n').length !== lines.length) {
      say(`left out: ${wall} in qemu: ${(answers ?? text).trim().split('\n').slice(-3).join(' | ')}`)
      return []
    }
    return [{ wall, kernel: version, answers: answersOf(answers) }]
  })
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

const table = (recorded: readonly Recorded[]): string => [
  ['# act', 'argument', ...recorded.map(({ wall, kernel }) => `${wall}@${kernel}`)].join('\t'),
  ...lines.map((line, at) => [line, ...recorded.map(({ answers }) => answers[at])].join('\t')), '',
].join('\n')

const compared = ({ wall, kernel, answers }: Recorded): [agree: number, all: number] => {
  const format = formats[wall]
  const model = format.answers(format.write(plainOf(wallPolicy)))
  const judged = lines.map((line, at) => ({ line, answer: answers[at]! }))
    .filter(({ line, answer }) => answer !== '-' && !(answer === '0' && isRefusedAnyway(wall, line)))
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
  const recorded = [...onThisKernel(), ...boot === undefined ? [] : inQemu(boot)]
  const counts = recorded.map(compared)
  const read = readers()
  for (const [name, ok, text] of read) {
    if (ok !== true) say(`${name}: ${ok === null ? 'left out, it is missing' : text}`)
  }
  const fine = read.filter(([, ok]) => ok === true).length
  say(`apparmor_parser, systemd-analyze and the fields of Kubernetes: ${fine} of ${read.length} files read`)
  const file = optionOf('--record')
  if (file !== undefined) writeFileSync(file, table(recorded))
  const known = read.filter(([, ok]) => ok !== null)
  const agree = counts.reduce((sum, [one]) => sum + one, 0) + known.filter(([, ok]) => ok === true).length
  const all = counts.reduce((sum, [, one]) => sum + one, 0) + known.length
  say(`${agree} of ${all} agree`)
  process.exitCode = agree === all ? 0 : 1
} finally {
  if (existsSync(WALL_ROOT)) rmSync(WALL_ROOT, { recursive: true, force: true })
}
