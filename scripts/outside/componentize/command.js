/** A command that looks at the clock and at random numbers. */
export const run = {
  run() {
    console.log(`clock ${Date.now() > 1e12}, random ${Math.random() !== Math.random()}`)
  },
}
