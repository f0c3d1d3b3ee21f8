/** Operations of selinux-ops.tsv: performance events, on a machine that is not paranoid about them. */
import { PERF_EVENT_IOC_ENABLE, PERF_TYPE_SOFTWARE, PERF_TYPE_TRACEPOINT } from '@lsmkit/abi'
import type { Calls, Operation, World } from './world.ts'

const done = (rc: number): number => Math.min(rc, 0)
const clock = { type: PERF_TYPE_SOFTWARE, exclude_kernel: 1, disabled: 1 }

const open = (attr: object, pid = 0, cpu = -1) => (sys: Calls): number =>
  sys.perf_event_open({ ...clock, ...attr }, pid, cpu, -1, 0)

/** As the recorder had it: kernel.perf_event_paranoid is -1. */
const trust = ({ kernel }: World): void => {
  kernel.machine.sysctl.perf_event_paranoid = -1
}
const trusting = (run: (sys: Calls) => number): Operation => (world) => {
  trust(world)
  return (sys) => done(run(sys))
}

export const perfOperations: Readonly<Record<string, Operation>> = {
  perf_self: trusting(open({})),
  perf_self_kernel: trusting(open({ exclude_kernel: 0 })),
  perf_cpu: trusting(open({}, -1, 0)),
  perf_tracepoint: trusting(open({ type: PERF_TYPE_TRACEPOINT, config: 1 })),
  perf_other: (world) => {
    trust(world)
    const { pid } = world.other()
    return (sys) => done(open({}, pid)(sys))
  },
  perf_read: trusting((sys) => {
    const fd = open({})(sys)
    if (fd < 0) return fd
    const rc = sys.read(fd, new Uint8Array(8))
    return rc < 0 ? rc : sys.ioctl(fd, PERF_EVENT_IOC_ENABLE, 0)
  }),
}
