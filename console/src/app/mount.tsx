import { StrictMode, type ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import { openKeyStore } from '../access/key-store.ts';
import { LanguageProvider } from '../i18n/language.tsx';
import { Look } from './Look.tsx';

/** What every page of the console begins with. */
export function mount(page: ReactNode) {
  openKeyStore();
  createRoot(document.querySelector('#root')!).render(
    <StrictMode>
      <LanguageProvider>
        <Look>{page}</Look>
      </LanguageProvider>
    </StrictMode>,
  );
}
