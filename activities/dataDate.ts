/** Says which data date a schedule's nominal time means. */
import { type DataDateRule, dataDateOf } from '../engine/protocol/schedule.js'
import type { Step } from './context.js'

export const dataDate: Step<{ readonly nominalMs: number; readonly rule: DataDateRule }, { readonly date: string }> = async (
  _context,
  { nominalMs, rule },
) => ({ date: dataDateOf(nominalMs, rule) })
