/** Numbers that follow from a seed alone: the same ones each time. */
import { Random as Words } from '@lsmkit/bpf/random'

/** A well mixed word of two. */
export const mixed = (seed: number, number: number): number => {
  let word = (seed ^ Math.imul(number + 1, 0x9e3779b1)) | 0
  word = Math.imul(word ^ (word >>> 16), 0x85ebca6b)
  word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35)
  return (word ^ (word >>> 16)) >>> 0
}

export class Random extends Words {
  /** One time in `count`. */
  oneIn(count: number): boolean {
    return this.below(count) === 0
  }
}
