/** The interfaces of WASI 0.2 that a component may import, and which of their functions may wait. */
import type { Import } from '../../guard.ts'
import type { Callee } from '../callee.ts'
import {
  environmentFunctions, exitFunctions, stderrFunctions, stdinFunctions, stdoutFunctions, terminalStderrFunctions,
  terminalStdinFunctions, terminalStdoutFunctions,
} from './cli.ts'
import {
  insecureFunctions, monotonicFunctions, randomFunctions, seedFunctions, wallClockFunctions,
} from './clocks.ts'
import { descriptorFunctions, preopenFunctions } from './descriptors.ts'
import { pathFunctions } from './paths.ts'
import { pollFunctions } from './pollable.ts'
import { bodyFunctions } from './http/bodies.ts'
import { fieldFunctions } from './http/fields.ts'
import { outgoingHandlerFunctions } from './http/handler.ts'
import { messageFunctions } from './http/messages.ts'
import { instanceNetworkFunctions, nameLookupFunctions, networkFunctions } from './sockets/network.ts'
import { tcpCreateFunctions, tcpFunctions } from './sockets/tcp.ts'
import { udpCreateFunctions, udpFunctions } from './sockets/udp.ts'
import { errorFunctions, streamFunctions } from './streams.ts'

/** Functions of an interface by name, for one component. */
type Functions = (callee: Callee) => Readonly<Record<string, Import>>

const none: Functions = () => ({})

export const interfaces: Readonly<Record<string, Functions>> = {
  'wasi:cli/environment': environmentFunctions,
  'wasi:cli/exit': exitFunctions,
  'wasi:cli/stdin': stdinFunctions,
  'wasi:cli/stdout': stdoutFunctions,
  'wasi:cli/stderr': stderrFunctions,
  'wasi:cli/terminal-input': none,
  'wasi:cli/terminal-output': none,
  'wasi:cli/terminal-stdin': terminalStdinFunctions,
  'wasi:cli/terminal-stdout': terminalStdoutFunctions,
  'wasi:cli/terminal-stderr': terminalStderrFunctions,
  'wasi:clocks/monotonic-clock': monotonicFunctions,
  'wasi:clocks/wall-clock': wallClockFunctions,
  'wasi:filesystem/preopens': preopenFunctions,
  'wasi:filesystem/types': (callee) => ({ ...descriptorFunctions(callee), ...pathFunctions(callee) }),
  'wasi:http/outgoing-handler': outgoingHandlerFunctions,
  'wasi:http/types': (callee) => ({ ...fieldFunctions(callee), ...bodyFunctions(callee), ...messageFunctions(callee) }),
  'wasi:io/error': errorFunctions,
  'wasi:io/poll': pollFunctions,
  'wasi:io/streams': streamFunctions,
  'wasi:random/insecure': insecureFunctions,
  'wasi:random/insecure-seed': seedFunctions,
  'wasi:random/random': randomFunctions,
  'wasi:sockets/instance-network': instanceNetworkFunctions,
  'wasi:sockets/ip-name-lookup': nameLookupFunctions,
  'wasi:sockets/network': networkFunctions,
  'wasi:sockets/tcp': tcpFunctions,
  'wasi:sockets/tcp-create-socket': tcpCreateFunctions,
  'wasi:sockets/udp': udpFunctions,
  'wasi:sockets/udp-create-socket': udpCreateFunctions,
}

/** Beginnings of the names of functions that may have to wait. */
const WAITING = [
  'poll', '[method]pollable.block', '[method]input-stream.', '[method]output-stream.', '[method]descriptor.read',
  '[method]descriptor.write', '[method]descriptor.open-at',
]

export const mayWait = (name: string): boolean =>
  WAITING.some((start) => name.startsWith(start)) && !name.endsWith('.subscribe') && !name.endsWith('.check-write')

/** The interface that an import names, without its version; null for one that is not of WASI 0.2. */
export const interfaceOf = (name: string): string | null => {
  const [, of, version] = /^([^@]+)@0\.2\.(\d+)(?:-.*)?$/.exec(name) ?? []
  return of !== undefined && version !== undefined && Object.hasOwn(interfaces, of) ? of : null
}
