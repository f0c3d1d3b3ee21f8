/**
 * Blocks and loops of WebAssembly around the blocks of a flow graph: after Ramsey, "Beyond Relooper" (2022). Each block
 * of the graph is emitted inside its immediate dominator; a block with two ways into it is put behind a WebAssembly
 * block, so that jumping there is leaving that block; a block that is jumped back to opens a loop.
 */
import type { Body, Label } from '../wasm/body.ts'
import type { Flow, FlowBlock } from './flow.ts'
import { predecessorsOf } from './flow.ts'

/** The services of the instruction emitter for the structure emitter. */
export interface BlockEmitter {
  /** The slots of a block without the jump at its end. */
  straight(block: FlowBlock): void
  /** The condition of its jump, as an i32. */
  condition(block: FlowBlock): void
  /** Called before a loop begins. */
  enterLoop(header: number): void
  /** Called when a loop goes round from `block` to `header`. */
  goRound(block: number, header: number): void
  /** `exit`. */
  leave(block: FlowBlock): void
  /** The program runs out of its code. */
  outside(block: FlowBlock): void
}

type Work =
  | { readonly kind: 'tree'; readonly block: number }
  | { readonly kind: 'end' }
  | { readonly kind: 'take'; readonly from: number; readonly to: number }

/** A flow graph that is being emitted. */
class Structure {
  readonly body: Body
  readonly flow: Flow
  readonly emit: BlockEmitter
  /** Blocks that each block immediately dominates. */
  readonly inside: readonly (readonly number[])[]
  readonly isMerge: Uint8Array
  readonly labels = new Map<number, Label>()
  readonly loops = new Map<number, Label>()
  /** Work still to do, the next on top; no recursion, for programs nest thousands deep. */
  readonly work: Work[]

  constructor(body: Body, flow: Flow, emit: BlockEmitter) {
    this.body = body
    this.flow = flow
    this.emit = emit
    this.inside = childrenOf(flow)
    this.isMerge = mergesOf(flow)
    this.work = [{ kind: 'tree', block: flow.order[0]! }]
  }
}

const open = (structure: Structure, block: number): void => {
  const { body, emit, flow: { isLoop, place }, inside, isMerge, labels, loops, work } = structure
  if (isLoop[block] === 1) {
    emit.enterLoop(block)
    loops.set(block, body.loop())
    work.push({ kind: 'end' })
  }
  const merges = inside[block]!.filter((child) => isMerge[child] === 1).sort((a, b) => place[b]! - place[a]!)
  // the first to come is the innermost; each is emitted behind the end of its own block
  for (const merge of merges) {
    work.push({ kind: 'tree', block: merge }, { kind: 'end' })
    labels.set(merge, body.block())
  }
  terminate(structure, block)
}

const terminate = (structure: Structure, at: number): void => {
  const { body, emit, flow: { blocks, place }, isMerge, labels, work } = structure
  const block = blocks[at]!
  emit.straight(block)
  if (block.last < 0 || block.taken === -1 || block.next === -1 || block.taken === block.next) {
    if (block.taken === -1 && block.next === -1) emit.leave(block)
    else take(structure, at, block.next === -1 ? block.taken : block.next)
    return
  }
  emit.condition(block)
  const label = labels.get(block.taken)
  if (label !== undefined && isMerge[block.taken] === 1 && place[block.taken]! > place[at]!) {
    body.brIf(label)
    take(structure, at, block.next)
    return
  }
  body.if()
  work.push({ kind: 'take', from: at, to: block.next }, { kind: 'end' })
  take(structure, at, block.taken)
}

/** Goes from one block to another: a branch, or the block itself right here. */
const take = (structure: Structure, from: number, to: number): void => {
  const { body, emit, flow: { blocks, place }, isMerge, labels, loops, work } = structure
  if (to < 0) return emit.outside(blocks[from]!)
  if (place[to]! <= place[from]!) {
    emit.goRound(from, to)
    body.br(loops.get(to)!)
  } else if (isMerge[to] === 1) body.br(labels.get(to)!)
  else work.push({ kind: 'tree', block: to })
}

export const emitStructured = (body: Body, flow: Flow, emit: BlockEmitter): void => {
  const structure = new Structure(body, flow, emit)
  const { work } = structure
  for (let next = work.pop(); next !== undefined; next = work.pop()) {
    if (next.kind === 'tree') open(structure, next.block)
    else if (next.kind === 'end') body.end()
    else take(structure, next.from, next.to)
  }
  body.op('unreachable')
}

/** A loop round a table of all blocks: for the graphs that have no structure. */
export const emitDispatched = (body: Body, flow: Flow, emit: BlockEmitter, state: number): void => {
  const { blocks, order, place } = flow
  const again = body.loop()
  const labels = [...order].map(() => body.block()).reverse()
  body.get(state).brTable(labels)
  const go = (from: number, to: number): void => {
    if (to < 0) return emit.outside(blocks[from]!)
    if (place[to]! <= place[from]!) emit.goRound(from, to)
    body.i32(place[to]!).set(state).br(again)
  }
  for (const at of order) {
    body.end()
    const block = blocks[at]!
    emit.straight(block)
    if (block.taken === -1 && block.next === -1) emit.leave(block)
    else if (block.last < 0 || block.taken === -1 || block.next === -1) {
      go(at, block.next === -1 ? block.taken : block.next)
    } else {
      emit.condition(block)
      body.if()
      go(at, block.taken)
      body.end()
      go(at, block.next)
    }
  }
  body.end().op('unreachable')
}

const childrenOf = ({ blocks, order, dominator }: Flow): number[][] => {
  const children: number[][] = blocks.map(() => [])
  for (const block of order) if (block !== order[0]) children[dominator[block]!]!.push(block)
  return children
}

/** Blocks with two or more ways into them from before. */
const mergesOf = ({ blocks, order, place }: Flow): Uint8Array => {
  const merges = new Uint8Array(blocks.length)
  for (const [block, into] of predecessorsOf(blocks, order).entries()) {
    if (into.filter((from) => place[from]! < place[block]!).length > 1) merges[block] = 1
  }
  return merges
}
