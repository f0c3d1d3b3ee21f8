/** Cycles of tasks, their memory, groups and namespaces. */
import {
  AT_FDCWD, CLONE_FILES, CLONE_FS, CLONE_NEWCGROUP, CLONE_NEWIPC, CLONE_NEWNET, CLONE_NEWNS, CLONE_NEWPID,
  CLONE_NEWUSER, CLONE_NEWUTS, CLONE_SIGHAND, CLONE_THREAD, CLONE_VM, MAP_ANONYMOUS, MAP_PRIVATE, O_RDONLY, O_WRONLY,
  PROT_READ, SIGUSR1, WNOHANG,
} from '@lsmkit/abi'
import { ref } from '@lsmkit/core'
import type { CycleWorld, Cycles } from './cycle-world.ts'

export const taskCycles = (world: CycleWorld): Cycles => {
  const { sys, init, machine } = world
  return {
    'a process': () => {
      const task = world.child()
      world.must(sys.dup2(task, world.must(sys.openat(task, AT_FDCWD, '/', O_RDONLY, 0)), 900))
      world.must(sys.setgroups(task, 3, [1, 2, 3]))
      world.must(sys.setresuid(task, 5, 5, 5))
      world.must(sys.kill(init, task.pid, SIGUSR1))
      world.must(sys.timer_create(task, 1, null, ref(0)))
      sys.access(init, `/proc/${task.pid}/status`, 0)
      world.reap(task)
    },
    'threads': () => {
      const task = world.child()
      const flags = CLONE_VM | CLONE_SIGHAND | CLONE_THREAD | CLONE_FILES | CLONE_FS
      const thread = machine.tasks.find(world.must(sys.clone(task, flags, 0, null, null, 0)))!
      world.must(sys.unshare(thread, CLONE_FILES | CLONE_FS))
      sys.exit(task, 0)
      sys.exit(thread, 0)
      sys.wait4(init, task.pid, null, WNOHANG, null)
    },
    'mappings': () => {
      const at = world.must(sys.mmap(init, 0, 10 * 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
      world.must(sys.munmap(init, at + 4096, 4096))
      world.must(sys.mprotect(init, at + 3 * 4096, 4096, 0))
      world.must(sys.munmap(init, at, 10 * 4096))
    },
    'a control group': () => {
      world.must(sys.mkdir(init, '/sys/fs/cgroup/cycle', 0o755))
      const fd = world.open('/sys/fs/cgroup/cycle/cgroup.procs', O_WRONLY)
      const task = world.child()
      world.must(sys.write(init, fd, new TextEncoder().encode(String(task.pid))))
      world.must(sys.setxattr(init, '/sys/fs/cgroup/cycle', 'user.a', new Uint8Array(10), 0))
      world.close(fd)
      world.reap(task)
      world.must(sys.rmdir(init, '/sys/fs/cgroup/cycle'))
    },
    'mount and ipc namespaces': world.unshared(CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP),
    'a network namespace': world.unshared(CLONE_NEWNET),
    'a pid namespace': world.unshared(CLONE_NEWPID),
    'user namespaces': () => {
      const task = world.child()
      world.must(sys.unshare(task, CLONE_NEWUSER))
      for (const map of ['uid_map', 'gid_map']) {
        const map_fd = world.open(`/proc/${task.pid}/${map}`, O_WRONLY)
        world.must(sys.write(init, map_fd, new TextEncoder().encode('0 0 5\n5 5 5\n')))
        world.close(map_fd)
      }
      world.must(sys.unshare(task, CLONE_NEWUSER))
      const path = `/proc/${task.pid}/ns/user`
      const fd = world.open(path, O_RDONLY)
      world.must(sys.unshare(task, CLONE_NEWNS | CLONE_NEWUTS))
      world.reap(task)
      world.close(fd)
    },
  }
}
