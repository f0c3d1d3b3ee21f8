/** `lsm caps text|decode|exec`: capability texts and masks as libcap has them, and what an execve would do. */
import { capFromHex, capList, capName, capToHex } from '@lsmkit/abi'
import { capToText, execState } from '@lsmkit/capability/engine'
import type { ExecOutput } from '@lsmkit/capability/engine'
import { capsOf } from '../caps-argument.ts'
import { CommandError } from '../command-error.ts'
import { readHostJson } from '../host-file.ts'
import type { Io } from '../io.ts'
import { EXIT, printJson } from '../output.ts'
import type { Output } from '../output.ts'

interface Json {
  readonly json?: boolean
}

/** Parses TEXT and prints it as libcap would, with the three masks. */
export const capsTextCommand = (out: Output, text: string, { json }: Json): void => {
  const state = capsOf(text)
  const told = {
    text: capToText(state),
    effective: capToHex(state.effective),
    permitted: capToHex(state.permitted),
    inheritable: capToHex(state.inheritable),
  }
  if (json) return printJson(out, told)
  out.print(told.text)
  for (const name of ['effective', 'permitted', 'inheritable'] as const) out.print(`${name.padEnd(11)} ${told[name]}`)
}

/** Names the capabilities of a mask, as /proc/PID/status prints it. */
export const capsDecodeCommand = (out: Output, hex: string, { json }: Json): void => {
  const set = capFromHex(hex.replace(/^0x/i, ''))
  if (set === undefined) {
    throw new CommandError('usage', `\`${hex}\` is not a mask`, 'up to 16 hexadecimal digits: 0000000000003000')
  }
  const names = capList(set).map((cap) => capName(cap).toLowerCase())
  if (json) return printJson(out, { mask: capToHex(set), numbers: capList(set), names })
  out.print(`0x${capToHex(set)}=${names.join(',')}`)
}

/** FILE holds the state before; the state after is printed, with every branch that was taken. */
export const capsExecCommand = (io: Io, file: string | undefined, { json }: Json): number => {
  const output = execState(readHostJson(io, file ?? '-', '`lsm caps exec --help` shows one'))
  if (json) printJson(io, output)
  else printExec(io, output)
  return output.errno === null ? EXIT.ok : EXIT.denied
}

const printExec = (out: Output, { errno, process, atSecure, branches }: ExecOutput): void => {
  out.print(errno === null ? 'execve succeeds' : `execve fails with ${errno}`)
  for (const [name, value] of Object.entries(process)) out.print(`  ${name.padEnd(12)} ${asText(value)}`)
  out.print(`  ${'atSecure'.padEnd(12)} ${atSecure}`)
  for (const { name, means } of branches) out.print(`${out.colors.bold(name)}: ${means}`)
}

const asText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))
