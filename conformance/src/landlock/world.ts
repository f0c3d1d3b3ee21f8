/** A machine under Landlock with the tree of the recorded cases, and a task that restricts itself. */
import {
  AT_FDCWD, errnoName, O_CREAT, O_DIRECTORY, O_PATH, O_RDWR, packLandlockNetPort, packLandlockPathBeneath,
  packLandlockRuleset, LANDLOCK_RULE_NET_PORT, LANDLOCK_RULE_PATH_BENEATH, PR_SET_NO_NEW_PRIVS,
} from '@lsmkit/abi'
import type { Profile, Stack, Task } from '@lsmkit/core'
import { hostFormat } from '@lsmkit/kernel'
import type { Kernel } from '@lsmkit/kernel'
import { landlock } from '@lsmkit/landlock'
import type { LandlockOptions } from '@lsmkit/landlock'
import { bootOn, stackWith } from '../kernel.ts'

const encoder = new TextEncoder()
const PROGRAM = encoder.encode('program of a case')

const directories = ['/w', '/w/top', '/w/top/a', '/w/top/a/b', '/w/top/c']

/** One layer: rights by mask, and what each path or port is granted. */
export interface Layer {
  fs: number
  net: number
  scoped: number
  readonly paths: { readonly access: number; readonly path: string }[]
  readonly ports: { readonly access: number; readonly port: number }[]
}

export const aLayer = (more: Partial<Layer> = {}): Layer => ({
  fs: 0, net: 0, scoped: 0, paths: [], ports: [], ...more,
})

export const must = (rc: number, what: string): number => {
  if (rc < 0) throw new Error(`${what}: ${errnoName(rc)}`)
  return rc
}

export class LandlockWorld {
  readonly stack: Stack
  readonly kernel: Kernel
  /** The task that restricts itself. */
  readonly subject: Task

  constructor(options: LandlockOptions = {}, privileged = true, profile: Profile = '6.12') {
    const module = landlock(options)
    this.stack = stackWith([module], { audit: { denials: true }, profile })
    this.kernel = bootOn(this.stack, { landlock: module.engine, sysctl: { protected_hardlinks: 0 } })
    const { machine, sys, init } = this.kernel
    const isProgram = (bytes: Uint8Array): boolean => PROGRAM.every((byte, i) => bytes[i] === byte)
    machine.exec.registerBinfmt(hostFormat(machine, 'case', isProgram, () => 0))
    for (const dir of ['/m', ...directories]) must(sys.mkdir(init, dir, 0o777), dir)
    for (const file of ['a/f', 'a/b/g', 'c/h']) this.file(`/w/top/${file}`)
    must(sys.symlink(init, 'f', '/w/top/a/s'), 'a/s')
    this.subject = this.fork()
    must(sys.chdir(this.subject, '/w/top'), 'chdir')
    if (privileged) this.noNewPrivs()
    else {
      for (const dir of directories) sys.chmod(init, dir, 0o777)
      must(sys.setresgid(this.subject, 1000, 1000, 1000), 'setresgid')
      must(sys.setresuid(this.subject, 1000, 1000, 1000), 'setresuid')
    }
  }

  fork(parent = this.kernel.init): Task {
    return this.kernel.machine.tasks.find(must(this.kernel.sys.fork(parent), 'fork'))!
  }

  noNewPrivs(task = this.subject): void {
    must(this.kernel.sys.prctl(task, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 'no_new_privs')
  }

  /** A program that ends at once, so that it can be read, written and executed. */
  file(path: string): void {
    const { sys, init } = this.kernel
    const fd = must(sys.openat(init, AT_FDCWD, path, O_CREAT | O_RDWR, 0o777), path)
    must(sys.write(init, fd, PROGRAM), path)
    sys.fchmod(init, fd, 0o777)
    sys.close(init, fd)
  }

  ruleset({ fs, net, scoped, paths, ports }: Layer, task = this.subject): number {
    const { sys } = this.kernel
    const attr = packLandlockRuleset({ handled_access_fs: fs, handled_access_net: net, scoped })
    const fd = must(sys.landlock_create_ruleset(task, attr, attr.length, 0), 'create_ruleset')
    for (const { access, path } of paths) {
      const at = must(sys.openat(task, AT_FDCWD, path, path === 'a/f' ? O_PATH : O_PATH | O_DIRECTORY, 0), path)
      must(sys.landlock_add_rule(task, fd, LANDLOCK_RULE_PATH_BENEATH, packLandlockPathBeneath(access, at), 0), path)
      sys.close(task, at)
    }
    for (const { access, port } of ports) {
      must(sys.landlock_add_rule(task, fd, LANDLOCK_RULE_NET_PORT, packLandlockNetPort(access, port), 0), `${port}`)
    }
    return fd
  }

  restrict(layer: Layer, task = this.subject): void {
    const fd = this.ruleset(layer, task)
    must(this.kernel.sys.landlock_restrict_self(task, fd, 0), 'restrict_self')
    this.kernel.sys.close(task, fd)
  }
}
