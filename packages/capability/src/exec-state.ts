/** One execve from JSON to JSON, for tools: the program's set-id bits and sets, then the hook's own function. */
import {
  CAP_SETUID, capHas, EINVAL, ENODATA, errnoName, LSM_UNSAFE_NO_NEW_PRIVS, LSM_UNSAFE_PTRACE, LSM_UNSAFE_SHARE,
  S_ISGID, S_ISUID, S_IXGRP,
} from '@lsmkit/abi'
import {
  DEFAULT_PROFILE, fileSetIds, get_vfs_caps_from_disk, initUserNamespace, nop_mnt_idmap, profiles,
} from '@lsmkit/core'
import type { CpuVfsCapData, Profile } from '@lsmkit/core'
import { CapsError } from './errors.ts'
import { execBranches } from './exec-branch.ts'
import type { ExecBranch } from './exec-branch.ts'
import { execCaps } from './exec.ts'
import { fileCapsFromText } from './file-cap-bytes.ts'
import { readBoolean, readNumber, readObject, readProcess, writeProcess } from './process-state.ts'
import type { ProcessInput, ProcessOutput } from './process-state.ts'
import { rulesOf } from './profile.ts'

export interface ProgramInput {
  readonly uid?: number
  readonly gid?: number
  /** Permission bits, as a number or in octal text: `'4755'`. 0755 unless given. */
  readonly mode?: number | string
  /** A capability text (`cap_net_raw=ep`), or the attribute's bytes as `0x…`; none when left out. */
  readonly caps?: string
  /** With a text: makes version 3 of it. */
  readonly rootid?: number
}

export interface ExecInput {
  readonly profile?: Profile
  readonly process: ProcessInput
  readonly program?: ProgramInput
  /** The program lies on a mount with `nosuid`. */
  readonly nosuid?: boolean
  /** Another process shares the fs structure (CLONE_FS). */
  readonly sharedFs?: boolean
  /** Whether the process is traced, and by whom: has the tracer CAP_SYS_PTRACE? */
  readonly tracer?: 'none' | 'privileged' | 'unprivileged'
}

export interface ExecOutput {
  /** null, or the name of the error with which execve fails; then the process stays unchanged. */
  readonly errno: string | null
  readonly process: ProcessOutput
  readonly atSecure: boolean
  /** The decisions on the way, in order. */
  readonly branches: readonly { readonly name: ExecBranch; readonly means: string }[]
}

interface Program {
  readonly uid: number
  readonly gid: number
  readonly mode: number
  readonly caps: Uint8Array | null
}

const tracers = ['none', 'privileged', 'unprivileged'] as const
const inputKeys = ['profile', 'process', 'program', 'nosuid', 'sharedFs', 'tracer']

/** Takes parsed JSON in the shape of ExecInput. Throws CapsError with the place of the mistake. */
export const execState = (value: unknown): ExecOutput => {
  const input = readObject(value, 'input', inputKeys)
  const rules = rulesOf(readChoice(input.profile ?? DEFAULT_PROFILE, 'profile', profiles))
  const { cred: old, noNewPrivs } = readProcess(input.process, 'process')
  const program = readProgram(input.program ?? {})
  const nosuid = readBoolean(input.nosuid, 'nosuid')
  const tracer = readChoice(input.tracer ?? 'none', 'tracer', tracers)
  const shared = readBoolean(input.sharedFs, 'sharedFs')

  const branches: ExecBranch[] = []
  const ids = setIds(program, nosuid, noNewPrivs, branches)
  const fileCaps = capsOf(program, nosuid, branches)
  if (fileCaps === -EINVAL) return output(-EINVAL, old, noNewPrivs, false, branches)
  const answer = execCaps({
    rules,
    old,
    euid: ids.euid ?? old.euid,
    egid: ids.egid ?? old.egid,
    root: 0,
    fileCaps: typeof fileCaps === 'number' ? null : fileCaps,
    unsafe:
      (noNewPrivs ? LSM_UNSAFE_NO_NEW_PRIVS : 0) |
      (shared ? LSM_UNSAFE_SHARE : 0) |
      (tracer === 'none' ? 0 : LSM_UNSAFE_PTRACE),
    tracerCapable: () => tracer !== 'unprivileged',
    setuidCapable: () => capHas(old.cap_effective, CAP_SETUID),
  })
  branches.push(...answer.branches)
  if (answer.rc !== 0) return output(answer.rc, old, noNewPrivs, false, branches)
  const { euid, egid } = answer
  const next = {
    ...old,
    euid, suid: euid, fsuid: euid,
    egid, sgid: egid, fsgid: egid,
    securebits: answer.securebits,
    cap_permitted: answer.permitted,
    cap_effective: answer.effective,
    cap_ambient: answer.ambient,
  }
  return output(0, next, noNewPrivs, answer.secureexec, branches)
}

