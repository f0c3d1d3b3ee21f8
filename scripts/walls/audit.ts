/**
 * Has Landlock of a real kernel log its refusals, in a guest of qemu, and reads the log with `readAuditEvents`: each
 * act has to be one event with the right blocker. The last line is `N of M`.
 *
 *     node scripts/run.mjs source scripts/walls/audit.ts KERNEL [--record FILE]
 *
 * KERNEL is a bootable image of Linux 6.15 or later, with Landlock and audit. It needs gcc and qemu-system-x86_64; it
 * says what is missing, and ends with 77. `--record` writes the log that a test replays.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { actsOf, auditLines, eventsOfActs, isExpected } from '../../packages/native/src/testing/recorded-acts.ts'
import { cpio } from './cpio.ts'

const MISSING = 77
/** Milliseconds; the processor is emulated. */
const PATIENCE = 900_000

const say = (line: string): void => void process.stdout.write(`${line}\n`)
const missing = (what: string): never => {
  say(`SKIPPED: ${what}`)
  process.exit(MISSING)
}

const boot = (kernel: string, folder: string): string => {
  const [program, image] = [join(folder, 'init'), join(folder, 'initramfs')]
  const built = spawnSync('gcc', ['-O1', '-Wall', '-static', '-o', program, join(import.meta.dirname, 'audit.c')])
  if (built.status !== 0) missing(`gcc does not build audit.c: ${String(built.stderr)}`)
  writeFileSync(image, cpio([{ path: 'init', folder: false, contents: readFileSync(program) }]))
  const { error, stdout } = spawnSync('qemu-system-x86_64', [
    '-accel', 'tcg', '-m', '512', '-nographic', '-no-reboot', '-kernel', kernel, '-initrd', image,
    '-append', ['console=ttyS0 loglevel=6 panic=-1 lsm=landlock audit=1', 'audit_backlog_limit=8192 printk.devkmsg=on',
      'no_timer_check'].join(' '),
  ], { encoding: 'utf8', timeout: PATIENCE })
  if (error !== undefined) missing(`qemu-system-x86_64: ${error.message}`)
  return stdout.replaceAll('\r', '')
}

const [kernel] = process.argv.slice(2)
if (kernel === undefined || !existsSync(kernel)) missing('name the image of a kernel, such as /boot/vmlinuz-6.18')
const folder = mkdtempSync(join(tmpdir(), 'lsmkit-audit-'))
try {
  const console = boot(kernel!, folder)
  const log = auditLines(console)
  const acts = actsOf(log)
  if (acts.length === 0) {
    say(console.split('\n').slice(-10).join('\n'))
    missing('the guest has not made any act')
  }
  const found = eventsOfActs(log)
  for (const { name, errno, events } of found) {
    const text = events.map(({ blockers, path, port }) => `${blockers.join()} ${path ?? port ?? ''}`).join('; ')
    say(`${isExpected({ name, errno, events }) ? 'ok' : 'OTHERWISE'}: ${name}, errno ${errno}: ${text}`)
  }
  const at = process.argv.indexOf('--record')
  if (at > 0) writeFileSync(process.argv[at + 1]!, `${log.join('\n')}\n`)
  const good = found.filter(isExpected).length
  say(`${good} of ${found.length}`)
  process.exitCode = good === found.length ? 0 : 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
