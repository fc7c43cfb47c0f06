import type { ReactNode } from 'react';

interface Props {
  tone: 'held' | 'done' | 'short' | 'quiet' | 'failed' | 'late';
  icon: ReactNode;
  children: ReactNode;
}

/** One result, in a tinted line: the icon says it at a glance, the words in full. */
export const Outcome = ({ tone, icon, children }: Props) => (
  <div className={`ow-outcome ow-outcome-${tone}`} role={tone === 'failed' ? 'alert' : undefined}>
    {icon}
    <div className="ow-outcome-text">{children}</div>
  </div>
);
