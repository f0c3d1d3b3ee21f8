/** Random numbers that come again with the same seed, as programs of the sweep want them. */
import { Random as Words } from '@lsmkit/bpf/random'

export class Random extends Words {
  /** True once in `count` times. */
  once(count: number): boolean {
    return this.below(count) === 0
  }

  /** Numbers at which arithmetic and bounds go wrong, more often than others. */
  override constant(): number {
    switch (this.below(4)) {
      case 0: return this.pick([0, 1, -1, 2, 31, 32, 63, 64, 0x7fffffff, -0x80000000, 0xff, 0xffff, 0x10000, -4095])
      case 1: return this.below(256) - 128
      case 2: return this.pick([4, 8, 12, 15, 16, 17, 24, 40, 47, 48, 512])
      default: return this.word() | 0
    }
  }
}
