/** The file of a fanotify group: programs read events from it and write answers to permission events. */
import { EINVAL, ENOENT, EPOLLIN, EPOLLRDNORM, FAN_ALLOW, FAN_DENY } from '@lsmkit/abi'
import { copyIn } from '../state/guest-bytes.ts'
import { fileOperations } from '../state/vfs/driver.ts'
import type { FileOperations } from '../state/vfs/driver.ts'
import type { Machine } from '../machine.ts'
import { copy_event_to_user, groupOf, lengthOf } from './fanotify-read.ts'

/** Bytes of a response. */
const RESPONSE_SIZE = 8

const fanotifyOps = (machine: Machine): FileOperations => fileOperations({
  read(file, buf, off, len) {
    const group = groupOf(file)
    if (group.queue.length > 0 && len < lengthOf(group, group.queue[0]!)) return -EINVAL
    let done = 0
    while (group.queue.length > 0 && done + lengthOf(group, group.queue[0]!) <= len) {
      const rc = copy_event_to_user(machine, group, buf, off + done)
      if (rc < 0) return done > 0 ? done : rc
      done += rc
    }
    if (done > 0) return done
    return machine.sleepUnlessNonblock(file, group.wait)
  },
  /** Takes a `struct fanotify_response`, which allows or denies an event that was read. */
  write(file, buf, off, len) {
    const group = groupOf(file)
    if (len < RESPONSE_SIZE) return -EINVAL
    const view = new DataView(copyIn(buf, off, RESPONSE_SIZE).buffer)
    const fd = view.getInt32(0, true)
    const response = view.getUint32(4, true)
    if ((response & 3) !== FAN_ALLOW && (response & 3) !== FAN_DENY) return -EINVAL
    const event = group.asked.find((each) => each.fd === fd && each.answer === 0)
    if (event === undefined) return -ENOENT
    event.answer = response
    group.answered.wake()
    return RESPONSE_SIZE
  },
  poll: (file) => (groupOf(file).queue.length > 0 ? EPOLLIN | EPOLLRDNORM : 0),
  poll_queue: (file) => groupOf(file).wait,
  release(_inode, file) {
    const group = groupOf(file)
    for (const mark of group.marks.values()) machine.fsnotify.remove(mark)
    for (const event of [...group.queue, ...group.asked]) if (event.answer === 0) event.answer = FAN_ALLOW
    for (const event of group.queue) if (event.answer > 0) group.asked.push(event)
    group.answered.wake()
    group.release()
  },
})

/** The operations of fanotify files. */
export class FanotifyFiles {
  readonly fops: FileOperations

  constructor(machine: Machine) {
    this.fops = fanotifyOps(machine)
  }
}
