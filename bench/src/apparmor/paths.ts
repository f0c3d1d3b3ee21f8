/** Names to ask about: real ones of a system, most of which some rule is about. */
const folders = [
  '/etc', '/usr/bin', '/usr/lib/x86_64-linux-gnu', '/var/log', '/proc/1234', '/home/me/Documents', '/tmp',
]
const files = ['passwd', 'ld.so.cache', 'libc.so.6', 'maps', 'attr/current', 'a-rather-long-name-of-a-file.txt', 'x']

export const paths: readonly string[] = folders.flatMap((folder) => files.map((file) => `${folder}/${file}`))
