/** Operations of hook-trace.tsv: execve. */
import { AT_EMPTY_PATH, AT_FDCWD, O_CLOEXEC, O_PATH, PTRACE_TRACEME, SIGTRAP } from '@lsmkit/abi'
import type { Operation, World } from './world.ts'

const exec = ({ sys }: World, path: string) => () => sys.execve(path, ['x'], [])

/** A program of this mode, run by root or by uid 1000. */
const program = (mode: number, asUser: boolean): Operation => (world) => {
  world.cpf('x', mode)
  if (asUser) world.user()
  return exec(world, './x')
}

/** VFS_CAP_REVISION_2 with the effective flag, and CAP_NET_RAW permitted. */
const FILE_CAPS = new Uint8Array(Uint32Array.of(0x02000001, 1 << 13, 0, 0, 0).buffer)

export const execOperations: Readonly<Record<string, Operation>> = {
  dac_exec: program(0o700, true),
  exec_plain: program(0o755, false),
  exec_user: program(0o755, true),
  exec_at_empty: (world) => {
    world.cpf('x', 0o755)
    const f = world.sys.openat(AT_FDCWD, 'x', O_PATH | O_CLOEXEC, 0)
    return () => world.sys.execveat(f, '', ['x'], [], AT_EMPTY_PATH)
  },
  exec_script: (world) => {
    world.cpf('x', 0o755)
    world.write('s', '#!/tmp/w/x\n', 0o755)
    return exec(world, './s')
  },
  exec_script2: (world) => {
    world.cpf('x', 0o755)
    world.write('s', '#!/tmp/w/x\n', 0o755)
    world.write('s2', '#!/tmp/w/s\n', 0o755)
    return exec(world, './s2')
  },
  exec_suid: program(0o4755, true),
  exec_sgid: program(0o2755, true),
  exec_filecaps: (world) => {
    world.cpf('x', 0o755)
    world.must(world.sys.setxattr('x', 'security.capability', FILE_CAPS, 0), 'setxattr')
    world.user()
    return exec(world, './x')
  },
  exec_badelf: (world) => {
    world.write('f', '\x7fELF\x02\x01\x01', 0o755)
    return exec(world, './f')
  },
  exec_dir: (world) => {
    world.sys.mkdir('d', 0o755)
    return exec(world, './d')
  },
  exec_traced: (world) => {
    world.cpf('x', 0o4755)
    world.user()
    world.sys.ptrace(PTRACE_TRACEME, 0, 0, 0)
    world.sys.rt_sigaction(SIGTRAP, { handler: 'ignore', flags: 0, mask: 0n }, null, 8)
    return exec(world, './x')
  },
}
