/** `pr_notice_ratelimited`: ten lines in five seconds, and the rest unsaid. */
const INTERVAL = 5000
const BURST = 10

/** `now` is in milliseconds; a clock that goes back begins a new interval. */
export const rateLimited = (print: (line: string) => void, now: () => number): ((line: string) => void) => {
  let begin = -Infinity
  let printed = 0
  return (line) => {
    const time = now()
    if (time - begin > INTERVAL || time < begin) {
      begin = time
      printed = 0
    }
    if (printed++ < BURST) print(line)
  }
}
