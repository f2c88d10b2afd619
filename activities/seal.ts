/** Step 7, first half: writes the manifest, last of all. An attempt that has one is sealed and never changes. */
import { sealDay } from '../days/sealDay.js'
import type { MessageKind } from '../engine/protocol/documents/events.js'
import type { Manifest } from '../engine/protocol/documents/manifest.js'
import type { Sealed, SealRequest } from '../engine/protocol/steps.js'
import type { Step } from './context.js'

export const seal: Step<SealRequest, Sealed> = async (context, request) => {
  const manifest = await sealDay(context, request)
  const { verdict, headline: sentence, resultsDigest, pipeline, date, attempt } = manifest
  context.log?.({ level: 'info', message: `${verdict}. ${sentence}`, pipeline, date, attempt, run: manifest.runKey, step: 'seal' })
  return { verdict, headline: sentence, message: messageKind(manifest), ...(resultsDigest ? { resultsDigest } : {}) }
}

/** Chooses the kind of message by which an outcome is told. */
function messageKind({ verdict, rules, checks }: Manifest): MessageKind {
  if (verdict === 'held') return 'held'
  if (verdict === 'input-missing') return 'missing'
  if (verdict !== 'pass' && verdict !== 'warn') return 'failure'
  return rules.some(({ fired }) => fired) || checks.some(({ passed }) => !passed) ? 'anomaly' : 'success'
}
