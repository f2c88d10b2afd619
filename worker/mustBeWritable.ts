/** A process that hosts runs writes to the home. Whether it can is found out before it takes any work. */
import { access, constants, mkdir } from 'node:fs/promises'
import { DaybreakError } from '../engine/protocol/errors.js'
import { systemErrorText } from '../engine/protocol/systemErrors.js'

/** Makes the folder if it is not there. @throws HomeUnusable */
export async function mustBeWritable(home: string): Promise<void> {
  try {
    await mkdir(home, { recursive: true })
    await access(home, constants.W_OK)
  } catch (error) {
    throw new DaybreakError('HomeUnusable', `${home} cannot be written: ${systemErrorText(error)}`, { cause: error, place: { file: home } })
  }
}
