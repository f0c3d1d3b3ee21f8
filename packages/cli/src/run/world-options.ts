/** The rows of options as options of commander. */
import { Option } from 'commander'
import type { Command } from 'commander'
import { completing } from '../command-help.ts'
import type { Row } from '../option-row.ts'
import { mountRow } from './guest-options.ts'
import { boxRows, changeRows, runRows, worldRows } from './world-rows.ts'

const addRows = (command: Command, rows: readonly Row[]): Command => {
  for (const { flags, help, values, read, standard } of rows) {
    const option = values === undefined ? new Option(flags, help) : completing(flags, help, values)
    if (read !== undefined) option.argParser(read as never)
    if (standard !== undefined) option.default(standard)
    command.addOption(option)
  }
  return command
}

export const addMount = (command: Command): Command => addRows(command, [mountRow])

export const addChangeOptions = (command: Command): Command => addRows(command, changeRows)

/** `object`: the command names the object of BPF itself. */
export const addWorldOptions = (command: Command, options: { readonly object?: boolean } = {}): Command =>
  addRows(command, worldRows(options))

export const addRunOptions = (command: Command): Command => addRows(command, runRows())

/** Over a policy file. */
export const addBoxOptions = (command: Command): Command => addRows(command, boxRows())
