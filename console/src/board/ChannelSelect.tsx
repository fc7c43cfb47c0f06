import { Select } from 'antd';
import { useText } from '../i18n/language.tsx';
import type { Channel } from '../shop/use-channels.ts';

interface Props {
  channels: readonly Channel[];
  value: string | undefined;
  onChange: (channel: string | undefined) => void;
}

/** antd's Select reads undefined as "nothing chosen yet", so the whole pool has a value of its own. */
const WHOLE_POOL = '';

export function ChannelSelect({ channels, value, onChange }: Props) {
  const t = useText();
  const options = [
    { value: WHOLE_POOL, label: t.board.allChannels },
    ...channels.map(({ code, name }) => ({ value: code, label: name })),
  ];
  return (
    <span className="ow-field">
      <label htmlFor="ow-channel">{t.board.channel}</label>
      <Select
        id="ow-channel"
        value={value ?? WHOLE_POOL}
        options={options}
        onChange={(code) => onChange(code === WHOLE_POOL ? undefined : code)}
        popupMatchSelectWidth={false}
        className="ow-channel"
      />
    </span>
  );
}
