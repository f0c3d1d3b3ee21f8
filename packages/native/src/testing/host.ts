/** What tests of real programs need: a kernel with Landlock, and a policy for a shell. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Policy } from '@lsmkit/sandbox/policy-parts'
import { systemFiles, systemPrograms } from '../presets/system-paths.ts'
import { landlockAbi } from '../sys/landlock.ts'
import { hostSystem } from '../sys/system.ts'

/** The version of Landlock that the tests can use; 0 for none, of which a line on stderr says why. */
export const testLandlock = (): number => {
  let abi = 0
  let why = 'the kernel has no Landlock'
  try {
    abi = landlockAbi(hostSystem())
  } catch (error) {
    why = String(error)
  }
  if (abi < 6) process.stderr.write(`SKIPPED: tests of native programs need Landlock ABI 6: ${why}, ABI ${abi}\n`)
  return abi >= 6 ? abi : 0
}

/** A shell and the system's programs, and one folder to work in. */
export const shellPolicy = (folder: string, more: Policy = {}): Policy => ({
  ...more,
  allow: {
    read: [...systemPrograms(), ...systemFiles().filter((path) => !path.startsWith('/proc')), folder],
    write: [folder, '/dev/null'], exec: systemPrograms(), ...more.allow,
  },
})

/** Whether files of temporary folders take attributes of users. */
export const hasAttributes = (): boolean => {
  const folder = mkdtempSync(join(tmpdir(), 'lsmkit-attributes-'))
  const text = (value: string): Uint8Array => Buffer.from(`${value}\0`)
  const rc = hostSystem().call('setxattr', text(folder), text('user.lsmkit'), text('x'), 1, 0)
  rmSync(folder, { recursive: true })
  if (rc < 0) process.stderr.write(`SKIPPED: attributes \`user.*\` of files: errno ${-rc}\n`)
  return rc >= 0
}
