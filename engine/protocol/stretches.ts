/**
 * Speaks of stretches so that earlier versions understand it. Their workers call a stretch `partition`; their runs may be under way, and
 * while workers are upgraded one after the other both versions read one history. So both names are said, and either is understood.
 */
import type { Inspected, ScoreRequest } from './steps.js'

type EarlierInspected = Omit<Inspected, 'stretches'> & { readonly partitions: number }
type EarlierRequest = Omit<ScoreRequest, 'stretch'> & { readonly partition: number }

export function sayStretches(inspected: Inspected): Inspected & EarlierInspected {
  return { ...inspected, partitions: inspected.stretches }
}

export function stretchesOf(inspected: Inspected | EarlierInspected): number {
  return 'stretches' in inspected ? inspected.stretches : inspected.partitions
}

export function sayStretch(request: ScoreRequest): ScoreRequest & EarlierRequest {
  return { ...request, partition: request.stretch }
}

export function stretchOf(request: ScoreRequest | EarlierRequest): number {
  return 'stretch' in request ? request.stretch : request.partition
}
