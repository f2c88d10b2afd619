/**
 * Renders the report of an attempt, for the people who use the predictions and for whoever is on call: one HTML file without scripts or
 * requests. It is a pure function of its data, and sections without data do not appear.
 */
import { AttentionSection } from './attentionSection.js'
import { ChecksSection } from './checksSection.js'
import { DataQualitySection } from './dataQualitySection.js'
import { HeadStrip } from './headStrip.js'
import { utcSecond } from './numbers.js'
import { NumbersSection, PredictionsSection } from './numbersSection.js'
import { renderPage } from './page.js'
import type { ReportData } from './reportData.js'
import { RunSection } from './runSection.js'
import { safeText } from './safeText.js'
import { TermsSection } from './termsSection.js'
import { VERDICTS } from './wording.js'

/** Renders the whole document. The same data gives the same bytes. */
export function renderReport(data: ReportData): string {
  const { manifest } = data
  const title = `${VERDICTS[manifest.verdict].word}: ${safeText(manifest.pipeline)} ${safeText(manifest.date)}`
  return renderPage(
    title,
    <>
      <a class="skip" href="#attention">
        Skip to what needs attention
      </a>
      <HeadStrip data={data} />
      <main class="wide">
        <AttentionSection data={data} />
        <NumbersSection data={data} />
        <PredictionsSection data={data} />
        <DataQualitySection data={data} />
        <ChecksSection data={data} />
        <RunSection data={data} />
        <TermsSection data={data} />
      </main>
      <footer class="wide">
        {safeText(manifest.pipeline)}, data of {safeText(manifest.date)}, attempt {safeText(manifest.attempt)}, ended{' '}
        {utcSecond(manifest.endedAt)}. Written by Daybreak.
      </footer>
    </>,
  )
}
