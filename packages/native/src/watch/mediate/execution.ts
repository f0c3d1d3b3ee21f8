/**
 * Executions under mediation. Nobody can execute for somebody else, so the call goes on. A copy of the task executes
 * the program in the mirror's kernel first. It takes the place of the task when the host's process is seen to run one
 * of the files that were asked about, and goes where the execution has failed.
 */
import { AT_FDCWD, EACCES, ENOEXEC, ENOMEM, S_IFMT, S_IFREG } from '@lsmkit/abi'
import { hostFormat } from '@lsmkit/kernel'
import type { Kernel } from '@lsmkit/kernel/boot'
import type { HostPlace } from '../host-places.ts'
import { GO_ON } from './asked.ts'
import type { Answer, Asked, Mediating } from './asked.ts'
import { programKey } from '../mirror-tasks.ts'
import type { ExecuteRequest } from '../requests.ts'

/** As BINPRM_BUF_SIZE. */
const HEAD = 256
const MOST_INTERPRETERS = 5

const isScript = (head: Uint8Array): boolean => head[0] === 0x23 && head[1] === 0x21

/** Every file that is not a script is a program of the host. */
export const addHostPrograms = ({ machine }: Kernel): void => {
  machine.exec.registerBinfmt(hostFormat(machine, 'host', (head) => !isScript(head), () => 0))
}

/** The interpreter that a script names; null where it names none. */
const interpreterOf = (head: Uint8Array): string | null => {
  if (!isScript(head)) return null
  const line = new TextDecoder().decode(head.subarray(2)).split('\n')[0]!.trim()
  const name = line.split(/[ \t]/)[0]!
  return name.startsWith('/') ? name : null
}

/** Shows a program and its interpreters in the mirror, and collects the files: 0 or -errno. */
const showProgram = (
  mediator: Mediating, asked: Asked, place: HostPlace, files: Set<string>, depth: number,
): number => {
  const { mirror, hands, places } = mediator
  if (depth > MOST_INTERPRETERS) return -ENOEXEC
  if (place.path === '' || (place.mode & S_IFMT) !== S_IFREG) return -EACCES
  const head = hands.head(place, HEAD)
  if (typeof head === 'number') return head
  const shown = mirror.show(place)
  const written = shown < 0 ? shown : mirror.writeHead(place, head.length === 0 ? new Uint8Array(1) : head)
  if (written < 0) return written
  files.add(programKey(place.fd))
  const interpreter = interpreterOf(head)
  if (interpreter === null) return 0
  const linked = mirror.showLinks(interpreter)
  if (linked < 0) return linked
  const next = places.file(asked.tid, { at: AT_FDCWD, path: interpreter, follows: true })
  if (typeof next === 'number') return next
  try {
    return showProgram(mediator, asked, next, files, depth + 1)
  } finally {
    places.closeAll(next)
  }
}

export const mediateExecution = (mediator: Mediating, asked: Asked, { name }: ExecuteRequest): Answer => {
  const { tasks, places, mirror: { kernel } } = mediator
  // children of the program before keep what it was
  tasks.placeChildren(asked.of)
  const place = places.file(asked.tid, name)
  if (typeof place === 'number') return place
  mediator.about = place.path
  const files = new Set<string>()
  try {
    const shown = showProgram(mediator, asked, place, files, 0)
    if (shown < 0) return shown
    const copy = tasks.copyOf(asked.of)
    if (copy === null) return -ENOMEM
    const rc = mediator.ask(() => kernel.sys.execve(copy, place.path, [place.path], []))
    if (rc < 0) {
      tasks.drop(copy)
      return rc
    }
    tasks.expect(asked.of, asked.tid, copy, files)
    return GO_ON
  } finally {
    places.closeAll(place)
  }
}
