/** The part of time that the timeline shows: zoomed, panned, and divided by its axis. Times are milliseconds. */

export interface Span {
  readonly from: number
  readonly to: number
}

/** The clocks of browsers tell a tenth of a millisecond; nothing is to be seen in less. */
const SHORTEST = 0.2
/** Room beside the first and the last decision, as a part of all. */
const MARGIN = 0.02

export const lengthOf = ({ from, to }: Span): number => to - from

/** All that there is, with some room around it. */
export const wholeOf = (from: number, to: number): Span => {
  const margin = Math.max((to - from) * MARGIN, SHORTEST)
  return { from: from - margin, to: to + margin }
}

const within = ({ from, to }: Span, whole: Span): Span => {
  const length = Math.min(to - from, lengthOf(whole))
  const begin = Math.min(Math.max(from, whole.from), whole.to - length)
  return { from: begin, to: begin + length }
}

/** `at` stays where it is; a factor under 1 shows less time. */
export const zoomed = (span: Span, at: number, factor: number, whole: Span): Span => {
  const length = Math.min(lengthOf(whole), Math.max(SHORTEST, lengthOf(span) * factor))
  const from = at - ((at - span.from) / lengthOf(span)) * length
  return within({ from, to: from + length }, whole)
}

/** By a part of what is shown: 0.5 is half of it later. */
export const panned = (span: Span, part: number, whole: Span): Span => {
  const way = lengthOf(span) * part
  return within({ from: span.from + way, to: span.to + way }, whole)
}

/** The same length of time, with `time` in the middle unless it is in sight. */
export const showing = (span: Span, time: number, whole: Span): Span => {
  if (time >= span.from && time <= span.to) return span
  const half = lengthOf(span) / 2
  return within({ from: time - half, to: time + half }, whole)
}

export interface Tick {
  readonly time: number
  readonly text: string
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })

/** Milliseconds between two ticks that are read easily: 1, 2 or 5 of a power of ten, or parts of minutes and hours. */
const stepOf = (least: number): number => {
  const seconds = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600].map((one) => one * 1000)
  if (least > 500) return seconds.find((one) => one >= least) ?? Math.ceil(least / 3_600_000) * 3_600_000
  const power = 10 ** Math.floor(Math.log10(least))
  return [1, 2, 5, 10].map((one) => one * power).find((one) => one >= least)!
}

/** No two of them closer together than `room` pixels. Under a second, a tick has the second's fraction alone. */
export const ticksOf = (span: Span, width: number, room: number): Tick[] => {
  const step = stepOf((lengthOf(span) * room) / Math.max(1, width))
  const digits = Math.min(4, Math.max(0, 3 - Math.floor(Math.log10(step))))
  const ticks: Tick[] = []
  for (let n = Math.ceil(span.from / step); n * step <= span.to; n++) {
    const time = n * step
    // sums of fractions are a little off
    const inSecond = Number((time % 1000).toFixed(4))
    const isWhole = inSecond === 0 || inSecond === 1000
    const text = step >= 1000 || isWhole ? clock.format(Math.round(time)) : `.${fraction(inSecond, digits)}`
    ticks.push({ time, text })
  }
  return ticks
}

/** `26.5` ms as `0265`. */
const fraction = (milliseconds: number, digits: number): string =>
  (milliseconds / 1000).toFixed(Math.max(1, digits)).slice(2)

/** A length of time for people. */
export const lengthText = (milliseconds: number): string =>
  milliseconds < 1
    ? `${(milliseconds * 1000).toFixed(0)} µs`
    : milliseconds < 1000
      ? `${milliseconds.toFixed(milliseconds < 100 ? 1 : 0)} ms`
      : milliseconds < 120_000
        ? `${(milliseconds / 1000).toFixed(milliseconds < 10_000 ? 2 : 1)} s`
        : `${(milliseconds / 60_000).toFixed(1)} min`
