/** Step 8, second half: tells one channel what became of a day, or that it is late. */
import { tellDay } from '../days/tellDay.js'
import type { Notified, NotifyRequest } from '../engine/protocol/steps.js'
import type { Step } from './context.js'

export const notify: Step<NotifyRequest, Notified> = async (context, request) => await tellDay(context, request)
