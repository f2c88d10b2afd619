/** Ctrl-C, and the signal with which a process manager stops a process. */

/** The first one asks; the second one ends the process, as it does everywhere. @returns what takes the listener away again */
export function onInterrupt(act: () => void): () => void {
  process.once('SIGINT', act).once('SIGTERM', act)
  return () => void process.off('SIGINT', act).off('SIGTERM', act)
}
