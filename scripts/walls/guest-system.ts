/**
 * A small system for a virtual machine, of Debian's packages: systemd as its first process, crun and runc beside it.
 * Packages that a folder does not have yet are fetched by apt-get; nothing of them is run or installed here.
 */
import { execFileSync } from 'node:child_process'
import {
  globSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CpioEntry } from './cpio.ts'

const PACKAGES = ['systemd', 'crun', 'runc', 'busybox-static']
/** Parts of packages that nobody reads in the guest. */
const LEFT_OUT = /^usr\/(?:share|include|lib\/systemd\/boot|lib\/x86_64-linux-gnu\/gconv)\//

const SHELL = '#!/usr/bin/busybox sh\n'

/** Starts a service whose standard streams are this one's. */
const relay = `${SHELL}b=/usr/bin/busybox
exec 4<&0
$b mkdir -p /run/walls
$b mkfifo /run/walls/in /run/walls/out
systemctl start --no-block walls.service
$b cat <&4 > /run/walls/in &
exec $b cat /run/walls/out
`

/** The service that the emitted drop-in is for. */
const service = (program: string, guest: number): string => `[Unit]
DefaultDependencies=no
[Service]
Type=exec
ExecStart=${program} child
StandardInput=file:/run/walls/in
StandardOutput=file:/run/walls/out
User=${guest}
Group=${guest}
`

const asking = `[Unit]
DefaultDependencies=no
[Service]
Type=oneshot
ExecStart=/ask
ExecStopPost=/usr/bin/busybox poweroff -f
StandardOutput=tty
StandardError=tty
TTYPath=/dev/ttyS1
`

/** The run of a wall in the guest: its words, which starts the program that answers. */
export interface GuestRun {
  readonly name: string
  readonly command: string
}

/** Words of the walls of the guest. */
export const serviceWall = '/relay'
/** The first root of a kernel cannot be exchanged for another one, so containers move theirs over it. */
export const containerWall = (runtime: 'runc' | 'crun', bundle: string): string =>
  // what the questions are asked by stands in the bundle, and not behind the command
  `/usr/bin/busybox sh -c 'exec ${runtime} --root /run/${runtime} run --no-pivot -b ${bundle} lsmkit-walls' sh`

const ask = (probe: string, questions: string, runs: readonly GuestRun[]): string => `${SHELL}
export PATH=/usr/sbin:/usr/bin
${runs.map(({ name, command }) => `echo "wall ${name}"
${probe} run ${questions} -- ${command}
echo done`).join('\n')}
`

const file = (path: string, text: string, mode = 0o100755): CpioEntry =>
  ({ path, folder: false, contents: Buffer.from(text), mode })
const link = (path: string, to: string): CpioEntry => file(path, to, 0o120777)
const folder = (path: string): CpioEntry => ({ path, folder: true, contents: new Uint8Array() })

/** Names of the packages, with those that they need, as apt-get would install them on an empty system. */
const closure = (empty: string): string[] => {
  const words = ['-s', '-o', `Dir::State::status=${empty}`, '-o', 'APT::Install-Recommends=0', 'install', ...PACKAGES]
  return [...execFileSync('apt-get', words, { encoding: 'utf8' }).matchAll(/^Inst (\S+)/gm)].map(([, name]) => name!)
}

/** Files of the packages in a folder, which are fetched where it has none. */
const packagesIn = (debs: string): string[] => {
  mkdirSync(debs, { recursive: true })
  const there = globSync(join(debs, '*.deb'))
  if (PACKAGES.every((name) => there.some((path) => path.startsWith(join(debs, `${name}_`))))) return there
  const empty = join(debs, 'empty')
  writeFileSync(empty, '')
  execFileSync('apt-get', ['-q', 'download', ...closure(empty)], { cwd: debs, stdio: ['ignore', 'ignore', 'inherit'] })
  return globSync(join(debs, '*.deb'))
}

const entriesOf = (root: string): CpioEntry[] =>
  (readdirSync(root, { recursive: true, encoding: 'utf8' })).filter((path) => !LEFT_OUT.test(path)).map((path) => {
    const whole = join(root, path)
    const { mode } = lstatSync(whole)
    const type = mode & 0o170000
    if (type === 0o40000) return { ...folder(path), mode }
    const contents = type === 0o120000 ? Buffer.from(readlinkSync(whole)) : readFileSync(whole)
    return { path, folder: false, mode, contents }
  })

/** Version of systemd in a folder of packages: `257.13`. */
export const systemdVersion = (debs: string): string =>
  /\/systemd_([\d.]+)/.exec(packagesIn(debs).find((path) => path.includes('/systemd_')) ?? '')?.[1] ?? 'unknown'

/** The whole tree of the machine, with what the runs need. `dropIn`: lines of a service. */
export const guestSystem = (
  debs: string, { probe, questions, guest, dropIn, runs }: {
    readonly probe: string
    readonly questions: string
    readonly guest: number
    readonly dropIn: string
    readonly runs: readonly GuestRun[]
  },
): CpioEntry[] => {
  const root = mkdtempSync(join(tmpdir(), 'lsmkit-guest-'))
  try {
    for (const deb of packagesIn(debs)) execFileSync('dpkg-deb', ['-x', deb, root])
    const units = 'etc/systemd/system'
    return [
      ...entriesOf(root),
      ...['bin', 'sbin', 'lib', 'lib64'].map((name) => link(name, `usr/${name}`)),
      folder('root'), folder('dev'), folder(`${units}/walls.service.d`),
      link('init', 'usr/lib/systemd/systemd'), file('relay', relay), file('ask', ask(probe, questions, runs)),
      file('etc/passwd', `root:x:0:0::/:/bin/sh\nnobody:x:${guest}:${guest}::/:/bin/sh\n`, 0o100644),
      file('etc/group', `root:x:0:\nnogroup:x:${guest}:\n`, 0o100644),
      file('etc/machine-id', `${'0'.repeat(31)}1\n`, 0o100644), file('etc/os-release', 'ID=guest\n', 0o100644),
      file(`${units}/ask.service`, asking, 0o100644),
      file(`${units}/walls.service`, service(probe, guest), 0o100644),
      file(`${units}/walls.service.d/sandbox.conf`, dropIn, 0o100644),
    ]
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}
