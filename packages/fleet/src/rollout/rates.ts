/**
 * The sequential test of a gate. Refusals of a host are taken as Poisson at a rate below the limit (the claim of a good
 * revision), or above `bad` times the limit (of a bad one). Against each claim runs a product of likelihood ratios,
 * whose expectation is at most 1 under the claim at every time; by Ville's inequality it ever gets above 1/a with a
 * probability of at most a. So one may look as often as one likes.
 *
 * Each host's ratio is mixed with 1, so that no host can take away more than a factor of 2; and the hosts with the
 * greatest ratios are left out, as many as may lie: what remains is at most the product of the honest ones.
 * See Wald 1945 (the test), Robbins 1970 (mixtures), Ville 1939 (the bound).
 */
import type { Tally } from './state.ts'

/** Counts of one host, and the rate that it may have. */
export interface HostRate {
  readonly tally: Tally
  readonly limit: number
}

/** Multiples of the limit that a bad revision may have: the test need not know which. */
const MULTIPLES = [1.5, 2, 3, 5, 10, 30, 100] as const

/** The logarithm of the likelihood of rate `to` against rate `from`. */
const logRatio = ([decisions, denies]: Tally, to: number, from: number): number =>
  Math.min(denies, decisions) * Math.log(to / from) - (to - from) * decisions

/** log((1 + e^x) / 2) */
const mixedWithOne = (x: number): number =>
  (x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x))) - Math.LN2

/** Hosts that are left out: of one or two hosts it cannot be seen which one lies. */
export const mostLiars = (hosts: number, share: number): number =>
  hosts < 3 || share === 0 ? 0 : Math.min(Math.ceil(share * hosts), hosts - 1)

const trimmedSum = (numbers: number[], leftOut: number): number =>
  numbers.sort((a, b) => a - b).slice(0, numbers.length - leftOut).reduce((sum, x) => sum + x, 0)

/** The logarithm of the evidence that hosts refuse more than their limits. */
export const evidenceAgainst = (hosts: readonly HostRate[], liars: number): number => {
  const leftOut = mostLiars(hosts.length, liars)
  const sums = MULTIPLES.map((times) => trimmedSum(
    hosts.map(({ tally, limit }) => mixedWithOne(logRatio(tally, times * limit, limit))), leftOut))
  const most = Math.max(...sums)
  return most + Math.log(sums.reduce((sum, x) => sum + Math.exp(x - most), 0) / sums.length)
}

/** The logarithm of the evidence that hosts refuse less than `bad` times their limits. */
export const evidenceFor = (hosts: readonly HostRate[], bad: number, liars: number): number =>
  trimmedSum(hosts.map(({ tally, limit }) => mixedWithOne(logRatio(tally, limit, bad * limit))),
    mostLiars(hosts.length, liars))

const rateOf = ([decisions, denies]: Tally): number => Math.min(denies / decisions, 1)

/** Without hosts of the highest and of the lowest rates, as many of each as may lie: what remains is as honest ones. */
const trimmedTally = (tallies: readonly Tally[], liars: number): Tally => {
  const counted = tallies.filter(([decisions]) => decisions > 0).sort((a, b) => rateOf(a) - rateOf(b))
  const leftOut = counted.length < 3 ? 0 : Math.min(mostLiars(counted.length, liars), (counted.length - 1) >> 1)
  return counted.slice(leftOut, counted.length - leftOut)
    .reduce<Tally>(([n, d], [decisions, denies]) => [n + decisions, d + Math.min(denies, decisions)], [0, 0])
}

/** Minus the logarithm of Chernoff's bound: how improbable a Poisson number so far from its mean is at least. */
const improbable = (number: number, mean: number): number =>
  mean - number - (number === 0 ? 0 : number * Math.log(mean / number))

/** The mean, on the way from the number to `far`, of which the number is improbable enough. */
const boundOf = (number: number, far: number, error: number): number => {
  const wanted = Math.log(1 / error)
  let [near, end] = [number, far]
  for (let i = 0; i < 60; i += 1) {
    const middle = (near + end) / 2
    if (improbable(number, middle) < wanted) near = middle
    else end = middle
  }
  return end
}

const upperMean = (number: number, error: number): number => {
  const wanted = Math.log(1 / error)
  return boundOf(number, number + 2 * wanted + 2 * Math.sqrt(wanted * (number + 1)) + 1, error)
}

/** The upper bound of the rate of the revision before, which is wrong with a probability of at most `error`. */
export const upperRate = (tallies: readonly Tally[], liars: number, error: number): number => {
  const [decisions, denies] = trimmedTally(tallies, liars)
  return decisions === 0 ? 0 : Math.min(upperMean(denies, error) / decisions, 1)
}

/** The lower bound of the rate of one host, which is wrong with a probability of at most `error`. */
export const lowerRate = ([decisions, denies]: Tally, error: number): number =>
  decisions === 0 || denies === 0 ? 0 : boundOf(Math.min(denies, decisions), 0, error) / decisions

/** Decisions of all hosts but those of the most, as many as may lie. */
export const trustedDecisions = (tallies: readonly Tally[], liars: number): number =>
  trimmedSum(tallies.map(([decisions]) => decisions), mostLiars(tallies.length, liars))
