/** Files that a user's configuration of git leads to: those that it includes, and those that its settings name. */
// by its default export: the bundle of `lsm` loads it when it is used
import childProcess from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Settings whose value is a file that git reads. */
const FILE_SETTINGS: ReadonlySet<string> = new Set([
  'core.excludesfile', 'core.attributesfile', 'commit.template', 'mailmap.file', 'blame.ignorerevsfile',
  'gpg.ssh.allowedsignersfile',
])

/** The configuration itself, wherever git looks for it. */
export const gitConfigPlaces = (home: string): string[] =>
  ['.gitconfig', '.config/git'].map((name) => join(home, name)).concat('/etc/gitconfig')

const textOf = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

const isFile = (path: string): boolean => {
  try {
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/**
 * Git says which files these are: conditions of includes depend on the folder. Only the user's own configuration is
 * asked, so nobody who writes in the folder can name a file.
 */
export const filesOfGitConfig = (home: string, folder: string): string[] => {
  const own = [join(home, '.gitconfig'), join(home, '.config/git/config')].map(textOf).join('\n')
  // most name none, and a start of git takes a while
  if (!/include|file|template/i.test(own)) return []
  const { status, stdout } = childProcess.spawnSync(
    'git', ['-C', folder, 'config', '--global', '--includes', '--list', '--show-origin', '-z'],
    { env: { ...process.env, HOME: home }, encoding: 'utf8' })
  if (status !== 0) return []
  const found: string[] = []
  const parts = stdout.split('\0')
  for (let i = 0; i + 1 < parts.length; i += 2) {
    found.push(parts[i]!.replace(/^file:/, ''))
    const [name = '', value = ''] = parts[i + 1]!.split('\n')
    if (FILE_SETTINGS.has(name.toLowerCase())) found.push(value.replace(/^~(?=\/)/, home))
  }
  return [...new Set(found)].filter(isFile)
}
