/** The end of a backfill: its record, the index page, and how the team is told. */
import { recordBackfill } from '../days/endBackfill.js'
import type { BackfillConcluded, BackfillResult } from '../engine/protocol/backfill.js'
import type { Step } from './context.js'

export const concludeBackfill: Step<BackfillResult, BackfillConcluded> = async ({ settings }, result) =>
  await recordBackfill(settings, result)
