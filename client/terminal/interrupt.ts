/** Ctrl-C stops a command, and so does the signal that process managers send. */

/** The first signal asks; the second one ends the process, as it does everywhere. @returns a function that stops listening */
export function onInterrupt(act: () => void): () => void {
  process.once('SIGINT', act).once('SIGTERM', act)
  return () => void process.off('SIGINT', act).off('SIGTERM', act)
}
