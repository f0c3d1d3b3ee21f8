/** Descriptors through sockets, and `note`, the text that an operation leaves for its report. */
import { MSG_CTRUNC, MSG_DONTWAIT, SCM_RIGHTS, SOL_SOCKET } from '@lsmkit/abi'
import type { Calls } from '../c/actor.ts'
import type { Builtin, CMachine } from '../c/machine.ts'

export const leave = (m: CMachine, text: string): void => {
  m.callNamed('strcpy', [m.addressOf('note')!, m.string(text)])
}

export const passing = (m: CMachine, sys: Calls): Record<string, Builtin> => ({
  send_fd: (socket, fd) => {
    const rights = { cmsg_level: SOL_SOCKET, cmsg_type: SCM_RIGHTS, data: [fd] }
    return sys.sendmsg(socket, { msg_name: null, msg_iov: [new Uint8Array(1)], msg_control: [rights], msg_flags: 0 }, 0)
  },
  recv_fd: (socket) => {
    const message = { msg_name: null, msg_iov: [new Uint8Array(8)], msg_control: [], msg_flags: 0 }
    const rc = sys.recvmsg(socket, message, MSG_DONTWAIT)
    const came = message.msg_control.length > 0 ? 'fd' : 'nofd'
    leave(m, (message.msg_flags & MSG_CTRUNC) === 0 ? came : `${came},ctrunc`)
    return rc
  },
})
