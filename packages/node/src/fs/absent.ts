/** Calls of `fs` that a task does not have: each is refused by a sentence, so that nobody takes it for a mistake. */

const hints = {
  mkdtempDisposable: '`mkdtemp` makes it, `rm` removes it',
  glob: '`readdir` with `recursive` lists all names',
  openAsBlob: '`readFile` gives the bytes',
  opendir: '`readdir` lists all entries',
  statfs: 'no call reports how full a file system is',
  unwatchFile: 'nothing is watched',
  watch: 'nothing reports changes: `stat` again',
  watchFile: 'nothing reports changes: `stat` again',
} as const

export type AbsentName = keyof typeof hints

const refusalOf = (name: AbsentName) => (): never => {
  throw Object.assign(new Error(`\`${name}\` is not there for a task: ${hints[name]}`), {
    code: 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM',
  })
}

/** For `fs.promises`, and with another form for `fs`. */
export const absentLater: Readonly<Record<string, () => never>> = Object.fromEntries(
  (Object.keys(hints) as AbsentName[]).map((name) => [name, refusalOf(name)]))
export const absent: typeof absentLater = {
  ...absentLater, globSync: refusalOf('glob'), mkdtempDisposableSync: refusalOf('mkdtempDisposable'),
  opendirSync: refusalOf('opendir'), statfsSync: refusalOf('statfs'),
}
