/** BPF on the stack that a program runs under: all that is loaded when objects are named. */
export { attachObjects, bpfModule } from './bpf-objects.ts'
export { mapDump } from './map-dump.ts'
export { ringReader } from './ring-events.ts'
