/** Step 7, second half: makes the sealed attempt what readers of the date see. */
import type { AttemptRef } from '../engine/protocol/documents/attempt.js'
import { DaybreakError } from '../engine/protocol/errors.js'
import { readManifest } from '../engine/storage/attempts.js'
import { appendEvent } from '../engine/storage/events.js'
import { publishAttempt, publishedPredictions } from '../engine/storage/publications.js'
import type { Step } from './context.js'

export const publish: Step<{ readonly attempt: AttemptRef }, { readonly number: number; readonly predictions: string }> = async (
  context,
  { attempt },
) => {
  const { home } = context.settings
  const manifest = await readManifest(home, attempt)
  if (!manifest) throw new DaybreakError('StorageDamaged', `attempt ${attempt.attempt} of ${attempt.date} is not sealed`)
  const at = new Date().toISOString()
  const by = manifest.requestedBy ?? manifest.kind
  try {
    const { number } = await publishAttempt(home, attempt, { seen: manifest.seenPublication, at, by, why: manifest.headline })
    await appendEvent(home, attempt, { at, event: 'published', detail: `publication ${number}` })
    return { number, predictions: await publishedPredictions(home, attempt.pipeline, attempt.date) }
  } catch (error) {
    if (error instanceof DaybreakError && error.code === 'PublishedMeanwhile') {
      await appendEvent(home, attempt, { at, event: 'publish-refused', detail: error.message })
    }
    throw error
  }
}
