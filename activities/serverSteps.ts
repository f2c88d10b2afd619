/** Binds the steps around days, which only a server asks for: those of a schedule and of a backfill. */
import type { BackfillSteps } from '../engine/protocol/backfill.js'
import type { ScheduleSteps } from '../engine/protocol/schedule.js'
import { closeTerminated } from './closeTerminated.js'
import { concludeBackfill } from './concludeBackfill.js'
import type { StepContext } from './context.js'
import { dataDate } from './dataDate.js'
import { followRun } from './followRun.js'
import { ping } from './ping.js'
import { planBackfill } from './planBackfill.js'
import { type Around, bound } from './steps.js'
import { tellBackfill } from './tellBackfill.js'

const SCHEDULE_STEPS = { dataDate, closeTerminated, ping }
const BACKFILL_STEPS = { planBackfill, followRun, concludeBackfill, tellBackfill }

/** Binds each of them to the context. */
export function bindServerSteps(context: StepContext, around: Around): ScheduleSteps & BackfillSteps {
  return { ...bound<ScheduleSteps>(SCHEDULE_STEPS, context, around), ...bound<BackfillSteps>(BACKFILL_STEPS, context, around) }
}