const output = (
  rc: number,
  cred: Parameters<typeof writeProcess>[0],
  noNewPrivs: boolean,
  atSecure: boolean,
  branches: readonly ExecBranch[],
): ExecOutput => ({
  errno: rc === 0 ? null : errnoName(rc),
  process: writeProcess(cred, noNewPrivs),
  atSecure,
  branches: branches.map((name) => ({ name, means: execBranches[name] })),
})

const setIds = ({ uid, gid, mode }: Program, nosuid: boolean, noNewPrivs: boolean, branches: ExecBranch[]) => {
  const ids = fileSetIds({ mode, uid, gid, maySuid: !nosuid }, initUserNamespace(), noNewPrivs)
  if (ids.euid !== null) branches.push('setuid')
  if (ids.egid !== null) branches.push('setgid')
  const halfSetgid = (mode & S_ISGID) !== 0 && (mode & S_IXGRP) === 0
  const hasBits = (mode & S_ISUID) !== 0 || ((mode & S_ISGID) !== 0 && !halfSetgid)
  if (halfSetgid) branches.push('setgid-without-group-execute')
  if (hasBits && nosuid) branches.push('set-id-ignored-nosuid')
  else if (hasBits && noNewPrivs) branches.push('set-id-ignored-no-new-privs')
  return ids
}

const capsOf = ({ caps }: Program, nosuid: boolean, branches: ExecBranch[]): CpuVfsCapData | number => {
  if (nosuid || caps === null) {
    branches.push(caps === null ? 'file-caps-none' : 'file-caps-ignored-nosuid')
    return -ENODATA
  }
  const ns = initUserNamespace()
  const found = get_vfs_caps_from_disk(nop_mnt_idmap, ns, caps, ns)
  if (typeof found !== 'number') return found
  branches.push(found === -ENODATA ? 'file-caps-ignored-rootid' : 'file-caps-malformed')
  return found
}

const readChoice = <T extends string>(value: unknown, place: string, choices: readonly T[]): T => {
  const found = choices.find((choice) => choice === value)
  if (found !== undefined) return found
  throw new CapsError('bad-state', `\`${String(value)}\` is not known`, place, choices.join(', '))
}

const readProgram = (value: unknown): Program => {
  const program = readObject(value, 'program', ['uid', 'gid', 'mode', 'caps', 'rootid'])
  const { mode = 0o755, caps } = program
  const octal = typeof mode === 'string' && /^0?[0-7]{1,5}$/.test(mode) ? parseInt(mode, 8) : mode
  if (caps !== undefined && typeof caps !== 'string') throw new CapsError('bad-state', 'is not a text', 'program.caps')
  return {
    uid: readNumber(program.uid, 'program.uid', 0),
    gid: readNumber(program.gid, 'program.gid', 0),
    mode: readNumber(octal, 'program.mode', 0o755, 0o7777),
    caps: caps === undefined ? null : capBytes(caps, readNumber(program.rootid, 'program.rootid', 0)),
  }
}

const capBytes = (text: string, rootid: number): Uint8Array => {
  if (!text.startsWith('0x')) return fileCapsFromText(text, rootid)
  const digits = text.slice(2)
  if (!/^(?:[0-9a-fA-F]{2})*$/.test(digits)) throw new CapsError('bad-attribute', 'is not whole bytes in hexadecimal', 'program.caps')
  return Uint8Array.from(digits.match(/../g) ?? [], (byte) => parseInt(byte, 16))
}
