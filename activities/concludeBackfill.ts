/** Writes down how a backfill ended, and says how the team is told. */
import { recordBackfill } from '../days/endBackfill.js'
import type { BackfillConcluded, BackfillResult } from '../engine/protocol/backfill.js'
import type { Step } from './context.js'

export const concludeBackfill: Step<BackfillResult, BackfillConcluded> = async ({ settings }, result) =>
  await recordBackfill(settings, result)
