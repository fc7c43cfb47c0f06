import { useSyncExternalStore } from 'react';
import { currentConnection, onConnectionChange } from '../api/connection.ts';
import { useText } from '../i18n/language.tsx';

export function ConnectionBadge() {
  const t = useText();
  const state = useSyncExternalStore(onConnectionChange, currentConnection);
  return (
    <span
      role="status"
      className={`ow-connection ow-connection-${state}`}
      data-testid="connection"
      data-state={state}
    >
      {t.connection[state]}
    </span>
  );
}
