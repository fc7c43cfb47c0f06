import { LockOutlined } from '@ant-design/icons';
import { useState, type ReactNode } from 'react';
import { KeyDialog } from '../access/KeyDialog.tsx';
import { KeyOffer } from '../access/KeyOffer.tsx';
import { useKey } from '../access/use-key.ts';
import { useText } from '../i18n/language.tsx';
import './base.css';
import { Header, type Page } from './Header.tsx';

interface Props {
  page: Page;
  /** Shown once there is a key. */
  children: (key: string) => ReactNode;
}

/** Header, key dialog, and the page itself as soon as it may be seen. */
export function Frame({ page, children }: Props) {
  const t = useText();
  const { key } = useKey();
  const [changing, setChanging] = useState(false);
  return (
    <>
      <Header page={page} onChangeKey={() => setChanging(true)} />
      {key === undefined ? (
        <main className="ow-locked">
          <LockOutlined /> {t.access.needed}
        </main>
      ) : (
        children(key)
      )}
      <KeyOffer />
      <KeyDialog changing={changing} onDone={() => setChanging(false)} />
    </>
  );
}
