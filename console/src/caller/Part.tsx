import { useId, type ReactNode } from 'react';

interface Props {
  title: string;
  /** Said where there is nothing to list. */
  empty?: string;
  count?: number;
  children: ReactNode;
}

/** One titled list of the panel. */
export function Part({ title, empty, count, children }: Props) {
  const id = useId();
  return (
    <section className="ow-part" aria-labelledby={id}>
      <h4 id={id}>
        {title} {count !== undefined && count > 0 && <span className="ow-count">{count}</span>}
      </h4>
      {count === 0 ? <p className="ow-none">{empty}</p> : <ul>{children}</ul>}
    </section>
  );
}
