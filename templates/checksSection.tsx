/** Shows every check and rule of the day with what it saw and what it allows. What passed is folded; what did not is open. */
import type { RuleAction } from '../definition/rules.js'
import type { CheckResult, RuleResult } from '../engine/protocol/documents/manifest.js'
import { counted } from './numbers.js'
import { Section, Status, Table } from './parts.js'
import type { ReportData } from './reportData.js'
import { safeText } from './safeText.js'
import { ACTION_WORDS, checkTitle, ruleObserved, ruleRange, SENTENCE } from './wording.js'

export function ChecksSection({ data: { manifest } }: { data: ReportData }) {
  const { checks, rules } = manifest
  if (checks.length === 0 && rules.length === 0) return null
  const failed = checks.filter(({ passed }) => !passed)
  const passed = checks.filter((check) => check.passed)
  return (
    <Section id="checks" title="All checks and rules">
      {rules.length > 0 && <Rules rules={rules} />}
      {failed.length > 0 && <Checks caption="Checks that failed" checks={failed} />}
      {passed.length > 0 && (
        <details>
          <summary>{counted(passed.length, 'check')} of the written predictions passed</summary>
          <Checks caption="Checks that passed" checks={passed} />
        </details>
      )}
    </Section>
  )
}

function Rules({ rules }: { rules: readonly RuleResult[] }) {
  return (
    <Table<RuleResult>
      caption="Anomaly rules"
      columns={[
        { title: 'Rule', kind: 'words', cell: ({ title }) => safeText(title) },
        { title: 'Observed', kind: 'number', cell: ruleObserved },
        { title: 'Allowed', kind: 'number', cell: ruleRange },
        { title: 'Outside it', cell: ({ action }) => ACTION_WORDS[action].effect },
        { title: 'Result', cell: ruleStatus },
      ]}
      rows={rules}
    />
  )
}

function ruleStatus({ fired, action }: RuleResult) {
  if (!fired) {
    return (
      <Status tone="good" mark="tick">
        usual
      </Status>
    )
  }
  return <Outcome action={action} />
}

/** What a rule that fired or a check that failed did to the day. */
function Outcome({ action }: { action: RuleAction }) {
  const { done, tone } = ACTION_WORDS[action]
  return (
    <Status tone={tone} mark={action === 'fail' ? 'cross' : action === 'hold' ? 'pause' : 'triangle'}>
      {done}
    </Status>
  )
}

function Checks({ caption, checks }: { caption: string; checks: readonly CheckResult[] }) {
  return (
    <Table<CheckResult>
      caption={caption}
      columns={[
        { title: 'Check', cell: checkTitle },
        { title: 'Expected', kind: 'words', cell: ({ expected }) => safeText(expected, SENTENCE) },
        { title: 'Found', kind: 'words', cell: ({ observed }) => safeText(observed, SENTENCE) },
        {
          title: 'Result',
          cell: ({ passed, action = 'fail' }) =>
            passed ? (
              <Status tone="good" mark="tick">
                passed
              </Status>
            ) : (
              <Outcome action={action} />
            ),
        },
      ]}
      rows={checks}
    />
  )
}
