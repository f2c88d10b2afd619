/** The order of the steps does some things at a time, but not too many: in a workflow and in one process alike. */

/** Calls `work` for 0 … count - 1, at most `width` at a time. After a failure none is started; it is thrown when the rest has ended. */
export async function inWindow(count: number, width: number, work: (index: number) => Promise<void>, onFailure: () => void): Promise<void> {
  let next = 0
  let first: { readonly error: unknown } | undefined
  const lane = async () => {
    while (next < count && !first) {
      const index = next
      next += 1
      try {
        await work(index)
      } catch (error) {
        if (first) return
        first = { error }
        onFailure()
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(width, count) }, lane))
  if (first) throw (first as { readonly error: unknown }).error
}
