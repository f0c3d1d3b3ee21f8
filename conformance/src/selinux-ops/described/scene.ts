/** A description while it is read: what `kernel_t` has set up for it, and what steps of `s_t` hand to one another. */
import { O_NONBLOCK, O_RDONLY, O_RDWR, S_IFBLK, S_IFCHR, S_IFIFO } from '@lsmkit/abi'
import type { Calls, Outcome, World } from '../world.ts'
import { flagsIn, unquoted } from './words.ts'

/** One call of the task: its answer, and what the recorder looked at. */
export type Step = (sys: Calls) => number | Outcome

export class Scene {
  readonly world: World
  readonly text: string
  /** With the operation's name. */
  readonly all: string
  /** Set-ups of the task itself: it is forked when all else is there. */
  readonly last: (() => void)[] = []
  private readonly made = new Set<string>()
  private otherPid: number | null = null
  private inheritedFd: number | null = null

  // What steps leave for those behind them.
  fd = -1
  second = -1
  pid = 0
  address = 0
  /** A step before has opened something. */
  opens = false

  constructor(world: World, text: string, name: string) {
    this.world = world
    this.text = text
    this.all = `${name.replaceAll('_', ' ')} ${text}`
    this.make('f')
    this.make('d')
    const owned = /\b(\w) mode (0\d+) owned by (\d+)/.exec(text)
    if (owned !== null) {
      const [, path = '', mode = '', owner] = owned
      world.must(world.root.chmod(path, parseInt(mode, 8)), 'chmod')
      world.must(world.root.chown(path, Number(owner), Number(owner)), 'chown')
    }
  }

  /** Type of what the description is about. */
  get type(): string {
    return /\b(?:file|fd of|fd|of) (\w+_t)\b/.exec(this.text)?.[1] ?? 'o_t'
  }

  /** The other process, `p`. */
  get other(): number {
    return (this.otherPid ??= this.world.other().pid)
  }

  /** Makes what a path names, as the recorder had it. */
  make(name: string): void {
    const { world } = this
    if (this.made.has(name)) return
    this.made.add(name)
    if (name === 'f') world.file('f', this.type, undefined, /X_OK/.test(this.text) ? 0o755 : 0o644)
    else if (name === 'd') {
      world.dir('d', 'td_t')
      world.file('d/f', 'o_t')
    } else if (name === 'd/sub') world.dir('d/sub', 'o_t')
    else if (name === 'm') world.dir('m', 'td_t')
    else if (name === 'l') world.link('l', 'f', 'l_t')
    else if (name === 'p') world.node('p', this.type, S_IFIFO | 0o666)
    else if (name === 'x') world.program('x', this.type)
    else if (name === 'sc') {
      this.make('x')
      world.file('sc', this.type, '#!/w/x\n', 0o755)
    }
  }

  /** A path as the task uses it. */
  path(arg: string): string {
    const device = /^(block )?device(?: node)? (\d+):(\d+)/.exec(arg)
    if (device !== null) {
      const [, block, major, minor] = device
      const kind = block === undefined ? S_IFCHR : S_IFBLK
      this.world.node('z', this.type, kind | 0o666, (Number(major) << 8) | Number(minor))
      return 'z'
    }
    if (/^(?:fifo|FIFO)\b/.test(arg)) return this.path('"p"')
    const name = unquoted(arg).replace(/^\/proc\/P\b/, () => `/proc/${this.other}`)
    this.make(name)
    return name
  }

  /** A descriptor that the task inherits: `inherited directory fd`, `fd opened O_RDWR`. */
  inherited(arg: string): number {
    const wanted = flagsIn(`${arg} ${this.text.replace(/F_SETFL.*?[,)]/, '')}`, 'O_')
    const writes = /F_WRLCK/.test(this.text) || /write|trunc|alloc/.test(this.text.split('(')[0]!)
    const name = /director/.test(arg) ? 'd' : /fifo/.test(arg) ? 'p' : 'f'
    this.make(name)
    const flags = wanted === 0 && writes ? O_RDWR : wanted
    return (this.inheritedFd ??= this.world.fd(name, flags || (name === 'p' ? O_RDWR | O_NONBLOCK : O_RDONLY)))
  }

  /** One that a step before has opened, else one that is inherited; answers when it runs. */
  descriptor(arg: string | undefined): () => number {
    const isOwn = this.opens && (arg === undefined || !/\bfd\b|inherited/.test(arg))
    if (isOwn || /own fd/.test(arg ?? '')) return () => this.fd
    const fd = this.inherited(arg ?? '')
    return () => fd
  }
}
