/** Says what a backfill will do with each date, before anything starts. */
import { planDates } from '../days/planDates.js'
import type { BackfillRequest, PlannedDate } from '../engine/protocol/backfill.js'
import type { Step } from './context.js'

export const planBackfill: Step<BackfillRequest, readonly PlannedDate[]> = async ({ settings }, request) =>
  await planDates(settings, request)
