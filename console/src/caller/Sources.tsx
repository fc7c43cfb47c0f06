import { CheckCircleFilled, WarningFilled } from '@ant-design/icons';
import { useFormat } from '../i18n/format.ts';
import { useText } from '../i18n/language.tsx';
import { Outcome } from '../ui/Outcome.tsx';
import type { Pop, Source } from './customer.ts';
import { Part } from './Part.tsx';

/** What is missing from the answer comes first: an agent must not take silence for "no complaints". */
export function LateSources({ sources }: { sources: Pop['degradedSources'] }) {
  const t = useText();
  if (sources.length === 0) return null;
  const list = sources.map(({ source, reason }) => `${source}: ${reason ?? t.caller.unspecified}`).join('; ');
  return (
    <Outcome tone="late" icon={<WarningFilled />}>
      <b>{t.caller.degraded}</b>
      <small className="ow-detail">{list}</small>
    </Outcome>
  );
}

function SourceRow({ source }: { source: Source }) {
  const t = useText();
  const { age } = useFormat();
  const fresh = source.ageSeconds == null ? t.caller.neverRead : t.caller.fresh(age(source.ageSeconds));
  return (
    <li>
      {source.degraded ? <WarningFilled className="ow-late" /> : <CheckCircleFilled className="ow-fresh" />}
      <b>{source.source}</b>
      <small>
        {source.degraded ? `${t.caller.degraded}: ${source.reason ?? t.caller.unspecified}` : fresh}
      </small>
    </li>
  );
}

export function Sources({ sources }: { sources: readonly Source[] }) {
  const t = useText();
  return (
    <Part title={t.caller.sources}>
      {sources.map((source) => (
        <SourceRow key={source.source} source={source} />
      ))}
    </Part>
  );
}
