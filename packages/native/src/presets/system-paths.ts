/** Folders of this host that programs need whatever they do: the system's programs and libraries, and a few files. */
import { existsSync, realpathSync } from 'node:fs'

const SYSTEM = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/nix/store', '/gnu/store']
const FILES = [
  '/etc/ld.so.cache', '/etc/ld.so.conf', '/etc/ld.so.conf.d', '/etc/ld-musl-x86_64.path', '/etc/alternatives',
  '/etc/passwd', '/etc/group', '/etc/nsswitch.conf', '/etc/localtime', '/etc/timezone', '/etc/mime.types',
  '/etc/os-release', '/etc/debian_version', '/etc/locale.alias', '/etc/ssl', '/etc/ca-certificates', '/etc/pki',
  '/etc/hosts', '/etc/resolv.conf', '/etc/gai.conf', '/etc/services', '/etc/protocols', '/proc',
  '/sys/devices/system/cpu',
]
export const DEVICES = ['/dev/null', '/dev/zero', '/dev/full', '/dev/random', '/dev/urandom', '/dev/tty']

/** Where these lead, each once, without those that are not there or lie beneath another one. */
export const realPaths = (paths: readonly string[]): string[] => {
  const real = new Set(paths.filter((path) => existsSync(path)).map((path) => realpathSync(path)))
  const isBelow = (path: string, top: string): boolean => path !== top && (top === '/' || path.startsWith(`${top}/`))
  return [...real].filter((path) => ![...real].some((top) => isBelow(path, top)))
}

export const systemPrograms = (): string[] => realPaths(SYSTEM)

export const systemFiles = (): string[] => realPaths([...FILES, ...DEVICES])

export const devices = (): string[] => realPaths(DEVICES)
