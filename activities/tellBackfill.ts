/** Sends the digest of a backfill to one channel. */
import { sendDigest } from '../days/endBackfill.js'
import type { TellBackfillRequest } from '../engine/protocol/backfill.js'
import type { Notified } from '../engine/protocol/steps.js'
import type { Step } from './context.js'

export const tellBackfill: Step<TellBackfillRequest, Notified> = async ({ settings }, request) => await sendDigest(settings, request)
