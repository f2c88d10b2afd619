/** Commands that look at what is on disk ask this first, so that a misspelt name is called one. */
import { mustStayInside, namesIn } from '../../engine/files/fileSystem.js'
import { DaybreakError } from '../../engine/protocol/errors.js'
import { layout } from '../../engine/storage/layout.js'

/** The name is compared with what there is, never joined to a path before that. @throws PipelineUnknown */
export async function mustHaveRun(home: string, pipeline: string): Promise<void> {
  const there = (await namesIn(home)).filter((name) => !name.startsWith('.'))
  if (there.includes(pipeline)) {
    await mustStayInside(home, [layout.pipeline(home, pipeline)])
    return
  }
  const details = [there.length > 0 ? `there is ${there.join(', ')}` : 'nothing has run yet']
  throw new DaybreakError('PipelineUnknown', `no pipeline "${pipeline}" has run into ${home}`, {
    details,
    next: 'Check the name and --home.',
  })
}
