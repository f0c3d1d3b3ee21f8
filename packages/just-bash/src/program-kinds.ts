/** Kinds of commands, by their names and their contents. */

/** The commands of just-bash. */
export interface CommandNames {
  /** All that it has without options of its own. */
  readonly programs: readonly string[]
  /** Those that need the network. */
  readonly network: readonly string[]
}

/** The commands of a shell with or without a network. */
export const namesOf = ({ programs, network }: CommandNames, hasNetwork: boolean): readonly string[] =>
  hasNetwork ? [...programs, ...network] : programs

/** Commands that a shell runs itself, as bash does. */
const builtins: ReadonlySet<string> = new Set([
  'alias', 'echo', 'false', 'help', 'history', 'printf', 'pwd', 'time', 'true', 'unalias',
])

export const isBuiltin = (name: string): boolean => builtins.has(name)

/** Programs that start others, and read files as scripts for that. */
export const starters: ReadonlySet<string> = new Set(['bash', 'env', 'find', 'sh', 'time', 'timeout', 'xargs'])

/** Whether the program may start others: `rg --pre` does. */
export const starts = (name: string): boolean => starters.has(name) || name === 'rg'

/** Runs a program of the tree that is not a command, by its path: `lsmkit-exec PATH ARGS`. A shell alone has it. */
export const EXEC = 'lsmkit-exec'

/** The most arguments that just-bash hands to a script. */
const MOST_ARGUMENTS = 9

/** just-bash takes every file that it does not know for a script: this is the one that it gets for a program. */
export const programScript = `if [ $# -gt ${MOST_ARGUMENTS} ]; then
  echo "bash: $0: more than ${MOST_ARGUMENTS} arguments: put the program into /bin" >&2
  exit 126
fi
/bin/${EXEC} "$0" "$@"
`

const WASM = '\0asm'
export const isProgramText = (text: string): boolean => text.startsWith(WASM)
