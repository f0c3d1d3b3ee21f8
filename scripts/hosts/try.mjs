/** Tries a feature where it is imported. It runs on every host, so it imports nothing. */

/** Milliseconds that a feature may take. */
const PATIENCE = 20_000

const late = () => new Promise((_, reject) => setTimeout(() => reject(new Error('it does not end')), PATIENCE))

/** The first line of an error, without what differs from run to run. */
const words = (error) => String(error?.message ?? error).split('\n')[0]

/** `load` imports the module of a feature; `host` is what it may use. */
export const tryFeature = async (load, host) => {
  try {
    const { default: run } = await load()
    await Promise.race([run(host), late()])
    return { works: true }
  } catch (error) {
    return { works: false, why: words(error) }
  }
}
