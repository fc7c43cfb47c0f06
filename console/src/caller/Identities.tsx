import { SafetyCertificateFilled } from '@ant-design/icons';
import { Tooltip } from 'antd';
import { useText } from '../i18n/language.tsx';
import { nameOf, type Channel } from '../shop/use-channels.ts';
import type { Identity } from './customer.ts';
import { Part } from './Part.tsx';

interface Props {
  identities: readonly Identity[];
  channels: readonly Channel[];
}

const PERCENT = 100;

/** How sure the hub is that this identity is the same person: stated, never hidden. */
function Certainty({ identity }: { identity: Identity }) {
  const t = useText();
  if (!identity.verified) {
    return <small>{t.caller.probable(Math.floor(identity.matchProbability * PERCENT))}</small>;
  }
  return (
    <Tooltip title={t.caller.verified}>
      <SafetyCertificateFilled className="ow-verified" aria-label={t.caller.verified} />
    </Tooltip>
  );
}

export function Identities({ identities, channels }: Props) {
  const t = useText();
  return (
    <Part title={t.caller.identities}>
      {identities.map((identity) => (
        <li key={`${identity.source} ${identity.kind} ${identity.channel} ${identity.value}`}>
          <span>
            {t.caller.identityKind[identity.kind]}
            {identity.channel && ` · ${nameOf(channels, identity.channel)}`}
          </span>
          <b className="ow-value">{identity.value}</b> <Certainty identity={identity} />
        </li>
      ))}
    </Part>
  );
}
